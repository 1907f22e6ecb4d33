"""What residents read of the shop: exchanges, goods, money; and what stays hidden."""

import re
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from households.roles import Role
from rewards.canceling import cancel_redemption
from rewards.counting import Counted, count_shelf
from rewards.fund import correct_fund_movement, record_fund_movement
from rewards.models import FundMovement
from rewards.stock import note_shortage, receive_stock, set_price
from tests.factories import (
    HouseholdFactory,
    approve,
    award,
    exchange,
    finalize,
    offer,
    publish,
    record,
    serve,
)
from tests.ledger.reading import read, text_of
from tests.ledger.test_public_promises import crawl

SHANGHAI = ZoneInfo("Asia/Shanghai")
REDEMPTIONS = "/v/taoxi/redemptions/"
SHOP = "/v/taoxi/shop/"
FUND = "/v/taoxi/fund/"
PAGES = [REDEMPTIONS, SHOP, FUND]
# Every page asks who the village is, what it published and what it keeps now;
# then what itself depends on. Rendering asks a fixed number more.
WARM = {REDEMPTIONS: 7, SHOP: 4, FUND: 4, "/v/taoxi/": 5}


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


def on(day, hour=10):
    return datetime(2026, 4, day, hour, tzinfo=SHANGHAI)


def recount(reward, counted, **facts):
    by, at = facts.pop("by"), facts.pop("at")
    line = Counted(reward, counted=counted, reason="破了", **facts)
    count_shelf(reward.village, [line], key=uuid4(), by=by, at=at)


def money(village, by, kind, yuan, day=date(2026, 4, 1), **values):
    values = {"party": "镇财政所", "voucher": "收-001", **values}
    return record_fund_movement(
        village,
        kind=kind,
        fen=round(yuan * 100),
        happened_on=day,
        key=uuid4(),
        by=by,
        at=datetime(2026, 4, 20, 9, tzinfo=SHANGHAI),
        **values,
    )


# Redemptions


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


def test_every_page_of_the_village_leads_to_the_shop(april, homes, salt, client):
    found = crawl(client)

    assert set(PAGES) <= set(found)
    for path in ["/v/taoxi/", "/v/taoxi/rules/", "/v/taoxi/find/"]:
        html = found[path].content.decode()
        assert all(f'href="{page}"' in html for page in PAGES), path


# What nobody reads here


def test_nobody_is_named_and_no_reason_told(
    april, village, homes, salt, sauce, shopkeeper, village_admin, client
):
    shopkeeper.last_name, shopkeeper.first_name = "喜鹊", "店主"
    shopkeeper.save()
    village_admin.last_name, village_admin.first_name = "布谷", "会计"
    village_admin.save()
    approve(record(homes[1], "N04", 10, note="八哥说的", at=on(2)))
    exchange(
        homes[0],
        {salt: 5},
        by=shopkeeper,
        at=on(8),
        collected_by="燕子代领",
        handed_over_on=date(2026, 4, 7),
        paper_number="ZHI-4711",
    )
    slip = exchange(homes[1], {sauce: 2}, by=shopkeeper, at=on(9))
    cancel_redemption(slip, reason="鹦鹉拿错", key=uuid4(), by=shopkeeper, at=on(9, 11))
    receive_stock(
        salt, 3, key=uuid4(), by=shopkeeper, at=april, voucher="进-88", donor="孔雀"
    )
    money(village, village_admin, "donation", 10, party="画眉", is_anonymous=True)
    money(village, village_admin, "grant", 10, note="百灵")

    answers = crawl(client) | {
        path: client.get(path) for path in [f"{REDEMPTIONS}?month=2026-04"]
    }

    assert set(PAGES) <= set(answers)
    for path, response in answers.items():
        content = response.content.decode()
        for secret in [
            "雀山", "欧阳小春", "13900139000", "八哥", "燕子", "ZHI-4711", "鹦鹉",
            "喜鹊", "布谷", "孔雀", "画眉", "百灵", "771号", "进-88",
        ]:  # fmt: skip
            assert secret not in content, (path, secret)


def test_a_full_name_agreed_to_on_the_board_stays_masked_among_the_slips(
    april, homes, salt, client
):
    homes[0].full_name_consented_on = date(2026, 1, 1)
    homes[0].save()
    exchange(homes[0], {salt: 5}, at=on(8))

    assert "罗○山" in read(client, REDEMPTIONS)


# Bytes


