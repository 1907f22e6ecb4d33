"""A year of two final months, added up by hand; the report says the same.

    household        March              April            base  gained  lost  score
    001 周兴禾 1社   +2 Z01  +5 Z05     +5 D02             60      12     0     72
    002 吴桂圆 1社   +2 Z01             −2 (put right)     60       0     0     60
    003 郑小满 2社   −5 N01             –                  60       0     5     55

001 exchanges two bags of salt of 5 points: 12 − 10 = 2 points left.
"""

import csv
import io
import os
from datetime import UTC, date, datetime
from uuid import uuid4

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from households.models import AuditEvent
from households.roles import Role
from ledger.models import Entry
from ledger.months import period_for
from ledger.posting import reverse_entry
from rewards.annual import charts, sheets
from rewards.annual.figures import village_year
from rewards.annual.lines import RepairLine, percent
from rewards.annual.one_table import fields, one_table
from rewards.annual.shop import shop_year
from rewards.canceling import cancel_redemption
from rewards.desk.export_progress import counted
from rewards.fund import correct_fund_movement
from tests.factories import (
    HouseholdFactory,
    approve,
    award,
    change,
    exchange,
    finalize,
    make_good,
    offer,
    publish,
    record,
    serve,
)
from tests.rewards.april import money
from tests.two_villages import visitor

APRIL = date(2026, 4, 1)
IN_APRIL = datetime(2026, 4, 20, 2, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 8, 2, tzinfo=UTC)
# Whoever reads the table by machine relies on these names and their order.
COLUMNS = [
    *["数据年度", "乡镇", "行政村", "村民小组", "户号", "户主姓名", "在册", "定榜月数"],
    *["基础分", "加分", "扣分", "年度总分", "名次", "好事件数", "已兑换", "结余"],
    *(f"{month}月得分" for month in range(1, 13)),
    "公示校验码",
    "星级",
    "是否优秀家庭",
]
PAGE = "/admin/reports/2026/"
EXPORT = f"{PAGE}export/"


@pytest.fixture
def homes(village):
    names = [("001", "周兴禾", 1), ("002", "吴桂圆", 1), ("003", "郑小满", 2)]
    return [
        HouseholdFactory(
            village=village,
            group=village.groups.get(number=group),
            number=number,
            head_name=name,
        )
        for number, name, group in names
    ]


@pytest.fixture
def lived(village, homes):
    """The two months above, final, and one slip."""
    first, second, third = homes
    award(first, "Z01")
    award(first, "Z05")
    mistake = award(second, "Z01")
    approve(record(third, "N01", 5))
    publish(village)
    finalize(village)
    reverse_entry(
        Entry.objects.get(deed=mistake),
        period=period_for(village, APRIL, at=IN_APRIL),
        by=serve(village, Role.REVIEWER),
        at=IN_APRIL,
    )
    award(first, "D02", 5, at=IN_APRIL)
    publish(village, month=APRIL)
    finalize(village, month=APRIL, at=IN_MAY)
    exchange(first, {offer(village, points=5): 2}, at=IN_MAY)
    return village


@pytest.fixture
def year(lived):
    return village_year(lived, 2026)


def test_what_was_repaired_makes_the_loss_smaller_and_is_counted(village, homes):
    approve(record(homes[2], "N03", 5))
    approve(record(homes[1], "N01", 3))
    publish(village)
    finalize(village)
    make_good(Entry.objects.get(points=-5))
    make_good(Entry.objects.get(points=-3))
    publish(village, month=APRIL)
    finalize(village, month=APRIL, at=IN_MAY)

    year = village_year(village, 2026)

    assert year.repairs == RepairLine(asked=2, given=2, points=6)
    assert [line.lost for line in year.households] == [0, 0, 2]
    facts = dict(next(sheets.report("", [year])).rows)
    assert facts["恢复的积分"] == 6


def test_the_households_add_up_as_by_hand(year):
    lines = [
        (
            line.household.number,
            line.months[2:5],
            line.base,
            line.gained,
            line.lost,
            line.score,
            line.redeemed,
            line.left,
            line.place,
        )
        for line in year.households
    ]

    assert lines == [
        ("001", (7, 5, None), 60, 12, 0, 72, 10, 2, 1),
        ("002", (2, -2, None), 60, 0, 0, 60, 0, 0, 2),
        ("003", (-5, 0, None), 60, 0, 5, 55, 0, 0, 3),
    ]


def test_the_scores_are_those_of_the_last_final_board(lived, year):
    standings = lived.publications.order_by("-number")[0].standings.all()

    assert {line.household.pk: line.score for line in year.households} == {
        standing.household_id: standing.score for standing in standings
    }


