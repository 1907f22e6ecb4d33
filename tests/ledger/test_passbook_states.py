"""Every state a passbook can be in, as its household reads it."""

import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import segno
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.models import Household, VillagePolicy
from households.passbooks import print_cards
from ledger.answers import Declared, Objected
from ledger.declaring import declare_deed
from ledger.models import Entry
from ledger.objections import answer_objection, file_objection
from ledger.passbooks.passbook import read_book
from ledger.receiving import file_declaration
from ledger.recording import withdraw_deed
from ledger.review import reject_deed
from rewards.desk.finding import find_household
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    exchange,
    finalize,
    item_of,
    offer,
    publish,
    record,
    serve,
)
from tests.ledger.reading import text_of

APRIL, IN_APRIL = date(2026, 4, 1), datetime(2026, 4, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def opened(client, household, settings, tmp_path):
    """Return a reading of one's own pages; the card was scanned."""
    settings.DATA_DIR = tmp_path
    mine = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, mine, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")

    def open_page(path="/my/"):
        response = client.get(path)
        assert response.status_code == 200
        assert card.token not in response.text
        return response

    return open_page


def words(response):
    return text_of(response)


def test_what_was_declared_waits_with_its_points(village, household, recorder, opened):
    publish(village)
    declare_deed(
        household,
        item_of(village, "D02"),
        channel="phone",
        happened_on=date(2026, 4, 18),
        note="帮独居老人抢收玉米",
        key=uuid4(),
        by=recorder,
        at=IN_APRIL,
    )

    text = words(opened())

    assert "帮独居老人抢收玉米 申报3分，待审核 待定" in text
    assert text.index("4月 记录中") < text.index("3月 公示中")


def test_what_a_cadre_recorded_waits_and_is_told_when_it_is_approved(
    village, household, opened
):
    publish(village)
    deed = record(household, "D02", 3, at=IN_APRIL)
    waiting = words(opened())
    approve(deed, at=IN_APRIL)

    assert "记了+3分，待审核 待定" in waiting
    assert "+3分，审过了，下次公示时算 待定" in words(opened())


def test_what_was_not_approved_says_why_and_whom_to_ask(village, household, opened):
    award(household, "Z05", 5)
    deed = record(household, "D02", 3)
    reason = "同一件事3月12日已经记过"
    reject_deed(deed, reason=reason, by=serve(village, "reviewer"), at=END_OF_MARCH)
    publish(village)

    text = words(opened())

    assert f"这一笔没有通过：{reason}。 有意见可以找社长，电话0000-000000" in text


def test_what_is_said_against_a_household_is_told_to_it_first(
    village, household, opened
):
    publish(village)
    deed = record(household, "N01", 3, at=IN_APRIL, note="房前堆放杂物")
    assert "房前堆放杂物" not in words(opened())

    deed.heard_on = date(2026, 4, 20)
    deed.save(update_fields=["heard_on"])

    assert "房前堆放杂物" in words(opened())


def test_a_line_says_who_had_a_part_in_it_and_leads_to_its_objection(
    village, household, opened
):
    award(household, "Z05", 5)
    publish(village)
    number = Entry.objects.get(kind="addition").number
    on_notice = opened()
    finalize(village)
    final = opened()

    assert "记录员3月20日记，审核员3月20日审，两个人经手。" in words(on_notice)
    assert f'href="/my/objection/?line={number}"' in on_notice.text
    assert "?line=" not in final.text
    assert "公示已经结束。还有意见，打电话0000-000000" in words(final)


def test_an_objection_is_told_while_it_is_checked_and_when_it_is_answered(
    village, household, supervisor, opened
):
    award(household, "Z05", 5)
    publication = publish(village)
    objection = file_objection(
        publication,
        household=household,
        text="少了一笔",
        channel="oral",
        by=supervisor,
        at=FIRST_OF_APRIL,
    )
    being_checked = words(opened())
    answer_objection(
        objection,
        uphold=False,
        answer="查了记录，没有少",
        by=serve(village, "supervisor"),
        at=AFTER_NOTICE,
    )

    assert f"3月的异议（编号{objection.number}）正在核实" in being_checked
    assert "少了一笔" not in being_checked
    answered = words(opened())
    assert (
        f"3月的异议（编号{objection.number}）： 维持原分 查了记录，没有少" in answered
    )


def test_a_declaration_from_the_web_is_told_by_its_number(village, household, opened):
    publish(village)
    filed = file_declaration(
        household,
        text="给王婆婆家挑了三担水",
        happened_on=date(2026, 4, 19),
        key=uuid4(),
        at=IN_APRIL,
    )

    text = words(opened())

    assert f"申报{filed.number}（4月19日的事）：村里正在核实" in text
    assert "三担水" not in text


def test_a_past_year_is_closed_and_offers_nothing_to_do(village, household, opened):
    offer(village, points=5)
    december = date(2025, 12, 1)
    award(household, "D03", 20, at=datetime(2025, 12, 9, 2, tzinfo=UTC))
    publish(village, month=december)
    finalize(village, month=december, at=datetime(2026, 1, 20, tzinfo=UTC))
    award(household, "Z05", 5, at=datetime(2026, 1, 25, 2, tzinfo=UTC))
    publish(village, month=date(2026, 1, 1))

    this_year = opened()
    text = words(opened("/my/?year=2025"))

    assert "2025年的存折（已结清）：全年80分，兑换0分" in text
    assert "现在能兑换" not in text
    assert "我有异议 " not in text.partition("积分账")[0]
    assert 'href="?year=2025"' in this_year.text
    assert "2026年积分 65" in words(this_year)


def test_a_past_year_counts_what_was_redeemed_in_it(village, household, client, opened):
    salt = offer(village, points=5, at=datetime(2025, 11, 1, tzinfo=UTC))
    november = date(2025, 11, 1)
    award(household, "D04", 20, at=datetime(2025, 11, 9, 2, tzinfo=UTC))
    publish(village, month=november)
    finalize(village, month=november, at=datetime(2025, 12, 9, tzinfo=UTC))
    exchange(household, {salt: 2}, at=datetime(2025, 12, 10, 2, tzinfo=UTC))
    publish(village, month=date(2025, 12, 1))
    award(household, "Z05", 5, at=datetime(2026, 1, 25, 2, tzinfo=UTC))
    publish(village, month=date(2026, 1, 1))
    record(household, "D02", 3, at=datetime(2026, 2, 9, 2, tzinfo=UTC))

    text = words(opened("/my/?year=2025"))

    assert "2025年的存折（已结清）：全年80分，兑换10分" in text
    assert "食盐2袋" in text
    assert "待审核" not in text
    assert "待审核" in words(opened())


def test_what_its_recorder_took_back_is_not_told(village, household, recorder, opened):
    deed = record(household, "D02", 3, by=recorder, note="记错了户")
    assert "记错了户" in words(opened())

    withdraw_deed(deed, by=recorder, at=IN_MARCH)

    assert "记错了户" not in words(opened())


@pytest.mark.parametrize("year", ["1999", "x", "20255", "²025", ""])
def test_a_year_that_is_not_there_is_passed_over(village, household, opened, year):
    publish(village)

    assert "2026年积分 60" in words(opened(f"/my/?year={year}"))


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (100, "离年终优秀户100分，还差35分"),
        (65, "已经到了年终优秀户的65分"),
        (0, ""),
    ],
)
def test_the_goal_of_the_year_is_what_the_village_decided(
    village, household, opened, goal, said
):
    VillagePolicy.objects.update(honor_points=goal)
    award(household, "Z05", 5)
    publish(village)

    text = words(opened())

    assert said in text
    assert ("年终优秀户" in text) is bool(said)


