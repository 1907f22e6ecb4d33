"""Where a household stands on the newest board, told in its own passbook only."""

from dataclasses import dataclass

from django.db.models import Count, Q

from households.models import Household
from ledger.models import Publication, Standing


@dataclass(frozen=True)
class Rank:
    """A place on the newest board, when it is told, and the month's points."""

    place: int | None
    is_shared: bool
    rose: int
    month_points: int

    @property
    def fell(self) -> int:
        return -self.rose


def rank_of(household: Household) -> Rank | None:
    """Find a household's place on the newest board; none without a line there.

    A place is told only in the upper half and above the base points.
    """
    village = household.village
    boards = list(Publication.objects.of(village).defer("document")[:2])
    lines = {
        standing.publication_id: standing
        for standing in Standing.objects.filter(
            village=village, household=household, publication__in=boards
        )
    }
    newest, before = [*(lines.get(board.pk) for board in boards), None, None][:2]
    if newest is None:
        return None
    counted = Standing.objects.filter(
        village=village, publication=newest.publication_id
    ).aggregate(ranked=Count("place"), alike=Count("pk", filter=Q(place=newest.place)))
    is_above_base = newest.score > village.policy.base_points
    is_told = is_above_base and (newest.place or 0) * 2 <= counted["ranked"]
    place = newest.place if is_told else None
    is_same_year = len({board.period.month.year for board in boards}) == 1
    was = before.place if before and is_same_year else None
    return Rank(
        place=place,
        is_shared=counted["alike"] > 1,
        rose=was - place if was and place else 0,
        month_points=newest.month_points,
    )
