"""What points buy, and whose money it is, as everybody can read it."""

import re

import pytest

from tests.factories import (
    offer,
)
from tests.ledger.reading import read, text_of
from tests.rewards.april import (
    FUND,
    SHOP,
    money,
    recount,
)

# Shop


def test_goods_stand_with_picture_price_and_a_word_for_how_many_are_left(
    april, village, salt, sauce, shopkeeper, client
):
    offer(village, "大米", 30, stock=0, position=3)
    recount(sauce, 5, expected=9, by=shopkeeper, at=april)

    response = client.get(SHOP)

    text = text_of(response)
    assert "食盐 每袋2分 有货" in text
    assert "酱油 每瓶8分 快没了" in text
    assert "大米 每袋30分 没货" in text
    assert response.content.decode().count('viewBox="0 0 40 40"') == 3
    assert "40袋" not in text


def test_goods_without_a_price_or_no_longer_offered_are_not_on_the_shelf(
    april, village, salt, sauce, client
):
    village.rewards.create(name="香皂", unit="块")
    sauce.is_active = False
    sauce.save()

    text = read(client, SHOP)

    assert "食盐" in text
    assert "香皂" not in text
    assert "酱油" not in text


def test_an_empty_shelf_says_so_and_still_how_it_will_work(april, village, client):
    text = read(client, SHOP)

    assert "货架上还没有东西。" in text
    assert "没带卡，报户号也行" in text


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (1, 31, "哪天都可以换。"),
        (10, 31, "每月10日到月底可以换。"),
        (8, 12, "每月8日到12日可以换。"),
    ],
)
def test_the_rules_of_exchange_are_the_villages_own(
    april, village, client, first, last, words
):
    policy = village.policy
    policy.redemption_first_day, policy.redemption_last_day = first, last
    policy.smallest_redemption = 15
    policy.save()

    text = read(client, SHOP)

    assert words in text
    assert "一次最少换15分。" in text


# Fund


def test_a_year_begins_and_ends_with_what_is_left(booked, client):
    text = read(client, FUND)

    assert "年初结余 700元 收入 830.50元 支出 420.25元 现在结余 1,110.25元" in text
    assert "年初结余 0元 收入 1,000元 支出 300元 年末结余 700元" in read(
        client, f"{FUND}?year=2025"
    )


def test_the_months_add_up_and_a_line_taken_back_counts_in_none(booked, client):
    text = read(client, FUND)

    table = text[text.index("月份 收入") : text.index("每一笔")]
    assert "1月 收入 330.50 结余 1,030.50" in table
    assert "2月 收入 500 结余 1,530.50" in table
    assert "3月 结余 1,530.50" in table
    assert "4月 支出 420.25 结余 1,110.25" in table
    assert "5月" not in table


def test_bars_are_as_long_as_the_money_without_a_style(booked, client):
    html = client.get(FUND).content.decode()

    assert re.findall(r'<rect width="(\d+)"', html) == ["66", "100", "84"]
    assert "style=" not in html


def test_donors_are_thanked_by_name_unless_they_want_none(booked, client):
    text = read(client, FUND)

    assert "1月9日 捐赠 谢谢周老板 第3笔 · 凭证收-001 收 250.50元" in text
    assert "捐赠 谢谢一位不留名的捐款人 第4笔 · 凭证收-2 收 80元" in text
    assert "画眉" not in text


def test_a_correction_stands_beside_what_it_takes_back(booked, client):
    response = client.get(FUND)

    text = text_of(response)
    assert "更正 冲回第5笔 第6笔 · 凭证收-003 冲回 5,000元" in text
    assert "拨款 镇财政所 写错了，已由第6笔冲回 第5笔 · 凭证收-003 收 5,000元" in text
    assert "<s>5,000元</s>" in response.content.decode()


def test_money_somebody_advanced_is_said_without_a_minus(
    april, village, village_admin, client
):
    money(village, village_admin, "purchase", 120, party="供销社")

    text = read(client, FUND)

    assert "现在结余 垫付120元" in text
    assert "这笔钱是先垫付的" in text
    assert "120" not in re.findall(r"[-−－](\d+)", text)


def test_a_fund_without_a_line_says_so_and_shows_no_zero(april, village, client):
    text = read(client, FUND)

    assert "还没有收支。" in text
    assert "0元" not in text


@pytest.mark.parametrize("year", ["2024", "2027", "26", "two", "２０２６"])
def test_a_year_that_nobody_knows_is_not_found(booked, client, year):
    assert "没有这一年的账" in read(client, f"{FUND}?year={year}", status=404)


def test_all_years_are_one_link_away(booked, client):
    html = client.get(FUND).content.decode()

    assert re.findall(r'href="\?year=(\d+)"', html) == ["2026", "2025"]
    assert (
        'href="?year=2025&amp;big=1"'
        in client.get(f"{FUND}?year=2025").content.decode()
    )
