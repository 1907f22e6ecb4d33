"""The demo's shop: bought, exchanged, counted, asked for in vain, all of it sound."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from households.models import Village
from ledger.invariants import violations
from rewards.budget import promise_of
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import (
    Cancellation,
    FundMovement,
    Redemption,
    Reward,
    StockMovement,
)

TODAY = date(2026, 6, 28)

pytestmark = pytest.mark.django_db


@pytest.fixture
def taoxi():
    call_command(
        "load_demo",
        "--villages=1",
        "--households=30",
        "--months=4",
        f"--today={TODAY}",
        "--password=only-for-these-tests",
        stdout=StringIO(),
    )
    return Village.objects.get(slug="taoxi")


def test_a_village_with_published_months_has_a_shop_with_a_history(taoxi):
    slips = Redemption.objects.filter(village=taoxi)
    months = {slip.handed_over_on.strftime("%Y-%m") for slip in slips}
    kinds = set(StockMovement.objects.values_list("kind", flat=True))
    money = set(FundMovement.objects.values_list("kind", flat=True))

    assert set(Reward.objects.values_list("name", flat=True)) >= {
        "食盐",
        "酱油",
        "洗衣粉",
        "食用油",
        "毛巾",
        "香皂",
    }
    assert {"2026-05", "2026-06"} <= months
    assert kinds == {"receipt", "donation", "issue", "return", "adjustment"}
    assert money == {"grant", "donation", "purchase", "correction"}
    assert Cancellation.objects.count() == 1


def test_each_purchase_and_what_came_in_for_it_have_the_same_voucher(taoxi):
    bought = FundMovement.objects.standing().filter(kind="purchase")
    received = StockMovement.objects.filter(kind="receipt")

    vouchers = set(received.values_list("voucher", flat=True))
    assert vouchers <= set(bought.values_list("voucher", flat=True))
    for movement in bought.filter(voucher__in=vouchers):
        worth = sum(
            receipt.quantity * receipt.reward.prices.get().fen
            for receipt in received.filter(voucher=movement.voucher)
        )
        assert movement.fen == -worth


def test_nobody_came_before_a_month_was_final_or_after_today(taoxi):
    first_final = min(taoxi.periods.final().values_list("finalized_at", flat=True))
    slips = Redemption.objects.filter(village=taoxi)

    assert min(slips.values_list("redeemed_at", flat=True)) > first_final
    assert max(timezone.localdate(slip.redeemed_at) for slip in slips) == TODAY
    assert slips.handed_over(TODAY, TODAY).count() == 2


def test_the_shop_of_the_demo_keeps_its_promises(taoxi):
    assert list(violations(None, SHOP_INVARIANTS)) == []
    assert promise_of(taoxi, at=timezone.now()).fund_fen > 0


def test_the_newcomer_has_no_shop_yet(taoxi):
    newcomer = Village.objects.get(slug="qingshi")

    assert not Reward.objects.filter(village=newcomer).exists()
    assert not FundMovement.objects.filter(village=newcomer).exists()
