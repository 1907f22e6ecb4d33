"""An award round as it stands, and what may still come between it and its roll."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ledger.models import Objection
from ledger.refusals import Refused
from rewards.annual.awards import Awards, awards_of
from rewards.annual.records import Bar, Obstacle
from rewards.models import Award, AwardNote, AwardRound


class NotYetProposed(Refused):
    """The year is not over, or something in it is still open."""


class WrongMoment(Refused):
    """The round has gone on, or has not come so far."""


def awards_of_round(round: AwardRound) -> Awards:
    """Read the list as it would go on notice now, without those struck off."""
    struck = AwardNote.objects.filter(village=round.village_id, round=round).struck()
    reasons = dict(struck.values_list("household", "struck_reason"))
    return awards_of(round.village, round.year, struck=reasons)


def awards_again(round: AwardRound) -> Awards:
    """Read the year once more for a list that hangs, by the rules it was made by."""
    return awards_of(round.village, round.year, months_needed=round.months_needed)


def fallen_from(round: AwardRound, awards: Awards) -> list[str]:
    """Say of each household of a list that may no longer be named why not."""
    found = {each.line.household.pk: each for each in awards.candidates}
    listed = Award.objects.filter(village=round.village_id, round=round)
    sentences = []
    for award in listed.in_order().select_related("household"):
        candidate = found.get(award.household_id)
        obstacles = candidate.obstacles if candidate else (Obstacle(Bar.UNLISTED),)
        if obstacles:
            sentences.append(
                _("No. %(number)s %(name)s: %(why)s")
                % {
                    "number": award.household.number,
                    "name": award.household.head_name,
                    "why": " ".join(map(str, obstacles)),
                }
            )
    return sentences


def open_objections(round: AwardRound) -> QuerySet[Objection]:
    """Return the open objections to any month of the round's year."""
    of_year = Objection.objects.filter(
        village=round.village_id, publication__period__month__year=round.year
    )
    return of_year.open().order_by("number")


def require_settled(awards: Awards) -> None:
    """Refuse a year in which anything may still change.

    :raises NotYetProposed: naming what the year still waits for
    """
    if not awards.is_over:
        raise NotYetProposed(
            _("December %(year)s is not final yet; the list is made after that.")
            % {"year": awards.year}
        )
    if awards.months_in_question:
        raise NotYetProposed(
            _("Objection %(numbers)s is still open; answer it first.")
            % {"numbers": "、".join(awards.months_in_question)}
        )


def look_again(round: AwardRound) -> AwardRound:
    """Look at a round again once the village is locked."""
    rounds = AwardRound.objects.select_related("village__policy", "opened_by")
    return rounds.get(village=round.village_id, pk=round.pk)


def sentence_of(round: AwardRound) -> str:
    """Say why a round that has gone on is left alone."""
    if round.withdrawn_at:
        return _("This list was withdrawn; prepare a new one.")
    if round.confirmed_at:
        return _("This list is confirmed and never changes again.")
    return _("The notice is open, so the list stays as it is.")
