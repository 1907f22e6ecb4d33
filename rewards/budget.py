"""Whether the village can keep its promise: points given against money in the fund."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from households.models import Household, Village
from ledger.models import Entry, Period
from ledger.querysets import with_entries
from rewards.models import FundMovement, Reward


@dataclass(frozen=True)
class Promise:
    """What households may still ask for, and what there is to give.

    Points are whole points, money is in fen (100 a yuan).
    """

    spendable_points: int
    coming_points: int
    fen_a_point: int
    fund_fen: int
    shelf_fen: int

    @property
    def points(self) -> int:
        return self.spendable_points + self.coming_points

    @property
    def promised_fen(self) -> int:
        return self.points * self.fen_a_point

    @property
    def covered_fen(self) -> int:
        """Return what can be given: money in the fund and goods already bought."""
        return max(0, self.fund_fen) + self.shelf_fen

    @property
    def missing_fen(self) -> int:
        return max(0, self.promised_fen - self.covered_fen)

    @property
    def is_kept(self) -> bool:
        return self.missing_fen == 0


def promise_of(
    village: Village, *, at: datetime, publishing: Period | None = None
) -> Promise:
    """Add up what a village has promised and what it has.

    Coming points are those of months on notice and, when a month is about to be
    published, what is approved in it. The village decides what a point is
    worth each year; too many points for the fund is the commonest way such a
    scheme breaks its word.
    """
    of_household = Household.objects.filter(village=village).able_to_spend(
        timezone.localdate(at)
    )
    earned = Q(
        booked__kind__in=Entry.EARNING, booked__period__finalized_at__isnull=False
    )
    spent = Q(booked__kind__in=Entry.SPENDING)
    balances = with_entries(of_household, village=village).annotate(
        spendable=Greatest(Coalesce(Sum("booked__points", filter=earned | spent), 0), 0)
    )
    coming = Entry.objects.filter(
        village=village,
        kind__in=Entry.EARNING,
        period__finalized_at=None,
    ).total()
    if publishing is not None:
        posted = Q(entries__village=village)
        coming += (
            publishing.deeds.filter(village=village)
            .approved()
            .exclude(posted)
            .aggregate(points=Coalesce(Sum("points"), 0))["points"]
        )
    shelf = (
        Reward.objects.filter(village=village)
        .with_on_hand()
        .with_price(at)
        .aggregate(worth=Coalesce(Sum(F("on_hand") * F("fen")), 0))["worth"]
    )
    return Promise(
        spendable_points=balances.aggregate(n=Coalesce(Sum("spendable"), 0))["n"],
        coming_points=max(0, coming),
        fen_a_point=village.policy.fen_a_point,
        fund_fen=FundMovement.objects.filter(village=village).balance(),
        shelf_fen=shelf,
    )
