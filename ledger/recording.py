"""Recording deeds: one household or forty, by one person, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Stewardship, User, Village
from ledger.models import Deed, Operation, Period, ScoringItem
from ledger.months import period_for
from ledger.operations import claim_operation
from ledger.refusals import Refused


class OutOfRange(Refused):
    """The points lie outside the item's range."""


class NotOfThisVillage(Refused):
    """A household or an item belongs to another village or rulebook."""


class DuplicateDeed(Refused):
    """The same household, item and day stand recorded already."""

    def __init__(self, message: str, households: Sequence[Household]):
        super().__init__(message)
        self.households = households


class ReasonNeeded(Refused):
    """A deduction was recorded without saying why."""


class SecondRecorderNotFit(Refused):
    """The second recorder is the first, or does not serve this village."""


class NotWithdrawable(Refused):
    """The deed is decided, or recorded by somebody else."""


@dataclass(frozen=True)
class Recorded:
    """What one saved form made; `is_repeat` when it had been saved before."""

    operation: Operation
    deeds: list[Deed]
    is_repeat: bool


@transaction.atomic
def record_deeds(
    households: Sequence[Household],
    item: ScoringItem,
    *,
    happened_on: date,
    magnitude: int,
    channel: str,
    note: str = "",
    heard_on: date | None = None,
    second_recorder: User | None = None,
    again: bool = False,
    key: UUID,
    by: User,
    at: datetime,
) -> Recorded:
    """Record one deed for each household, pending until another person decides.

    `magnitude` is in points without a sign; the item gives the direction. The
    form's `key` makes a double submit count once. `again` says that a deed
    like one already recorded is meant.

    :raises NotOfThisVillage: if a household or the item is not the village's own
    :raises OutOfRange: if the points are not within the item's range
    :raises ReasonNeeded: if a deduction has no note
    :raises SecondRecorderNotFit: if the second signature is not another steward's
    :raises DuplicateDeed: if a household has this item on this day already
    :raises DayNotAccepted: if the day is in the future or too far back
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(item.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="record",
        payload={
            "households": sorted(household.pk for household in households),
            "item": item.pk,
            "day": happened_on.isoformat(),
            "points": magnitude,
            "channel": channel,
            "note": note,
        },
        by=by,
        at=at,
    )
    if not is_first:
        return Recorded(operation, list(operation.deeds.order_by("pk")), True)
    check_of_village(village, households, item, on=timezone.localdate(at))
    check_range(item, magnitude)
    _check_deduction(item, note, second_recorder, village=village, by=by)
    if not again:
        _check_duplicates(village, households, item, happened_on)
    period = period_for(village, happened_on, at=at)
    deeds = Deed.objects.bulk_create(
        Deed(
            village=village,
            household=household,
            item=item,
            period=period,
            happened_on=happened_on,
            points=item.signed(magnitude),
            channel=channel,
            note=note,
            heard_on=heard_on,
            second_recorder=second_recorder,
            recorded_by=by,
            recorded_at=at,
            operation=operation,
        )
        for household in households
    )
    record_event(
        "deed.record",
        village=village,
        by=by,
        at=at,
        subject=operation,
        item=item.code,
        households=len(deeds),
        points=item.signed(magnitude),
    )
    return Recorded(operation, deeds, False)


@transaction.atomic
def withdraw_deed(deed: Deed, *, by: User, at: datetime) -> Deed:
    """Take back a deed that nobody has decided yet; it stays on file as withdrawn.

    :raises NotWithdrawable: if it is decided or was recorded by somebody else
    """
    lock_village(deed.village)
    deed = Deed.objects.get(pk=deed.pk)
    if deed.recorded_by_id != by.pk:
        raise NotWithdrawable(_("Only the person who recorded it can undo it."))
    if deed.state not in (Deed.State.PENDING, Deed.State.DECLARED):
        raise NotWithdrawable(_("It has been decided and can no longer be undone."))
    deed.state = Deed.State.WITHDRAWN
    deed.save(update_fields=["state"])
    record_event("deed.withdraw", village=deed.village, by=by, at=at, subject=deed)
    return deed


def check_range(item: ScoringItem, magnitude: int) -> None:
    """Refuse points outside an item's range.

    :raises OutOfRange: naming the range
    """
    if item.points_min <= magnitude <= item.points_max:
        return
    if item.points_min == item.points_max:
        raise OutOfRange(
            _("“%(item)s” is always %(points)s points.")
            % {"item": item, "points": item.points_min}
        )
    raise OutOfRange(
        _("“%(item)s” takes %(low)s to %(high)s points.")
        % {"item": item, "low": item.points_min, "high": item.points_max}
    )


def check_of_village(village, households, item, *, on):
    """Refuse what is not the village's own, and households that moved out.

    :raises NotOfThisVillage: saying which
    """
    in_force = village.rulebooks.in_force(on).filter(pk=item.rulebook_id)
    if not in_force.exists():
        raise NotOfThisVillage(_("This item is not in the rulebook in force."))
    if not households:
        raise NotOfThisVillage(_("Choose at least one household."))
    for household in households:
        if household.village_id != village.pk:
            raise NotOfThisVillage(_("A household is not of this village."))
        if household.status == Household.Status.LEFT:
            raise NotOfThisVillage(
                _("Household %(number)s has moved out.") % {"number": household.number}
            )


def _check_deduction(item, note, second_recorder, *, village, by):
    if not item.is_deduction:
        return
    if not note.strip():
        raise ReasonNeeded(_("Give a reason; the household will see it."))
    if second_recorder is None:
        return
    serves = Stewardship.objects.current().filter(village=village, user=second_recorder)
    if second_recorder.pk == by.pk or not serves.exists():
        raise SecondRecorderNotFit(
            _("The second recorder must be another person who serves this village.")
        )


def _check_duplicates(village, households, item, happened_on):
    recorded = (
        Deed.objects.filter(
            village=village,
            household__in=[household.pk for household in households],
            item__code=item.code,
            happened_on=happened_on,
        )
        .standing()
        .values_list("household", flat=True)
    )
    taken = set(recorded)
    twice = [household for household in households if household.pk in taken]
    if twice:
        raise DuplicateDeed(
            _("%(households)s: “%(item)s” is already recorded for %(day)s.")
            % {
                "households": "、".join(str(household) for household in twice[:5]),
                "item": item.title,
                "day": happened_on,
            },
            twice,
        )


def open_periods(village: Village):
    """Return the months that still take records, the earliest first."""
    return Period.objects.filter(village=village).recording().order_by("month")
