"""The goods on the shelf, as far as the public may know them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from households.models import Village
from rewards.models import Reward, Shortage


@dataclass(frozen=True)
class Offer:
    """One kind of goods and its price in points; never how many are left."""

    name: str
    unit: str
    picture: str
    points: int
    stock: str
    is_awaited: bool

    @property
    def is_running_low(self) -> bool:
        return self.stock == "few" and not self.is_awaited


def offers_of(village: Village, *, at: datetime) -> tuple[Offer, ...]:
    """Return what a village exchanges points for, as it stands on the shelf."""
    waiting = Shortage.objects.filter(village=village, reward=OuterRef("pk")).waiting()
    rewards = (
        Reward.objects.filter(village=village)
        .active()
        .with_on_hand()
        .with_price(at)
        .filter(price_id__isnull=False)
        .annotate(is_awaited=Exists(waiting))
        .in_shelf_order()
    )
    return tuple(
        Offer(
            name=reward.name,
            unit=reward.unit,
            picture=reward.picture,
            points=reward.points,
            stock=_stock(reward),
            is_awaited=reward.is_awaited or reward.on_hand <= 0,
        )
        for reward in rewards
    )


def _stock(reward) -> str:
    """Say how much there is in a word: a number would be old when it is read."""
    if reward.on_hand <= 0:
        return "none"
    return "few" if reward.on_hand <= reward.low_stock_mark else "plenty"
