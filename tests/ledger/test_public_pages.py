"""What a visitor sees on the public pages, and what no visitor can find there."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from households.models import VillagePolicy
from ledger.months import finalize_month
from ledger.objections import answer_objection, file_objection
from ledger.rulebooks import adopt_rulebook
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    VillageFactory,
    award,
    publish,
    record,
    serve,
)
from tests.ledger.documents import counts, document, hang, row
from tests.ledger.reading import read, text_of
from tests.ledger.test_publishing import APRIL, IN_APRIL

MARCH_BOARD = "/v/taoxi/months/2026-03/"


def on_notice_for(village, days):
    """Publish a month whose notice ends in so many days."""
    ends = timezone.localtime() + timedelta(days=days)
    text = document(
        row(1, 70, 1),
        published_at=(ends - timedelta(days=9)).isoformat(timespec="seconds"),
        notice_ends_at=ends.isoformat(timespec="seconds"),
    )
    return hang(village, text)


# The board


def test_before_the_first_publication_the_board_says_when_it_comes(village, client):
    record(HouseholdFactory(village=village), at=timezone.now())
    today = timezone.localdate()

    page = client.get("/v/taoxi/")

    text = text_of(page)
    assert "第一期还没公示" in text
    assert f"本村从{today.year}年{today.month}月开始记分，第一期" in text
    assert "看看积分规则" in text
    assert "<table" not in page.content.decode()


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (3, "公示中，还有3天"),
        (1, "公示中，还有1天"),
        (0, "今天"),
        (-2, "6月还没定榜"),
    ],
)
def test_the_strip_counts_down_to_the_end_of_the_notice(village, client, days, words):
    on_notice_for(village, days)

    text = read(client, "/v/taoxi/")

    assert words in text
    assert "我有异议" in text


def test_a_final_month_says_which_month_is_being_kept_now(village, client):
    award(HouseholdFactory(village=village), "D02", 5)
    finalize_month(publish(village).period, by=None, at=AFTER_NOTICE)
    record(village.households.get(), at=timezone.now())

    text = read(client, "/v/taoxi/")

    assert "3月已定榜。" in text
    assert "三月红榜 2026年第1期 · 全村1户" in text


def test_a_page_is_rendered_anew_when_its_month_becomes_final(village, client):
    award(HouseholdFactory(village=village), "D02", 5)
    publication = publish(village)
    before = client.get(MARCH_BOARD)

    finalize_month(publication.period, by=None, at=AFTER_NOTICE)

    assert "这是2026年3月的公示，已定榜" in read(client, MARCH_BOARD)
    assert client.get(MARCH_BOARD).headers["ETag"] != before.headers["ETag"]


def test_the_ranked_stand_on_slips_and_in_the_table_with_their_moves(village, client):
    rows = [
        row(1, 98, 1, tied=1, moved=3, month=8, name="罗○山"),
        row(2, 98, 1, tied=1, moved=0, month=5, name="许○香"),
        row(3, 90, 3, moved=-2, name="郑○满"),
        row(4, 80, 4, new=1, month=4, name="程○露"),
    ]
    for number, name in [("001", "罗青山"), ("002", "许稻香")]:
        HouseholdFactory(
            village=village,
            number=number,
            head_name=name,
            full_name_consented_on=date(2025, 1, 1),
        )
    hang(village, document(*rows))

    text = read(client, "/v/taoxi/")

    assert "第一名 罗青山 98分 1社 本月 +8" in text
    assert "第三名 郑○满 90分 1社" in text
    assert "1 并列 罗青山 1社 ▲3 比上月上升3名 +8 98" in text
    assert "1 并列 许稻香 1社 － 名次不变 +5 98" in text
    assert "3 郑○满 1社 ▽2 比上月下降2名 — 90" in text
    assert "4 程○露 1社 新上榜 +4 80" in text


def test_a_month_without_ranked_households_says_so_and_shows_no_table(village, client):
    hang(village, document(counts=counts(6, 0, 0, 0)))

    page = client.get("/v/taoxi/")

    assert "这个月还没有加分记录" in text_of(page)
    assert "<table" not in page.content.decode()


def test_who_is_below_the_base_points_is_not_told_by_how_many(village, client):
    hang(village, document(row(1, name="许○")))

    assert "001 许○ 60以下 分，本月 —" in read(client, "/v/taoxi/")


def test_above_250_households_each_group_has_its_own_page(village, client):
    hang(village, document(row(1, 60, group=1), households=251))

    page = client.get("/v/taoxi/")

    assert '<a href="/v/taoxi/groups/1/">' in page.content.decode()
    assert "王○田" not in text_of(page)


def test_a_deduction_is_told_without_name_minus_or_household_count(village, client):
    line = {
        "item": "N02",
        "title": "庭院脏乱",
        "points": 6,
        "group": 1,
        "households": 4,
    }
    hang(village, document(deductions=[line]))

    text = read(client, "/v/taoxi/")

    assert "扣分（不点名）" in text
    assert "1社 · 庭院脏乱 · 共扣6分" in text


def test_the_footer_names_the_committee_the_day_the_phone_and_the_demo(village, client):
    village.is_demo = True
    village.save()
    hang(village, document())

    page = client.get("/v/taoxi/")

    text = text_of(page)
    assert "桃溪村村民委员会 2025年7月1日公示" in text
    assert "村民监督电话 0000-000000 · 不会上网，打电话、当面说都算数" in text
    assert "演示数据，村名、人名均为虚构" in text
    assert "其他家庭只显示姓和末字；扣分情况只告知本户，不上榜。" in text
    assert 'href="tel:0000000000"' in page.content.decode()


def test_the_footer_explains_hidden_names_only_where_there_are_some(village, client):
    hang(village, document(*[row(n, 60, name="许○香") for n in range(1, 7)]))
    for number in range(1, 7):
        HouseholdFactory(village=village, number=f"{number:03d}", head_name="许稻香")

    assert "只显示姓和末字" in read(client, "/v/taoxi/")
    VillagePolicy.objects.update(full_names_decision="2025年1月8日，50票同意")
    assert "只显示姓和末字" not in read(client, "/v/taoxi/")
    assert "只显示姓和末字" not in read(client, "/v/taoxi/groups/1/")


# Months


def test_a_correction_is_told_on_the_old_page_and_on_the_new_one(
    village, household, supervisor, client
):
    deed = award(household, "Z05", 5)
    march = publish(village)
    objection = file_objection(
        march,
        text="不是他",
        channel="oral",
        entry=deed.entries.get(),
        by=None,
        at=FIRST_OF_APRIL,
    )
    answer_objection(objection, uphold=True, answer="查实", by=supervisor, at=IN_APRIL)
    finalize_month(march.period, by=None, at=IN_APRIL)
    publish(village, month=APRIL)

    old, new = read(client, MARCH_BOARD), read(client, "/v/taoxi/")

    assert "收到异议1件，都已答复。" in old
    assert "3月有1处更正，已记在4月。" in old
    assert "3月有1处更正，已记在4月。" in new
    assert "3月“参加公共清洁”，第2笔，已冲回" in new
    assert "不是他" not in old + new


def test_the_archive_leads_from_month_to_month(village, household, client):
    award(household, "Z01")
    publish(village)
    publish(village, month=APRIL)

    archive = client.get("/v/taoxi/months/").content.decode()
    march = client.get(MARCH_BOARD).content.decode()
    april = client.get("/v/taoxi/months/2026-04/").content.decode()

    assert archive.index("2026-04") < archive.index("2026-03")
    assert "红榜第一 陈" in archive
    assert 'href="/v/taoxi/months/2026-04/">下一期' in march
    assert "上一期" not in march
    assert 'href="/v/taoxi/months/2026-03/">‹ 上一期' in april
    assert "下一期" not in april


def test_a_month_that_was_not_published_is_said_to_be_missing(village, client):
    record(HouseholdFactory(village=village))

    text = read(client, MARCH_BOARD, status=404)

    assert "没有这一期公示 看往期" in text
    assert client.get(f"{MARCH_BOARD}publication.json").status_code == 404
    assert client.get("/v/taoxi/months/2026-13/").status_code == 404


# Rules, declaring, objecting


def test_the_34_items_are_a_sample_until_the_village_adopts_them(village, client):
    before = read(client, "/v/taoxi/rules/")
    adopt_rulebook(
        village.rulebooks.get(),
        adoption="村民会议，50票同意",
        adopted_on=FIRST_OF_APRIL.date(),
        by=serve(village, "admin"),
        at=FIRST_OF_APRIL,
    )

    after = read(client, "/v/taoxi/rules/")

    assert "34条积分规则 示例" in before
    assert "每户每年先有60分。做好事加分，25条；不该做的事扣分，9条。" in before
    assert "提醒：这9件事会扣分 扣分只告诉本户，不上榜" in before
    assert "F02 参与平安巡逻值守" in before
    assert "+5 每次 每月最多15分，全年最多40分 凭排班表+带班人签字" in before
    assert "扣 2至5 每次 全年最多15分 补回：7日内清理并复查合格，恢复100%" in before
    assert "示例" not in after
    assert "2026年4月1日通过：村民会议，50票同意" in after


def test_a_village_without_rules_says_that_they_are_being_drawn_up(db, client):
    VillageFactory(slug="taoxi", rulebook=False)

    assert "规则正在制定，定了就公布" in read(client, "/v/taoxi/rules/")


def test_objecting_is_possible_before_and_after_the_end_of_the_notice(village, client):
    publication = on_notice_for(village, 3)
    during = read(client, "/v/taoxi/objection/")
    publication.period.finalized_at = timezone.now() + timedelta(days=4)
    publication.period.save()

    after = read(client, "/v/taoxi/objection/")

    assert "前都可以提" in during
    assert "已经结束。还有意见照样可以说" in after


# The township


def test_one_village_is_opened_at_once(village, client):
    response = client.get("/")

    assert (response.status_code, response.url) == (302, "/v/taoxi/")


def test_villages_stand_in_the_order_of_the_township_whatever_their_points(
    village, client
):
    second = VillageFactory(township=village.township, name="双河村", position=2)
    first = VillageFactory(township=village.township, name="石板村", position=1)
    village.position = 3
    village.save()
    hang(second, document(row(1, 99, 1)))
    hang(village, document(row(1, 70, 1)), final=True)

    text = read(client, "/")

    assert text.index(first.name) < text.index(second.name) < text.index("桃溪村")
    assert "石板村 还没开始" in text
    assert "全镇3个村 12户 · 6月好事286件" in text
    assert "7月还没公示，应在8月1日公示" in text
