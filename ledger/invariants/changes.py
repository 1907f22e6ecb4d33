"""Promises about households that change."""

from django.db.models import Exists, F, OuterRef, Q, Sum, Window

from households.models import Household, HouseholdChange
from ledger.invariants.people import of_own_household, served
from ledger.invariants.registry import invariant
from ledger.models import Entry

MOVES = (Entry.Kind.TRANSFER, Entry.Kind.MERGE)


@invariant("I-60")
def a_change_has_two_people(villages):
    """A change was noted by one fit person, confirmed by another, and is numbered."""
    changes = HouseholdChange.objects.filter(village__in=villages)
    numbered = changes.annotate(
        place=Window(Sum(1), partition_by="village", order_by=F("number").asc())
    )
    yield from _named(numbered.exclude(place=F("number")), "out of order")
    noted = changes.filter(note__isnull=False)
    alone = Q(decided_by=F("noted_by")) | ~Q(note__noted_by=F("noted_by"))
    yield from _named(noted.filter(alone), "noted and confirmed by one person")
    noter = served("households.note_change", "noted_by", "note__noted_at")
    yield from _named(noted.exclude(noter), "noted without the role")
    confirmer = served("households.confirm_change", "decided_by", "at")
    yield from _named(noted.exclude(confirmer), "confirmed without the role")
    own = of_own_household("decided_by__household", "household", "at")
    own |= of_own_household("decided_by__household", "other", "at")
    yield from _named(noted.filter(own), "confirmed by the household itself")


@invariant("I-61")
def households_are_what_their_changes_say(villages):
    """Head and status are what the last change says, and nobody left without one."""
    changes = HouseholdChange.objects.filter(
        village=OuterRef("village"), household=OuterRef("household")
    )
    last = HouseholdChange.objects.filter(village__in=villages).exclude(
        Exists(changes.filter(number__gt=OuterRef("number")))
    )
    other = ~Q(household__status=F("status_after"))
    other |= ~Q(household__head_name=F("head_after"))
    yield from _named(last.filter(other), "the household says something else")
    left = HouseholdChange.objects.filter(
        village=OuterRef("village"),
        household=OuterRef("pk"),
        kind__in=HouseholdChange.ENDING,
    )
    gone = Household.objects.filter(
        village__in=villages, status=Household.Status.LEFT
    ).exclude(Exists(left))
    for household in gone.select_related("village").order_by("village", "pk"):
        yield f"{household.village.slug}: household {household.pk} only left"


@invariant("I-62")
def what_moves_stays_the_same_sum(villages):
    """The entries of a change sum to zero for each kind and year, between its two."""
    moved = Entry.objects.filter(village__in=villages, kind__in=MOVES)
    sums = (
        moved.order_by()
        .values("village__slug", "change__number", "kind", "year", "period")
        .annotate(total=Sum("points"))
        .exclude(total=0)
    )
    for row in sums:
        yield f"{row['village__slug']}: change {row['change__number']} {row['kind']}"
    sides = Q(change__household=F("household")) | Q(change__other=F("household"))
    joint = Q(change__kind__in=HouseholdChange.JOINT)
    for number in moved.exclude(sides, joint).values_list("number", flat=True):
        yield f"entry {number}"
    given = HouseholdChange.objects.filter(
        village__in=villages, kind=HouseholdChange.Kind.SPLIT
    )
    for change in given.select_related("village"):
        gone = change.entries.filter(household=change.other_id).total()
        if gone != change.points:
            yield f"{change.village.slug}: change {change.number} moved {gone}"


@invariant("I-63")
def nothing_is_earned_after_leaving(villages):
    """A household that left has no points for a day after it."""
    ended = HouseholdChange.objects.filter(
        village=OuterRef("village"),
        household=OuterRef("household"),
        kind__in=HouseholdChange.ENDING,
        takes_effect_on__lt=OuterRef("deed__happened_on"),
    )
    late = Entry.objects.filter(village__in=villages, deed__isnull=False)
    for slug, number in late.filter(Exists(ended)).values_list(
        "village__slug", "number"
    ):
        yield f"{slug}: entry {number}"


def _named(changes, what):
    for slug, number in changes.order_by("village", "number").values_list(
        "village__slug", "number"
    ):
        yield f"{slug}: change {number} {what}"
