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
    """A reversal rests on a correction decided by another, or an upheld objection.

    What a repair gave back may go with the deduction that it repaired.
    """
    reversals = Entry.objects.filter(village__in=villages, kind=Entry.Kind.REVERSAL)
    alone = reversals.exclude(_decided("reverses") | _decided("reverses__repairs"))
    for number in alone.order_by("number").values_list("number", flat=True):
        yield f"entry {number}"


def _decided(subject):
    """Say that two people, or an objection, undid what an entry points at."""
    correction = Correction.objects.filter(
        entry=OuterRef(subject), state=Correction.State.APPROVED
    ).exclude(decided_by=F("proposed_by"))
    objection = Objection.objects.filter(
        entry=OuterRef(subject), state=Objection.State.UPHELD
    )
    return Q(Exists(correction)) | Q(Exists(objection))
