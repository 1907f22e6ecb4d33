"""小票: what stands on one, a day of them, taking one back, slips from paper."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households.roles import Role
from rewards.canceling import cancel_redemption
from rewards.models import Cancellation, Redemption, Shortage
from rewards.stock import note_shortage, receive_stock, set_price
from tests.factories import HouseholdFactory, VillageFactory, serve
from tests.rewards.counter import (
    address,
    balance,
    confirm,
    give,
    on_hand,
    shelve,
    till,
)
from tests.two_villages import visitor

YESTERDAY = timezone.localdate() - timedelta(days=1)


def text_of(response):
    return response.content.decode()


@pytest.fixture
def slip(counter, luo, shelf):
    salt, sauce, _powder = shelf
    confirm(counter, luo, {salt: 2, sauce: 1}, collected_by="罗小山")
    return Redemption.objects.get()


def enter(client, luo, wanted, **typed):
    """Enter a paper slip of yesterday."""
    typed = {"happened_on": YESTERDAY.isoformat(), "paper_number": "0707-1", **typed}
    return confirm(client, luo, wanted, place="paper", **typed)


def cancel(client, slip, **typed):
    typed = {
        "village": slip.village.slug,
        "key": str(uuid4()),
        "preset": "wrong_goods",
        **typed,
    }
    return client.post(address("slip-cancel", slip.pk), typed)


# One slip


def test_a_slip_says_what_was_handed_over_and_what_is_left(counter, slip):
    page = text_of(counter.get(address("slip", slip.pk, done=1)))

    moment = timezone.localtime(slip.redeemed_at)
    for word in (
        "兑换好了，请把东西交给他",
        "桃溪村",
        f"{moment:%H:%M}",
        "000001",
        "164 · 2社",
        "罗小山",
        "食盐",
        "2袋",
        "1瓶",
        "领取人签字",
        "店主签字",
        "打印小票",
        "下一位",
        "撤销这一单",
    ):
        assert word in page
    assert "<dd>12</dd>" in page
    assert "<dd>4</dd>" in page


def test_what_is_printed_names_nobody_but_who_collects(counter, slip):
    page = text_of(counter.get(address("slip", slip.pk)))

    printed = page[page.index('<article class="slip') : page.index("</article>")]
    assert "罗青山" not in printed
    assert "164" in printed


@pytest.mark.parametrize("paper", ["58", "80", "a6"])
def test_the_paper_is_chosen_by_a_link_and_remembered(paper, counter, slip):
    chosen = counter.get(address("slip", slip.pk, paper=paper))
    again = counter.get(address("slip", slip.pk))

    for response in (chosen, again):
        assert f"css/slip-{paper}.css" in text_of(response)
    assert chosen.cookies["paper"]["path"] == address("counter")
    assert chosen.cookies["paper"]["httponly"]


@pytest.mark.parametrize("paper", ["", "a3", "../x"])
def test_any_other_paper_is_the_narrow_roll(paper, counter, slip):
    counter.cookies["paper"] = paper

    response = counter.get(address("slip", slip.pk, paper=paper))

    assert response.context["paper"] == "58"
    assert "css/slip-58.css" in text_of(response)
    assert "paper" not in response.cookies


@pytest.mark.parametrize("name", ["slip", "slip-cancel"])
def test_a_slip_of_another_village_is_not_found(name, slip):
    stranger = visitor(serve(VillageFactory(), Role.SHOPKEEPER))

    assert stranger.get(address(name, slip.pk)).status_code == 404
    assert stranger.get(address(name, 987654)).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SHOPKEEPER])
def test_nobody_but_the_shopkeeper_opens_or_cancels_a_slip(role, village, slip):
    client = visitor(serve(village, role))

    assert client.get(address("slip", slip.pk)).status_code == 404
    assert cancel(client, slip).status_code == 404
    assert not Cancellation.objects.exists()


# Taking one back


def test_a_slip_is_taken_back_with_a_reason_and_says_so_big(counter, slip, luo, shelf):
    asked = text_of(counter.get(address("slip-cancel", slip.pk)))
    response = cancel(counter, slip, words="要的是白醋")

    assert "12分退给这一户" in asked
    assert response["Location"] == address("slip", slip.pk)
    assert (balance(luo), on_hand(shelf[0])) == (16, 40)
    page = text_of(counter.get(response["Location"]))
    assert '<p class="slip-canceled">已撤销</p>' in page
    assert "拿错了东西；要的是白醋" in page
    assert "撤销这一单" not in page
    assert "店主签字" not in page


def test_the_same_cancellation_sent_twice_counts_once(counter, slip, luo):
    key = str(uuid4())

    places = {cancel(counter, slip, key=key)["Location"] for _ in range(2)}

    assert places == {address("slip", slip.pk)}
    assert Cancellation.objects.count() == 1
    assert balance(luo) == 16


def test_a_cancellation_without_a_reason_is_refused(counter, slip):
    response = cancel(counter, slip, preset="", words=" ")

    assert "写明为什么撤销" in text_of(response)
    assert not Cancellation.objects.exists()


def test_a_slip_canceled_already_is_not_canceled_again(counter, slip):
    cancel(counter, slip)

    response = cancel(counter, slip)

    assert "已经撤销" in text_of(response)
    assert 'role="alert"' in text_of(response)
    assert 'name="preset"' not in text_of(response)


def test_a_slip_of_another_day_is_not_canceled(counter, luo, shelf, keeper):
    from rewards.redeeming import redeem

    old = redeem(
        luo,
        {shelf[0]: 5},
        key=uuid4(),
        by=keeper,
        at=timezone.now() - timedelta(days=1, minutes=-1),
    )
    page = text_of(counter.get(address("slip", old.pk)))

    response = cancel(counter, old)

    assert "撤销这一单" not in page
    assert "只能在当天撤销" in text_of(response)
    assert not Cancellation.objects.exists()


# A day


def test_a_day_lists_its_slips_with_totals_and_marks_the_canceled(
    counter, slip, luo, shelf
):
    give(luo, 30)
    confirm(counter, luo, {shelf[0]: 6})
    confirm(counter, luo, {shelf[2]: 1})
    cancel(counter, Redemption.objects.get(number=3))

    response = counter.get(address("slips"))

    day = response.context["day"]
    assert [(sold.reward.name, sold.quantity, sold.points) for sold in day.sold] == [
        ("食盐", 8, 16),
        ("酱油", 1, 8),
    ]
    page = text_of(response)
    assert "2单，24分 · 撤销1单" in page
    assert page.count('class="undone"') == 1
    assert page.index("000003") < page.index("000001")
    for word in ("罗小山代领", "店主", "核对人"):
        assert word in page


def test_another_day_is_shown_by_its_date(counter, slip):
    response = counter.get(address("slips", day=YESTERDAY.isoformat()))

    assert response.context["day"].on == YESTERDAY
    assert "那天没有人兑换" in text_of(response)


@pytest.mark.parametrize("typed", ["", "2026-02-30", "nonsense"])
def test_a_day_that_is_none_is_today(typed, counter, slip):
    response = counter.get(address("slips", day=typed))

    assert response.context["day"].on == timezone.localdate()


def test_a_day_without_slips_says_so(counter, village):
    assert "今天还没有人兑换" in text_of(counter.get(address("slips")))


def test_a_day_holds_nothing_of_another_village(counter, slip):
    elsewhere = VillageFactory()
    theirs = HouseholdFactory(village=elsewhere, head_name="金丝雀")
    give(theirs, 20)
    goods = shelve(elsewhere, "金丝雀")
    other = visitor(serve(elsewhere, Role.SHOPKEEPER))
    confirm(other, theirs, {goods: 5})

    response = counter.get(address("slips"))

    assert response.context["day"].slips == [slip]
    assert "金丝雀" not in text_of(response)


def test_a_day_asks_as_many_questions_for_many_slips_as_for_few(
    counter, slip, luo, shelf
):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            counter.get(address("slips"))
        return len(asked)

    few = questions()
    give(luo, 100)
    for _ in range(6):
        confirm(counter, luo, {shelf[0]: 5})
    cancel_redemption(
        Redemption.objects.get(number=2),
        reason="拿错",
        key=uuid4(),
        by=slip.redeemed_by,
        at=timezone.now(),
    )

    assert questions() == few <= 20


# Slips from paper


def test_a_paper_slip_is_entered_with_its_own_day_and_number(counter, luo, shelf):
    response = enter(counter, luo, {shelf[0]: 5})

    slip = Redemption.objects.get()
    assert response["Location"] == address("slip", slip.pk, done=1)
    assert (slip.handed_over_on, slip.paper_number) == (YESTERDAY, "0707-1")
    page = text_of(counter.get(address("slip", slip.pk)))
    assert "0707-1" in page
    assert "补录时间" in page


def test_a_paper_slip_stands_on_its_own_day_and_apart_on_the_day_of_entering(
    counter, luo, shelf
):
    enter(counter, luo, {shelf[0]: 5})
    slip = Redemption.objects.get()

    today = counter.get(address("slips")).context["day"]
    then = counter.get(address("slips", day=YESTERDAY.isoformat())).context["day"]

    assert (today.slips, today.entered_later) == ([], [slip])
    assert (then.slips, then.entered_later) == ([slip], [])
    assert "这天补录的" in text_of(counter.get(address("slips")))


def test_a_paper_slip_costs_what_its_day_cost(counter, luo, shelf, keeper):
    set_price(shelf[0], points=9, fen=900, by=keeper, at=timezone.now())
    sent = {"happened_on": YESTERDAY.isoformat(), "sum": "1"}

    shown = counter.post(address("paper"), till(luo, {shelf[0]: 5}, **sent))
    enter(counter, luo, {shelf[0]: 5})

    assert shown.context["form"].total == 10
    assert Redemption.objects.get().points == 10


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"happened_on": ""}, "写上纸上的日期"),
        ({"happened_on": "2026-02-30"}, "写上纸上的日期"),
        ({"paper_number": ""}, "写上纸上的编号"),
        ({"paper_number": "1" * 21}, "20"),
        (
            {"happened_on": (YESTERDAY + timedelta(days=2)).isoformat()},
            "日期不能比今天晚",
        ),
        (
            {"happened_on": (YESTERDAY - timedelta(days=40)).isoformat()},
            "只能补录最近31天",
        ),
    ],
)
def test_a_paper_slip_is_refused_with_all_that_was_typed(
    typed, sentence, counter, luo, village
):
    salt = shelve(village, "食盐", 2)

    response = enter(counter, luo, {salt: 5}, **typed)

    assert response.status_code == 200
    page = text_of(response)
    assert sentence in page
    for value in typed.values():
        assert value in page
    assert not Redemption.objects.exists()


def test_a_paper_slip_s_number_counts_once(counter, luo, shelf):
    give(luo, 40)
    enter(counter, luo, {shelf[0]: 5})

    response = enter(counter, luo, {shelf[0]: 6})

    assert "纸面小票0707-1已经录过了" in text_of(response)
    assert Redemption.objects.count() == 1


def test_the_same_paper_slip_sent_twice_counts_once(counter, luo, shelf):
    key = str(uuid4())

    places = {enter(counter, luo, {shelf[0]: 5}, key=key)["Location"] for _ in "ab"}

    assert len(places) == 1
    assert balance(luo) == 6


def test_a_slip_like_one_of_that_day_is_entered_only_after_a_second_look(
    counter, luo, shelf
):
    give(luo, 40)
    today = timezone.localdate().isoformat()
    confirm(counter, luo, {shelf[0]: 5})

    doubted = enter(counter, luo, {shelf[0]: 5}, happened_on=today)
    other = enter(counter, luo, {shelf[0]: 6}, happened_on=today)
    meant = enter(
        counter, luo, {shelf[0]: 5}, happened_on=today, paper_number="2", again="on"
    )

    assert "那天的小票1兑的是一样的东西" in text_of(doubted)
    assert 'name="again"' in text_of(doubted)
    assert {other.status_code, meant.status_code} == {302}
    assert Redemption.objects.count() == 3


def test_other_days_and_canceled_slips_raise_no_doubt(counter, luo, shelf):
    give(luo, 40)
    confirm(counter, luo, {shelf[0]: 5})
    cancel(counter, Redemption.objects.get())
    confirm(counter, luo, {shelf[0]: 6})
    today = timezone.localdate().isoformat()

    same_goods = enter(counter, luo, {shelf[0]: 5}, happened_on=today)
    day_before = enter(counter, luo, {shelf[0]: 6}, paper_number="2")

    assert {same_goods.status_code, day_before.status_code} == {302}


# Wishes


def test_a_wish_that_was_served_can_be_written_down_again(
    counter, luo, village, keeper
):
    oil = shelve(village, "菜油", 12, stock=0)
    wish = note_shortage(oil, luo, by=keeper, at=timezone.now())
    Shortage.objects.filter(pk=wish.pk).update(served_at=timezone.now())

    page = text_of(counter.get(address("counter", household="164")))

    assert 'name="shortage"' in page
    assert "已登记缺货" not in page


def test_wishes_are_listed_by_goods_until_they_come_in(counter, luo, village, keeper):
    oil = shelve(village, "菜油", 12, stock=0)
    note_shortage(oil, luo, by=keeper, at=timezone.now())
    theirs = HouseholdFactory(head_name="金丝雀")
    elsewhere = shelve(theirs.village, "金丝雀油", stock=0)
    note_shortage(elsewhere, theirs, by=keeper, at=timezone.now())

    waiting = text_of(counter.get(address("shortages")))
    receive_stock(oil, 3, key=uuid4(), by=keeper, at=timezone.now())
    arrived = text_of(counter.get(address("shortages")))

    assert "菜油 · 1户" in waiting
    assert "罗青山" in waiting
    assert "到货了" not in waiting
    assert "到货了，告诉他们一声" in arrived
    assert "没有人在等货" in arrived
    for page in (waiting, arrived):
        assert luo.phone not in page
        assert "金丝雀" not in page
