"""The goods of the month on the village's board."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from households.models import Village
from ledger.board import month_after
from ledger.public.blocks import Block
from rewards.models import Redemption, RedemptionLine, Reward

SHOWN = 3


@dataclass(frozen=True)
class Goods:
    """One kind of goods, its price in points, and how many went out in a month."""

    name: str
    unit: str
    picture: str
    points: int
    quantity: int


def goods_block(village: Village, month: date, *, at: datetime) -> Block | None:
    """Return what was exchanged most in a month, or what the shop has to offer.

    None where the village offers nothing. One question, asked for every visitor.
    """
    days = (month, month_after(month) - timedelta(days=1))
    slips = Redemption.objects.filter(village=village).standing().handed_over(*days)
    of_reward = RedemptionLine.objects.filter(
        village=village, reward=OuterRef("pk"), redemption__in=slips.values("pk")
    )
    quantity = of_reward.order_by().values("reward").annotate(n=Sum("quantity"))
    count = slips.order_by().values("village").annotate(n=Count("pk"))
    rewards = (
        Reward.objects.filter(village=village)
        .with_price(at)
        .annotate(
            quantity=Subquery(quantity.values("n")), slips=Subquery(count.values("n"))
        )
        .filter(Q(is_active=True) | Q(quantity__isnull=False), points__isnull=False)
        .order_by(F("quantity").desc(nulls_last=True), "position", "pk")
    )
    found = list(rewards[:SHOWN])
    if not found:
        return None
    slips_of_month = found[0].slips or 0
    goods = tuple(
        Goods(
            name=reward.name,
            unit=reward.unit,
            picture=reward.picture,
            points=reward.points,
            quantity=reward.quantity or 0,
        )
        for reward in found
    )
    return Block("rewards/_board_block.html", (month, slips_of_month, goods))
