"""The confirmed honor roll of a year, as the annual report tells of it."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Village
from ledger.templatetags.ledger_tags import full_day
from rewards.honor_roll import gift_of
from rewards.models import Award, AwardRound


@dataclass(frozen=True)
class AwardLine:
    """One household of the roll, with the full name: for files of the staff."""

    household: int
    place: int
    group: str
    number: str
    head: str
    score: int
    citation: str
    given_on: date | None


@dataclass(frozen=True)
class Roll:
    """A year's honor roll: the vote in one line, the gift, the digest, the lines."""

    vote: str
    gift: str
    digest: str
    lines: list[AwardLine]

    @property
    def households(self) -> set[int]:
        return {line.household for line in self.lines}


def roll_of_year(village: Village, year: int) -> Roll | None:
    """Return the roll that was confirmed for a year, if one was."""
    rounds = AwardRound.objects.filter(village=village, year=year).confirmed()
    round = rounds.defer("document").first()
    if round is None:
        return None
    awards = Award.objects.filter(village=village, round=round).in_order()
    return Roll(
        vote=vote_of(round),
        gift=gift_of(round),
        digest=round.digest,
        lines=[
            AwardLine(
                household=award.household_id,
                place=award.place,
                group=award.group,
                number=award.household.number,
                head=award.household.head_name,
                score=award.score,
                citation=award.citation,
                given_on=award.handed_at and timezone.localdate(award.handed_at),
            )
            for award in awards.with_gift().select_related("household")
        ],
    )


def vote_of(round: AwardRound) -> str:
    """Write who voted, when and how, in one line."""
    return _(
        "%(meeting)s of %(day)s: %(for)s for, %(against)s against, %(abstained)s "
        "abstained"
    ) % {
        "meeting": round.meeting,
        "day": full_day(round.voted_on),
        "for": round.votes_for,
        "against": round.votes_against,
        "abstained": round.abstained,
    }
