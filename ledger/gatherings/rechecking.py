"""整改复查: an untidy yard is told, looked at again, and only then costs points."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from households.own_households import own_households
from ledger.gatherings.rounds import item_of_code
from ledger.models import Deed, Finding
from ledger.months import DayNotAccepted, NotYet
from ledger.operations import claim_operation
from ledger.recording import SecondRecorderNotFit, record_deeds
from ledger.refusals import Refused

# What a yard costs that is still untidy, by the code of the sample rulebook.
UNTIDY = "N02"
# Longer than that is a slip of the pen.
LONGEST_TIME = timedelta(days=92)


class NothingToRemind(Refused):
    """The yard is not one to be put right, or the round is not closed."""


class SettledAlready(Refused):
    """Somebody has looked at the yard again already."""


class OwnYard(Refused):
    """Nobody looks again for their own household."""


@transaction.atomic
def remind_household(
    finding: Finding,
    words: str,
    *,
    told_on: date,
    recheck_on: date,
    by: User,
    at: datetime,
) -> Finding:
    """Note in which words a household was reminded, when, and when one looks again.

    Noting it once more can give the household more time, and never less than it
    was told.

    :raises NothingToRemind: if the yard is not one to be put right
    :raises SettledAlready: if it was looked at again already
    :raises DayNotAccepted: if it was told before the round or in the future, or if
        one would look again on the same day, sooner than was said, or much later
    """
    finding = _to_put_right(finding)
    if not finding.round.day <= told_on <= timezone.localdate(at):
        raise DayNotAccepted(
            _("The household is told after the round, and not later than today.")
        )
    if recheck_on <= told_on:
        raise DayNotAccepted(_("Leave at least a day to put it right."))
    if recheck_on - told_on > LONGEST_TIME:
        raise DayNotAccepted(_("Leave at most three months; check the date."))
    if finding.recheck_on and recheck_on < finding.recheck_on:
        raise DayNotAccepted(
            _("The household was told it has until %(day)s; you can only give it more.")
            % {"day": date_format(finding.recheck_on)}
        )
    finding.reminder, finding.told_on = words, told_on
    finding.recheck_on, finding.reminded_by = recheck_on, by
    finding.save(update_fields=["reminder", "told_on", "recheck_on", "reminded_by"])
    _note("round.remind", finding, by=by, at=at)
    return finding


@transaction.atomic
def pass_recheck(finding: Finding, *, seen_on: date, by: User, at: datetime) -> Finding:
    """Note that a yard was put right: nothing is taken. Doing it twice does it once.

    :raises NothingToRemind: if it was never reminded of
    :raises OwnYard: if `by` lives there
    :raises SettledAlready: if it was found untidy again
    :raises DayNotAccepted: if it was seen on the day it was told, or in the future
    """
    if _as_it_is(finding).outcome == Finding.Outcome.PASSED:
        return _as_it_is(finding)
    finding = _reminded(finding, by)
    told_on = finding.told_on or seen_on
    if not told_on < seen_on <= timezone.localdate(at):
        raise DayNotAccepted(
            _("One looks again after the household was told, and not later than today.")
        )
    finding.outcome, finding.rechecked_on = Finding.Outcome.PASSED, seen_on
    finding.rechecked_by = by
    finding.save(update_fields=["outcome", "rechecked_on", "rechecked_by"])
    _note("round.pass", finding, by=by, at=at)
    return finding


@transaction.atomic
def fail_recheck(
    finding: Finding,
    *,
    seen_on: date,
    points: int,
    note: str,
    second_recorder: User,
    key: UUID,
    by: User,
    at: datetime,
) -> Finding:
    """Propose the deduction of a yard that is still untidy after its reminder.

    The deed waits for another person like every other, with the day on which the
    household was told and a second recorder. `points` are without a sign. The
    same key proposes once.

    :raises NothingToRemind: if it was never reminded of
    :raises OwnYard: if `by` lives there
    :raises SettledAlready: if somebody has looked at it again already
    :raises NotYet: if the time to put it right still runs
    :raises SecondRecorderNotFit: if nobody else has seen it too
    :raises ReasonNeeded: if there is no note
    :raises OutOfRange: if the points are not within the item's range
    :raises DayNotAccepted: if the day is in the future
    """
    village = lock_village(finding.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="fail_recheck",
        payload={"finding": finding.pk, "points": points, "note": note},
        by=by,
        at=at,
    )
    if not is_first:
        return _as_it_is(finding)
    finding = _reminded(finding, by)
    until = finding.recheck_on or seen_on
    if seen_on < until:
        raise NotYet(
            _("The household has until %(day)s to put it right.")
            % {"day": date_format(until)}
        )
    if second_recorder is None:
        raise SecondRecorderNotFit(_("Name the second person who has seen it."))
    recorded = record_deeds(
        [finding.household],
        item_of_code(village, UNTIDY, seen_on),
        happened_on=seen_on,
        magnitude=points,
        channel=Deed.Channel.RECORD,
        note=note,
        heard_on=finding.told_on,
        second_recorder=second_recorder,
        key=_key_of_deed(key),
        by=by,
        at=at,
    )
    finding.deduction, finding.operation = recorded.deeds[0], operation
    finding.outcome, finding.rechecked_on = Finding.Outcome.FAILED, seen_on
    finding.rechecked_by = by
    finding.save()
    _note("round.fail", finding, by=by, at=at)
    return finding


def _key_of_deed(key: UUID) -> UUID:
    return UUID(int=key.int ^ 1)


def _as_it_is(finding: Finding) -> Finding:
    village = lock_village(finding.village)
    return Finding.objects.select_related("village", "round", "household").get(
        village=village, pk=finding.pk
    )


def _to_put_right(finding: Finding) -> Finding:
    finding = _as_it_is(finding)
    if finding.yard != Finding.Yard.POOR or not finding.round.closed_at:
        raise NothingToRemind(
            _("Only an untidy yard of a closed round is reminded of.")
        )
    if finding.outcome:
        raise SettledAlready(_("Somebody has looked at this yard again already."))
    return finding


def _reminded(finding: Finding, by: User) -> Finding:
    finding = _to_put_right(finding)
    if finding.household_id in own_households(by, finding.village_id):
        raise OwnYard(_("This is your own household; someone else looks again."))
    if finding.told_on is None:
        raise NothingToRemind(_("Remind the household first, and give it time."))
    return finding


def _note(action: str, finding: Finding, *, by: User, at: datetime) -> None:
    record_event(
        action,
        village=finding.village,
        by=by,
        at=at,
        subject=finding,
        household=finding.household_id,
    )
