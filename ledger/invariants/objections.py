"""Promises about objections and corrections."""

from django.db.models import Exists, F, OuterRef, Q

from ledger.invariants.registry import invariant
from ledger.models import Correction, Entry, Objection


@invariant("I-38")
def objections_are_answered_independently(villages):
    """Whoever answers an objection neither recorded nor decided the deed."""
    answered = Objection.objects.filter(
        village__in=villages, entry__isnull=False, decided_by__isnull=False
    )
    involved = (
        Q(decided_by=F("entry__deed__recorded_by"))
        | Q(decided_by=F("entry__deed__second_recorder"))
        | Q(decided_by=F("entry__deed__decisions__by"))
    )
    for number in answered.filter(involved).values_list("number", flat=True).distinct():
        yield f"objection {number}"


@invariant("I-39")
def a_reversal_has_two_people(villages):
    """A reversal rests on a correction decided by another, or an upheld objection."""
    correction = Correction.objects.filter(
        entry=OuterRef("reverses"), state=Correction.State.APPROVED
    ).exclude(decided_by=F("proposed_by"))
    objection = Objection.objects.filter(
        entry=OuterRef("reverses"), state=Objection.State.UPHELD
    )
    alone = Entry.objects.filter(
        village__in=villages, kind=Entry.Kind.REVERSAL
    ).exclude(Q(Exists(correction)) | Q(Exists(objection)))
    for number in alone.order_by("number").values_list("number", flat=True):
        yield f"entry {number}"
