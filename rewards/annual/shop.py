"""What a village's year of exchanges cost: goods, slips and the fund."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from households.models import Village
from rewards.models import FundMovement, Redemption, RedemptionLine


@dataclass(frozen=True)
class GoodsLine:
    """What left the shelf of one kind of goods, in units, points and fen."""

    name: str
    unit: str
    quantity: int
    points: int
    fen: int


@dataclass(frozen=True)
class FundLine:
    """Money of one kind in a year, in fen: negative when it left the fund."""

    label: str
    fen: int


@dataclass(frozen=True)
class ShopYear:
    """A year of exchanges without the slips that were canceled, and of the fund."""

    slips: int
    goods: list[GoodsLine]
    opening: int
    fund: list[FundLine]

    @property
    def points(self) -> int:
        return sum(line.points for line in self.goods)

    @property
    def fen(self) -> int:
        return sum(line.fen for line in self.goods)

    @property
    def closing(self) -> int:
        return self.opening + sum(line.fen for line in self.fund)


def shop_year(village: Village, year: int) -> ShopYear:
    """Add up the slips and the fund of a year, by the day goods and money moved."""
    slips = Redemption.objects.filter(village=village).standing()
    slips = slips.handed_over(date(year, 1, 1), date(year, 12, 31))
    movements = FundMovement.objects.filter(village=village)
    opening, fund = _fund(movements, date(year, 1, 1), date(year, 12, 31))
    return ShopYear(
        slips=slips.count(),
        goods=list(_goods(village, slips)),
        opening=opening,
        fund=fund,
    )


def _goods(village, slips):
    lines = (
        RedemptionLine.objects.filter(village=village, redemption__in=slips)
        .values(name=F("reward__name"), unit=F("reward__unit"))
        .annotate(
            total=Sum("quantity"),
            cost=Sum("points"),
            fen=Sum(F("quantity") * F("price__fen")),
        )
        .order_by("reward__position", "reward")
    )
    for line in lines:
        yield GoodsLine(
            line["name"], line["unit"], line["total"], line["cost"], line["fen"]
        )


def _fund(movements, first: date, last: date) -> tuple[int, list[FundLine]]:
    """Return what the fund began with, and what of each kind moved until a day.

    What was taken back counts with its own kind.
    """
    opening, sums = 0, dict.fromkeys(FundMovement.Kind, 0)
    rows = (
        movements.until(last)
        .order_by()
        .values_list(Coalesce("corrects__kind", "kind"))
        .annotate(
            before=_fen(happened_on__lt=first), since=_fen(happened_on__gte=first)
        )
    )
    for kind, before, since in rows:
        opening += before
        sums[FundMovement.Kind(kind)] += since
    del sums[FundMovement.Kind.CORRECTION]
    return opening, [FundLine(str(kind.label), fen) for kind, fen in sums.items()]


def _fen(**days) -> Coalesce:
    return Coalesce(Sum("fen", filter=Q(**days)), 0)
