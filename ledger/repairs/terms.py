"""What comes back of a deduction that is put right, and until when it can be asked.

The item under which points were taken says both; a later rulebook changes nothing.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import Household, User
from ledger.models import Entry, Repair, ScoringItem

CAN_BE_REPAIRED = "可："  # how a sentence of the sample begins


def item_of(entry: Entry) -> ScoringItem:
    """Return the item that points were taken for.

    :raises ValueError: for an entry that is no deduction
    """
    if entry.kind != Entry.Kind.DEDUCTION or entry.deed is None:
        raise ValueError(f"Entry {entry.number} is no deduction.")
    return entry.deed.item


def last_day_to_ask(entry: Entry) -> date | None:
    """Return until when a repair can be asked for; None while it is unpublished.

    The day of publication is not counted (Civil Code art. 201). An item without
    days leaves a year, counted alike, so that what takes half of one is possible.
    """
    if entry.period is None or entry.period.published_at is None:
        return None
    published_on = timezone.localdate(entry.period.published_at)
    days = item_of(entry).repair_days
    return published_on + timedelta(days=days) if days else _a_year_after(published_on)


def points_back(entry: Entry, *, finding: str, is_second: bool) -> int:
    """Return how many points come back: whole points, without a sign.

    All or half of them, as the item says; half as much when others had to force
    it, and half as much when the household repaired the same item in this year
    before. What is left of a point after that is rounded up, in favor of the
    household; it is never more than was taken.
    """
    if finding == Repair.Finding.NOT_DONE:
        return 0
    halvings = is_second + (finding == Repair.Finding.FORCED)
    shares = 100 * 2**halvings
    return -(entry.points * item_of(entry).repair_percent // shares)


def repaired_before(entry: Entry, *, year: int) -> bool:
    """Tell whether points came back for the same item in a year, and still stand.

    The year is that in which they came back; the item is known by its code, so
    that a new rulebook begins nothing anew.
    """
    return Entry.objects.filter(
        village=entry.village_id,
        household=entry.household_id,
        kind=Entry.Kind.REPAIR,
        year=year,
        reversals=None,
        repairs__deed__item__code=item_of(entry).code,
    ).exists()


def how_to_repair(item: ScoringItem) -> str:
    """Return the item's sentence on what has to be done; a page says by itself
    that something can be.
    """
    return item.repair.removeprefix(CAN_BE_REPAIRED)


class WhatCame:
    """What came of some deductions of one village since, read once."""

    def __init__(self, entries: Sequence[Entry]):
        rows = {"village__in": {entry.village_id for entry in entries}}
        reversals = Entry.objects.filter(reverses__in=entries, **rows)
        self.reversed = set(reversals.values_list("reverses", flat=True))
        asked = Repair.objects.filter(entry__in=entries, **rows)
        standing = asked.exclude(state__in=Repair.FREE)
        self.asked = {repair.entry_id: repair for repair in standing}


def why_not_repairable(
    entry: Entry, *, today: date, came: WhatCame | None = None
) -> str:
    """Return why a repair of an entry cannot be asked for; nothing when it can.

    A list of deductions hands in what `came` of them, so that it is read once.
    """
    if entry.kind != Entry.Kind.DEDUCTION:
        return _("Only points that were taken away are given back.")
    if entry.household.status == Household.Status.LEFT:
        return _("Household %(number)s has moved out.") % {
            "number": entry.household.number
        }
    if not item_of(entry).repair_percent:
        return _("The rules give nothing back for this item.")
    last_day = last_day_to_ask(entry)
    if last_day is None:
        return _("This month is not published yet; wait until it is.")
    if today > last_day:
        return _("This could be asked for until %(day)s.") % {
            "day": date_format(last_day)
        }
    came = came or WhatCame([entry])
    if entry.pk in came.reversed:
        return _("This deduction was reversed; there is nothing to repair.")
    if standing := came.asked.get(entry.pk):
        return _("Asked for already, number %(number)s: %(state)s.") % {
            "number": standing.number,
            "state": standing.get_state_display(),
        }
    return ""


def is_involved(person: User, repair: Repair, *, own: Collection[int]) -> bool:
    """Tell whether a person may not decide a repair, whatever their role.

    `own` are the ids of the person's own households.
    """
    return repair.entry.household_id in own or person.pk in _hands_in(repair)


def _hands_in(repair: Repair) -> set[int | None]:
    deed = repair.entry.deed
    recorded = {deed.recorded_by_id, deed.second_recorder_id} if deed else set()
    return {*recorded, repair.asked_by_id, repair.checked_by_id}


def _a_year_after(day: date) -> date:
    last = monthrange(day.year + 1, day.month)[1]
    return day.replace(year=day.year + 1, day=min(day.day, last))
