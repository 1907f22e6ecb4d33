"""What the loudspeaker says that points are exchanged for."""

from django.utils import timezone

from households.models import Village
from rewards.models import Reward


def announced_goods(village: Village) -> list[str]:
    """Return the goods that have a price and are on the shelf, in its order."""
    rewards = (
        Reward.objects.filter(village=village)
        .active()
        .with_on_hand()
        .with_price(timezone.now())
        .filter(price_id__isnull=False, on_hand__gt=0)
        .in_shelf_order()
    )
    return [reward.name for reward in rewards]
