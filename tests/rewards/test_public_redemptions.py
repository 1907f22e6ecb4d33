"""Who exchanged what in a month, and what of it stands on the board."""

import re
from datetime import date, datetime
from uuid import uuid4

import pytest

from rewards.canceling import cancel_redemption
from rewards.stock import note_shortage
from tests.factories import (
    award,
    exchange,
    finalize,
    offer,
    publish,
)
from tests.ledger.reading import read, text_of
from tests.rewards.april import (
    REDEMPTIONS,
    SHANGHAI,
    on,
    recount,
)


def test_a_slip_is_told_by_day_group_masked_name_goods_and_points(
    april, homes, salt, sauce, client
):
    exchange(homes[0], {sauce: 1, salt: 2}, at=on(8))

    text = read(client, REDEMPTIONS)

    assert "4月8日 1社 罗○山 食盐2袋、酱油1瓶 12分" in text


def test_the_newest_exchange_stands_first(april, homes, salt, client):
    for day, home in [(8, homes[0]), (9, homes[1]), (7, homes[0])]:
        exchange(home, {salt: 5}, at=on(10), handed_over_on=date(2026, 4, day))

    text = read(client, REDEMPTIONS)

    assert text.index("4月9日") < text.index("4月8日") < text.index("4月7日")


def test_tiles_and_sums_add_up_by_hand(april, homes, salt, sauce, client):
    exchange(homes[0], {salt: 5}, at=on(8))
    exchange(homes[0], {salt: 1, sauce: 1}, at=on(9))
    exchange(homes[1], {sauce: 3}, at=on(9, 11))

    text = read(client, REDEMPTIONS)

    assert "物品 10件" in text
    assert "兑换 3次" in text
    assert "用去积分 44分" in text
    assert "食盐 6袋 12分" in text
    assert "酱油 4瓶 32分" in text


def test_a_canceled_slip_is_left_out_everywhere(
    april, homes, salt, sauce, shopkeeper, client
):
    exchange(homes[0], {salt: 5}, at=on(8))
    wrong = exchange(homes[1], {sauce: 2}, at=on(9))
    cancel_redemption(wrong, reason="拿错了", key=uuid4(), by=shopkeeper, at=on(9, 11))

    text = read(client, REDEMPTIONS)

    assert "兑换 1次 用去积分 10分" in text
    assert "酱油" not in text
    assert "4月9日" not in text


def test_a_slip_counts_in_the_month_the_goods_were_handed_over(
    stop_the_clock, homes, salt, client
):
    exchange(
        homes[0],
        {salt: 5},
        at=datetime(2026, 5, 2, 10, tzinfo=SHANGHAI),
        handed_over_on=date(2026, 4, 30),
    )
    stop_the_clock(2026, 5, 20, 12)

    assert "4月30日" in read(client, f"{REDEMPTIONS}?month=2026-04")
    assert "这个月还没有人兑换。" in read(client, REDEMPTIONS)


def test_months_lead_to_one_another_from_the_first_slip_to_the_present(
    stop_the_clock, homes, salt, client
):
    exchange(homes[0], {salt: 5}, at=on(8))
    stop_the_clock(2026, 6, 20, 12)

    pages = {
        month: client.get(f"{REDEMPTIONS}?month={month}").content.decode()
        for month in ["2026-04", "2026-05", "2026-06"]
    }

    turns = {
        month: re.findall(r'href="\?month=([\d-]+)" rel', html)
        for month, html in pages.items()
    }
    assert turns == {
        "2026-04": ["2026-05"],
        "2026-05": ["2026-04", "2026-06"],
        "2026-06": ["2026-05"],
    }
    assert "这个月没有人兑换。" in pages["2026-05"]
    assert '<a href="?month=2026-04">看2026年4月</a>' in pages["2026-06"]
    assert "看2026年" not in pages["2026-05"]


@pytest.mark.parametrize(
    "month", ["2026-03", "2026-05", "2026-13", "april", "2026-4", "２０２６-04", "'"]
)
def test_a_month_that_nobody_knows_is_not_found(april, homes, salt, client, month):
    exchange(homes[0], {salt: 5}, at=on(8))

    text = read(client, f"{REDEMPTIONS}?month={month}", status=404)

    assert "没有这个月的兑换公示" in text


def test_before_anybody_redeemed_the_page_says_from_when_on(
    stop_the_clock, village, household, client
):
    award(household, "D03", 20)
    publish(village)
    stop_the_clock(2026, 4, 3, 12)

    text = read(client, REDEMPTIONS)

    assert "这个月还没有人兑换。 3月公示完，4月7日起可以来换。" in text
    assert "件" not in text.replace("条件", "")


