"""What a household reads of its own awards: in its passbook, and in its own data."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Household
from ledger.public.blocks import Honor
from rewards.honor_roll import gift_of
from rewards.models import Award, AwardNote, AwardRound
from rewards.querysets import AwardQuerySet


def awards_of_household(household: Household) -> list[Honor]:
    """Return each list that a household stood on, or was struck off, newest first."""
    awards = Award.objects.filter(village=household.village_id, household=household)
    honors = [*_honors(awards), *_strikes(household)]
    return sorted(honors, key=lambda honor: -honor.year)


def award_of_year(household: Household, year: int | None) -> Honor | None:
    """Return the year's list that a household stands on, if residents see it."""
    awards = Award.objects.filter(
        village=household.village_id,
        household=household,
        round__in=AwardRound.objects.public().filter(year=year),
    )
    return next(_honors(awards), None)


def _honors(awards: AwardQuerySet) -> Iterator[Honor]:
    for award in awards.with_gift().select_related("round").order_by("-round__number"):
        round = award.round
        ends_at, given_at = round.notice_ends_at, award.handed_at
        yield Honor(
            year=round.year,
            state=round.state,
            state_label=round.get_state_display(),
            place=award.place,
            score=award.score,
            citation=award.citation,
            notice_ends_at=ends_at and timezone.localtime(ends_at),
            gift=gift_of(round),
            given_on=given_at and timezone.localdate(given_at),
        )


def _strikes(household: Household) -> Iterator[Honor]:
    notes = AwardNote.objects.filter(village=household.village_id, household=household)
    for note in notes.struck().select_related("round").order_by("-round__number"):
        yield Honor(
            year=note.round.year,
            state="struck",
            state_label=_("Struck off the list: %(detail)s")
            % {"detail": note.struck_reason},
        )
