"""A day at the counter: its slips, and what went out for how many points."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from households.models import Village
from rewards.models import Redemption, Reward


@dataclass(frozen=True)
class Sold:
    """How many units of some goods went out, for how many points."""

    reward: Reward
    quantity: int
    points: int


@dataclass(frozen=True)
class Day:
    """The slips of goods handed over on one day, canceled ones among them.

    `entered_later` are paper slips of other days that were entered on this one.
    """

    on: date
    slips: list[Redemption]
    entered_later: list[Redemption]

    @property
    def standing(self) -> list[Redemption]:
        return [slip for slip in self.slips if not slip.canceled]

    @property
    def canceled(self) -> int:
        return len(self.slips) - len(self.standing)

    @property
    def points(self) -> int:
        return sum(slip.points for slip in self.standing)

    @property
    def sold(self) -> list[Sold]:
        """Return the totals by goods, in shelf order."""
        return _added_up(self.standing)


def day_of(village: Village, day: date) -> Day:
    """Return a day of a village's counter, the newest slip first."""
    slips = (
        Redemption.objects.filter(village=village)
        .filter(Q(handed_over_on=day) | Q(redeemed_at__date=day))
        .written_out()
        .order_by("-number")
    )
    of_day = [slip for slip in slips if slip.handed_over_on == day]
    return Day(day, of_day, [slip for slip in slips if slip.handed_over_on != day])


def is_of_today(slip: Redemption) -> bool:
    """Tell whether a slip was made today, the only day it can be canceled on."""
    return timezone.localdate(slip.redeemed_at) == timezone.localdate()


def _added_up(slips: Iterable[Redemption]) -> list[Sold]:
    lines: dict[Reward, list] = {}
    for slip in slips:
        for line in slip.lines.all():
            lines.setdefault(line.reward, []).append(line)
    return [
        Sold(
            reward,
            sum(line.quantity for line in lines[reward]),
            sum(line.points for line in lines[reward]),
        )
        for reward in sorted(lines, key=lambda reward: (reward.position, reward.pk))
    ]
