"""倡议伙伴: who gave money or goods is thanked in public, by name if they wish."""

from datetime import date
from uuid import uuid4

import pytest

from rewards.fund import correct_fund_movement
from rewards.stock import receive_stock
from tests.ledger.reading import read
from tests.rewards.april import money


@pytest.fixture
def give(salt, shopkeeper, april):
    def give(quantity, donor, **values):
        values = {"key": uuid4(), "by": shopkeeper, "at": april, **values}
        return receive_stock(salt, quantity, donor=donor, **values)

    return give


@pytest.fixture
def donate(village, village_admin):
    def donate(yuan, party, day=date(2026, 4, 1), **values):
        return money(
            village, village_admin, "donation", yuan, day, party=party, **values
        )

    return donate


def test_money_and_goods_of_one_giver_stand_together_year_by_year(
    village, client, give, donate
):
    donate(800, "供销社", date(2025, 9, 3))
    donate(200, "供销社")
    give(10, "供销社")

    text = read(client, f"/v/{village.slug}/partners/")

    assert "供销社 2026年： 200元、食盐10袋 2025年： 800元" in text


def test_whoever_began_first_stands_first_however_little_they_gave(
    village, client, donate
):
    donate(10, "甲商店", date(2026, 1, 5))
    donate(9000, "乙公司", date(2026, 2, 5))

    text = read(client, f"/v/{village.slug}/partners/")

    assert text.index("甲商店") < text.index("乙公司")


def test_who_wants_no_name_is_thanked_without_one(village, client, give, donate):
    give(3, "王婆婆", is_anonymous=True)
    donate(500, "在外乡亲", is_anonymous=True)

    text = read(client, f"/v/{village.slug}/partners/")

    assert "不愿留名的捐赠有2笔，一样感谢" in text
    assert not any(said in text for said in ("王婆婆", "在外乡亲", "500元", "食盐3袋"))


def test_what_was_taken_back_and_what_the_village_bought_is_no_gift(
    village, client, village_admin, april, donate, give
):
    wrong = donate(800, "供销社")
    correct_fund_movement(
        wrong, reason="记到别的村了", key=uuid4(), by=village_admin, at=april
    )
    give(40, "")

    text = read(client, f"/v/{village.slug}/partners/")

    assert "还没有人捐赠" in text
    assert "供销社" not in text


def test_a_new_gift_is_on_the_page_at_once(village, client, give):
    read(client, f"/v/{village.slug}/partners/")
    give(2, "丙商店")

    assert "丙商店" in read(client, f"/v/{village.slug}/partners/")


def test_goods_that_are_called_otherwise_are_so_on_the_page_at_once(
    village, client, salt, give
):
    give(20, "丙商店")
    assert salt.name in read(client, f"/v/{village.slug}/partners/")

    type(salt).objects.filter(pk=salt.pk).update(name="低钠盐")

    assert "低钠盐" in read(client, f"/v/{village.slug}/partners/")


def test_the_page_asks_as_much_for_many_gifts_as_for_one(
    village, client, give, django_assert_max_num_queries
):
    for number in range(8):
        give(1, f"商店{number}")

    with django_assert_max_num_queries(10):
        read(client, f"/v/{village.slug}/partners/")
