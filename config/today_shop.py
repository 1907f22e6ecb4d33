"""What the first page says of the shop: goods that run low, who waits, the fund."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from config.today_tasks import Task, within
from households.models import Village
from rewards.desk.budget import Budget, budget_of
from rewards.money import write_yuan
from rewards.watching import Glance, glance_at

# So many goods are named in one line; the page behind it shows all.
NAMED = 4
KEEPS_STOCK, KEEPS_FUND = "rewards.keep_stock", "rewards.keep_fund"


def shop_of(village: Village, may: frozenset[str], *, now: datetime) -> dict:
    """Return what the first page shows of the shop to who keeps stock or fund."""
    if not {KEEPS_STOCK, KEEPS_FUND} & may:
        return {}
    keeps_stock = KEEPS_STOCK in may
    today = timezone.localdate(now) if keeps_stock else None
    glance = glance_at(village, slips_of=today)
    budget = budget_of(village, at=now) if KEEPS_FUND in may else None
    return {
        "shop_tasks": list(_tasks(village, may, glance, budget)),
        "glance": glance if keeps_stock else None,
        "budget": budget,
    }


def _tasks(village, may, glance: Glance, budget: Budget | None) -> Iterator[Task]:
    """Yield what is to be bought, for the shop and for the purse alike."""
    address = "rewards_desk:stock" if KEEPS_STOCK in may else "rewards_desk:fund"
    there, button = within(address, village), _("Restock")
    if glance.low:
        detail = _listed(
            _("%(goods)s: %(count)s %(unit)s left")
            % {"goods": reward.name, "count": reward.on_hand, "unit": reward.unit}
            for reward in glance.low
        )
        if budget:
            amount = write_yuan(budget.promise.fund_fen)
            left = _("%(amount)s yuan in the fund") % {"amount": amount}
            detail = f"{detail} · {left}"
        yield Task(
            len(glance.low), _("goods run low"), there, button, True, detail=detail
        )
    if glance.wishes:
        detail = _listed(
            _("%(goods)s: %(count)s households") % {"goods": goods, "count": count}
            for goods, count in glance.wishes
        )
        title = _("households wait for goods")
        yield Task(glance.waiting, title, there, button, True, detail=detail)


def _listed(facts: Iterator[str]) -> str:
    told_of = list(facts)
    more = "…" if len(told_of) > NAMED else ""
    return "、".join(told_of[:NAMED]) + more
