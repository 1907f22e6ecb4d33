"""The goods of the month on the village's board."""

from datetime import date, datetime, timedelta

from django.db.models import F, Max, OuterRef, Q, Subquery, Sum

from households.models import Village
from ledger.board import month_after
from ledger.public.blocks import Block
from rewards.models import Redemption, RedemptionLine, Reward

SHOWN = 3


def goods_block(village: Village, month: date, *, at: datetime) -> Block:
    """Return what was exchanged most in a month, or what the shop has to offer.

    It shows nothing where the village offers nothing.
    """
    days = (month, month_after(month) - timedelta(days=1))
    slips = Redemption.objects.filter(village=village).handed_over(*days)
    rewards = Reward.objects.filter(village=village).in_shelf_order()
    shelf = rewards.values_list("name", "unit", "picture", "is_active")
    return Block(
        "rewards/_board_block.html",
        (slips.marks(), *shelf.annotate(price=Max("prices__version"))),
        lambda: _content(slips.standing(), rewards.with_price(at)),
    )


def _content(slips, rewards) -> dict:
    of_reward = RedemptionLine.objects.filter(
        village=OuterRef("village"),
        reward=OuterRef("pk"),
        redemption__in=slips.values("pk"),
    )
    quantity = of_reward.order_by().values("reward").annotate(n=Sum("quantity"))
    goods = (
        rewards.annotate(quantity=Subquery(quantity.values("n")))
        .filter(Q(is_active=True) | Q(quantity__isnull=False), points__isnull=False)
        .order_by(F("quantity").desc(nulls_last=True), "position", "pk")
    )
    return {"slips": slips.count(), "goods": list(goods[:SHOWN])}