def test_the_months_are_those_of_the_boards(year):
    assert [(line.month.month, line.deeds, line.points) for line in year.months] == [
        (3, 3, 9),
        (4, 1, 5),
    ]
    assert (year.deeds, year.points, year.deductions) == (4, 14, 1)
    assert not year.is_over


def test_whoever_did_nothing_that_stood_takes_no_part(year):
    groups = [(group.households, group.participating) for group in year.groups]

    assert groups == [(2, 1), (1, 0)]
    assert year.participation == 33


def test_every_item_is_listed_with_its_use(year):
    used = {
        line.item.code: (line.times, line.households, line.points)
        for line in year.items
        if line.times
    }

    assert len(year.items) == 34
    assert used == {
        "Z01": (2, 2, 4),
        "Z05": (1, 1, 5),
        "D02": (1, 1, 5),
        "N01": (1, 1, -5),
    }


def test_what_was_put_right_is_told(year):
    [correction] = year.corrections

    assert (correction.month, correction.of_month) == (APRIL, date(2026, 3, 1))
    assert (correction.code, correction.points) == ("Z01", -2)


def test_what_was_exchanged_is_told(year):
    [goods] = year.shop.goods

    assert (goods.name, goods.quantity, goods.points) == ("食盐", 2, 10)
    assert (year.shop.slips, year.shop.closing) == (1, 0)


def test_the_fund_begins_a_year_with_what_the_last_one_left(village, village_admin):
    wrong = money(village, village_admin, "grant", 40, date(2026, 1, 1))
    money(village, village_admin, "grant", 100, date(2025, 12, 31))
    money(village, village_admin, "donation", 50, date(2026, 1, 1), party="李四")
    money(village, village_admin, "purchase", 30, date(2026, 4, 20))
    now = datetime(2026, 4, 21, 2, tzinfo=UTC)
    by = {"key": uuid4(), "by": village_admin, "at": now}
    correct_fund_movement(wrong, reason="记重了", **by)

    last, this = shop_year(village, 2025), shop_year(village, 2026)

    assert (last.opening, last.closing, this.opening) == (0, 10_000, 10_000)
    assert [line.fen for line in this.fund] == [0, 0, 5_000, -3_000]
    assert this.closing == 12_000


def test_a_canceled_slip_is_not_reported(lived):
    slip = lived.redemptions.get()
    keeper = serve(lived, Role.SHOPKEEPER)
    cancel_redemption(slip, reason="拿错了", key=uuid4(), by=keeper, at=IN_MAY)

    year = village_year(lived, 2026)

    assert (year.shop.slips, year.shop.goods) == (0, [])
    assert (year.households[0].redeemed, year.households[0].left) == (0, 12)


def test_who_left_the_year_before_is_told_of_while_something_still_falls_in_it(
    village, homes
):
    december, january = date(2025, 12, 1), date(2026, 1, 1)
    at = datetime(2025, 12, 20, 2, tzinfo=UTC)
    first, second, _third = homes
    award(first, "D03", 20, at=at)
    mistake = award(second, "Z05", 5, at=at)
    publish(village, month=december)
    for home in (first, second):
        change(
            village,
            "move_out",
            household=home,
            at=datetime(2025, 12, 31, 2, tzinfo=UTC),
        )
    at = datetime(2026, 1, 10, 2, tzinfo=UTC)
    finalize(village, month=december, at=at)
    exchange(first, {offer(village, points=5, at=at): 2}, at=at)
    reverse_entry(
        Entry.objects.get(deed=mistake),
        period=period_for(village, january, at=at),
        by=serve(village, Role.REVIEWER),
        at=at,
    )
    publish(village, month=january)
    finalize(village, month=january, at=datetime(2026, 2, 10, 2, tzinfo=UTC))

    year = village_year(village, 2026)

    told = {line.household.number: line for line in year.households}
    assert [told["001"].redeemed, told["002"].months[0]] == [10, -5]
    assert sum(line.redeemed for line in year.households) == year.shop.points
    assert [line.is_listed for line in told.values()] == [False, False, True]


def test_a_month_on_notice_is_not_reported(lived):
    award(lived.households.get(number="002"), "Z02", at=IN_MAY)
    publish(lived, month=date(2026, 5, 1))

    assert [line.month.month for line in village_year(lived, 2026).months] == [3, 4]


def test_the_queries_do_not_grow_with_the_households(
    lived, django_assert_max_num_queries
):
    for number in range(100, 130):
        HouseholdFactory(village=lived, number=str(number))

    with django_assert_max_num_queries(17):
        village_year(lived, 2026)


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 0, 0), (1, 3, 33), (1, 2, 50), (2, 3, 67)]
)
def test_shares_are_whole_percent(part, whole, share):
    assert percent(part, whole) == share


