"""光荣榜 before there is one, and the township's villages at a glance."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households.models import VillagePolicy
from ledger.public.honours import honours_page
from ledger.public.overview import MONTHS_SHOWN, overview_line, sparkline
from tests.factories import VillageFactory
from tests.ledger.documents import document, hang, row
from tests.ledger.reading import read, text_of

THIS_YEAR = timezone.localdate().year
RICH = [row(1, 112, 1, name="周兴禾"), row(2, 101, 2), row(3, 100, 3)]


def month(year, number, **values):
    """Return a document of a month that was published on the first of the next."""
    after = date(year + number // 12, number % 12 + 1, 1)
    return document(
        *RICH,
        month=f"{year}-{number:02d}",
        published_at=f"{after}T09:00:00+08:00",
        notice_ends_at=f"{after.replace(day=7)}T17:00:00+08:00",
        **values,
    )


# The honor roll


def test_before_the_years_end_it_is_counted_and_nobody_is_named(village, client):
    hang(village, month(THIS_YEAR, 6))

    text = read(client, f"/v/taoxi/honours/{THIS_YEAR}/")

    assert f"{THIS_YEAR}年光荣榜" in text
    assert "12月31日后评选。 现在有2户超过100分。" in text
    assert "周" not in text.replace("周年", "")
    assert "最多24户" in text


def test_the_mark_is_what_the_village_decided(village, client):
    hang(village, month(THIS_YEAR, 6))
    path = f"/v/taoxi/honours/{THIS_YEAR}/"
    read(client, path)

    VillagePolicy.objects.update(honor_points=110)
    assert "现在有1户超过110分。" in read(client, path)
    VillagePolicy.objects.update(honor_points=0)
    assert "现在有" not in read(client, path)


def test_the_rules_shown_are_those_the_village_decided(village, client):
    path = f"/v/taoxi/honours/{THIS_YEAR}/"

    usual = read(client, path)
    VillagePolicy.objects.update(
        award_group_places=True, award_months=6, award_notice_days=10
    )
    decided = read(client, path)

    assert "至少4个不同月份的公示里有好事" in usual
    assert "公示7天" in usual
    assert "每个社至少有一户" not in usual
    assert "至少6个不同月份的公示里有好事" in decided
    assert "公示10天" in decided
    assert "每个社至少有一户" in decided
    VillagePolicy.objects.update(award_months=0)
    assert "不同月份" not in read(client, path)


def test_a_year_without_a_notice_yet_has_a_date_and_no_count(village, client):
    text = read(client, f"/v/taoxi/honours/{THIS_YEAR}/")

    assert "12月31日后评选。" in text
    assert "超过100分" not in text


@pytest.mark.parametrize(
    ("number", "final", "today", "state"),
    [
        (6, True, date(2025, 7, 20), "awaited"),
        (12, True, date(2025, 12, 31), "undecided"),
        (12, False, date(2026, 1, 3), "closing"),
        (11, True, date(2026, 1, 3), "closing"),
        (12, True, date(2026, 1, 10), "undecided"),
    ],
)
def test_the_state_follows_december(village, number, final, today, state):
    publication = hang(village, month(2025, number), final=final)

    assert honours_page(publication, 2025, today, mark=100)["state"] == state


def test_after_a_final_december_it_says_that_nothing_is_decided(village, client):
    hang(village, month(2024, 12), final=True)

    text = read(client, "/v/taoxi/honours/2024/")

    assert "2024年12月已定榜，光荣榜还没有评出来。" in text
    assert "周兴禾" not in text
    assert "周○禾" not in text


def test_a_year_that_never_was_is_not_found(village, client):
    assert "没有这一年" in read(client, "/v/taoxi/honours/2019/", status=404)
    for year in ["1066", "99999", "9" * 30]:
        assert client.get(f"/v/taoxi/honours/{year}/").status_code == 404


def test_the_board_leads_to_the_roll_of_its_year(village, client):
    hang(village, month(THIS_YEAR, 6))

    html = client.get("/v/taoxi/").content.decode()

    assert f'href="/v/taoxi/honours/{THIS_YEAR}/"' in html


def test_the_bare_sheet_of_a_new_year_leads_to_last_years_roll(village, client):
    hang(village, month(2025, 12), final=True)

    assert "家家从60分起步 2025年光荣榜" in read(client, "/v/taoxi/")


# The township


@pytest.fixture
def township(village):
    """Three villages: one with a year behind it, one late, one not begun."""
    second = VillageFactory(township=village.township, name="双河村", position=2)
    VillageFactory(township=village.township, name="青石村", position=3)
    before = "0" * 64
    for number in range(1, 8):
        before = hang(village, month(2025, number, previous_digest=before)).digest
    hang(second, month(2025, 3))
    return village.township


def test_each_village_shows_its_twelve_months_by_its_own_measure(township, client):
    html = client.get("/").content.decode()

    assert html.count("<svg viewBox") == 1
    assert html.count("<rect") == 7
    assert 'aria-label="每月好事： 1月143件； 2月143件；' in html


def test_late_and_not_begun_villages_are_told_with_the_day(township, client):
    text = read(client, "/")

    assert "4月还没公示，应在5月1日公示" in text
    assert "青石村 还没开始" in text


def test_the_township_asks_as_much_for_18_villages_as_for_three(township, client):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    few = asked()
    for number in range(15):
        other = VillageFactory(
            township=township.villages.first().township, name=f"第{number}村"
        )
        hang(other, month(2025, 7))

    assert asked() == few
    assert "全镇18个村" in text_of(client.get("/"))


def test_large_numbers_are_written_in_thousands(village, client):
    other = VillageFactory(township=village.township)
    hang(village, document(*RICH, households=4126))
    hang(other, document(*RICH))

    assert "4,132户" in read(client, "/")


def test_a_month_without_deeds_still_has_its_line_and_gaps_stay_empty():
    months = [date(2025, number, 1) for number in range(1, 13)]
    documents = [
        {"month": months[1], "counts": {"deeds": 0}},
        {"month": months[3], "counts": {"deeds": 40}},
        {"month": months[4], "counts": {"deeds": 10}},
    ]

    bars = sparkline(documents, months)

    assert len(months) == MONTHS_SHOWN
    assert [(bar["x"], bar["height"]) for bar in bars] == [(10, 1), (30, 30), (40, 7)]
    assert all(bar["y"] + bar["height"] == 30 for bar in bars)
    assert sparkline([], months) == []


def test_a_village_is_late_from_the_day_after_its_notice_was_due():
    content = {"month": date(2025, 6, 1), "counts": counted(5)}

    on_time = overview_line(content, "final", date(2025, 8, 1))
    late = overview_line(content, "final", date(2025, 8, 2))

    assert on_time["late"] is None
    assert late["late"] == {"month": date(2025, 7, 1), "due": date(2025, 8, 1)}


def counted(households):
    return {"households": households, "deeds": 1, "participating": 1}
