"""Recording deeds: one household or forty, by one person, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event, record_events
from households.changes import why_gone
from households.locking import lock_village
from households.models import Household, Stewardship, User, Village
from ledger.models import Declaration, Deed, Operation, Period, ScoringItem
from ledger.months import period_for
from ledger.operations import (
    opened_operation,
    operations_by_key,
    require_same_act,
)
from ledger.refusals import Refused
from ledger.rulebook_versions import Versions


class OutOfRange(Refused):
    """The points lie outside the item's range."""


class NotOfThisVillage(Refused):
    """A household or an item belongs to another village or rulebook."""


class DuplicateDeed(Refused):
    """The same household, item and day stand recorded already."""

    def __init__(self, households: Sequence[Household], item: ScoringItem, day: date):
        sentence = _("%(households)s: “%(item)s” is already recorded for %(day)s.") % {
            "households": "、".join(str(household) for household in households[:5]),
            "item": item.title,
            "day": date_format(day),
        }
        super().__init__(sentence)
        self.households = households


class ReasonNeeded(Refused):
    """A deduction was recorded without saying why."""


class SecondRecorderNotFit(Refused):
    """The second recorder is the first, or does not serve this village."""


class NotWithdrawable(Refused):
    """The deed is decided, or recorded by somebody else."""


@dataclass(frozen=True)
class Act:
    """What one form asks to record: an item on a day, for one household or forty.

    `magnitude` is in points without a sign; the item gives the direction. The
    form's `key` makes a double submit count once. `again` says that a deed
    like one already recorded is meant.
    """

    key: UUID
    households: Sequence[Household]
    item: ScoringItem
    happened_on: date
    magnitude: int
    channel: str
    note: str = ""
    heard_on: date | None = None
    second_recorder: User | None = None
    again: bool = False

    @property
    def payload(self) -> dict:
        return {
            "households": sorted(household.pk for household in self.households),
            "item": self.item.pk,
            "day": self.happened_on.isoformat(),
            "points": self.magnitude,
            "channel": self.channel,
            "note": self.note,
        }


@dataclass(frozen=True)
class Recorded:
    """What one saved form made; `is_repeat` when it had been saved before."""

    operation: Operation
    deeds: list[Deed]
    is_repeat: bool


