"""倡议伙伴: who gave money or goods to the exchange, thanked by name if they wish."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Max
from django.utils import timezone

from households.models import Village
from rewards.models import FundMovement, StockMovement


@dataclass
class Partner:
    """One who gave: what, in yuan and goods, year by year, the newest first."""

    name: str
    first_year: int
    gifts: dict[int, list[dict]] = field(default_factory=dict)


@dataclass(frozen=True)
class Partners:
    """All who gave to one village.

    In the order in which they began, never by how much they gave. Who wants no
    name is counted and not named, and neither is what they gave.
    """

    village: Village
    last_money: int | None
    goods: tuple

    @classmethod
    def of(cls, village: Village) -> "Partners":
        money = FundMovement.objects.filter(village=village)
        goods = StockMovement.objects.filter(village=village)
        return cls(
            village,
            money.aggregate(last=Max("number"))["last"],
            tuple(
                goods.filter(kind=StockMovement.Kind.DONATION)
                .values_list("reward", "reward__name", "reward__unit")
                .annotate(last=Max("number"))
                .order_by("reward")
            ),
        )

    def facts(self) -> tuple:
        """Return what the page depends on; a movement never changes, but goods may
        be called otherwise.
        """
        return self.last_money, self.goods

    def page(self) -> dict:
        """Return the partners, and how many gifts came without a name."""
        named, unnamed = [], 0
        for gift in sorted(
            [*self._money(), *self._goods()], key=lambda gift: gift["day"]
        ):
            if gift["name"]:
                named.append(gift)
            else:
                unnamed += 1
        return {"partners": _by_name(named), "unnamed": unnamed}

    def _money(self):
        given = FundMovement.objects.filter(
            village=self.village, kind=FundMovement.Kind.DONATION, corrected_by=None
        )
        for gift in given:
            yield {
                "name": "" if gift.is_anonymous else gift.party.strip(),
                "day": gift.happened_on,
                "fen": gift.fen,
            }

    def _goods(self):
        given = StockMovement.objects.filter(
            village=self.village, kind=StockMovement.Kind.DONATION
        )
        for gift in given.select_related("reward"):
            yield {
                "name": "" if gift.is_anonymous else gift.donor.strip(),
                "day": timezone.localdate(gift.moved_at),
                "goods": gift.reward,
                "quantity": gift.quantity,
            }


def _by_name(gifts: Iterable[dict]) -> list[Partner]:
    partners: dict[str, Partner] = {}
    for gift in gifts:
        year = gift["day"].year
        partner = partners.setdefault(gift["name"], Partner(gift["name"], year))
        partner.gifts.setdefault(year, []).append(gift)
    for partner in partners.values():
        partner.gifts = dict(sorted(partner.gifts.items(), reverse=True))
    return list(partners.values())