def test_the_stars_of_the_year_stand_on_the_cover(village, household, opened):
    award(household, "Z05", 5)
    publish(village)

    text = words(opened())

    assert "★☆☆☆☆ 一星户" in text
    assert "再得5分升下一星" in text


def test_no_star_is_shown_where_the_village_gives_none(village, household, opened):
    VillagePolicy.objects.update(star_scores="")
    award(household, "Z05", 5)
    publish(village)

    assert "星" not in words(opened())


def test_the_bar_and_the_months_say_in_words_what_they_draw(village, household, opened):
    award(household, "Z05", 5)
    approve(record(household, "N01", 3))
    publish(village)
    finalize(village)
    award(household, "D02", 4, at=IN_APRIL)
    publish(village, month=APRIL)

    html = opened().text

    labels = [
        " ".join(label.split()) for label in re.findall(r'aria-label="([^"]*)"', html)
    ]
    assert "基础分60，法治0，德治4，自治5，扣3" in labels
    assert "3月2分 4月4分 （还在公示）" in labels
    charts = re.findall(r"<svg viewBox=\"0 0 168 104\">.*?</svg>", html, re.DOTALL)
    assert len(charts) == 2
    assert max(map(len, charts)) <= 2048
    assert sum(chart.count('class="waits"') for chart in charts) == 1


