"""兑换柜台: whom the field finds, what the till shows, what is refused and kept."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households.models import AuditEvent, Household
from households.passbooks import issue_passbooks, reissue_passbook, token_of
from households.roles import Role
from ledger.models import Operation
from rewards.models import Redemption, Shortage
from rewards.stock import set_price
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    VillagerGroupFactory,
    award,
    finalize,
    publish,
    serve,
    withdraw,
)
from tests.rewards.counter import (
    address,
    balance,
    confirm,
    find,
    give,
    on_hand,
    shelve,
    till,
)
from tests.two_villages import visitor

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def text_of(response):
    return TOKEN.sub("", response.content.decode())


def card_of(household):
    [passbook] = issue_passbooks(household.village, [household], at=timezone.now())
    return passbook, token_of(passbook)


# Who stands at the counter


@pytest.mark.parametrize("typed", ["164", "164号", "１６４", "罗青山", "lqs", " LQS "])
def test_a_number_a_name_or_initials_lead_to_the_household(typed, counter, luo):
    response = find(counter, typed)

    assert response.status_code == 302
    assert f"?village={luo.village.slug}&household=164&key=" in response["Location"]
    page = text_of(counter.get(response["Location"]))
    assert "罗青山家" in page
    assert "能兑<b>16</b>分" in page
    assert "2社 · 164号" in page


@pytest.mark.parametrize(
    "scan", ["{}", "https://a.example/p/{}/", "http://b/p/{}", "{}/", "/p/{}/?from=wx"]
)
def test_a_card_leads_to_its_household_and_is_in_no_address(scan, counter, luo):
    _passbook, token = card_of(luo)

    response = find(counter, scan.format(token))

    assert "household=164" in response["Location"]
    assert token not in response["Location"]


def test_full_width_letters_of_an_input_method_are_read_and_not_shown(counter, luo):
    _passbook, token = card_of(luo)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in token)

    assert "household=164" in find(counter, wide)["Location"]
    assert wide[:14] not in text_of(find(counter, wide[:14]))
    assert token[:14] not in text_of(find(counter, wide[:14]))


@pytest.mark.parametrize(
    "scan", ["Ｐ{}", "http://x/p/{:.20}", "{:.12}", "罗青山 {}", "164,{}", "{}{}"]
)
def test_a_card_read_by_halves_is_not_shown_again(scan, counter, luo):
    _passbook, token = card_of(luo)

    response = find(counter, scan.format(token, token))

    assert response.status_code == 200
    assert token[:12] not in text_of(response)
    assert response.context["found"].problem


def test_a_scan_in_small_letters_is_read_too(counter, luo):
    _passbook, token = card_of(luo)

    assert "household=164" in find(counter, token.lower())["Location"]


def test_a_card_s_code_stays_in_no_answer_log_session_or_trace(counter, luo, caplog):
    passbook, token = card_of(luo)
    reissue_passbook(passbook, replacing=1, by=None, at=timezone.now())
    passbook.refresh_from_db()
    cards = [token, token_of(passbook), "Z" * 26, f"http://x/p/{token[:20]}"]

    with caplog.at_level(logging.DEBUG):
        answers = [find(counter, card) for card in cards]
        answers.append(counter.get(answers[1]["Location"]))
        confirm(counter, luo, {shelve(luo.village): 5})

    traces = [*AuditEvent.objects.values_list(), *Operation.objects.values_list()]
    said = "".join(text_of(answer) + repr(answer.headers) for answer in answers)
    for card in cards:
        code = card.rpartition("/")[2]
        assert code not in said
        assert code not in caplog.text
        assert code not in repr(traces)
        assert code not in repr(dict(counter.session))


def test_an_old_card_says_so_and_opens_nothing(counter, luo):
    passbook, token = card_of(luo)
    reissue_passbook(passbook, replacing=1, by=None, at=timezone.now())

    response = find(counter, token)

    assert response.status_code == 200
    assert "旧卡，请核对姓名" in text_of(response)
    assert "罗青山" not in text_of(response)
    assert find(counter, "164").status_code == 302


def test_a_card_or_a_number_of_another_village_is_like_an_unknown_one(counter, luo):
    theirs = HouseholdFactory(number="777", head_name="金丝雀")
    _passbook, token = card_of(theirs)
    unknown = text_of(find(counter, "9" * 26))

    assert text_of(find(counter, token)) == unknown
    for typed in ("777", "金丝雀"):
        response = find(counter, typed)
        assert response.status_code == 200
        assert "没有这一户" in text_of(response) or "没找到" in text_of(response)
    response = counter.get(address("counter", household="777"))
    assert "没找到这一家" in text_of(response)
    assert "金丝雀" not in text_of(response)


def test_namesakes_are_listed_with_group_and_number(counter, luo, village):
    HouseholdFactory(
        village=village,
        group=village.groups.get(number=1),
        number="012",
        head_name="罗青山",
    )

    response = find(counter, "罗青山")

    page = text_of(response)
    assert "有2家对得上" in page
    assert "1社 · 012号" in page
    assert "2社 · 164号" in page
    assert "household=012" in page


def test_what_was_not_understood_stands_in_the_field_again(counter, luo):
    page = text_of(find(counter, "罗青三"))

    assert 'value="罗青三"' in page
    assert "没找到" in page or "没有这一户" in page


def test_an_empty_field_says_what_to_write(counter, luo):
    assert "先扫码，或者写户号" in text_of(find(counter, " "))


def test_who_has_moved_out_exchanges_nothing(counter, luo):
    Household.objects.filter(pk=luo.pk).update(status=Household.Status.LEFT)

    assert "已经迁走" in text_of(find(counter, "164"))
    page = counter.get(address("counter", household="164"))
    assert "罗青山" not in text_of(page)


def test_the_shopkeeper_sees_name_group_number_and_balance_only(counter, luo, shelf):
    award(luo, "Z05", note="帮邻居收玉米")

    page = text_of(counter.get(address("counter", household="164")))

    for secret in (luo.phone, "收玉米", luo.secret, "lqs"):
        assert secret not in page
    for elsewhere in ("/admin/entry/", "/admin/review/", "/admin/ledger/deed/"):
        assert counter.get(elsewhere).status_code in (403, 404)


# What the till shows


def test_goods_stand_in_shelf_order_with_price_and_stock(counter, luo, shelf):
    response = counter.get(address("counter", household="164"))

    wares = response.context["form"].wares
    assert [ware.reward for ware in wares] == shelf
    page = text_of(response)
    assert "每袋2分" in page
    assert "剩3瓶" in page
    assert "goods.svg#sauce" in page
    assert "最少兑10分" in page


def test_what_cannot_be_afforded_says_how_many_points_are_missing(counter, luo, shelf):
    salt, sauce, powder = shelf

    response = counter.post(address("counter"), till(luo, {salt: 2, sauce: 1}, sum="1"))

    wares = {ware.reward: ware for ware in response.context["form"].wares}
    assert wares[powder].is_out_of_reach
    assert not wares[sauce].is_out_of_reach
    assert "分不够，还差<span>6</span>分" in text_of(response)
    assert "一共<em>12</em>分" in text_of(response)
    assert "兑完还剩<b>4</b>分" in text_of(response)
    assert [wares[goods].takes_more for goods in shelf] == [True, False, False]


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [("more", 0, 1), ("more", 3, 3), ("less", 2, 1), ("less", 0, 0)],
)
def test_a_button_without_scripts_changes_one_count(
    button, before, after, counter, luo, shelf
):
    _salt, sauce, _powder = shelf
    sent = till(luo, {sauce: before}, collected_by="罗小山", **{button: sauce.pk})

    response = counter.post(address("counter"), sent)

    assert response.context["form"].wares[1].count == after
    assert response.context["form"]["key"].value() == sent["key"]
    assert 'value="罗小山"' in text_of(response)
    assert not Redemption.objects.exists()


def test_enter_in_a_box_adds_up_and_redeems_nothing(counter, luo, shelf):
    response = counter.post(address("counter"), till(luo, {shelf[0]: 5}))

    assert response.status_code == 200
    assert response.context["form"].total == 10
    assert not Redemption.objects.exists()


def test_goods_without_a_price_or_off_the_shelf_are_not_shown(counter, luo, shelf):
    salt, sauce, powder = shelf
    type(salt).objects.filter(pk=salt.pk).update(is_active=False)

    response = counter.get(address("counter", household="164"))

    shown = [ware.reward for ware in response.context["form"].wares]
    assert shown == [sauce, powder]


def test_an_empty_shelf_says_who_fills_it(counter, luo):
    for page in (address("counter"), address("counter", household="164")):
        assert "村管理员定了东西和分值" in text_of(counter.get(page))


@pytest.fixture
def notice(luo, recorder, reviewer):
    """20 points of 罗青山 on notice since now."""
    first = timezone.localdate().replace(day=1)
    month = (first - timedelta(days=1)).replace(day=1)
    happened = timezone.now() - timedelta(days=timezone.localdate().day)
    award(luo, "D03", 20, at=happened, by=recorder)
    return publish(luo.village, month=month, by=reviewer, at=timezone.now())


def test_points_on_notice_are_said_with_the_day_they_come(counter, notice):
    month, ends = notice.period.month, timezone.localtime(notice.period.notice_ends_at)

    page = text_of(counter.get(address("counter", household="164")))

    assert f"{month.month}月的20分还在公示，{ends.month}月{ends.day}日后能用" in page
    assert "能兑<b>16</b>分" in page


def test_points_of_a_final_month_are_no_longer_on_notice(counter, notice):
    over = notice.period.notice_ends_at + timedelta(hours=1)
    finalize(notice.village, month=notice.period.month, at=over)

    page = text_of(counter.get(address("counter", household="164")))

    assert "还在公示" not in page
    assert "能兑<b>36</b>分" in page


def test_points_of_a_withdrawn_notice_are_promised_for_no_day(
    counter, notice, reviewer
):
    withdraw(notice, by=reviewer)

    page = text_of(counter.get(address("counter", household="164")))

    assert "还在公示" not in page
    assert "能兑<b>16</b>分" in page


def test_goods_out_of_stock_can_be_asked_for_once(counter, luo, village):
    oil = shelve(village, "菜油", 12, stock=0)
    sent = till(luo, shortage=oil.pk)

    responses = [counter.post(address("counter"), sent) for _ in range(2)]

    assert "没货了" in text_of(responses[0])
    assert "记下了：罗青山家要菜油" in text_of(responses[0])
    assert Shortage.objects.get().household == luo
    page = text_of(counter.get(address("counter", household="164")))
    assert "已登记缺货" in page
    assert 'name="shortage"' not in page


def test_goods_in_stock_are_not_asked_for(counter, luo, shelf):
    counter.post(address("counter"), till(luo, shortage=shelf[0].pk))
    counter.post(address("counter"), till(luo, shortage="nonsense"))

    assert not Shortage.objects.exists()


# One slip


def test_confirming_makes_a_slip_and_leads_to_it(counter, luo, shelf, keeper):
    salt, sauce, _powder = shelf

    response = confirm(counter, luo, {salt: 2, sauce: 1}, collected_by="罗小山")

    slip = Redemption.objects.get()
    assert response["Location"] == address("slip", slip.pk, done=1)
    assert (slip.points, slip.collected_by) == (12, "罗小山")
    assert slip.redeemed_by == keeper
    assert (balance(luo), on_hand(salt), on_hand(sauce)) == (4, 38, 2)


def test_the_same_form_sent_again_and_again_makes_one_slip(counter, luo, shelf):
    key = str(uuid4())

    places = {
        confirm(counter, luo, {shelf[0]: 5}, key=key)["Location"] for _ in range(3)
    }

    assert places == {address("slip", Redemption.objects.get().pk, done=1)}
    assert balance(luo) == 6


def test_the_same_form_with_other_goods_names_the_slip_it_made(counter, luo, shelf):
    key = str(uuid4())
    confirm(counter, luo, {shelf[0]: 5}, key=key)

    response = confirm(counter, luo, {shelf[0]: 6}, key=key)

    slip = Redemption.objects.get()
    assert response.status_code == 200
    assert f"这一单已经兑过了（小票{slip.number}）" in text_of(response)
    assert address("slip", slip.pk) in text_of(response)
    assert response.context["form"].wares[0].count == 6
    refusal = AuditEvent.objects.get(action="shop.redeem", outcome="refused")
    assert refusal.village == luo.village


def test_the_back_button_finds_the_form_used_up(counter, luo, shelf):
    opened = find(counter, "164")["Location"]
    key = str(counter.get(opened).context["form"]["key"].value())
    assert key in opened
    confirm(counter, luo, {shelf[0]: 5}, key=key)

    page = text_of(counter.get(opened))

    assert "这一单已经兑过了" in page
    assert "再兑一单" in page


def test_a_key_used_for_something_else_is_refused(counter, luo, shelf, keeper):
    key = uuid4()
    Operation.objects.create(
        village=luo.village,
        key=key,
        kind="count_stock",
        fingerprint="0" * 64,
        by=keeper,
        at=timezone.now(),
    )

    response = confirm(counter, luo, {shelf[0]: 5}, key=str(key))

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert not Redemption.objects.exists()


# What is refused


def close_today(luo, *_):
    today = timezone.localdate().day
    other = 1 if today != 1 else 2
    type(luo.village.policy).objects.filter(village=luo.village).update(
        redemption_first_day=other, redemption_last_day=other
    )


def take_off_the_shelf(luo, salt):
    type(salt).objects.filter(pk=salt.pk).update(is_active=False)


def make_dearer(luo, salt):
    set_price(
        salt,
        points=3,
        fen=300,
        by=None or serve(luo.village, Role.ADMIN),
        at=timezone.now(),
    )


@pytest.mark.parametrize(
    ("wanted", "typed", "before", "sentence"),
    [
        ({}, {}, None, "先选东西"),
        ({0: 4}, {}, None, "一次最少兑10分"),
        ({1: 3}, {}, None, "还差8分"),
        ({1: 4}, {}, None, "还差16分"),
        ({0: "两袋"}, {}, None, "食盐要几份"),
        ({0: "-1", 2: 1}, {}, None, "食盐要几份"),
        ({0: 5}, {"collected_by": "罗" * 31}, None, "代领人"),
        ({0: 5}, {"key": "no key"}, None, ""),
        ({0: 5}, {}, close_today, "日兑换"),
        ({0: 5, 1: 0}, {}, take_off_the_shelf, "已经下架"),
        ({0: 5}, {"price-0": 2}, make_dearer, "食盐现在要3分"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    wanted, typed, before, sentence, counter, luo, shelf
):
    if before:
        before(luo, shelf[0])
    if "price-0" in typed:
        typed = {f"price-{shelf[0].pk}": 2}
    wanted = {shelf[index]: count for index, count in wanted.items()}

    response = confirm(counter, luo, wanted, **{"collected_by": "罗小山", **typed})

    assert response.status_code == 200
    page = text_of(response)
    assert sentence in page
    assert typed.get("collected_by", "罗小山") in page
    for ware in response.context["form"].wares:
        if str(wanted.get(ware.reward, 0)).isdecimal():
            assert ware.count == int(wanted.get(ware.reward, 0))
    assert not Redemption.objects.exists()
    assert balance(luo) == 16


def test_more_than_is_on_the_shelf_is_refused(counter, luo, shelf):
    give(luo, 100)

    response = confirm(counter, luo, {shelf[1]: 4})

    assert "酱油只剩3瓶" in text_of(response)
    sauce = response.context["form"].wares[1]
    assert (sauce.count, sauce.missing, sauce.takes_more) == (4, 0, False)


def test_goods_that_ran_out_meanwhile_can_be_taken_out_of_the_till(
    counter, luo, village, shelf
):
    oil = shelve(village, "菜油", 4, stock=0)

    response = confirm(counter, luo, {shelf[0]: 5, oil: 1})

    page = text_of(response)
    assert "菜油没货了" in page
    assert f'name="count-{oil.pk}" value="1"' in page


def test_goods_of_another_village_are_refused(counter, luo, shelf):
    elsewhere = shelve(VillageFactory(), "金丝雀", 2)

    response = confirm(counter, luo, {shelf[0]: 5, elsewhere: 1})

    assert "已经下架" in text_of(response)
    assert "金丝雀" not in text_of(response)
    assert not Redemption.objects.exists()


def test_a_closed_shop_says_so_before_anything_is_chosen(counter, luo, shelf):
    close_today(luo)

    assert "日兑换" in text_of(counter.get(address("counter")))


# Who may


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SHOPKEEPER])
@pytest.mark.parametrize("name", ["counter", "paper", "slips", "shortages"])
def test_nobody_but_the_shopkeeper_finds_the_counter(name, role, village, luo):
    client = visitor(serve(village, role))

    assert client.get(address(name)).status_code == 404
    assert find(client, "164").status_code == 404
    assert confirm(client, luo, {}).status_code == 404


def test_a_household_of_another_village_is_not_served(counter, shelf):
    elsewhere = VillageFactory()
    theirs = HouseholdFactory(
        village=elsewhere, group=VillagerGroupFactory(village=elsewhere), number="555"
    )
    give(theirs, 50)
    sent = till(theirs, {shelf[0]: 5}, confirm="1")

    assert counter.post(address("counter"), sent).status_code == 404
    del sent["village"]
    assert "没找到这一家" in text_of(counter.post(address("counter"), sent))
    assert not Redemption.objects.exists()


# The script's questions


def test_the_script_is_given_the_next_address_or_the_counter_alone(counter, luo, shelf):
    found = find(counter, "164", X_Desk="1")
    assert found.json()["next"].startswith("/admin/shop/?village=taoxi&household=164")

    unknown = find(counter, "999", X_Desk="1")
    assert text_of(unknown).strip().startswith('<div id="counter">')
    assert "<html" not in text_of(unknown)

    sent = till(luo, {shelf[0]: 5}, confirm="1")
    slip = counter.post(address("counter"), sent, headers={"X-Desk": "1"})
    assert slip.json() == {"next": address("slip", Redemption.objects.get().pk, done=1)}


def test_the_counter_asks_as_many_questions_for_many_as_for_few(
    counter, luo, shelf, village
):
    pages = [address("counter"), address("counter", household="164")]

    def questions():
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                counter.get(page)
            counts.append(len(asked))
        return counts

    few = questions()
    for number in range(20):
        HouseholdFactory(village=village, group=luo.group, number=f"9{number:02d}")
        shelve(village, f"东西{number}", 3)
        give(luo, 10)
    confirm(counter, luo, {shelf[0]: 5})

    assert questions() == few
    assert max(few) <= 20
