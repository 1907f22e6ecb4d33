"""Households, goods and people of the shop: at the counter today, and in April 2026."""

from datetime import date, datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from households.models import Household
from households.roles import Role
from rewards.fund import correct_fund_movement
from tests.factories import (
    HouseholdFactory,
    award,
    finalize,
    offer,
    publish,
    serve,
)
from tests.rewards.april import SHANGHAI, money
from tests.rewards.counter import give, shelve
from tests.two_villages import visitor

# The counter, today


@pytest.fixture
def luo(village):
    """罗青山, number 164, with 16 points to spend."""
    group = village.groups.get(number=2)
    household = HouseholdFactory(
        village=village,
        group=group,
        number="164",
        head_name="罗青山",
        head_initials="lqs",
        phone="13600136000",
    )
    give(household, 16)
    return Household.objects.select_related("village__policy").get(pk=household.pk)


@pytest.fixture
def keeper(village):
    return serve(village, Role.SHOPKEEPER, username="keeper")


@pytest.fixture
def counter(keeper):
    """A browser in which the shopkeeper is signed in."""
    return visitor(keeper)


@pytest.fixture
def shelf(village):
    """Salt for 2, sauce for 8, powder for 10 points, as in the mock-up."""
    return [
        shelve(village, "食盐", 2, stock=40, picture="salt", position=1),
        shelve(village, "酱油", 8, stock=3, unit="瓶", picture="sauce", position=2),
        shelve(village, "洗衣粉", 10, stock=5, picture="powder", position=3),
    ]


# The public pages, in April 2026


@pytest.fixture
def stop_the_clock(monkeypatch):
    def stop_the_clock(*moment):
        now = datetime(*moment, tzinfo=SHANGHAI)
        monkeypatch.setattr(timezone, "now", lambda: now)
        return now

    return stop_the_clock


@pytest.fixture
def april(stop_the_clock):
    """Look at the pages on 20 April 2026."""
    return stop_the_clock(2026, 4, 20, 12)


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER, username="shop")


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=40, position=1)


@pytest.fixture
def sauce(village):
    return offer(village, "酱油", 8, stock=9, unit="瓶", position=2)


@pytest.fixture
def homes(village):
    """Two households of two groups, each with 40 points to spend."""
    homes = [
        HouseholdFactory(
            village=village,
            group=village.groups.get(number=number),
            number=f"77{number}",
            head_name=name,
            phone="13900139000",
        )
        for number, name in [(1, "罗雀山"), (2, "欧阳小春")]
    ]
    for home in homes:
        award(home, "D03", 40)
    publish(village)
    finalize(village)
    return homes


@pytest.fixture
def booked(april, village, village_admin):
    """Two years of money: a grant, donations, purchases and a line written wrongly."""

    def book(*facts, **values):
        return money(village, village_admin, *facts, **values)

    book("grant", 1000, date(2025, 11, 3), voucher="收-2025")
    book("purchase", 300, date(2025, 12, 1), party="供销社", voucher="付-2025")
    book("donation", 250.5, date(2026, 1, 9), party="周老板", voucher="收-001")
    book(
        "donation",
        80,
        date(2026, 1, 9),
        party="画眉",
        is_anonymous=True,
        voucher="收-2",
    )
    wrong = book("grant", 5000, date(2026, 2, 2), voucher="收-003", note="百灵")
    correct_fund_movement(
        wrong, reason="多写了一个零", key=uuid4(), by=village_admin, at=april
    )
    book("grant", 500, date(2026, 2, 2), voucher="收-003")
    book("purchase", 420.25, date(2026, 4, 1), party="供销社", voucher="付-001")
    return village
