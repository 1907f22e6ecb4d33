"""What stands in the till: how many of which goods, what they cost, what is left."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household, Village
from ledger.expiring import spendable_points
from ledger.forms import DayInput, KeyedForm
from ledger.refusals import Refused
from rewards.models import Redemption, Reward, Shortage
from rewards.redeeming import (
    MOST_OF_ONE_KIND,
    PAPER_SLIP_DAYS,
    PaperSlipRefused,
    priced_at,
)

STEPS = {"less": -1, "more": 1}
# What the fields of goods are called, before the id: how many, at what price.
COUNT, PRICE = "count-", "price-"
DIGITS = 6


@dataclass
class Ware:
    """One tile: goods, how many are wanted, and what stands in the way of more.

    `left` is what the household has left after everything in the till, in points;
    `is_noted` that it waits for these goods already.
    """

    reward: Any  # From the shelf: with its price and how many are on hand.
    typed: str = ""
    left: int = 0
    is_noted: bool = False

    def __post_init__(self):
        typed = self.typed.strip()
        is_whole = typed.isdecimal() and len(typed) <= DIGITS
        self.count = int(typed) if is_whole else 0
        self.is_misread = bool(typed) and not is_whole

    @property
    def name(self) -> str:
        return f"{COUNT}{self.reward.pk}"

    @property
    def points(self) -> int:
        return self.count * self.reward.points

    @property
    def is_out(self) -> bool:
        return self.reward.on_hand <= 0

    @property
    def missing(self) -> int:
        """Return the points that one more would be short, 0 when it is affordable."""
        return max(0, self.reward.points - self.left)

    @property
    def is_out_of_reach(self) -> bool:
        return not self.is_out and not self.count and self.missing > 0

    @property
    def takes_more(self) -> bool:
        return self.count < self.reward.on_hand and not self.missing


class TillForm(KeyedForm):
    """One household at the counter.

    With `act`, the name and value of a button, the form is not judged: it
    comes back with what was typed, changed as the button says.
    """

    collected_by = forms.CharField(
        label=gettext_lazy("Collected by (optional)"), max_length=30, required=False
    )

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        village: Village,
        household: Household,
        at: datetime,
        act: tuple[str, str] | None = None,
        **kwargs,
    ):
        super().__init__(None if act else data, village=village, **kwargs)
        self.household = household
        self.at = at
        self.typed = data or {}
        if act:
            kept = {
                name: self.typed[name] for name in self.fields if name in self.typed
            }
            self.initial.update(kept)
        self.balance = spendable_points(household, at=at)
        self.wares = [
            Ware(reward, str(self.typed.get(f"{COUNT}{reward.pk}", "")))
            for reward in shelf(village, at=priced_at(self.day, at=at))
        ]
        if act:
            self._press(*act)
        waiting = household_waits_for(household)
        for ware in self.wares:
            ware.left = self.left
            ware.is_noted = ware.reward.pk in waiting

    def _press(self, action: str, value: str) -> None:
        for ware in self.wares:
            if action in STEPS and str(ware.reward.pk) == value:
                most = max(0, ware.reward.on_hand)
                ware.count = min(max(ware.count + STEPS[action], 0), most)
                ware.typed = str(ware.count)

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @property
    def day(self) -> date:
        """Return the day whose prices count."""
        return self.today

    @property
    def total(self) -> int:
        """Return what everything in the till costs, in points."""
        return sum(ware.points for ware in self.wares)

    @property
    def left(self) -> int:
        return self.balance - self.total

    @property
    def lack(self) -> int:
        """Return the points that what is in the till costs too much."""
        return max(0, -self.left)

    @property
    def smallest(self) -> int:
        """Return the smallest redemption of the village, in points."""
        return self.of_village.policy.smallest_redemption

    @property
    def wanted(self) -> dict[Reward, int]:
        return {ware.reward: ware.count for ware in self.wares if ware.count}

    @property
    def slip(self) -> dict:
        """Return what the operation is told beside the goods."""
        return {"collected_by": self.cleaned_data["collected_by"]}

    def clean(self):
        """Hold to what stood on the page: its goods at its prices, read aright."""
        for ware in self.wares:
            if ware.is_misread:
                self.add_error(
                    None,
                    _("Write how many %(goods)s, from 1 to %(most)s.")
                    % {"goods": ware.reward, "most": MOST_OF_ONE_KIND},
                )
            elif ware.count and self._has_new_price(ware):
                self.add_error(
                    None,
                    _("%(goods)s now costs %(points)s points. Confirm once more.")
                    % {"goods": ware.reward, "points": ware.reward.points},
                )
        on_shelf = {ware.name for ware in self.wares}
        if any(self._counted(name) for name in self.typed if name not in on_shelf):
            self.add_error(
                None, _("These goods are no longer offered. Open the page anew.")
            )
        return super().clean()

    def _counted(self, name: str) -> bool:
        return name.startswith(COUNT) and self.typed[name].strip("0 ") != ""

    def _has_new_price(self, ware: Ware) -> bool:
        shown = self.typed.get(f"{PRICE}{ware.reward.pk}", "")
        return shown != "" and shown != str(ware.reward.points)

    def refuse(self, refused: Refused) -> None:
        """Show what an operation refused; everything typed stays."""
        self.add_error(None, str(refused))


class PaperForm(TillForm):
    """A slip written by hand while the network was down, entered later."""

    happened_on = forms.DateField(
        label=gettext_lazy("Day on the paper slip"),
        widget=DayInput,
        error_messages={
            "required": gettext_lazy("Write the day on the paper slip."),
            "invalid": gettext_lazy("Write the day on the paper slip."),
        },
    )
    paper_number = forms.CharField(
        error_messages={
            "required": gettext_lazy("Write the number of the paper slip.")
        },
        label=gettext_lazy("Number of the paper slip"),
        help_text=gettext_lazy("None on it? Write the date and a number: 0707-1"),
        max_length=20,
    )
    again = forms.BooleanField(
        label=gettext_lazy("It is another one: enter it too"), required=False
    )

    @property
    def day(self) -> date:
        """Return the day on the slip once there is one that can be entered."""
        with suppress(ValueError):
            typed = parse_date(str(self.typed.get("happened_on", "")))
            earliest = self.today - timedelta(days=PAPER_SLIP_DAYS)
            if typed and earliest <= typed <= self.today:
                return typed
        return self.today

    @property
    def slip(self) -> dict:
        return super().slip | {
            "handed_over_on": self.cleaned_data["happened_on"],
            "paper_number": self.cleaned_data["paper_number"],
        }

    @cached_property
    def doubt(self) -> Redemption | None:
        """Return a slip of the day with the same goods, if there is one.

        The network may have gone after the counter's answer was on its way.
        """
        slips = Redemption.objects.filter(
            village=self.of_village, household=self.household, handed_over_on=self.day
        )
        wanted = {reward.pk: count for reward, count in self.wanted.items()}
        for slip in slips.standing().prefetch_related("lines"):
            if {line.reward_id: line.quantity for line in slip.lines.all()} == wanted:
                return slip
        return None

    def clean(self):
        data = super().clean()
        number = data.get("paper_number")
        is_repeat = self.doubt and number and self.doubt.paper_number == number
        if self.doubt and not data.get("again") and not is_repeat:
            self.add_error(
                "again",
                _("Slip %(number)s of that day has the same goods.")
                % {"number": self.doubt.number},
            )
        return data

    def refuse(self, refused: Refused) -> None:
        is_about_slip = isinstance(refused, PaperSlipRefused)
        self.add_error("paper_number" if is_about_slip else None, str(refused))


def shelf(village: Village, *, at: datetime) -> list[Reward]:
    """Return the goods that have a price, with how many are on hand."""
    return list(
        Reward.objects.filter(village=village)
        .active()
        .with_price(at)
        .with_on_hand()
        .filter(price_id__isnull=False)
        .in_shelf_order()
    )


def household_waits_for(household: Household) -> set[int]:
    """Return the ids of the goods that a household has asked for in vain."""
    wishes = Shortage.objects.filter(village=household.village_id, household=household)
    return set(wishes.waiting().values_list("reward_id", flat=True))
