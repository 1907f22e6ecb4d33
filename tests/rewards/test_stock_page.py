"""进货盘点 as the shopkeeper uses it: the shelf, what came in, the count."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from households.roles import Role
from rewards.models import Reward, Shortage, StockMovement
from rewards.stock import note_shortage
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    exchange,
    offer,
    serve,
)
from tests.rewards.counter import give
from tests.two_villages import visitor

STOCK = reverse("rewards_desk:stock")
COUNT = reverse("rewards_desk:stock-count")
SHEET = reverse("rewards_desk:stock-sheet")


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER, username="shop")


@pytest.fixture
def desk(shopkeeper):
    return visitor(shopkeeper)


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=40, position=1)


@pytest.fixture
def sauce(village):
    return offer(village, "酱油", 8, stock=3, unit="瓶", position=2)


def receipt(reward, **typed):
    values = {
        "village": reward.village.slug,
        "key": str(uuid4()),
        "reward": reward.pk,
        "quantity": "20",
        "voucher": "2026-017",
        "donor": "",
    }
    return {**values, **typed}


def counts(village, *lines, **typed):
    """Return a filled-in count form: goods, in the book, counted, reason."""
    values = {"village": village.slug, "key": str(uuid4())}
    for reward, expected, counted, reason in lines:
        values[f"expected-{reward.pk}"] = expected
        values[f"counted-{reward.pk}"] = counted
        values[f"reason-{reward.pk}"] = reason
    return {**values, **typed}


def shelf(village):
    rewards = Reward.objects.filter(village=village).with_on_hand()
    return {reward.name: reward.on_hand for reward in rewards}


def test_the_shelf_shows_what_is_left_and_what_runs_low(desk, salt, sauce):
    lines = desk.get(STOCK).context["shelf"]

    assert [
        (line["reward"].name, line["reward"].on_hand, line["is_low"]) for line in lines
    ] == [("食盐", 40, False), ("酱油", 3, True)]


def test_goods_no_longer_offered_are_never_low(desk, sauce):
    sauce.is_active = False
    sauce.save()

    (line,) = desk.get(STOCK).context["shelf"]

    assert line["is_low"] is False


def test_what_came_in_is_on_the_shelf_with_its_voucher(desk, salt, shopkeeper):
    answer = desk.post(STOCK, receipt(salt, quantity="２０"), follow=True)

    assert shelf(salt.village) == {"食盐": 60}
    movement = StockMovement.objects.latest("number")
    assert (movement.kind, movement.voucher) == ("receipt", "2026-017")
    assert movement.moved_by == shopkeeper
    assert "2026-017" in answer.text


def test_a_donation_is_thanked_for_by_name(desk, salt):
    answer = desk.post(STOCK, receipt(salt, donor="供销社老周"), follow=True)

    assert StockMovement.objects.latest("number").kind == "donation"
    (message,) = answer.context["messages"]
    assert "供销社老周" in str(message)


def test_the_same_receipt_sent_twice_counts_once(desk, salt):
    form = receipt(salt)

    for _ in range(2):
        desk.post(STOCK, form)

    assert shelf(salt.village) == {"食盐": 60}


def test_a_receipt_form_reused_with_other_content_is_refused_and_kept(desk, salt):
    form = receipt(salt)
    desk.post(STOCK, form)

    answer = desk.post(STOCK, {**form, "quantity": "30"})

    assert answer.status_code == 200
    assert answer.context["form"]["quantity"].value() == "30"
    assert answer.context["form"]["key"].value() != form["key"]
    assert shelf(salt.village) == {"食盐": 60}


@pytest.mark.parametrize(
    "typed",
    [
        {"quantity": "0"},
        {"quantity": "二十袋"},
        {"quantity": "100001"},
        {"donor": "长" * 41},
    ],
)
def test_a_wrong_receipt_keeps_what_was_typed(desk, salt, typed):
    answer = desk.post(STOCK, receipt(salt, **typed))

    assert answer.context["form"].errors
    assert "2026-017" in answer.text
    assert shelf(salt.village) == {"食盐": 40}


def test_goods_of_another_village_are_no_choice(desk, salt):
    elsewhere = offer(VillageFactory(), "大米", 20, stock=1)

    answer = desk.post(STOCK, {**receipt(salt), "reward": elsewhere.pk})

    assert answer.context["form"].errors.keys() == {"reward"}
    assert shelf(elsewhere.village) == {"大米": 1}


def test_households_that_wait_are_shown_and_named_when_the_goods_come(
    desk, salt, sauce, household, shopkeeper
):
    note_shortage(sauce, household, by=shopkeeper, at=timezone.now())
    before = desk.get(STOCK).context["shelf"]

    answer = desk.post(STOCK, receipt(sauce), follow=True)

    assert [len(line["waiting"]) for line in before] == [0, 1]
    assert any(household.number in str(m) for m in answer.context["messages"])
    assert not Shortage.objects.waiting().exists()
    assert not any(line["waiting"] for line in answer.context["shelf"])


def test_movements_carry_the_stock_after_each_and_can_be_told_apart(
    desk, salt, sauce, household
):
    give(household, 20)
    slip = exchange(household, {salt: 5}, at=timezone.now())
    desk.post(STOCK, receipt(salt, quantity="10"))

    both = desk.get(STOCK)
    one = desk.get(STOCK, {"goods": salt.pk})

    def told(page):
        return [
            (m.reward.name, m.quantity, m.stock_after)
            for m in page.context["movements"]
        ]

    assert told(one) == [("食盐", 10, 45), ("食盐", -5, 35), ("食盐", 40, 40)]
    assert told(both)[2:] == [("酱油", 3, 3), ("食盐", 40, 40)]
    assert str(slip) in one.text


def test_the_form_opens_at_the_goods_that_were_asked_for(desk, salt, sauce):
    page = desk.get(STOCK, {"goods": sauce.pk})

    assert page.context["chosen"] == sauce
    assert f'value="{sauce.pk}" selected' in page.text
    assert desk.get(STOCK, {"goods": "x"}).context["chosen"] is None


def test_the_whole_shelf_is_counted_at_once(desk, salt, sauce):
    form = counts(salt.village, (salt, 40, "38", "破了两袋"), (sauce, 3, "３", ""))

    answer = desk.post(COUNT, form)

    assert answer.status_code == 302
    assert shelf(salt.village) == {"食盐": 38, "酱油": 3}


def test_one_wrong_line_saves_nothing_and_keeps_every_typed_value(desk, salt, sauce):
    form = counts(salt.village, (salt, 40, "38", "破了两袋"), (sauce, 3, "2", ""))

    answer = desk.post(COUNT, form)

    first, second = answer.context["form"].lines
    assert (first["errors"], len(second["errors"])) == ([], 1)
    assert first["counted"].value() == "38"
    assert first["reason"].value() == "破了两袋"
    assert shelf(salt.village) == {"食盐": 40, "酱油": 3}


def test_every_wrong_line_is_named_in_one_sentence_at_once(desk, village, salt, sauce):
    towel = offer(village, "毛巾", 5, stock=4, position=3)
    soap = offer(village, "香皂", 4, stock=4, position=4)
    form = counts(
        village,
        (salt, 40, "很多", ""),
        (sauce, 3, "2", ""),
        (towel, 4, "", "少了"),
        (soap, 4, "3", "受潮"),
    )

    answer = desk.post(COUNT, form)

    lines = list(answer.context["form"].lines)
    assert [len(line["errors"]) for line in lines] == [1, 1, 1, 0]
    assert all(line["reward"].name in line["errors"][0] for line in lines[:3])
    assert shelf(village) == {"食盐": 40, "酱油": 3, "毛巾": 4, "香皂": 4}


def test_goods_that_moved_meanwhile_are_counted_again(desk, salt, sauce):
    form = counts(salt.village, (salt, 35, "35", ""), (sauce, 3, "3", ""))

    answer = desk.post(COUNT, form)

    moved, still = answer.context["form"].lines
    assert (len(moved["errors"]), still["errors"]) == (1, [])
    assert moved["expected"].value() == "40"
    assert shelf(salt.village) == {"食盐": 40, "酱油": 3}


def test_a_line_left_empty_was_not_counted(desk, salt, sauce):
    desk.post(COUNT, counts(salt.village, (salt, 40, "39", "破"), (sauce, 3, "", "")))

    assert shelf(salt.village) == {"食盐": 39, "酱油": 3}


def test_a_count_without_any_number_is_not_saved(desk, salt):
    answer = desk.post(COUNT, counts(salt.village, (salt, 40, "", "")))

    assert answer.context["form"].non_field_errors()


def test_the_same_count_sent_twice_counts_once(desk, salt):
    form = counts(salt.village, (salt, 40, "38", "破了"))

    answers = [desk.post(COUNT, form).status_code for _ in range(2)]
    other = desk.post(COUNT, {**form, f"counted-{salt.pk}": "37"})

    assert answers == [302, 302]
    assert other.context["form"].non_field_errors()
    assert shelf(salt.village) == {"食盐": 38}


def test_the_sheet_to_fill_by_hand_has_a_line_for_all_that_lies_there(
    desk, salt, sauce
):
    gone = offer(salt.village, "旧货", 2, stock=0, is_active=False)
    left = offer(salt.village, "剩货", 2, stock=1, is_active=False)

    page = desk.get(SHEET)

    assert set(page.context["shelf"]) == {salt, sauce, left}
    assert gone.name not in page.text
    assert page.text.count("<td></td><td></td>") == 3


def test_an_empty_shelf_has_its_pages_too(desk):
    assert {desk.get(page).status_code for page in (STOCK, COUNT, SHEET)} == {200}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SHOPKEEPER])
def test_nobody_but_the_shopkeeper_keeps_the_stock(village, salt, role):
    client = visitor(serve(village, role))

    answers = {client.get(page).status_code for page in (STOCK, COUNT, SHEET)}
    answers |= {
        client.post(STOCK, receipt(salt)).status_code,
        client.post(COUNT, counts(village, (salt, 40, "1", "x"))).status_code,
    }

    assert answers == {404}
    assert shelf(village) == {"食盐": 40}


def test_the_shelf_asks_few_questions_however_much_lies_on_it(
    desk, village, shopkeeper, django_assert_max_num_queries
):
    for n in range(6):
        reward = offer(village, f"物品{n}", 2, stock=n)
        home = HouseholdFactory(village=village, group=village.groups.first())
        note_shortage(reward, home, by=shopkeeper, at=timezone.now())

    with django_assert_max_num_queries(12):
        desk.get(STOCK)
