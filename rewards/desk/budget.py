"""预算提醒: says in one line whether the village can keep what it has promised.

It reminds and never blocks: points that were earned are due, whatever is in the fund.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Village
from ledger.desk.checklist import Check
from ledger.models import Period
from rewards.budget import Promise, promise_of
from rewards.money import write_yuan


@dataclass(frozen=True)
class Budget:
    """A promise in words: whether it is covered, and by what."""

    promise: Promise

    @property
    def heading(self) -> str:
        if self.promise.is_kept:
            return _("The fund covers the points given")
        return _("The fund does not cover the points given")

    @property
    def sentence(self) -> str:
        return told(self.promise)


def budget_of(
    village: Village, *, at: datetime, publishing: Period | None = None
) -> Budget:
    """Return the budget of a village, with the month about to be published."""
    return Budget(promise_of(village, at=at, publishing=publishing))


def publication_checks(period: Period) -> list[Check]:
    """Return the line of the checklist: this month's points against the fund."""
    budget = budget_of(period.village, at=timezone.now(), publishing=period)
    is_kept = budget.promise.is_kept
    return [
        Check(budget.heading, is_kept, detail=budget.sentence, is_advice=not is_kept)
    ]


def told(promise: Promise) -> str:
    """Write a promise in one line, and what to do when it is not covered."""
    facts = _(
        "%(points)s points can still be redeemed, worth %(promised)s yuan at "
        "%(worth)s yuan each; in the fund are %(fund)s yuan, on the shelf goods for "
        "%(shelf)s yuan."
    ) % {
        "points": f"{promise.points:,}",
        "promised": write_yuan(promise.promised_fen),
        "worth": write_yuan(promise.fen_a_point),
        "fund": write_yuan(promise.fund_fen),
        "shelf": write_yuan(promise.shelf_fen),
    }
    if promise.is_kept:
        return facts
    remedy = _(
        "%(missing)s yuan are missing: raise them before the points are spent, or let "
        "the village decide that a point is worth less."
    ) % {"missing": write_yuan(promise.missing_fen)}
    return f"{facts} {remedy}"