def record_deeds(
    households: Sequence[Household],
    item: ScoringItem,
    *,
    by: User,
    at: datetime,
    **asked: Any,
) -> Recorded:
    """Record one act, as `Act` describes it, or nothing.

    :raises NotOfThisVillage: if a household or the item is not the village's own
    :raises OutOfRange: if the points are not within the item's range
    :raises ReasonNeeded: if a deduction has no note
    :raises SecondRecorderNotFit: if the second signature is not another steward's
    :raises DuplicateDeed: if a household has this item on this day already
    :raises DayNotAccepted: if the day is in the future or too far back
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    act = Act(households=households, item=item, **asked)
    (outcome,) = record_acts(item.village, [act], by=by, at=at)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


@transaction.atomic
def record_acts(
    village: Village, acts: Sequence[Act], *, by: User, at: datetime
) -> list[Recorded | Refused]:
    """Record acts of different keys, each pending until another person decides.

    Each stands or is refused by itself, as if they had come one after another;
    the answers stand in the order of the acts. However many come, the ledger is
    looked at once.
    """
    village = lock_village(village)
    book = _Book(village, acts, by=by, at=at)
    outcomes = [book.answer(act) for act in acts]
    made = [one for one in outcomes if isinstance(one, Recorded) and not one.is_repeat]
    Operation.objects.bulk_create(recorded.operation for recorded in made)
    Deed.objects.bulk_create(deed for recorded in made for deed in recorded.deeds)
    events = []
    for operation, deeds in ((recorded.operation, recorded.deeds) for recorded in made):
        facts = {"item": deeds[0].item.code, "points": deeds[0].points}
        events.append((operation, {**facts, "households": len(deeds)}))
    record_events("deed.record", events, village=village, by=by, at=at)
    return outcomes


class _Book:
    """What a village has recorded, read once and kept up with as acts join it."""

    def __init__(
        self, village: Village, acts: Sequence[Act], *, by: User, at: datetime
    ):
        self.facts: dict[str, Any] = {"village": village, "by": by, "at": at}
        self.versions = Versions(village)
        self.operations = operations_by_key(village, (act.key for act in acts))
        self.periods: dict[date, Period] = {}
        alike = Deed.objects.filter(
            village=village,
            household__in={home.pk for act in acts for home in act.households},
            item__code__in={act.item.code for act in acts},
            happened_on__in={act.happened_on for act in acts},
        )
        self.taken = set(
            alike.standing().values_list("household", "item__code", "happened_on")
        )

    def answer(self, act: Act) -> Recorded | Refused:
        """Judge one act; what it makes is not written yet."""
        operation = opened_operation(
            act.key, kind="record", payload=act.payload, **self.facts
        )
        try:
            if first := self.operations.get(act.key):
                require_same_act(first, operation)
                return Recorded(first, list(first.deeds.order_by("pk")), True)
            self._check(act, **self.facts)
        except Refused as refused:
            return refused
        self.taken |= {self._place(act, household) for household in act.households}
        deeds = [
            Deed(
                village=operation.village,
                household=household,
                item=act.item,
                period=self.periods[act.happened_on],
                happened_on=act.happened_on,
                points=act.item.signed(act.magnitude),
                channel=act.channel,
                note=act.note,
                heard_on=act.heard_on,
                second_recorder=act.second_recorder,
                recorded_by=operation.by,
                recorded_at=operation.at,
                operation=operation,
            )
            for household in act.households
        ]
        return Recorded(operation, deeds, False)

    def _check(self, act: Act, *, village: Village, by: User, at: datetime) -> None:
        _check_own(village, self.versions, act.households, act.item, on=act.happened_on)
        check_range(act.item, act.magnitude)
        _check_deduction(act, village=village, by=by)
        if not act.again:
            self._check_duplicates(act)
        day = act.happened_on
        if day not in self.periods:
            self.periods[day] = period_for(village, day, at=at)

    def _check_duplicates(self, act: Act) -> None:
        twice = [
            home for home in act.households if self._place(act, home) in self.taken
        ]
        if twice:
            raise DuplicateDeed(twice, act.item, act.happened_on)

    def _place(self, act: Act, household: Household) -> tuple[int, str, date]:
        return household.pk, act.item.code, act.happened_on


@transaction.atomic
def withdraw_deed(deed: Deed, *, by: User, at: datetime) -> Deed:
    """Take back a deed that nobody has decided yet; it stays on file as withdrawn.

    What a resident had declared on the web waits again.

    :raises NotWithdrawable: if it is decided or was recorded by somebody else
    """
    lock_village(deed.village)
    deed = Deed.objects.get(pk=deed.pk)
    check_withdrawable(deed, by=by)
    deed.state = Deed.State.WITHDRAWN
    deed.save(update_fields=["state"])
    Declaration.objects.filter(village=deed.village_id, deed=deed).let_wait_again()
    record_event("deed.withdraw", village=deed.village, by=by, at=at, subject=deed)
    return deed


def check_withdrawable(deed: Deed, *, by: User) -> None:
    """Refuse to take back what is decided, or was recorded by somebody else.

    :raises NotWithdrawable: saying which
    """
    if deed.recorded_by_id != by.pk:
        raise NotWithdrawable(_("Only the person who recorded it can undo it."))
    if deed.state not in (Deed.State.PENDING, Deed.State.DECLARED):
        raise NotWithdrawable(_("It has been decided and can no longer be undone."))


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

    The item is of the rules that were in force on the day of the deed.

    :raises NotOfThisVillage: saying which
    """
    _check_own(village, Versions(village), households, item, on=on)


def _check_own(village, versions, households, item, *, on):
    rulebook = versions.on(on)
    if rulebook is None or item.rulebook_id != rulebook.pk:
        raise NotOfThisVillage(
            _("“%(item)s” is not in the rules that were in force on %(day)s.")
            % {"item": item, "day": date_format(on)}
        )
    if not households:
        raise NotOfThisVillage(_("Choose at least one household."))
    for household in households:
        if household.village_id != village.pk:
            raise NotOfThisVillage(_("A household is not of this village."))
        if household.status == Household.Status.LEFT:
            raise NotOfThisVillage(why_gone(household))


def _check_deduction(act: Act, *, village: Village, by: User) -> None:
    if not act.item.is_deduction:
        return
    if not act.note.strip():
        raise ReasonNeeded(_("Give a reason; the household will see it."))
    second = act.second_recorder
    if second is None:
        return
    serves = Stewardship.objects.current().filter(village=village, user=second)
    if second.pk == by.pk or not serves.exists():
        raise SecondRecorderNotFit(
            _("The second recorder must be another person who serves this village.")
        )
