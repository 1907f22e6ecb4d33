"""Deciding deeds: another person approves, changes the points, or rejects."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
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
    deed = _lock_for_decision(deed, by=by)
    points = deed.points if magnitude is None else deed.item.signed(magnitude)
    is_changed = points != deed.points
    if is_changed:
        _require_reason(reason)
        check_range(deed.item, abs(points))
    if deed.is_deduction:
        deed.heard_on = heard_on or deed.heard_on
        if deed.heard_on is None:
            raise NotHeard(
                _("Enter the day on which the household was told and heard.")
            )
    _check_caps(deed, abs(points))
    deed.points = points
    deed.state = Deed.State.APPROVED
    deed.save(update_fields=["points", "state", "heard_on"])
    outcome = Decision.Outcome.ADJUSTED if is_changed else Decision.Outcome.APPROVED
    return _decide(deed, outcome, reason=reason, by=by, at=at)


@transaction.atomic
def reject_deed(deed: Deed, *, by: User, at: datetime, reason: str) -> Decision:
    """Refuse a deed; the household can read the reason.

    :raises AlreadyDecided: if it is not pending any more
    :raises OwnRecord: if `by` recorded or co-signed it
    :raises OwnHousehold: if it is `by`'s own household
    :raises ReasonMissing: if no reason is given
    """
    deed = _lock_for_decision(deed, by=by)
    _require_reason(reason)
    deed.state = Deed.State.REJECTED
    deed.save(update_fields=["state"])
    return _decide(deed, Decision.Outcome.REJECTED, reason=reason, by=by, at=at)


@transaction.atomic
def reopen_deed(deed: Deed, *, by: User, at: datetime, reason: str = "") -> Decision:
    """Undo a decision while the month is unpublished; the deed is pending again.

    :raises MonthClosed: if the month is published
    :raises AlreadyDecided: if there is no decision to undo
    :raises OwnRecord: if `by` recorded or co-signed it
    :raises OwnHousehold: if it is `by`'s own household
    """
    deed = _lock(deed)
    _check_person(deed, by=by)
    if deed.period.is_published:
        raise MonthClosed(
            _("%(month)s is published; propose a correction instead.")
            % {"month": deed.period}
        )
    if deed.state not in (Deed.State.APPROVED, Deed.State.REJECTED):
        raise AlreadyDecided(_("This deed waits for a decision already."))
    deed.state = Deed.State.PENDING
    deed.save(update_fields=["state"])
    return _decide(deed, Decision.Outcome.REOPENED, reason=reason, by=by, at=at)


def remaining_points(deed: Deed) -> int | None:
    """Return the points the caps still leave for a deed; None without a cap."""
    item = deed.item
    if item.month_cap is None and item.year_cap is None:
        return None
    siblings = Deed.objects.filter(
        village=deed.village_id,
        household=deed.household_id,
        item__code=item.code,
        period__month__year=deed.period.month.year,
    ).exclude(pk=deed.pk)
    # Few rows, and one query for both caps.
    given = siblings.counting().values_list("period", "points")
    of_year = [(period, abs(points)) for period, points in given]
    of_month = [points for period, points in of_year if period == deed.period_id]
    left = []
    if item.month_cap is not None:
        left.append(item.month_cap - sum(of_month))
    if item.year_cap is not None:
        left.append(item.year_cap - sum(points for _period, points in of_year))
    return max(0, min(left))


def _lock(deed: Deed) -> Deed:
    """Take the village, so that two reviewers, or a publisher, come one by one."""
    lock_village(deed.village)
    return Deed.objects.select_related("item", "period", "village").get(pk=deed.pk)


def _lock_for_decision(deed: Deed, *, by: User) -> Deed:
    deed = _lock(deed)
    _check_person(deed, by=by)
    if deed.state == Deed.State.PENDING:
        return deed
    last = deed.decisions.select_related("by").order_by("-number").first()
    if last is None:
        raise AlreadyDecided(
            _("This deed is %(state)s and waits for no decision.")
            % {"state": deed.get_state_display()}
        )
    raise AlreadyDecided(
        _("%(person)s decided this on %(moment)s: %(outcome)s.")
        % {
            "person": last.by,
            "moment": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
            "outcome": last.get_outcome_display(),
        }
    )


def _check_person(deed: Deed, *, by: User) -> None:
    if by.pk in (deed.recorded_by_id, deed.second_recorder_id):
        raise OwnRecord(_("You recorded this; someone else must review it."))
    if by.household_id == deed.household_id:
        raise OwnHousehold(
            _("This is your own household; someone else must review it.")
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(_("Give a reason; the household will see it."))


def _check_caps(deed: Deed, magnitude: int) -> None:
    remaining = remaining_points(deed)
    if remaining is not None and magnitude > remaining:
        raise CapReached(
            _("Limit of “%(item)s” reached: %(remaining)s points are left.")
            % {"item": deed.item, "remaining": remaining},
            remaining,
        )


def _decide(deed: Deed, outcome: str, *, reason: str, by: User, at: datetime):
    decision = Decision.objects.create(
        village=deed.village,
        deed=deed,
        number=deed.decisions.count() + 1,
        outcome=outcome,
        points=deed.points,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    record_event(
        f"deed.{outcome}",
        village=deed.village,
        by=by,
        at=at,
        subject=deed,
        points=deed.points,
    )
    return decision
