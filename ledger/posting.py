"""The only door into the ledger."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User, Village
from ledger.models import Entry, Period, Repair
from ledger.refusals import Refused


class NotReversible(Refused):
    """Only additions, deductions and repairs are reversed, and only once."""


@transaction.atomic
def post_entries(
    village: Village, entries: Iterable[Entry], *, by: User | None, at: datetime
) -> list[Entry]:
    """Add entries to a village's ledger, numbered on from the last one (I-03).

    Points are signed. The moment of posting never runs backwards (I-32).
    Returns the entries in the order posted.
    """
    lock_village(village)
    last = Entry.objects.filter(village=village).aggregate(
        number=Max("number"), posted_at=Max("posted_at")
    )
    posted_at = max(at, last["posted_at"] or at)
    entries = list(entries)
    for number, entry in enumerate(entries, start=(last["number"] or 0) + 1):
        entry.village = village
        entry.number = number
        entry.posted_by = by
        entry.posted_at = posted_at
    return Entry.objects.bulk_create(entries)


@transaction.atomic
def post_base_points(period: Period, *, at: datetime) -> list[Entry]:
    """Give every listed household its base points of the month's year, once.

    Whoever came after New Year has none of the year whose December is still open.
    Returns the new entries; none when all have theirs (I-08).
    """
    village = period.village
    lock_village(village)
    year = period.month.year
    given = Entry.objects.filter(village=village, year=year, kind=Entry.Kind.BASE)
    without = (
        Household.objects.filter(village=village)
        .listed_in(year)
        .exclude(pk__in=given.values("household"))
        .in_reading_order()
    )
    points = village.policy.base_points
    if not points:
        return []
    return post_entries(
        village,
        [
            Entry(
                household=household,
                year=year,
                period=period,
                kind=Entry.Kind.BASE,
                points=points,
            )
            for household in without
        ],
        by=None,
        at=at,
    )


@transaction.atomic
def reverse_entry(entry: Entry, *, period: Period, by: User, at: datetime) -> Entry:
    """Undo an entry by its exact negation in an open month (I-09).

    The published month it came from stays as it was and links here (I-39).
    Points already spent stay spent: the balance shows 0 until later points
    make up for it. What a repair gave back for a deduction goes with it, so that
    the two never add points (I-53); a repair that is still asked for lapses.

    :raises NotReversible: if the entry is of another kind or reversed already
    """
    lock_village(entry.village)
    kinds = (Entry.Kind.ADDITION, Entry.Kind.DEDUCTION, Entry.Kind.REPAIR)
    if entry.kind not in kinds:
        raise NotReversible(_("Only points given or taken for a deed are reversed."))
    if Entry.objects.filter(village=entry.village, reverses=entry).exists():
        raise NotReversible(_("This entry was already reversed."))
    undone = [*_standing_repairs(entry), entry]
    reversals = post_entries(
        entry.village, [_reversal(one, period) for one in undone], by=by, at=at
    )
    for reversal, reversed_entry in zip(reversals, undone, strict=True):
        record_event(
            "entry.reverse",
            village=entry.village,
            by=by,
            at=at,
            subject=reversal,
            reverses=reversed_entry.number,
            points=reversal.points,
        )
    _let_repairs_lapse(entry, by=by, at=at)
    return reversals[-1]


def _reversal(entry: Entry, period: Period) -> Entry:
    """Negate an entry in a month, or in its own when that is later."""
    if entry.period and entry.period.month > period.month:
        period = entry.period
    return Entry(
        household=entry.household,
        year=period.month.year,
        period=period,
        kind=Entry.Kind.REVERSAL,
        points=-entry.points,
        reverses=entry,
    )


def _standing_repairs(entry: Entry) -> list[Entry]:
    """Return what gave back points of a deduction, and still does."""
    repairs = Entry.objects.filter(village=entry.village, repairs=entry)
    return list(repairs.filter(reversals=None).select_related("household", "period"))


def _let_repairs_lapse(entry: Entry, *, by: User, at: datetime) -> None:
    """End what was asked for about a deduction that is no more."""
    for repair in Repair.objects.filter(village=entry.village, entry=entry).open():
        repair.state = Repair.State.LAPSED
        repair.decided_by = by
        repair.decided_at = at
        repair.save(update_fields=["state", "decided_by", "decided_at"])
        record_event(
            "repair.lapsed", village=entry.village, by=by, at=at, subject=repair
        )
