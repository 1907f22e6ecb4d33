"""What holds for every public page of the shop: who finds it, what stays hidden."""

import re
from datetime import date, datetime
from uuid import uuid4

import pytest

from rewards.canceling import cancel_redemption
from rewards.fund import correct_fund_movement
from rewards.models import FundMovement
from rewards.stock import receive_stock, set_price
from tests.factories import (
    approve,
    exchange,
    offer,
    record,
)
from tests.ledger.reading import read
from tests.ledger.test_public_promises import crawl
from tests.rewards.april import (
    FUND,
    PAGES,
    REDEMPTIONS,
    SHANGHAI,
    SHOP,
    money,
    on,
    recount,
)

# Every page asks who the village is, what it published and what it keeps now;
# then what itself depends on. Rendering asks a fixed number more.
WARM = {REDEMPTIONS: 8, SHOP: 5, FUND: 5, "/v/taoxi/": 7}


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
        salt,
        3,
        key=uuid4(),
        by=shopkeeper,
        at=april,
        voucher="进-88",
        donor="孔雀",
        is_anonymous=True,
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
