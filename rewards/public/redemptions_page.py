"""Who exchanged points for what in a month: masked names, goods and points."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Prefetch
from django.utils import timezone

from households.masking import mask_name
from households.models import Village, VillagePolicy
from ledger.board import month_after, parse_month
from ledger.models import Publication
from ledger.timeline import redeemable_from
from rewards.models import Redemption, RedemptionLine, Reward

MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class SlipMonth:
    """A month in which a village may have exchanged points for goods."""

    village: Village
    month: date
    first: date
    newest: date | None
    present: date

    @classmethod
    def asked(cls, village: Village, text: str, today: date) -> "SlipMonth | None":
        """Find the month asked for, without a word the present one.

        There is none before the first slip and none ahead of today.
        """
        days = Redemption.objects.filter(village=village).aggregate(
            first=Min("handed_over_on"), newest=Max("handed_over_on")
        )
        present = today.replace(day=1)
        first = (days["first"] or present).replace(day=1)
        newest = days["newest"] and days["newest"].replace(day=1)
        if text and not MONTH.fullmatch(text):
            return None
        month = parse_month(text) if text else present
        if not first <= month <= present:
            return None
        return cls(village, month, first, newest, present)

    @property
    def is_present(self) -> bool:
        return self.month == self.present

    @property
    def previous(self) -> date | None:
        before = (self.month - timedelta(days=1)).replace(day=1)
        return before if before >= self.first else None

    @property
    def next(self) -> date | None:
        return None if self.is_present else month_after(self.month)

    @property
    def newest_elsewhere(self) -> date | None:
        """Return the newest month with slips, where the present one has none."""
        is_empty = self.is_present and self.newest != self.month
        return self.newest if is_empty else None

    def facts(self) -> tuple:
        """Return what the list depends on: its slips, and what the goods are called."""
        goods = Reward.objects.filter(village=self.village).in_shelf_order()
        return (
            (self.month, self.first, self.newest_elsewhere, self.present),
            self._slips().marks(),
            tuple(goods.values_list("name", "unit")),
        )

    def page(self) -> dict:
        """Return the slips of the month, without the canceled ones, and their sums."""
        slips = [_shown(slip) for slip in self._standing_slips()]
        goods = _sums_of_goods(slips)
        return {
            "shown": self,
            "month": self.month,
            "slips": slips,
            "goods": goods,
            "units": sum(line["quantity"] for line in goods),
            "points": sum(slip["points"] for slip in slips),
            "asked": "" if self.is_present else f"month={self.month:%Y-%m}&",
        }

    def _slips(self):
        last_day = month_after(self.month) - timedelta(days=1)
        of_village = Redemption.objects.filter(village=self.village)
        return of_village.handed_over(self.month, last_day)

    def _standing_slips(self):
        lines = (
            RedemptionLine.objects.filter(village=self.village)
            .select_related("reward")
            .order_by("reward__position", "reward")
        )
        return (
            self._slips()
            .standing()
            .select_related("household__group")
            .prefetch_related(Prefetch("lines", lines))
            .order_by("-handed_over_on", "-number")
        )


def usable_from(
    publication: Publication | None, policy: VillagePolicy, today: date
) -> date | None:
    """Return when the points of a month on notice can first be exchanged.

    None when no month is on notice or its notice has run out; whoever objected
    is still being answered then, and nobody knows the day.
    """
    if publication is None or publication.period.finalized_at:
        return None
    ends_on = timezone.localdate(publication.period.notice_ends_at)
    if ends_on < today:
        return None
    return redeemable_from(policy, ends_on)


def _shown(slip: Redemption) -> dict:
    """Return all that the public may know of a slip."""
    lines = list(slip.lines.all())
    return {
        "day": slip.handed_over_on,
        "group": slip.household.group.name,
        "name": mask_name(slip.household.head_name),
        "lines": lines,
        "points": sum(line.points for line in lines),
    }


def _sums_of_goods(slips: list[dict]) -> list[dict]:
    """Add up the slips by kind of goods, in the order of the shelf."""
    sums: dict[Reward, dict] = {}
    for line in (line for slip in slips for line in slip["lines"]):
        of_goods = sums.setdefault(line.reward, {"quantity": 0, "points": 0})
        of_goods["quantity"] += line.quantity
        of_goods["points"] += line.points
    in_order = sorted(sums, key=lambda reward: (reward.position, reward.pk))
    return [{"reward": reward, **sums[reward]} for reward in in_order]
