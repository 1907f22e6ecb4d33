"""What runs low, who waits and today's slips: on the desk and at the counter."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from config.today import desk_of
from households.roles import Role
from rewards.canceling import cancel_redemption
from rewards.stock import note_shortage
from tests.factories import HouseholdFactory, exchange, serve
from tests.rewards.counter import give, shelve


@pytest.fixture
def keeper_at_a_desk(village, keeper):
    """A shopkeeper who records deeds as well, and so has a desk."""
    keeper.stewardships.create(village=village, role=Role.RECORDER)
    return keeper


def shop_tasks(user):
    desk = desk_of(user, None, now=timezone.now())
    pages = ("/admin/shop/stock/", "/admin/fund/")
    return [task for task in desk["mine"] if task.address.split("?")[0] in pages]


def glance(user):
    return desk_of(user, None, now=timezone.now()).get("glance")


def test_goods_that_run_low_wait_for_shop_and_purse(
    village, keeper_at_a_desk, village_admin
):
    shelve(village, "食盐", stock=40, position=1)
    shelve(village, "酱油", 8, stock=3, unit="瓶", position=2)
    shelve(village, "旧货", stock=0, is_active=False)

    (to_fetch,) = shop_tasks(keeper_at_a_desk)
    (to_pay,) = shop_tasks(village_admin)

    assert to_fetch.count == to_pay.count == 1
    assert "酱油" in to_fetch.detail
    assert "食盐" not in to_fetch.detail
    assert to_fetch.address.startswith("/admin/shop/stock/")
    assert to_pay.address.startswith("/admin/fund/")
    assert to_pay.detail.startswith(to_fetch.detail)


def test_a_long_list_names_the_first_few(village, keeper_at_a_desk):
    for n in range(6):
        shelve(village, f"物品{n}", stock=1, position=n)

    (task,) = shop_tasks(keeper_at_a_desk)

    assert task.count == 6
    assert "物品3" in task.detail
    assert "物品4" not in task.detail


def test_households_that_wait_are_counted_by_goods(
    village, keeper_at_a_desk, village_admin, keeper
):
    oil = shelve(village, "食用油", 30, stock=0, low_stock_mark=0)
    for number in ("011", "012"):
        home = HouseholdFactory(
            village=village, group=village.groups.first(), number=number
        )
        note_shortage(oil, home, by=keeper, at=timezone.now())

    for user in (keeper_at_a_desk, village_admin):
        low, waiting = shop_tasks(user)
        assert (low.count, waiting.count) == (1, 2)
        assert "食用油" in waiting.detail


@pytest.mark.parametrize(
    "role", [Role.RECORDER, Role.REVIEWER, Role.SUPERVISOR, Role.TOWNSHIP]
)
def test_others_are_not_called_to_the_shelf(village, role):
    shelve(village, "酱油", 8, stock=1)
    user = serve(village, role)

    assert not [
        task
        for task in desk_of(user, None, now=timezone.now()).get("mine", [])
        if "酱油" in task.detail
    ]
    assert glance(user) is None


def test_the_shopkeeper_s_first_page_has_shelf_and_slips_in_a_line_each(
    village, counter, keeper, luo
):
    salt = shelve(village, "食盐", stock=40, position=1)
    shelve(village, "酱油", 8, stock=3, unit="瓶", position=2)
    exchange(luo, {salt: 5}, by=keeper, at=timezone.now())

    page = counter.get("/admin/", follow=True)

    at_counter = page.context["glance"]
    assert (at_counter.kinds, len(at_counter.low)) == (2, 1)
    assert (at_counter.slips, at_counter.points) == (1, 10)
    assert "/admin/shop/stock/" in page.text


def test_slips_of_other_days_are_not_today_s(village, counter, keeper, luo):
    salt = shelve(village, "食盐", stock=40)
    give(luo, 20)
    exchange(
        luo,
        {salt: 5},
        by=keeper,
        at=timezone.now(),
        handed_over_on=timezone.localdate() - timedelta(days=1),
        paper_number="0101-1",
    )

    assert counter.get("/admin/shop/").context["glance"].slips == 0


def test_a_canceled_slip_is_not_counted(village, counter, keeper, luo):
    salt = shelve(village, "食盐", stock=40)
    slip = exchange(luo, {salt: 5}, by=keeper, at=timezone.now())
    facts = {"key": uuid4(), "by": keeper, "at": timezone.now()}
    cancel_redemption(slip, reason="拿错了", **facts)

    at_counter = counter.get("/admin/shop/").context["glance"]

    assert (at_counter.slips, at_counter.points) == (0, 0)


def test_with_a_household_at_the_counter_the_page_is_about_it_alone(counter, luo):
    page = counter.get(
        "/admin/shop/", {"village": luo.village.slug, "household": luo.number}
    )

    assert not page.context.get("glance")
