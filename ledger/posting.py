"""The only door into the ledger."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User, Village
from ledger.models import Entry, Period
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

    Returns the new entries; none when all have theirs (I-08).
    """
    village = period.village
    lock_village(village)
    year = period.month.year
    given = Entry.objects.filter(village=village, year=year, kind=Entry.Kind.BASE)
    without = (
        Household.objects.filter(village=village)
        .listed()
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
    make up for it.

    :raises NotReversible: if the entry is of another kind or reversed already
    """
    lock_village(entry.village)
    kinds = (Entry.Kind.ADDITION, Entry.Kind.DEDUCTION, Entry.Kind.REPAIR)
    if entry.kind not in kinds:
        raise NotReversible(_("Only points given or taken for a deed are reversed."))
    if Entry.objects.filter(village=entry.village, reverses=entry).exists():
        raise NotReversible(_("This entry was already reversed."))
    reversal = Entry(
        household=entry.household,
        year=period.month.year,
        period=period,
        kind=Entry.Kind.REVERSAL,
        points=-entry.points,
        reverses=entry,
    )
    post_entries(entry.village, [reversal], by=by, at=at)
    record_event(
        "entry.reverse",
        village=entry.village,
        by=by,
        at=at,
        subject=reversal,
        reverses=entry.number,
        points=reversal.points,
    )
    return reversal
