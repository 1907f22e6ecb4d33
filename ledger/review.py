"""Deciding deeds: another person approves, changes the points, or rejects."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from households.own_households import own_households
from ledger.limits import PointsLeft
from ledger.models import Decision, Deed
from ledger.recording import check_range
from ledger.refusals import Refused


class AlreadyDecided(Refused):
    """Somebody has decided this deed; the message says who and when."""


class OwnRecord(Refused):
    """Nobody decides a deed they recorded or signed."""


class OwnHousehold(Refused):
    """Nobody decides a deed of their own household."""


class CapReached(Refused):
    """The household has had as many points for this item as the rules allow."""

    def __init__(self, message: str, remaining: int):
        super().__init__(message)
        self.remaining = remaining


class ReasonMissing(Refused):
    """A change, a rejection or a reopening was given without a reason."""


class NotHeard(Refused):
    """A deduction is told to the household before it is decided."""


class MonthClosed(Refused):
    """The deed's month is published; what is wrong is corrected, not reopened."""


class AlreadyPosted(Refused):
    """The deed has its entry in the ledger; a correction undoes that."""


@dataclass
class Verdicts:
    """What became of several deeds: the decisions, and the refused with the reason."""

    decisions: list[Decision] = field(default_factory=list)
    refused: list[tuple[Deed, Refused]] = field(default_factory=list)


STATES = {
    Decision.Outcome.APPROVED: Deed.State.APPROVED,
    Decision.Outcome.ADJUSTED: Deed.State.APPROVED,
    Decision.Outcome.REJECTED: Deed.State.REJECTED,
    Decision.Outcome.REOPENED: Deed.State.PENDING,
}


@transaction.atomic
def approve_deed(
    deed: Deed,
    *,
    by: User,
    at: datetime,
    magnitude: int | None = None,
    reason: str = "",
    heard_on: date | None = None,
) -> Decision:
    """Approve a deed, with other points when `magnitude` is given (points, no sign).

    Caps are points per household and item in a month and in a year, counted in
    the order of approval (I-11).

    :raises AlreadyDecided: if it is not pending any more
    :raises OwnRecord: if `by` recorded or co-signed it (I-06)
    :raises OwnHousehold: if it is `by`'s own household (I-07)
    :raises ReasonMissing: if the points change without a reason
    :raises OutOfRange: if the points are not within the item's range
    :raises NotHeard: if a deduction has no day on which the household was heard
    :raises CapReached: with the points that remain
    """
    (deed,) = _lock([deed])
    _check_decidable(deed, by=by, own=_own(by, [deed]))
    points = deed.points if magnitude is None else deed.item.signed(magnitude)
    is_changed = points != deed.points
    if is_changed:
        _require_reason(reason)
        check_range(deed.item, abs(points))
    found, deed.points = deed.points, points
    deed.heard_on = heard_on if heard_on and deed.is_deduction else deed.heard_on
    _check_approvable(deed, PointsLeft([deed]))
    outcome = Decision.Outcome.ADJUSTED if is_changed else Decision.Outcome.APPROVED
    (decision,) = _decide([deed], outcome, found, reason=reason, by=by, at=at)
    return decision


@transaction.atomic
def approve_deeds(deeds: Sequence[Deed], *, by: User, at: datetime) -> Verdicts:
    """Approve many deeds of one village, in their order, as far as the rules allow.

    Each deed is checked as `approve_deed` checks it; a refused one stays as it
    is and holds up no other. Many deeds cost as many queries as two.
    """
    return _decide_each(deeds, Decision.Outcome.APPROVED, by=by, at=at)


@transaction.atomic
def reject_deed(deed: Deed, *, by: User, at: datetime, reason: str) -> Decision:
    """Refuse a deed; the household can read the reason.

    :raises AlreadyDecided: if it is not pending any more
    :raises OwnRecord: if `by` recorded or co-signed it
    :raises OwnHousehold: if it is `by`'s own household
    :raises ReasonMissing: if no reason is given
    """
    (deed,) = _lock([deed])
    _check_decidable(deed, by=by, own=_own(by, [deed]))
    _require_reason(reason)
    (decision,) = _decide(
        [deed], Decision.Outcome.REJECTED, reason=reason, by=by, at=at
    )
    return decision


@transaction.atomic
def reopen_deed(deed: Deed, *, by: User, at: datetime, reason: str = "") -> Decision:
    """Undo a decision while the month is unpublished; the deed is as it was before.

    :raises MonthClosed: if the month is published
    :raises AlreadyPosted: if its entry was posted before a notice was withdrawn
    :raises AlreadyDecided: if there is no decision to undo
    :raises OwnRecord: if `by` recorded or co-signed it
    :raises OwnHousehold: if it is `by`'s own household
    """
    (deed,) = _lock([deed])
    _check_reopenable(deed, by=by, own=_own(by, [deed]))
    (decision,) = _decide(
        [deed], Decision.Outcome.REOPENED, reason=reason, by=by, at=at
    )
    return decision


@transaction.atomic
def reopen_deeds(deeds: Sequence[Deed], *, by: User, at: datetime) -> Verdicts:
    """Undo the decisions about many deeds of one village, as `reopen_deed` does."""
    return _decide_each(deeds, Decision.Outcome.REOPENED, by=by, at=at)


