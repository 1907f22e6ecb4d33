"""Goods come in, are counted and priced; what is on hand is the sum."""

from datetime import timedelta
from uuid import uuid4

import pytest

from households.roles import Role
from rewards.models import Price, Reward, Shortage, StockMovement
from rewards.stock import (
    PriceRefused,
    StockRefused,
    note_shortage,
    receive_stock,
    set_price,
)
from tests.factories import AFTER_NOTICE, offer, serve


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER, username="shop")


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=0)


@pytest.fixture
def receive(salt, shopkeeper):
    def receive(quantity, *, key=None, **values):
        return receive_stock(
            salt,
            quantity,
            key=key or uuid4(),
            by=shopkeeper,
            at=AFTER_NOTICE,
            **values,
        )

    return receive


def on_hand(reward):
    return Reward.objects.with_on_hand().get(pk=reward.pk).on_hand


def test_a_receipt_and_a_donation_add_up(salt, receive):
    receive(40, voucher="2026-17")
    donation = receive(10, donor="某某超市")

    assert on_hand(salt) == 50
    assert donation.kind == StockMovement.Kind.DONATION
    assert list(
        StockMovement.objects.order_by("number").values_list("number", flat=True)
    ) == [1, 2]


def test_the_same_receipt_form_counts_once(salt, receive):
    key = uuid4()

    movements = {receive(40, key=key).pk for _ in range(2)}

    assert len(movements) == 1
    assert on_hand(salt) == 40


@pytest.mark.parametrize("quantity", [0, -3, 100_001])
def test_an_impossible_receipt_is_refused(receive, quantity):
    with pytest.raises(StockRefused):
        receive(quantity)


def test_a_price_has_versions_and_the_newest_counts(village, salt, shopkeeper):
    later = AFTER_NOTICE + timedelta(days=1)
    set_price(salt, points=3, fen=250, by=shopkeeper, at=AFTER_NOTICE)
    set_price(salt, points=3, fen=250, by=shopkeeper, at=later)

    now = Reward.objects.with_price(later).get()
    before = Reward.objects.with_price(AFTER_NOTICE - timedelta(seconds=1)).get()

    assert (now.points, now.fen) == (3, 250)
    assert (before.points, before.fen) == (2, 200)
    assert Price.objects.count() == 2


def test_goods_are_without_a_price_before_the_first(salt):
    long_ago = AFTER_NOTICE - timedelta(days=400)

    assert Reward.objects.with_price(long_ago).get().points is None


@pytest.mark.parametrize(("points", "fen"), [(0, 100), (10_001, 100), (1, -1)])
def test_an_impossible_price_is_refused(salt, shopkeeper, points, fen):
    with pytest.raises(PriceRefused):
        set_price(salt, points=points, fen=fen, by=shopkeeper, at=AFTER_NOTICE)


def test_a_shortage_is_noted_once_and_served_by_the_next_receipt(
    household, salt, receive, shopkeeper
):
    for _ in range(2):
        note_shortage(salt, household, by=shopkeeper, at=AFTER_NOTICE)
    assert Shortage.objects.waiting().count() == 1

    receive(5)

    assert not Shortage.objects.waiting().exists()
    note_shortage(salt, household, by=shopkeeper, at=AFTER_NOTICE)
    assert Shortage.objects.count() == 2


def test_running_low_names_what_is_at_or_below_its_mark(village, salt, receive):
    offer(village, "酱油", 8, stock=6)
    receive(5)

    assert [reward.name for reward in Reward.objects.running_low()] == ["食盐"]
