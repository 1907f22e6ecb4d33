"""Points that go from one household to another, because the households changed.

Every move is a pair of entries that sums to zero, tied to the change that both
signed. What can be spent goes by transfers; what ranks, only with a merge.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from households.locking import lock_village
from households.models import Household, HouseholdChange, User, Village
from ledger.expiring import expire_points, last_day, points_to_expire, with_carry_over
from ledger.models import Entry, Period
from ledger.posting import post_entries


@transaction.atomic
def move_points(
    change: HouseholdChange,
    points: int,
    *,
    source: Household,
    target: Household,
    by: User | None,
    at: datetime,
) -> list[Entry]:
    """Move spendable points between the two households of a change (I-62).

    What the timer has not yet let expire does so first, and does not go along.
    Carried-over points go first, as they are spent first, and expire at the
    household they went to on the 31 March on which they would have expired.
    `points` may lie below 0 when a household that ends had spent what was taken
    back since. Returns the entries, in pairs.
    """
    village = lock_village(change.village)
    expire_points(village, at=at, households=[source])
    year = timezone.localdate(at).year
    carried = min(max(0, points), _carried_over(village, source, at=at))
    parts = [(year - 1, carried), (year, points - carried)]
    entries = [
        Entry(
            household=household,
            year=of_year,
            kind=Entry.Kind.TRANSFER,
            points=signed,
            change=change,
        )
        for of_year, part in parts
        if part
        for household, signed in ((source, -part), (target, part))
    ]
    return post_entries(village, entries, by=by, at=at) if entries else []


@transaction.atomic
def carry_balances(village: Village, *, by: User | None, at: datetime) -> list[Entry]:
    """Let what merged households can spend go to those they went into.

    On the day of the merge, and whenever a month becomes final later. Safe to
    run again: what has gone along is not there any more. Returns the entries.
    """
    lock_village(village)
    entries = []
    for change in HouseholdChange.objects.merges(village):
        of_ended = Entry.objects.filter(village=village, household=change.household)
        if not of_ended.spendable().total():
            continue
        expire_points(village, at=at, households=[change.household])
        entries += move_points(
            change,
            of_ended.spendable().total(),
            source=change.household,
            target=change.other,
            by=by,
            at=at,
        )
    return entries


@transaction.atomic
def carry_contributions(
    period: Period, *, by: User | None, at: datetime
) -> list[Entry]:
    """Let what merged households earned in the month's year count where they went.

    The household that ended is back at its base, the one that stays has both
    sums and one base; published months stay as they were. Asked again when a
    month is published, since deeds of before the merge may still be decided.
    """
    village, year = period.village, period.month.year
    lock_village(village)
    entries = []
    for change in HouseholdChange.objects.merges(village):
        of_ended = Entry.objects.filter(
            village=village, household=change.household, year=year
        )
        points = of_ended.scoring().exclude(kind=Entry.Kind.BASE).total()
        if not points:
            continue
        pair = [
            Entry(
                household=household,
                year=year,
                period=period,
                kind=Entry.Kind.MERGE,
                points=signed,
                change=change,
            )
            for household, signed in (
                (change.household, -points),
                (change.other, points),
            )
        ]
        entries += post_entries(village, pair, by=by, at=at)
    return entries


def _carried_over(village: Village, household: Household, *, at: datetime) -> int:
    """Return what of a household's points would expire on the coming 31 March."""
    today = timezone.localdate(at)
    if today > last_day(today.year):
        return 0
    homes = Household.objects.filter(pk=household.pk)
    return points_to_expire(
        with_carry_over(homes, village=village, year=today.year).get()
    )
