"""公示海报 as it is handed out: its words, its code, and what it may not tell."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger.board import read as read_document
from ledger.models import Download
from ledger.public.poster import places_of
from ledger.withdrawing import what_forbids_withdrawal
from tests.factories import IN_MARCH, HouseholdFactory, award, publish, withdraw
from tests.ledger.documents import document, hang, row
from tests.ledger.reading import read, text_of

JUNE = "/v/taoxi/poster/2025-06/"
ROWS = [
    row(1, 112, 1, name="周兴禾", month=16),
    row(2, 109, 2, name="吴○圆", month=9, group=2),
    row(3, name="许○"),
]


@pytest.fixture
def june(village):
    return hang(village, document(*ROWS))


def test_the_poster_says_all_that_hangs_on_a_wall(june, client):
    text = read(client, f"{JUNE}?size=a3")

    for words in [
        "桃溪村六月好人好事公示",
        "2025年第6期 · 公示时间7月1日至7月7日 · 基础分60分，按全年累计",
        "第一名 周○禾 112分",
        "2吴○圆 2社+9109",
        "003 许○ 60以下 —",
        "7月7日17:00已经结束",
        "打监督电话 0000-000000",
        "桃溪村村民委员会2025年7月1日",
        "盖章处",
        "按 Ctrl+P，纸张选 A3，勾选“背景图形”",
    ]:
        assert words in text, words


def test_while_the_notice_runs_the_poster_says_until_when_to_object(village, client):
    ends = timezone.localtime() + timedelta(days=3)
    values = {"notice_ends_at": ends.replace(hour=17).isoformat(timespec="seconds")}
    hang(village, document(*ROWS, **values))

    assert f"{ends.month}月{ends.day}日17:" in read(client, JUNE)
    assert "前都可以提" in read(client, JUNE)


def test_the_first_16_digits_of_the_digest_stand_on_the_paper(june, client):
    digest = june.digest
    code = " ".join(digest[start : start + 4] for start in range(0, 16, 4))

    assert f"校验码 {code}" in read(client, JUNE)


def test_the_code_leads_to_our_own_address_whoever_asks(june, client, settings):
    settings.PUBLIC_URL = "https://jifen.taoxi.example"
    settings.ALLOWED_HOSTS = ["elsewhere.example"]

    html = client.get(JUNE, headers={"host": "elsewhere.example"}).content.decode()

    assert "https://jifen.taoxi.example/v/taoxi/months/2025-06/" in html
    assert "elsewhere" not in html


def test_one_group_hangs_alone_and_a_group_that_is_none_is_not_found(june, client):
    text = read(client, f"{JUNE}?group=2")

    assert "2社积分表" in text
    assert "002 吴○圆 第2名" in text
    assert "003 许○" not in text
    for wrong in ["9", "x", "1" * 30, "²"]:
        assert client.get(JUNE, {"group": wrong}).status_code == 404


def test_a4_takes_a_sheet_for_the_list(june, client):
    text = read(client, f"{JUNE}?size=a4")

    assert "第2张，共2张" in text
    assert "纸张选 A4" in text
    assert "纸张选 A3" in read(client, f"{JUNE}?size=b5")


def test_each_size_is_kept_by_itself(june, client):
    first = client.get(f"{JUNE}?size=a3").content

    assert client.get(f"{JUNE}?size=a4").content != first
    assert client.get(f"{JUNE}?size=a3").content == first


def test_a_month_that_was_never_published_has_no_poster(june, client):
    assert "没有这一期公示" in read(client, "/v/taoxi/poster/2025-05/", status=404)


def test_the_board_and_the_month_lead_to_the_poster(june, client):
    for page in ["/v/taoxi/", "/v/taoxi/months/2025-06/"]:
        html = client.get(page).content.decode()
        assert f'href="{JUNE}?size=a3" rel="nofollow"' in html


def test_whoever_opens_the_poster_takes_the_notice_away(village, household, client):
    award(household, "D02", 5)
    publication = publish(village, at=timezone.now() - timedelta(minutes=2))
    page = f"/v/taoxi/poster/{publication.period}/"

    client.head(page)
    assert not Download.objects.exists()
    client.get(page)

    assert Download.objects.get().publication == publication
    assert what_forbids_withdrawal(publication, at=timezone.now())


def test_the_poster_of_no_group_takes_nothing_away(village, household, client):
    award(household, "D02", 5)
    publication = publish(village, at=timezone.now() - timedelta(minutes=2))

    response = client.get(f"/v/taoxi/poster/{publication.period}/", {"group": "9"})

    assert response.status_code == 404
    assert not Download.objects.exists()


def test_a_withdrawn_notice_has_no_poster(village, household, client):
    award(household, "D02", 5)
    publication = publish(village)
    withdraw(publication)

    assert client.get(f"/v/taoxi/poster/{publication.period}/").status_code == 404


def test_the_second_notice_of_a_month_says_so(village, client):
    hang(village, document(*ROWS, revision=2))

    assert "本月第2次公示" in read(client, JUNE)


@pytest.mark.parametrize(
    ("ties", "shown", "folded"), [(1, 20, None), (2, 19, 2), (30, 19, 30)]
)
def test_a_last_place_shared_by_too_many_is_counted(ties, shown, folded):
    rows = [row(n, 200 - n, n) for n in range(1, 20)]
    rows += [row(19 + n, 90, 20, tied=1) for n in range(1, ties + 1)]

    places, rest = places_of(read_document(document(*rows, households=60)))

    assert len(places) == shown
    assert (rest and rest["households"]) == folded


def test_a_month_without_points_is_honest_about_it(village, client):
    hang(village, document())

    assert "这个月还没有加分记录" in text_of(client.get(JUNE))


def test_the_poster_of_a_large_village_stays_small(village, client):
    rows = [row(n, 110 - n, n, group=n % 6 + 1, month=n) for n in range(1, 21)]
    hang(village, document(*rows, households=204))

    page = client.get(JUNE, headers={"accept-encoding": "gzip"})

    assert len(page.content) < 15_000


def test_a_full_name_that_nobody_agreed_to_show_is_not_on_the_poster(village, client):
    group = village.groups.get(number=1)
    home = HouseholdFactory(
        village=village, group=group, number="001", head_name="金丝雀儿", phone="139001"
    )
    award(home, "D02", 5, note="鹦鹉说的")
    publication = publish(village)

    html = client.get(f"/v/taoxi/poster/{publication.period}/").content.decode()

    assert "金丝雀" not in html
    assert "139001" not in html
    assert "鹦鹉" not in html


def test_a_full_name_leaves_the_poster_with_its_consent(village, client):
    home = HouseholdFactory(
        village=village,
        group=village.groups.get(number=1),
        head_name="周兴禾",
        full_name_consented_on=IN_MARCH.date(),
    )
    award(home, "D02", 5)
    page = f"/v/taoxi/poster/{publish(village).period}/"
    agreed = read(client, page)

    home.full_name_consented_on = None
    home.save()

    assert "第一名 周兴禾 65分" in agreed
    assert "第一名 周○禾 65分" in read(client, page)
