"""What shopkeeper and village admin keep an eye on: shelf, wishes, today's slips."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Sum

from households.models import Village
from rewards.models import Redemption, Reward, Shortage


@dataclass(frozen=True)
class Glance:
    """The shop at a glance; `slips` and `points` are those of one day that stand.

    `wishes` says for each kind of goods how many households wait for it.
    """

    kinds: int
    low: list
    wishes: list[tuple[str, int]]
    slips: int = 0
    points: int = 0

    @property
    def waiting(self) -> int:
        return sum(count for _goods, count in self.wishes)


def glance_at(village: Village, *, slips_of: date | None = None) -> Glance:
    """Look at what is offered, what runs low, who waits, and the slips of a day."""
    rewards = Reward.objects.filter(village=village).active().with_on_hand()
    shelf = list(rewards.in_shelf_order())
    wishes = (
        Shortage.objects.filter(village=village)
        .waiting()
        .values_list("reward__name")
        .annotate(count=Count("pk"))
        .order_by("-count", "reward__name")
    )
    glance = Glance(
        kinds=len(shelf),
        low=[reward for reward in shelf if reward.on_hand <= reward.low_stock_mark],
        wishes=list(wishes),
    )
    if slips_of is None:
        return glance
    slips = Redemption.objects.filter(village=village).standing()
    count = slips.handed_over(slips_of, slips_of).aggregate(
        slips=Count("pk"), points=-Sum("entry__points", default=0)
    )
    return replace(glance, **count)