def test_a_bar_that_would_lie_is_left_out(village, household):
    award(household, "Z05", 5)
    publish(village)
    equation = read_book(Household.objects.get(pk=household.pk)).equation
    equation.by_pillar["law"] = -2

    assert not equation.is_divisible
    assert list(equation.bar) == []


def test_the_counter_s_code_says_the_number_which_the_counter_opens(
    village, household, opened
):
    page = opened()

    drawn = re.search(r'<path stroke="#000" d="([^"]*)"', page.text)[1]
    code = segno.make(household.number, error="m", micro=False)
    assert drawn in code.svg_inline()
    assert find_household(household.number, village).household == household
    assert f"户号{household.number}" in words(page)
    assert "/p/" not in page.text


def test_what_points_buy_and_what_they_bought_is_told(village, household, opened):
    salt = offer(village, points=2)
    sauce = offer(village, "酱油", 8, unit="瓶", position=1)
    award(household, "D04", 20)
    publish(village)
    finalize(village)
    exchange(household, {salt: 1, sauce: 1})

    text = words(opened())

    assert "现在能兑换 10分 够换：食盐5袋" in text
    assert "4月7日 兑换 食盐1袋、酱油1瓶 小票000001 −10 10" in text


def test_many_lines_cost_as_many_questions_as_a_few(village, household, client, opened):
    salt = offer(village, points=2)
    award(household, "D04", 20)
    publish(village)
    finalize(village)
    exchange(household, {salt: 5})
    record(household, "D02", 3, at=IN_APRIL)
    file = {"text": "挑水", "happened_on": date(2026, 4, 19), "at": IN_APRIL}
    file_declaration(household, key=uuid4(), **file)
    opened()
    with CaptureQueriesContext(connection) as few:
        opened()
    for day in range(1, 9):
        award(household, "D05", 1, at=IN_APRIL, happened_on=date(2026, 4, day))
        record(household, "D02", 3, at=IN_APRIL, happened_on=date(2026, 4, day))
    file_declaration(household, key=uuid4(), **file)
    exchange(household, {salt: 5}, at=IN_APRIL)

    with CaptureQueriesContext(connection) as many:
        opened()

    assert len(many) == len(few)


def test_nobody_else_is_named_on_it(village, household, opened):
    other = HouseholdFactory(
        village=village,
        group=household.group,
        head_name="欧阳雪见",
        phone="13500135000",
    )
    award(other, "D03", 20)
    award(household, "Z05", 5)
    publish(village)

    for path in ["/my/", "/my/print/", "/my/data/", "/my/data/file/"]:
        text = opened(path).text
        assert other.head_name not in text
        assert "13500135000" not in text


def test_the_paper_holds_the_whole_year_and_no_fold(village, household, opened):
    for month in range(1, 6):
        at = datetime(2026, month, 20, 2, tzinfo=UTC)
        award(household, "Z05", 5, at=at)
        publish(village, month=date(2026, month, 1))

    page = opened("/my/print/")

    assert "<details" not in page.text
    assert page.text.count("<thead>") == 1
    assert all(f"{month}月 · 公示中" in words(page) for month in range(1, 6))
    assert "<script" not in page.text


def test_what_became_of_things_is_told_without_a_name():
    assert not {"name", "phone", "contact"} & set(Declared.__dataclass_fields__)
    assert not {"name", "phone", "contact", "text"} & set(Objected.__dataclass_fields__)