def test_the_bars_stay_below_the_topmost_line(year):
    grid = charts.month_grid(year.months)
    bars = charts.month_bars(year.months)

    assert grid == [(1, 127.3), (2, 74.7), (3, 22.0)]
    assert [bar.deeds for bar in bars[1:5]] == [None, 3, 1, None]
    assert bars[2].pieces[-1].y == 22.0


# The files


def book_of(response):
    return openpyxl.load_workbook(io.BytesIO(response.content))


def cells(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_workbook_says_what_the_figures_say(lived):
    admin = serve(lived, Role.ADMIN, last_name="刘", first_name="主任")

    response = visitor(admin).post(EXPORT, {"village": lived.slug})

    book = book_of(response)
    assert book.sheetnames == [
        "封面",
        "年度汇总",
        "积分项目使用情况",
        "兑换与资金",
        "异议",
        "更正",
        "优秀家庭",
        "口径说明",
        "细则版本",
        "一表通",
        "数据字典",
    ]
    sheet = book["年度汇总"]
    rows = cells(sheet)
    assert rows[0][0] == f"{lived.name}2026年积分年度报告 · 年度汇总"
    assert rows[3][2:8] == ["001", "周兴禾", None, None, 7, 5]
    assert rows[3][16:23] == [60, 12, 0, 72, 10, 2, 1]
    assert rows[-1][16:22] == [180, 12, 5, 187, 10, 2]
    assert sheet.freeze_panes == "E4"
    assert sheet.print_title_rows == "$3:$3"
    assert "刘主任" in sheet.oddFooter.left.text
    assert "2026_" in response.headers["Content-Disposition"]


def test_whoever_waits_for_a_file_is_told_how_far_it_is(lived, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client, key = visitor(serve(lived, Role.ADMIN)), uuid4()
    asked = f"{PAGE}progress/?village={lived.slug}&key={key}"

    with counted(key) as step:
        before = client.get(asked).json()
        step()
        after = client.get(asked).json()

    assert before == {"done": 0, "steps": 2, "sentence": "正在汇总：0个村，共1个"}
    assert after == {"done": 1, "steps": 2, "sentence": "1个村汇总好了，正在写文件"}
    assert client.get(asked).status_code == 404
    assert client.get(f"{PAGE}progress/?village={lived.slug}").status_code == 404


def test_an_export_counts_its_villages_and_leaves_no_file(lived, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    killed = tmp_path / "exports" / uuid4().hex
    killed.parent.mkdir()
    killed.touch()
    os.utime(killed, (0, 0))

    response = visitor(serve(lived, Role.ADMIN)).post(
        EXPORT, {"village": lived.slug, "key": str(uuid4())}
    )

    assert response.status_code == 200
    assert not list(killed.parent.iterdir())


def test_cells_are_typed_and_never_formulas(lived):
    lived.households.filter(number="001").update(head_name="=1+1")

    response = visitor(serve(lived, Role.ADMIN)).post(EXPORT, {"village": lived.slug})

    row = list(book_of(response)["年度汇总"].iter_rows())[3]
    assert [cell.data_type for cell in row[2:4]] == ["s", "s"]
    assert row[3].value == "'=1+1"
    assert row[19].data_type == "n"
    assert row[2].number_format == "@"


def test_the_one_table_is_flat_and_keeps_its_columns_in_any_language(lived):
    client = visitor(serve(lived, Role.ADMIN))
    client.cookies["lang"] = "en"

    response = client.post(EXPORT, {"village": lived.slug, "form": "csv"})

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert list(rows[0]) == COLUMNS
    assert [row["年度总分"] for row in rows] == ["72", "60", "55"]
    assert rows[1]["3月得分"] == "2"
    assert rows[1]["5月得分"] == ""
    assert rows[0]["公示校验码"] == lived.publications.latest("number").digest[:16]


def test_the_one_table_says_what_the_year_by_household_says(year):
    flat = one_table("", [year]).rows
    told = sheets.year_table("", [year]).rows

    names = [field.name for field in fields()]
    for row, same in zip(flat, told, strict=True):
        facts = dict(zip(names, row, strict=True))
        sums = ["base", "gained", "lost", "score", "redeemed", "left", "place"]
        assert [facts[name] for name in sums] == list(same[16:23])


def test_every_column_is_explained():
    assert all(all(field) for field in fields())
    assert len({field.title for field in fields()}) == len(fields())


def test_the_command_writes_the_same_workbook(lived, tmp_path):
    path = tmp_path / "report.xlsx"

    call_command("annual_report", 2026, village=lived.slug, output=path)

    sheet = openpyxl.load_workbook(path)["年度汇总"]
    assert [row[19] for row in cells(sheet)[3:6]] == [72, 60, 55]


@pytest.mark.parametrize(
    ("place", "year", "reason"),
    [
        ({"village": "nowhere"}, 2026, "没有“nowhere”"),
        ({"township": "nowhere"}, 2026, "没有“nowhere”"),
        ({"village": "taoxi"}, 2020, "2020年还没有定榜的月份"),
    ],
)
def test_the_command_says_what_is_missing(lived, tmp_path, place, year, reason):
    path = tmp_path / "report.xlsx"

    with pytest.raises(CommandError, match=reason):
        call_command("annual_report", year, output=path, **place)

    assert not path.exists()


# The page


def test_the_page_shows_the_year_with_tables_beneath_the_charts(lived):
    html = visitor(serve(lived, Role.SUPERVISOR)).get(PAGE).content.decode()

    assert "每月好事" in html
    assert html.count('role="img"') == 2
    assert "这一年还没完" in html
    assert "34条各用了多少次" in html


def test_without_a_year_the_page_leads_to_the_newest_one(lived):
    response = visitor(serve(lived, Role.ADMIN)).get("/admin/reports/")

    assert response.url == f"{PAGE}?village={lived.slug}"


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        ("year=2026&of=taoxi", f"{PAGE}?village=taoxi"),
        ("year=2026&of=township", f"{PAGE}?village=taoxi&scope=township"),
        ("year=1066&of=nowhere", f"{PAGE}?village=taoxi"),
        ("of=%0Ataoxi%26scope%3Dtownship", f"{PAGE}?village=taoxi"),
    ],
)
def test_a_choice_leads_to_its_year_and_nowhere_else(lived, chosen, address):
    response = visitor(serve(lived, Role.TOWNSHIP)).get(f"/admin/reports/?{chosen}")

    assert (response.status_code, response.url) == (302, address)


def test_of_a_village_that_began_later_the_page_says_so(lived):
    type(lived).objects.create(
        township=lived.township, name="双河村", slug="shuanghe", position=9
    )
    client = visitor(serve(lived, Role.TOWNSHIP))

    html = client.get(PAGE, {"village": "shuanghe"}).content.decode()

    assert "2026年还没有定榜的月份" in html
    assert "导出 Excel" not in html
    assert client.post(EXPORT, {"village": "shuanghe"}).status_code == 404


def test_a_village_without_a_final_month_is_told_when_the_report_begins(village):
    response = visitor(serve(village, Role.ADMIN)).get("/admin/reports/")

    assert "定榜后才有报告" in response.content.decode()


@pytest.mark.parametrize("year", [2025, 2027, 0, 99999, 1999])
def test_a_year_without_a_final_month_has_no_page(lived, year):
    client = visitor(serve(lived, Role.ADMIN))

    assert client.get(f"/admin/reports/{year}/").status_code == 404
    assert client.post(f"/admin/reports/{year}/export/").status_code == 404


@pytest.mark.parametrize("role", [Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER])
def test_who_may_not_export_meets_nothing(lived, role):
    client = visitor(serve(lived, role))

    assert client.get(PAGE).status_code == 404
    assert client.post(EXPORT).status_code == 404


def test_the_township_sees_its_villages_side_by_side_in_their_own_order(lived):
    client = visitor(serve(lived, Role.TOWNSHIP))
    other = type(lived).objects.create(
        township=lived.township, name="双河村", slug="shuanghe", position=9
    )

    page = client.get(PAGE, {"scope": "township"}).content.decode()
    book = book_of(client.post(EXPORT, {"scope": "township"}))

    assert page.index(lived.name, page.index("村级对照")) < page.index(
        other.name, page.index("村级对照")
    )
    names = [row[0] for row in cells(book["村级对照"])[3:]]
    assert names == [lived.name, other.name, "合计"]


def test_a_village_admin_gets_one_village_whatever_is_asked(lived):
    type(lived).objects.create(
        township=lived.township, name="双河村", slug="shuanghe", position=9
    )
    client = visitor(serve(lived, Role.ADMIN))

    book = book_of(client.post(EXPORT, {"scope": "township"}))

    assert "村级对照" not in book.sheetnames
    assert client.get(PAGE, {"village": "shuanghe"}).status_code == 404


def test_an_export_is_kept_in_the_log(lived):
    admin = serve(lived, Role.ADMIN)

    visitor(admin).post(EXPORT, {"village": lived.slug})

    event = AuditEvent.objects.get(action="report.export")
    assert (event.by, event.village) == (admin, lived)
    assert event.facts == {"year": 2026, "form": "xlsx"}


def test_looking_at_the_report_writes_nothing(lived):
    client = visitor(serve(lived, Role.ADMIN))
    before = AuditEvent.objects.count()

    client.get(PAGE)

    assert AuditEvent.objects.count() == before
    assert client.get(EXPORT).status_code == 405


def test_the_total_of_shares_is_not_their_sum(year):
    table = sheets.villages_table("", [year, year])

    assert table.total[5] == 0.33