@pytest.mark.parametrize("path", [*PAGES, "/v/taoxi/"])
def test_a_page_is_rendered_once_and_then_costs_a_few_short_questions(
    booked, homes, salt, client, django_assert_num_queries, path
):
    exchange(homes[0], {salt: 5}, at=on(8))
    client.get(path)

    with django_assert_num_queries(WARM[path]):
        client.get(path)


@pytest.mark.parametrize("path", PAGES)
def test_rendering_asks_the_same_number_of_questions_for_more_lines(
    booked, homes, salt, sauce, village_admin, client,
    django_assert_max_num_queries, path
):  # fmt: skip
    exchange(homes[0], {salt: 5}, at=on(8))
    with django_assert_max_num_queries(30) as few:
        client.get(path)
    for day in range(9, 15):
        exchange(homes[day % 2], {salt: 1, sauce: 1}, at=on(day))
        money(booked, village_admin, "grant", day)
        offer(booked, f"物{day}", day)

    with django_assert_max_num_queries(30) as many:
        client.get(path)

    assert len(many) == len(few)


def tags(client, *paths):
    return [client.get(path).headers["ETag"] for path in paths]


def test_a_new_slip_changes_the_pages_that_show_it_and_no_other(
    stop_the_clock, village, homes, salt, client
):
    exchange(homes[0], {salt: 5}, at=on(8))
    stop_the_clock(2026, 5, 20, 12)
    april, may = f"{REDEMPTIONS}?month=2026-04", REDEMPTIONS
    others = [april, SHOP, FUND, "/v/taoxi/", "/v/taoxi/months/2026-03/"]
    kept, before = tags(client, *others), tags(client, may)

    exchange(homes[0], {salt: 5}, at=datetime(2026, 5, 20, 11, tzinfo=SHANGHAI))

    assert tags(client, *others) == kept
    assert tags(client, may) != before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("cancel", REDEMPTIONS),
        ("rename", REDEMPTIONS),
        ("sell out", REDEMPTIONS),
        ("sell out", SHOP),
        ("price", SHOP),
        ("policy", SHOP),
        ("money", FUND),
        ("correction", FUND),
    ],
)
def test_whatever_a_page_shows_renders_it_anew(
    booked, homes, salt, shopkeeper, village_admin, client, april, change, path
):
    slip = exchange(homes[0], {salt: 5}, at=on(20))
    before = tags(client, path)

    if change == "cancel":
        cancel_redemption(slip, reason="错", key=uuid4(), by=shopkeeper, at=on(20, 11))
    elif change == "rename":
        salt.name = "井盐"
        salt.save()
    elif change == "sell out":
        recount(salt, 0, expected=35, by=shopkeeper, at=april)
    elif change == "price":
        set_price(salt, points=3, fen=250, by=village_admin, at=on(20, 11))
    elif change == "policy":
        policy = booked.policy
        policy.smallest_redemption = 20
        policy.save()
    elif change == "money":
        money(booked, village_admin, "grant", 1)
    else:
        movement = FundMovement.objects.get(number=1)
        correct_fund_movement(
            movement, reason="错", key=uuid4(), by=village_admin, at=april
        )

    assert tags(client, path) != before


def test_what_concerns_no_page_of_the_shop_renders_none_of_them(
    april, homes, salt, client
):
    exchange(homes[0], {salt: 5}, at=on(8))
    kept = tags(client, *PAGES)

    record(homes[0], at=on(19))

    assert tags(client, *PAGES) == kept


@pytest.mark.parametrize("path", PAGES)
def test_nothing_can_be_posted_and_no_village_means_not_found(
    april, village, client, path
):
    assert client.post(path).status_code == 405
    assert client.get(path.replace("taoxi", "nowhere")).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_cookie_and_says_nothing_of_its_address(
    booked, homes, salt, client, path
):
    exchange(homes[0], {salt: 5}, at=on(8))

    response = client.get(f"{path}?word=magpie", headers={"host": "localhost"})

    assert not response.cookies
    html = response.content.decode()
    assert "magpie" not in html
    assert "localhost" not in html
    assert "csrf" not in html


@pytest.mark.parametrize("path", PAGES)
def test_english_is_complete(booked, homes, salt, client, path):
    exchange(homes[0], {salt: 5}, at=on(8))
    client.cookies["lang"] = "en"

    text = read(client, path)

    chinese = set(re.findall(r"[\u4e00-\u9fff]+", text))
    data = {"食盐", "袋", "罗", "山", "社", "镇财政所", "供销社", "周老板", "收", "付"}
    assert chinese <= {"桃溪公示", "桃溪村", "中文"} | data
