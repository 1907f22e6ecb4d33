"""物品和价格 as the village admin keeps them: added, changed, priced, never deleted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from rewards.goods import RewardRefused, add_reward, change_reward
from rewards.models import Price, Reward
from rewards.stock import PriceRefused
from tests.factories import AFTER_NOTICE, VillageFactory, offer, serve
from tests.two_villages import visitor

GOODS = reverse("rewards_desk:goods")
NEW = reverse("rewards_desk:goods-new")


@pytest.fixture
def desk(village_admin):
    return visitor(village_admin)


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=40, fen=150, position=1)


def page_of(reward):
    return reverse("rewards_desk:goods-change", args=[reward.pk])


def form_of(village, **typed):
    return {
        "village": village.slug,
        "key": str(uuid4()),
        "name": "酱油",
        "unit": "瓶",
        "picture": "sauce",
        "points": "8",
        "fen": "7.50",
        "low_stock_mark": "5",
        "position": "2",
        "is_active": "on",
        **typed,
    }


def form_of_salt(salt, **typed):
    typed = {"name": "食盐", "unit": "袋", "position": "1", **typed}
    return form_of(
        salt.village, **{"picture": "box", "points": "2", "fen": "1.5", **typed}
    )


def prices(reward):
    return list(reward.prices.order_by("version").values_list("points", "fen"))


def test_new_goods_are_offered_at_their_price(desk, village, village_admin):
    desk.post(NEW, form_of(village, name=" 酱油 ", fen="７．５"))

    reward = Reward.objects.get(village=village)
    assert (reward.name, reward.unit, reward.picture) == ("酱油", "瓶", "sauce")
    assert prices(reward) == [(8, 750)]
    assert Price.objects.get().set_by == village_admin
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "reward.add",
        "price.set",
    ]


def test_the_same_form_sent_twice_adds_the_goods_once(desk, village):
    form = form_of(village)

    answers = {desk.post(NEW, form).status_code for _ in range(2)}

    assert answers == {302}
    assert Reward.objects.count() == Price.objects.count() == 1


def test_a_form_that_comes_back_after_a_new_name_adds_nothing(desk, village):
    form = form_of(village)
    desk.post(NEW, form)
    reward = Reward.objects.get()
    desk.post(page_of(reward), form_of(village, name="生抽"))

    answer = desk.post(NEW, form)

    assert answer.context["form"].non_field_errors()
    assert [r.name for r in Reward.objects.all()] == ["生抽"]


def test_a_form_reused_for_other_goods_says_so_and_can_be_sent_anew(desk, village):
    form = form_of(village)
    desk.post(NEW, form)

    answer = desk.post(NEW, {**form, "name": "香醋"})
    key = answer.context["form"]["key"].value()
    desk.post(NEW, {**form, "name": "香醋", "key": key})

    assert answer.context["form"].non_field_errors()
    assert Reward.objects.filter(name="香醋").exists()


def test_goods_have_one_line_on_the_list(desk, village, salt):
    answer = desk.post(NEW, form_of(village, name="食　盐".replace("　", "")))

    assert answer.context["form"].non_field_errors()
    assert Reward.objects.count() == 1


def test_another_village_may_have_goods_of_the_same_name(desk, village):
    offer(VillageFactory(), "酱油", 8)

    desk.post(NEW, form_of(village))

    assert Reward.objects.filter(name="酱油").count() == 2


@pytest.mark.parametrize(
    "typed",
    [
        {"name": " "},
        {"unit": ""},
        {"points": "0"},
        {"points": "10001"},
        {"points": "八"},
        {"fen": "七块五"},
        {"fen": "7.555"},
        {"fen": "100000.01"},
        {"fen": ""},
        {"low_stock_mark": "-1"},
        {"picture": "gold"},
    ],
)
def test_what_cannot_be_is_refused_and_kept(desk, village, typed):
    answer = desk.post(NEW, form_of(village, **typed))

    form = answer.context["form"]
    assert form.errors
    assert {name: form[name].value() for name in typed} == typed
    assert not Reward.objects.exists()


def test_a_new_price_is_a_new_version_and_the_old_one_stays_to_be_read(desk, salt):
    desk.post(page_of(salt), form_of_salt(salt, points="3", fen="2"))

    page = desk.get(page_of(salt))

    assert prices(salt) == [(2, 150), (3, 200)]
    assert [price.points for price in page.context["prices"]] == [3, 2]


def test_saving_without_a_change_writes_nothing(desk, salt):
    before = AuditEvent.objects.count()

    desk.post(page_of(salt), form_of_salt(salt))

    assert prices(salt) == [(2, 150)]
    assert AuditEvent.objects.count() == before


def test_what_was_changed_is_saved_with_a_trace_of_its_names(desk, salt):
    desk.post(page_of(salt), form_of_salt(salt, name="加碘盐", low_stock_mark="10"))

    salt.refresh_from_db()
    assert (salt.name, salt.low_stock_mark) == ("加碘盐", 10)
    event = AuditEvent.objects.get(action="reward.change")
    assert event.facts == {"fields": ["name", "low_stock_mark"]}


def test_goods_leave_the_counter_and_stay_on_the_list(desk, salt):
    form = form_of_salt(salt)
    del form["is_active"]

    desk.post(page_of(salt), form)

    assert not Reward.objects.active().exists()
    assert "食盐" in desk.get(GOODS).text


def test_goods_do_not_take_the_name_of_others(desk, salt):
    offer(salt.village, "酱油", 8)

    answer = desk.post(page_of(salt), form_of_salt(salt, name="酱油"))

    assert answer.context["form"].non_field_errors()
    salt.refresh_from_db()
    assert salt.name == "食盐"


def test_a_refused_price_leaves_the_goods_as_they_were(salt, village_admin):
    salt.name = "加碘盐"

    with pytest.raises(PriceRefused):
        change_reward(salt, points=0, fen=1, by=village_admin, at=AFTER_NOTICE)

    assert Reward.objects.get().name == "食盐"


def test_goods_without_a_name_are_refused(village, village_admin):
    with pytest.raises(RewardRefused):
        add_reward(
            Reward(village=village, name=" ", unit="袋"),
            points=1,
            fen=1,
            key=uuid4(),
            by=village_admin,
            at=AFTER_NOTICE,
        )


def test_the_list_shows_price_stock_and_since_when(desk, salt, village_admin):
    bare = Reward.objects.create(village=salt.village, name="毛巾", unit="条")
    page = desk.get(GOODS)

    assert page.context["goods"][0] == bare
    assert salt.prices.get().in_force_from < timezone.now() - timedelta(days=1)
    assert "1.50" in page.text
    assert "40袋" in page.text


def test_the_menu_knows_where_goods_belong(desk, salt):
    for page in (GOODS, NEW, page_of(salt)):
        doors = desk.get(page).context["work_pages"]
        here = [door.address for door in doors if door.is_here]
        assert here == [reverse("rewards_desk:fund")]


def test_an_empty_list_has_its_page(desk):
    assert desk.get(GOODS).status_code == 200
    assert desk.get(NEW).context["form"]["position"].value() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_but_the_village_admin_prices_goods(village, salt, role):
    client = visitor(serve(village, role))

    answers = {client.get(page).status_code for page in (GOODS, NEW, page_of(salt))}
    answers |= {
        client.post(NEW, form_of(village)).status_code,
        client.post(page_of(salt), form_of_salt(salt, points="1")).status_code,
    }

    assert answers == {404}
    assert prices(salt) == [(2, 150)]
