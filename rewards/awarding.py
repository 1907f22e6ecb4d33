"""评优: a village names its households of the year, puts them on notice and votes.

The list is the one that the rules give. The village may strike a household off
before the notice opens, and adds nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.masking import mask_name
from households.models import Household, User, Village
from ledger.freezing import end_of_notice
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.annual.awards import Candidate, awards_of
from rewards.award_rounds import (
    WrongMoment,
    awards_of_round,
    look_again,
    require_settled,
    sentence_of,
)
from rewards.models import Award, AwardNote, AwardRound


class RoundStands(Refused):
    """A round of this year stands already."""


class NotOnTheList(Refused):
    """The household is not on the list, so nothing is said of it."""


class NobodyListed(Refused):
    """No household is on the list."""


@dataclass(frozen=True)
class Note:
    """What is written beside a household: its praise, or why it is struck off."""

    household: Household
    citation: str = ""
    struck_reason: str = ""


@transaction.atomic
def draft_round(
    village: Village, year: int, *, key: UUID, by: User, at: datetime
) -> AwardRound:
    """Begin a round for a year whose December is final (domain 3.6).

    The same key returns the same round.

    :raises NotYetProposed: naming what the year still waits for
    :raises RoundStands: if a round of the year is under way or confirmed
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="draft_awards",
        payload={"year": year},
        by=by,
        at=at,
    )
    rounds = AwardRound.objects.filter(village=village)
    if not is_first:
        return rounds.get(operation=operation)
    if rounds.standing().filter(year=year).exists():
        raise RoundStands(_("A round of %(year)s stands already.") % {"year": year})
    require_settled(awards_of(village, year))
    last = rounds.aggregate(number=Max("number"))["number"] or 0
    round = AwardRound.objects.create(
        village=village,
        number=last + 1,
        year=year,
        operation=operation,
        drafted_at=at,
        drafted_by=by,
    )
    record_event("award.draft", village=village, by=by, at=at, subject=round, year=year)
    return round


@transaction.atomic
def write_notes(
    round: AwardRound, notes: Iterable[Note], *, by: User, at: datetime
) -> int:
    """Write praise beside households, and strike some off or put them back.

    Who is not on the list, or was never struck off it, takes no note. Returns
    how many changed.

    :raises WrongMoment: if the notice is open or the round withdrawn
    :raises NotOnTheList: naming who is not on the list
    """
    village = lock_village(round.village)
    round = _drafted(round)
    standing = {
        note.household_id: note
        for note in AwardNote.objects.filter(village=village, round=round)
    }
    listed = {each.line.household.pk for each in awards_of_round(round).chosen}
    changed = 0
    for note in notes:
        home, reason = note.household, note.struck_reason.strip()
        old = standing.get(home.pk)
        was_struck = bool(old and old.struck_reason)
        if home.pk not in listed and not was_struck:
            raise NotOnTheList(
                _("No. %(number)s is not on the list; nothing was saved.")
                % {"number": home.number}
            )
        said = (note.citation.strip(), reason)
        if said == ((old.citation, old.struck_reason) if old else ("", "")):
            continue
        AwardNote.objects.update_or_create(
            village=village,
            round=round,
            household=home,
            defaults={
                "citation": said[0],
                "struck_reason": reason,
                "written_at": at,
                "written_by": by,
            },
        )
        changed += 1
        if bool(reason) != was_struck:
            record_event(
                "award.strike" if reason else "award.put_back",
                village=village,
                by=by,
                at=at,
                subject=home,
                round=round.number,
            )
    return changed


@transaction.atomic
def open_notice(round: AwardRound, *, by: User, at: datetime) -> AwardRound:
    """Hang the list out: from here on it is frozen, and anybody may object.

    The notice runs the policy's days (7 by default), the day of opening not
    counted, until 17:00. A household without a line of praise gets one that
    says how much good it did.

    :raises WrongMoment: if the notice is open or the round withdrawn
    :raises NotYetProposed: naming what the year still waits for
    :raises NobodyListed: if no household is on the list
    """
    village = lock_village(round.village)
    round = _drafted(round)
    awards = awards_of_round(round)
    require_settled(awards)
    if not awards.chosen:
        raise NobodyListed(
            _("Nobody is on the list, so there is nothing to put on notice.")
        )
    notes = AwardNote.objects.filter(village=village, round=round)
    praise = dict(notes.values_list("household", "citation"))
    Award.objects.bulk_create(
        _award(round, each, praise.get(each.line.household.pk, ""))
        for each in awards.chosen
    )
    policy = village.policy
    round.opened_at, round.opened_by = at, by
    round.notice_ends_at = end_of_notice(at, policy.award_notice_days)
    round.places = policy.award_places
    round.has_group_places = policy.award_group_places
    round.months_needed = policy.award_months
    round.notice_days = policy.award_notice_days
    round.save()
    record_event(
        "award.open",
        village=village,
        by=by,
        at=at,
        subject=round,
        households=len(awards.chosen),
    )
    return round


@transaction.atomic
def withdraw_round(
    round: AwardRound, *, reason: str, by: User, at: datetime
) -> AwardRound:
    """Take a list back that is not confirmed, so that a new one can be made.

    It stays in the books, and leaves the public page at once. Withdrawn twice
    for the same reason is withdrawn once.

    :raises WrongMoment: if it is confirmed, or withdrawn for another reason
    """
    village = lock_village(round.village)
    round = AwardRound.objects.get(village=village, pk=round.pk)
    reason = reason.strip()
    if round.withdrawn_at and (round.withdrawn_by, round.reason) == (by, reason):
        return round
    if round.withdrawn_at or round.confirmed_at:
        raise WrongMoment(sentence_of(round))
    if not reason:
        raise WrongMoment(_("Write why the list is withdrawn."))
    round.withdrawn_at, round.withdrawn_by, round.reason = at, by, reason
    round.save()
    record_event("award.withdraw", village=village, by=by, at=at, subject=round)
    return round


def usual_citation(candidate: Candidate) -> str:
    """Say how much good a household did, in the village's language."""
    facts = {"deeds": candidate.deeds, "months": candidate.months}
    with translation.override("zh-hans"):
        return _("%(deeds)s good deeds in %(months)s months") % facts


def _award(round: AwardRound, candidate: Candidate, citation: str) -> Award:
    line, place = candidate.line, candidate.place
    assert place  # whoever is chosen has one
    return Award(
        village_id=round.village_id,
        round=round,
        household=line.household,
        place=place,
        by_group=candidate.by_group,
        score=line.score,
        months=candidate.months,
        group=line.group,
        name=mask_name(line.household.head_name),
        citation=citation or usual_citation(candidate),
    )


def _drafted(round: AwardRound) -> AwardRound:
    """Look at a round again once the village is locked."""
    round = look_again(round)
    if round.state != AwardRound.State.DRAFTED:
        raise WrongMoment(sentence_of(round))
    return round
