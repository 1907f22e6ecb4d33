"""What the board would say of a month that is not published yet."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone

from households.masking import mask_name
from households.models import Household, HouseholdChange
from ledger.models import Deed, Entry, Period, Standing
from ledger.naming import open_names

TOP_PLACES = 3


@dataclass(frozen=True)
class Slip:
    """One household on the red sheet, named as the public will read it."""

    place: int
    name: str
    score: int


@dataclass(frozen=True)
class Preview:
    """The ranked households as the red list will show them."""

    slips: list[Slip]
    named: int

    @property
    def ranked(self) -> int:
        return len(self.slips)

    @property
    def top(self) -> list[Slip]:
        """Return the first three places; ties may make them more than three slips."""
        return [slip for slip in self.slips if slip.place <= TOP_PLACES]


def preview_of(period: Period) -> Preview:
    """Rank the households as publishing the month now would rank them.

    Entries posted so far, the missing base points of the year, and the
    approved deeds of the month; nothing is written.
    """
    village, policy = period.village, period.village.policy
    base, places = policy.base_points, policy.ranked_places
    entries = Entry.objects.filter(village=village, year=period.month.year)
    scores = _points(entries.scoring())
    based = _points(entries.filter(kind=Entry.Kind.BASE))
    deeds = Deed.objects.filter(village=village, period=period)
    gained = _points(deeds.approved().unposted())
    for change in HouseholdChange.objects.merges(village):
        # What is decided or put right of a merged household counts where it went.
        ended = change.household_id
        late = gained.pop(ended, 0) + scores.pop(ended, 0) - based.get(ended, 0)
        gained[change.other_id] = gained.get(change.other_id, 0) + late
    standings = []
    for household in Household.objects.filter(village=village).listed():
        score = scores.get(household.pk, 0) + gained.get(household.pk, 0)
        if household.pk not in based:
            score += base
        standings.append(Standing(household=household, score=score))
    living = [
        standing
        for standing in standings
        if standing.household.status == Household.Status.ACTIVE
    ]
    living.sort(key=lambda standing: (-standing.score, standing.household.number))
    placed: list[tuple[int, Standing]] = []
    for position, standing in enumerate(living, start=1):
        is_tied = placed and placed[-1][1].score == standing.score
        standing.place = placed[-1][0] if is_tied else position
        placed.append((standing.place, standing))
    ranked = [
        (place, standing)
        for place, standing in placed
        if place <= places and standing.score > base
    ]
    full = open_names(village).on(timezone.localdate())
    return Preview(
        slips=[
            Slip(place, _name(standing.household, full), standing.score)
            for place, standing in ranked
        ],
        named=sum(standing.household.number in full for _place, standing in ranked),
    )


def _name(household, full: dict[str, str]) -> str:
    return full.get(household.number, mask_name(household.head_name))


def _points(rows) -> dict[int, int]:
    """Add up points by household."""
    return dict(rows.order_by().values_list("household").annotate(total=Sum("points")))