def test_the_day_is_one_on_which_the_shop_is_open(
    stop_the_clock, village, household, client
):
    award(household, "D03", 20)
    publish(village)
    policy = village.policy
    policy.redemption_first_day, policy.redemption_last_day = 1, 5
    policy.save()
    stop_the_clock(2026, 4, 3, 12)

    assert "5月1日起可以来换" in read(client, REDEMPTIONS)


@pytest.mark.parametrize("state", ["final", "answering"])
def test_no_day_is_promised_that_nobody_knows(
    stop_the_clock, village, household, client, state
):
    award(household, "D03", 20)
    publish(village)
    if state == "final":
        finalize(village)
    stop_the_clock(2026, 4, 8, 12)

    text = read(client, REDEMPTIONS)

    assert "这个月还没有人兑换。" in text
    assert "起可以来换" not in text


def test_goods_that_run_low_are_named_and_nobody_who_waits(
    april, village, homes, salt, sauce, shopkeeper, client
):
    rice = offer(village, "大米", 30, stock=0, position=3)
    recount(sauce, 5, expected=9, by=shopkeeper, at=april)
    note_shortage(rice, homes[0], by=shopkeeper, at=april)

    text = read(client, REDEMPTIONS)

    assert "等着补货： 大米" in text
    assert "快没了： 酱油" in text
    assert "罗" not in text


def test_a_past_month_says_nothing_of_todays_shelf(
    stop_the_clock, village, homes, salt, client
):
    offer(village, "大米", 30, stock=0)
    exchange(homes[0], {salt: 5}, at=on(8))
    stop_the_clock(2026, 5, 20, 12)

    assert "等着补货" not in read(client, f"{REDEMPTIONS}?month=2026-04")
    assert "等着补货" in read(client, REDEMPTIONS)


def test_a_choice_keeps_the_month(april, homes, salt, client, stop_the_clock):
    exchange(homes[0], {salt: 5}, at=on(8))
    stop_the_clock(2026, 5, 20, 12)

    html = client.get(f"{REDEMPTIONS}?month=2026-04").content.decode()

    assert 'href="?month=2026-04&amp;big=1"' in html
    assert 'href="?month=2026-04&amp;lang=en"' in html
    chosen = client.get(f"{REDEMPTIONS}?month=2026-04&big=1")
    assert chosen.url == f"{REDEMPTIONS}?month=2026-04"


# The board


def test_the_board_names_the_three_goods_exchanged_most_in_its_month(
    stop_the_clock, village, homes, salt, sauce, client
):
    soap = offer(village, "香皂", 3, unit="块", position=3)
    oil = offer(village, "菜籽油", 9, unit="桶", position=4)
    publish(village, month=date(2026, 4, 1))
    exchange(homes[0], {salt: 1, soap: 4, sauce: 2}, at=on(8))
    exchange(homes[1], {oil: 1, soap: 2}, at=on(9))
    exchange(homes[1], {oil: 1, salt: 2}, at=datetime(2026, 5, 9, tzinfo=SHANGHAI))
    stop_the_clock(2026, 5, 20, 12)

    response = client.get("/v/taoxi/")

    text = text_of(response)
    assert "四月兑换 2次 香皂 6块 每块3分 酱油 2瓶 每瓶8分 食盐 1袋 每袋2分" in text
    assert "菜籽油" not in text
    assert 'href="/v/taoxi/redemptions/?month=2026-04"' in response.content.decode()


def test_without_exchanges_in_its_month_the_board_says_what_points_buy(
    april, homes, salt, sauce, client
):
    response = client.get("/v/taoxi/")

    text = text_of(response)
    assert "能换什么 食盐 每袋2分 酱油 每瓶8分" in text
    assert "兑换 0" not in text
    assert 'href="/v/taoxi/redemptions/"' in response.content.decode()


def test_a_board_without_a_shop_has_no_such_block(april, homes, client):
    assert 'class="goods"' not in client.get("/v/taoxi/").content.decode()


def test_a_canceled_slip_leaves_the_board_too(
    april, homes, salt, sauce, shopkeeper, client
):
    publish(homes[0].village, month=date(2026, 4, 1), at=on(30))
    slip = exchange(homes[0], {sauce: 2}, at=on(9))
    assert "四月兑换 1次 酱油 2瓶" in read(client, "/v/taoxi/")

    cancel_redemption(slip, reason="拿错了", key=uuid4(), by=shopkeeper, at=on(9, 11))

    assert "四月兑换" not in read(client, "/v/taoxi/")
