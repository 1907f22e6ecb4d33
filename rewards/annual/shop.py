"""What a village's year of exchanges cost: goods, slips and the fund."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum

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
    return ShopYear(
        slips=slips.count(),
        goods=list(_goods(village, slips)),
        opening=movements.until(date(year - 1, 12, 31)).balance(),
        fund=list(_fund(movements.filter(happened_on__year=year))),
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


def _fund(movements):
    """Yield the kinds of money; what was taken back counts with its own kind."""
    sums = dict.fromkeys(FundMovement.Kind, 0)
    rows = (
        movements.values("kind", "corrects__kind").annotate(fen=Sum("fen")).order_by()
    )
    for row in rows:
        sums[FundMovement.Kind(row["corrects__kind"] or row["kind"])] += row["fen"]
    for kind, fen in sums.items():
        if kind != FundMovement.Kind.CORRECTION:
            yield FundLine(str(kind.label), fen)
