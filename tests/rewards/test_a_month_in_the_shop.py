"""One month of vouchers, slips and a count, typed by hand; the sums stand beside them.

桃溪村 begins the month with nothing. Three times money comes in, four times
goods are bought, one line is written wrongly and taken back; two slips go over
the counter, and at the end the shelf is counted.

    money in yuan                        the book
    收-1  镇财政所      +1,000.00         1,000.00
    付-1  供销社          -216.00           784.00    盐 120 袋 × 1.80
    付-2  供销社          -156.00           628.00    酱油 20 瓶 × 7.80
    收-2  周老板          +250.50           878.50
    付-3  日杂店          -360.00           518.50    typed with a zero too many
    付-3  taken back      +360.00           878.50
    付-3  日杂店           -36.00           842.50
    付-4  供销社           -95.20           747.30    洗衣粉 10 袋 × 9.52
    收-3  村集体           +12.70           760.00

    the shelf        in      out       counted     left
    食盐            +120    -5 -3       -2          110
    酱油             +20    -1          0            19
    洗衣粉       +10 +4     -1          0            13    4 of it donated
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from households.roles import Role
from ledger.invariants import violations
from ledger.months import first_day
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import FundMovement, Reward
from tests.factories import serve
from tests.rewards.counter import confirm, give
from tests.two_villages import visitor

MONTH = first_day(first_day(timezone.localdate()) - timedelta(days=1))
FUND = reverse("rewards_desk:fund")
GOODS = reverse("rewards_desk:goods-new")
STOCK = reverse("rewards_desk:stock")
COUNT = reverse("rewards_desk:stock-count")

WARES = [
    ("食盐", "袋", 2, "1.80"),
    ("酱油", "瓶", 8, "7.8"),
    ("洗衣粉", "袋", 10, "9.52"),
]
# Day, kind, amount as typed, party, voucher; the wrong line is taken back at once.
MONEY = [
    (2, "grant", "1,000", "镇财政所", "收-1"),
    (3, "purchase", "216", "供销社", "付-1"),
    (3, "purchase", "156.00元", "供销社", "付-2"),
    (9, "donation", "２５０．５", "周老板", "收-2"),
    (12, "purchase", "360", "日杂店", "付-3"),
    (12, "purchase", "36", "日杂店", "付-3"),
    (20, "purchase", "95.2", "供销社", "付-4"),
    (28, "collective", "￥12.70", "村集体", "收-3"),
]
WRONG = 5
# Fen after each line as it stands in the book, by the day of its voucher.
BALANCES = [100_000, 78_400, 62_800, 87_850, 51_850, 87_850, 84_250, 74_730, 76_000]


@pytest.fixture
def clerk(village_admin):
    return visitor(village_admin)


@pytest.fixture
def shop(village):
    return visitor(serve(village, Role.SHOPKEEPER))


@pytest.fixture
def send(village):
    def send(client, page, **typed):
        answer = client.post(
            page, {"village": village.slug, "key": str(uuid4()), **typed}
        )
        assert answer.status_code == 302, answer.context["form"].errors

    return send


@pytest.fixture
def goods(village, clerk, send):
    for position, (name, unit, points, yuan) in enumerate(
        [
            ("食盐", "袋", 2, "1.80"),
            ("酱油", "瓶", 8, "7.8"),
            ("洗衣粉", "袋", 10, "9.52"),
        ]
    ):
        send(
            clerk,
            GOODS,
            name=name,
            unit=unit,
            points=points,
            fen=yuan,
            picture="box",
            low_stock_mark=5,
            position=position,
            is_active="on",
        )
    return {reward.name: reward for reward in Reward.objects.all()}


def keep_the_book(clerk, send):
    for day, kind, fen, party, voucher in MONEY:
        happened_on = MONTH.replace(day=day).isoformat()
        facts = {"kind": kind, "fen": fen, "party": party, "voucher": voucher}
        send(clerk, FUND, happened_on=happened_on, **facts)
        if FundMovement.objects.count() == WRONG:
            wrong = FundMovement.objects.get(number=WRONG)
            page = reverse("rewards_desk:fund-take-back", args=[wrong.pk])
            send(clerk, page, reason="多写了一个零")


def keep_the_shelf(shop, send, goods, household):
    for name, quantity, voucher, donor in [
        ("食盐", "120", "付-1", ""),
        ("酱油", "２０", "付-2", ""),
        ("洗衣粉", "10", "付-4", ""),
        ("洗衣粉", "4", "", "周老板"),
    ]:
        facts = {"quantity": quantity, "voucher": voucher, "donor": donor}
        send(shop, STOCK, reward=goods[name].pk, **facts)
    give(household, 50)
    salt, sauce, powder = (goods[name] for name in ("食盐", "酱油", "洗衣粉"))
    for wanted in [{salt: 5, sauce: 1}, {salt: 3, powder: 1}]:
        assert confirm(shop, household, wanted).status_code == 302
    counted = {salt: ("112", "110", "破了两袋"), sauce: ("19", "19", "")}
    counted[powder] = ("13", "１３", "")
    typed = {}
    for reward, (expected, count, reason) in counted.items():
        typed[f"expected-{reward.pk}"] = expected
        typed[f"counted-{reward.pk}"] = count
        typed[f"reason-{reward.pk}"] = reason
    send(shop, COUNT, **typed)


def test_fund_and_stock_come_to_the_sums_made_by_hand(
    village, clerk, shop, send, goods, household
):
    keep_the_book(clerk, send)
    keep_the_shelf(shop, send, goods, household)

    fund = clerk.get(FUND, {"month": f"{MONTH:%Y-%m}"})
    stock = shop.get(STOCK)

    book = fund.context["book"]
    assert [line.balance for line in book.lines] == BALANCES
    # 1,000 + 250.50 + 12.70, and 216 + 156 + 36 + 95.20.
    assert (book.income, book.spending) == (126_320, -50_320)
    assert (book.opening, book.closing, fund.context["budget"].promise.fund_fen) == (
        0,
        76_000,
        76_000,
    )
    assert "760元" in fund.text
    assert {
        line["reward"].name: line["reward"].on_hand for line in stock.context["shelf"]
    } == {"食盐": 110, "酱油": 19, "洗衣粉": 13}
    assert [
        (movement.reward.name, movement.quantity, movement.stock_after)
        for movement in stock.context["movements"]
    ] == [
        ("食盐", -2, 110),
        ("洗衣粉", -1, 13),
        ("食盐", -3, 112),
        ("酱油", -1, 19),
        ("食盐", -5, 115),
        ("洗衣粉", 4, 14),
        ("洗衣粉", 10, 10),
        ("酱油", 20, 20),
        ("食盐", 120, 120),
    ]
    assert list(violations(village, SHOP_INVARIANTS)) == []


def test_residents_read_the_same_balance(clerk, shop, send, goods, household, client):
    keep_the_book(clerk, send)
    keep_the_shelf(shop, send, goods, household)

    page = client.get(f"/v/{household.village.slug}/fund/", {"year": MONTH.year})

    assert page.status_code == 200
    assert "760" in page.text
