"""The forms that are filled in by hand, and the strips for who has no phone."""

import pytest
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from ledger.expiring import spendable_by_household, spendable_points
from tests.factories import (
    AFTER_NOTICE,
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

STRIPS = "/admin/cards/strips/"
HEADS = [(1, "罗青山", ""), (2, "陈德寿", "13900139000"), (3, "许望", "")]


def test_a_deed_is_declared_on_paper_with_what_the_page_asks(village, client):
    text = read(client, "/v/taoxi/paper/declare/")

    for words in [
        "我要申报 桃溪村",
        "谁家做的好事？",
        "做了什么？",
        "哪天做的？ 最近60天的事都可以报",
        "你的电话 不写也行；只有村干部看得到",
        "附了照片（不附也行）",
        "然后怎么办",
        "0000-000000",
        "受理号",
        "收到日期",
    ]:
        # Two forms to a sheet.
        assert text.count(words) == 2, words


def test_an_objection_is_written_on_paper_with_the_month_on_notice(
    village, household, client
):
    assert "正在公示" not in read(client, "/v/taoxi/paper/objection/")
    today = timezone.now()
    deed = award(household, "D02", 5, at=today)
    publish(village, month=deed.period.month, at=today)

    text = read(client, "/v/taoxi/paper/objection/")

    for words in ["正在公示：", "整个月", "一家", "一笔", "说说哪里不对", "可不写"]:
        assert words in text, words
    assert text.count("受理号") == 2


def test_the_web_forms_lead_to_the_paper_ones(village, household, client):
    award(household, "D02", 5)
    publish(village)

    for page in ["declare", "objection"]:
        html = client.get(f"/v/taoxi/{page}/").content.decode()
        assert f'href="/v/taoxi/paper/{page}/"' in html


# Strips


@pytest.fixture
def homes(village):
    """Three households of 1社: one with a phone, one below its base, one away."""
    group = village.groups.get(number=1)
    made = [
        HouseholdFactory(
            village=village, group=group, number=f"00{n}", head_name=name, phone=phone
        )
        for n, name, phone in HEADS
    ]
    award(made[0], "D02", 5)
    award(made[1], "D02", 4)
    approve(record(made[2], "N04", 10))
    publish(village)
    return made


@pytest.fixture
def desk(village, client):
    client.force_login(serve(village, Role.ADMIN))
    return client


def test_a_strip_says_what_the_board_says_and_what_can_be_exchanged(desk, homes):
    page = desk.post(STRIPS, {"village": "taoxi", "group": "1"})

    text = text_of(page)
    assert "1社 001 罗青山家 积分 65 3月 +5 现在能兑换 0" in text
    assert "1社 003 许望家 积分 60以下 3月 —" in text
    assert "4月6日17:00前可以提意见" in text
    assert "13900139000" not in page.content.decode()
    assert not any(f"{minus}10" in text for minus in "-−－")
    assert "no-store" in page["Cache-Control"]


def test_a_strip_of_a_final_month_says_what_can_be_exchanged_today(
    desk, village, homes
):
    finalize(village, at=AFTER_NOTICE)

    text = text_of(desk.post(STRIPS, {"village": "taoxi", "group": "1"}))

    assert "现在能兑换 5" in text
    assert "已定榜" in text


def test_only_who_left_no_phone_if_that_is_wanted(desk, homes):
    asked = {"village": "taoxi", "group": "1", "without_phone": "1"}

    text = text_of(desk.post(STRIPS, asked))

    assert "罗青山家" in text
    assert "陈德寿家" not in text
    assert "2张户条，1页纸" in text


def test_printing_strips_leaves_a_trace_without_names(desk, homes):
    desk.post(STRIPS, {"village": "taoxi", "group": "1"})

    event = AuditEvent.objects.get(action="household.strips")
    assert event.facts["households"] == [home.pk for home in homes]
    assert "罗青山" not in str(event.facts)


def test_the_page_offers_each_group_with_its_numbers(desk, homes):
    text = text_of(desk.get(STRIPS))

    assert "1社 3户" in text
    assert "只打没留电话的2户" in text
    assert "打印3张户条" in text


def test_what_nobody_lives_in_prints_nothing(desk, homes):
    for group in ["2", "x", "²"]:
        page = desk.post(STRIPS, {"village": "taoxi", "group": group}, follow=True)
        assert "没有要打户条的人家" in text_of(page)


def test_before_the_first_notice_there_are_no_strips(desk, village, household):
    assert "还没有公示过" in text_of(desk.get(STRIPS))
    assert "还没有公示过" in text_of(desk.post(STRIPS, {"village": "taoxi"}))
    assert not AuditEvent.objects.filter(action="household.strips").exists()


@pytest.mark.parametrize("role", [Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER])
def test_who_may_not_print_cards_prints_no_strips(village, homes, client, role):
    client.force_login(serve(village, role))

    assert client.get(STRIPS).status_code == 404
    assert client.post(STRIPS, {"group": "1"}).status_code == 404


def test_what_each_household_can_spend_is_the_same_asked_at_once(village, homes):
    finalize(village, at=AFTER_NOTICE)
    goods = offer(village, points=2)
    village.policy.smallest_redemption = 1
    village.policy.save()
    exchange(homes[0], {goods: 2})

    at_once = spendable_by_household(village, at=AFTER_NOTICE)

    assert at_once[homes[0].pk] == 1
    for home in homes:
        assert at_once[home.pk] == spendable_points(home, at=AFTER_NOTICE)


def test_the_cards_page_leads_to_the_strips(desk, homes):
    assert f'href="{STRIPS}?village=taoxi"' in desk.get("/admin/cards/").text
