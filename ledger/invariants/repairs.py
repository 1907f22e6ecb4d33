"""Promises about deductions that were put right."""

from collections import Counter

from django.db.models import Exists, F, OuterRef, Q

from ledger.invariants.people import of_own_household, served
from ledger.invariants.registry import invariant
from ledger.models import Entry, Repair

AT_ONCE = 500


@invariant("I-52")
def repairs_rest_on_a_check_and_a_decision(villages):
    """A repair answers a published deduction, seen by one and decided by another."""
    posted = Entry.objects.filter(village__in=villages, kind=Entry.Kind.REPAIR)
    approved = Repair.objects.filter(
        village=OuterRef("village"),
        entry=OuterRef("repairs"),
        state=Repair.State.APPROVED,
        points=OuterRef("points"),
        entry__household=OuterRef("household"),
        entry__kind=Entry.Kind.DEDUCTION,
    )
    bare = posted.exclude(Exists(approved)).order_by("number")
    for number in bare.values_list("number", flat=True):
        yield f"entry {number}"
    decided = Repair.objects.filter(village__in=villages).approved()
    yield from _named(decided.exclude(_is_posted()), "not posted")
    involved = (
        Q(decided_by=F("checked_by"))
        | Q(decided_by=F("asked_by"))
        | Q(decided_by=F("entry__deed__recorded_by"))
        | Q(decided_by=F("entry__deed__second_recorder"))
        | of_own_household("decided_by__household", "entry__household", "decided_at")
        | of_own_household("checked_by__household", "entry__household", "checked_at")
    )
    yield from _named(decided.filter(involved), "decided by somebody involved")
    yield from _named(
        decided.exclude(served("ledger.decide_repair", "decided_by", "decided_at")),
        "decided without the role",
    )


@invariant("I-53")
def nothing_comes_back_twice(villages):
    """A deduction and all that comes back for it never add up to more than 0."""
    kind = Entry.Kind
    undone = Q(kind=kind.REVERSAL, reverses__kind__in=[kind.DEDUCTION, kind.REPAIR])
    answers = Entry.objects.filter(
        Q(kind=kind.REPAIR) | undone, village__in=villages
    ).values_list("repairs", "reverses__repairs", "reverses", "points")
    came_back: Counter = Counter()
    for repaired, repaired_before, reversed_entry, points in answers:
        came_back[repaired or repaired_before or reversed_entry] += points
    # Far fewer than the entries of a ledger, and asked for a part at a time.
    for some in batched(sorted(came_back), AT_ONCE):
        taken = Entry.objects.filter(pk__in=some).in_order()
        for pk, number, points in taken.values_list("pk", "number", "points"):
            if points + came_back[pk] > 0:
                yield f"entry {number}"


def batched(rows, size):
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _is_posted():
    posted = Entry.objects.filter(
        village=OuterRef("village"),
        repairs=OuterRef("entry"),
        kind=Entry.Kind.REPAIR,
        points=OuterRef("points"),
    )
    return Q(Exists(posted))


def _named(repairs, what):
    for number in repairs.order_by("village", "number").values_list(
        "number", flat=True
    ):
        yield f"repair {number}: {what}"
