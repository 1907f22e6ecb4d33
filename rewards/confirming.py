"""A list that was on notice becomes the year's honor roll, by a meeting's vote."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from households.own_households import own_households
from ledger.refusals import Refused
from rewards.award_rounds import (
    NotYetProposed,
    WrongMoment,
    awards_again,
    fallen_from,
    look_again,
    open_objections,
    require_settled,
    sentence_of,
)
from rewards.honor_roll import roll_document, written
from rewards.models import Award, AwardRound

MOST_VOTES = 9_999


class VoteRefused(Refused):
    """The vote did not carry, or its record is not complete."""


class NeedsAnotherPerson(Refused):
    """Who opened the notice, or is on the list, does not confirm it."""


class NoLongerEligible(Refused):
    """Households of the list may no longer be named; a new round must be made."""


@dataclass(frozen=True)
class Vote:
    """What a meeting decided, and where that is recorded."""

    meeting: str
    day: date
    votes_for: int
    votes_against: int
    abstained: int
    record: str


@transaction.atomic
def confirm_round(
    round: AwardRound, vote: Vote, *, by: User, at: datetime
) -> AwardRound:
    """Make a list that was on notice the year's honor roll, by a meeting's vote.

    Everything is read once more: whoever may no longer be named stops it (I-27).

    :raises WrongMoment: if it is not on notice, or the notice still runs
    :raises NeedsAnotherPerson: if it is the person who opened the notice, or
        their own household is on the list
    :raises NotYetProposed: if an objection to the year is open
    :raises NoLongerEligible: naming who may no longer be named, and why
    :raises VoteRefused: if it did not carry, or day or record are missing
    """
    village = lock_village(round.village)
    round = _on_notice(round)
    if not round.is_notice_over(at):
        raise WrongMoment(
            _("The list is on notice until %(moment)s; confirm it after that.")
            % {"moment": f"{timezone.localtime(round.notice_ends_at):%Y-%m-%d %H:%M}"}
        )
    listed = Award.objects.filter(village=village, round=round)
    if by == round.opened_by:
        raise NeedsAnotherPerson(
            _("You opened the notice; another person confirms the list.")
        )
    if listed.filter(household__in=own_households(by, village.pk)).exists():
        raise NeedsAnotherPerson(
            _("Your own household is on the list; another person confirms it.")
        )
    _require_no_objection(round)
    awards = awards_again(round)
    require_settled(awards)
    fallen = fallen_from(round, awards)
    if fallen:
        raise NoLongerEligible(
            _(
                "These may no longer be named: %(who)s Withdraw this list and make it "
                "anew."
            )
            % {"who": " ".join(fallen)}
        )
    _require_carried(round, vote, at=at)
    round.meeting, round.record = vote.meeting.strip(), vote.record.strip()
    round.voted_on = vote.day
    round.votes_for, round.votes_against = vote.votes_for, vote.votes_against
    round.abstained = vote.abstained
    document = roll_document(round)
    round.document, round.digest = written(document), document["digest"]
    round.confirmed_at, round.confirmed_by = at, by
    round.save()
    record_event(
        "award.confirm",
        village=village,
        by=by,
        at=at,
        subject=round,
        households=len(document["rows"]),
        digest=round.digest,
    )
    return round


def _on_notice(round: AwardRound) -> AwardRound:
    round = look_again(round)
    if round.state == AwardRound.State.DRAFTED:
        raise WrongMoment(_("The list has not been on notice yet; open the notice."))
    if round.state != AwardRound.State.ON_NOTICE:
        raise WrongMoment(sentence_of(round))
    return round


def _require_no_objection(round: AwardRound) -> None:
    still_open = open_objections(round).values_list("number", flat=True)
    if still_open:
        raise NotYetProposed(
            _("Objection %(numbers)s is still open; answer it first.")
            % {"numbers": "、".join(still_open)}
        )


def _require_carried(round: AwardRound, vote: Vote, *, at: datetime) -> None:
    if not vote.meeting.strip() or not vote.record.strip():
        raise VoteRefused(_("Write which meeting voted and where its record is kept."))
    first = timezone.localdate(round.opened_at)
    if not first <= vote.day <= timezone.localdate(at):
        raise VoteRefused(
            _("The vote was taken on a day from %(first)s until today.")
            % {"first": first.isoformat()}
        )
    counts = (vote.votes_for, vote.votes_against, vote.abstained)
    if min(counts) < 0 or max(counts) > MOST_VOTES:
        raise VoteRefused(_("Write each number of votes, from 0 to 9,999."))
    if vote.votes_for <= vote.votes_against + vote.abstained:
        raise VoteRefused(
            _("More than half must be in favor; without that the list is withdrawn.")
        )