def _decide_each(deeds, outcome, *, by, at) -> Verdicts:
    deeds = _lock(deeds)
    left = PointsLeft([deed for deed in deeds if deed.state == Deed.State.PENDING])
    verdicts, passed, own = Verdicts(), [], _own(by, deeds)
    for deed in deeds:
        try:
            if outcome == Decision.Outcome.REOPENED:
                _check_reopenable(deed, by=by, own=own)
            else:
                _check_decidable(deed, by=by, own=own)
                _check_approvable(deed, left)
        except Refused as refusal:
            verdicts.refused.append((deed, refusal))
        else:
            passed.append(deed)
    if passed:
        verdicts.decisions = _decide(passed, outcome, by=by, at=at)
    return verdicts


def _lock(deeds: Sequence[Deed]) -> list[Deed]:
    """Take the village, so that two reviewers, or a publisher, come one by one."""
    if not deeds:
        return []
    village = lock_village(deeds[0].village)
    decisions = Decision.objects.select_related("by").order_by("number")
    fresh = (
        Deed.objects.filter(village=village)
        .with_posting()
        .select_related("household", "item", "period", "village")
        .prefetch_related(Prefetch("decisions", decisions))
        .in_bulk({deed.pk for deed in deeds})
    )
    return [fresh[pk] for pk in dict.fromkeys(deed.pk for deed in deeds)]


def _own(by: User, deeds: Sequence[Deed]) -> Collection[int]:
    return own_households(by, deeds[0].village_id) if deeds else ()


def _check_decidable(deed: Deed, *, by: User, own: Collection[int]) -> None:
    _check_person(deed, by=by, own=own)
    if deed.state == Deed.State.PENDING:
        return
    decisions = list(deed.decisions.all())
    if not decisions:
        raise AlreadyDecided(
            _("This deed is %(state)s and waits for no decision.")
            % {"state": deed.get_state_display()}
        )
    last = decisions[-1]
    raise AlreadyDecided(
        _("%(person)s decided this on %(moment)s: %(outcome)s.")
        % {
            "person": last.by,
            "moment": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
            "outcome": last.get_outcome_display(),
        }
    )


def _check_reopenable(deed: Deed, *, by: User, own: Collection[int]) -> None:
    _check_person(deed, by=by, own=own)
    if deed.period.is_published:
        raise MonthClosed(
            _("%(month)s is published; propose a correction instead.")
            % {"month": deed.period}
        )
    if deed.is_posted:
        raise AlreadyPosted(
            _("This deed stands in the ledger already; propose a correction instead.")
        )
    if deed.state not in (Deed.State.APPROVED, Deed.State.REJECTED):
        raise AlreadyDecided(_("This deed waits for a decision already."))


def _check_person(deed: Deed, *, by: User, own: Collection[int]) -> None:
    if by.pk in (deed.recorded_by_id, deed.second_recorder_id):
        raise OwnRecord(_("You recorded this; someone else must review it."))
    if deed.household_id in own:
        raise OwnHousehold(
            _("This is your own household; someone else must review it.")
        )


def _check_approvable(deed: Deed, left: PointsLeft) -> None:
    """Refuse what the rules do not give, else count it against the caps."""
    if deed.is_deduction and deed.heard_on is None:
        raise NotHeard(_("Enter the day on which the household was told and heard."))
    remaining = left.of(deed)
    if remaining is not None and abs(deed.points) > remaining:
        raise CapReached(
            _("Limit of “%(item)s” reached: %(remaining)s points are left.")
            % {"item": deed.item, "remaining": remaining},
            remaining,
        )
    left.take(deed)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(_("Give a reason; the household will see it."))


def _decide(deeds, outcome, found=None, *, by, at, reason="") -> list[Decision]:
    """Write decisions that have passed every check, and leave one trace of the act."""
    before = {deed.pk: found or deed.points for deed in deeds}
    for deed in deeds:
        deed.state = STATES[outcome]
        if outcome == Decision.Outcome.REOPENED:
            _put_back(deed)
    Deed.objects.bulk_update(deeds, ["points", "state", "heard_on"])
    decisions = Decision.objects.bulk_create(
        Decision(
            village=deed.village,
            deed=deed,
            number=len(deed.decisions.all()) + 1,
            outcome=outcome,
            points=deed.points,
            points_before=before[deed.pk],
            reason=reason.strip(),
            by=by,
            at=at,
        )
        for deed in deeds
    )
    facts = {"points": sum(deed.points for deed in deeds)}
    if len(deeds) > 1:
        facts["deeds"] = [deed.pk for deed in deeds]
    record_event(
        f"deed.{outcome}",
        village=deeds[0].village,
        by=by,
        at=at,
        subject=deeds[0],
        **facts,
    )
    return decisions


def _put_back(deed: Deed) -> None:
    """Return a deed to the points and the state that its last decision found."""
    (*_earlier, undone) = deed.decisions.all()
    deed.points = undone.points_before or deed.points
    if deed.is_unaccepted:
        deed.state = Deed.State.DECLARED
