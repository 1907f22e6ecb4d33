"""What holds for every public page: nothing leaks, nothing is missing."""

import csv
import gzip
import io
import json
import re

import pytest

from ledger.months import finalize_month
from ledger.public.pages import Kept, Shelf
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
)
from tests.ledger.documents import document, hang, row
from tests.ledger.gatherings import arrive, close, invite
from tests.ledger.reading import text_of
from tests.ledger.tales import TEXT, tell, telling

MARCH = "/v/taoxi/months/2026-03/"
# Keys, standards, and what the checking of a document cannot do without.
KEYS = {"Ctrl"}
KNOWN = {
    "/about/accessibility/": {"WCAG"},
    "/about/verify/": {
        *{"publication", "json", "JSON", "Python", "python", "verify", "Unicode"},
        *{"NFC", "UTF", "digest", "SHA", "previous"},
    },
    "/v/taoxi/poster/2026-03/?size=a3": KEYS,
    "/v/taoxi/paper/declare/": KEYS,
    "/v/taoxi/paper/objection/": KEYS,
}
PAGES = [
    "/",
    "/v/taoxi/",
    "/v/taoxi/months/",
    MARCH,
    "/v/taoxi/find/?q=001",
    "/v/taoxi/stories/",
    "/v/taoxi/stories/1/",
    "/v/taoxi/activities/",
    "/v/taoxi/redemptions/",
    "/v/taoxi/shop/",
    "/v/taoxi/fund/",
]


@pytest.fixture
def canaries(village):
    """Publish a month in which four households each have something to hide."""
    group = village.groups.get(number=1)
    for number in range(1, 5):
        household = HouseholdFactory(
            village=village,
            group=group,
            number=f"00{number}",
            head_name=f"金丝雀{number}",
            phone="13900139000",
        )
        deed = award(household, "D02", 5, note="鹦鹉说的")
        approve(record(household, "N04", 10, note="八哥说的"))
    finalize_month(publish(village).period, by=None, at=AFTER_NOTICE)
    tell(deed, consent_by="杜鹃同意")
    cleaning = invite(village)
    arrive(cleaning, household)
    close(cleaning)
    return village


def crawl(client, start="/"):
    """Follow every link from a page; return the pages that answer, by address."""
    found, waiting = {}, [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        response = client.get(path, follow=True)
        assert response.status_code == 200, path
        found[path] = response
        if response.headers["Content-Type"].startswith("text/html"):
            page = response.content.decode()
            links = re.findall(r'\b(?:href|action)="(/[^"#]*)', page)
            waiting += [link for link in links if not link.startswith("/static/")]
    return found


def test_every_link_leads_somewhere(canaries, client):
    found = crawl(client)

    assert f"{MARCH}standings.csv" in found
    assert "/v/taoxi/groups/1/" in found
    assert {"/about/privacy/", "/about/verify/"} <= set(found)
    assert "/v/taoxi/poster/2026-03/?size=a3" in found
    assert {"/v/taoxi/paper/declare/", "/v/taoxi/paper/objection/"} <= set(found)
    assert "/v/taoxi/honours/2026/" in found
    assert "/v/taoxi/stories/1/" in found
    assert "/v/taoxi/activities/" in found
    assert {"/v/taoxi/redemptions/", "/v/taoxi/shop/", "/v/taoxi/fund/"} <= set(found)
    assert len(found) > 12


def test_no_link_of_a_village_that_has_just_joined_is_missing(village, client):
    assert "/v/taoxi/rules/" in crawl(client)


def test_no_public_page_tells_a_name_a_phone_a_reason_or_who_lost_points(
    canaries, client
):
    answers = crawl(client)
    answers |= {path: client.get(path) for path in ["/v/taoxi/find/?q=金丝雀2"]}

    for path, response in answers.items():
        content = response.content.decode()
        if "?q=" in path:
            content = content.replace('value="金丝雀2"', "")
        for secret in ["金丝雀", "13900139000", "鹦鹉", "八哥", "杜鹃"]:
            assert secret not in content, path


def test_no_public_page_shows_a_negative_number(canaries, client):
    for path, response in crawl(client).items():
        if response.headers["Content-Type"].startswith("text/html"):
            assert not re.search(r"(?<![\w])[-−－]\d", text_of(response)), path


def test_no_public_page_has_a_script_or_a_style_of_its_own(canaries, client):
    for path, response in crawl(client).items():
        html = response.content.decode()
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", html), path


def test_the_chinese_pages_hold_no_english(canaries, client):
    for path, response in crawl(client).items():
        if response.headers["Content-Type"].startswith("text/html"):
            text = re.sub(r"\b[0-9a-f]{4}\b", "", text_of(response))  # the check code
            text = re.sub(r"https?://\S+", "", text)  # what the poster's code says
            words = re.findall(r"[A-Za-z]{3,}", text)
            assert set(words) <= {"English", *KNOWN.get(path, ())}, path


def test_the_english_pages_hold_only_the_villages_own_chinese(canaries, client):
    client.cookies["lang"] = "en"

    board = text_of(client.get("/v/taoxi/"))

    assert "March is final." in board
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", board))
    item = {"违规搭建", "侵占公共空间或耕地"}
    told = set(re.findall(r"[\u4e00-\u9fff]+", f"{telling().headline} {TEXT}"))
    assert chinese <= {"桃溪公示", "桃溪村", "社", "金", "中文"} | item | told


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_cookie_session_or_token(canaries, client, path):
    response = client.get(path)

    assert not response.cookies
    assert "sessionid" not in client.cookies
    assert "csrf" not in response.content.decode()


def test_a_page_may_be_kept_for_a_minute_by_whoever_shares_the_cookie(canaries, client):
    response = client.get(MARCH)

    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Vary"] == "Cookie, Accept-Encoding"


def test_a_page_does_not_repeat_what_stands_in_its_address(canaries, client):
    response = client.get(f"{MARCH}?word=magpie", headers={"host": "localhost"})

    assert "magpie" not in response.content.decode()
    assert "localhost" not in response.content.decode()


def test_a_packed_page_unpacks_to_the_plain_one(canaries, client):
    plain = client.get(MARCH)

    packed = client.get(MARCH, headers={"accept-encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_who_has_the_page_already_gets_only_its_name(canaries, client):
    tag = client.get(MARCH).headers["ETag"]

    response = client.get(MARCH, headers={"if-none-match": tag})

    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["ETag"] == tag


def test_a_page_is_rendered_once_and_then_costs_seven_short_questions(
    canaries, client, django_assert_num_queries
):
    client.get("/v/taoxi/")

    with django_assert_num_queries(7) as asked:
        client.get("/v/taoxi/")

    assert not any('"document"' in question["sql"] for question in asked)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_can_be_posted_to_a_page(canaries, client, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code in {200, 302}


def test_the_document_is_handed_out_byte_for_byte(canaries, client):
    publication = canaries.publications.get()

    response = client.get(f"{MARCH}publication.json")

    assert response.content == publication.document.encode()
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["ETag"] == f'"{publication.digest}"'


def test_page_table_and_document_show_the_same_rows(canaries, client):
    rows = json.loads(client.get(f"{MARCH}publication.json").content)["rows"]
    table = client.get(f"{MARCH}standings.csv")

    text = text_of(client.get(MARCH))

    lines = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert lines[0] == ["社", "户号", "户主", "积分", "本月", "名次"]
    assert [line[1:3] for line in lines[1:]] == [
        [row["number"], row["name"]] for row in rows
    ]
    assert all(f"{row['number']} {row['name']}" in text for row in rows)
    assert "attachment" in table.headers["Content-Disposition"]


def test_a_board_of_200_households_stays_small(village, client):
    rows = [row(n, 110 - n, n, group=n % 6 + 1, month=n, moved=1) for n in range(1, 21)]
    hang(village, document(*rows, households=200))

    page = client.get("/v/taoxi/", headers={"accept-encoding": "gzip"})

    html = gzip.decompress(page.content).decode()
    assert len(page.content) < 10_000
    assert len(re.findall(r"<[a-z]", html)) < 2_000


# What a reader chose


def test_the_pages_are_chinese_whatever_the_browser_asks_for(village, client):
    response = client.get("/v/taoxi/", headers={"accept-language": "en"})

    assert '<html lang="zh-Hans">' in response.content.decode()
    assert response.headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize(
    ("asked", "name", "value", "left"),
    [
        ("big=1", "big", "1", "/v/taoxi/find/"),
        ("big=0", "big", "0", "/v/taoxi/find/"),
        ("lang=en", "lang", "en", "/v/taoxi/find/"),
        ("q=%E7%BD%97&big=1", "big", "1", "/v/taoxi/find/?q=%E7%BD%97"),
    ],
)
def test_a_choice_is_kept_for_a_year_and_leaves_the_address(
    village, client, asked, name, value, left
):
    response = client.get(f"/v/taoxi/find/?{asked}")

    assert (response.status_code, response.url) == (303, left)
    cookie = response.cookies[name]
    assert (cookie.value, cookie["max-age"]) == (value, 31_536_000)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_large_text_and_english_follow_the_reader(village, client):
    client.get("/v/taoxi/?big=1&lang=en")

    html = client.get("/v/taoxi/").content.decode()

    assert '<html lang="en" class="big">' in html
    assert '<a class="size-choice" href="?big=0">Standard</a>' in html


def test_where_no_form_is_taken_nothing_is_chosen_by_one(village, client):
    response = client.post("/v/taoxi/?big=1")

    assert response.status_code == 405
    assert not response.cookies


@pytest.mark.parametrize("asked", ["big=2", "lang=fr", "lang=", "big"])
def test_a_choice_that_does_not_exist_is_passed_over(village, client, asked):
    response = client.get(f"/v/taoxi/?{asked}")

    assert response.status_code == 200
    assert not response.cookies


def test_a_choice_never_leads_to_another_host(db, client):
    response = client.get("/?big=1", PATH_INFO="//elsewhere.example/")

    assert response.status_code == 303
    assert response.url == "/%2Felsewhere.example/"


def test_a_page_that_does_not_exist_says_so_in_chinese(village, client):
    for path in ["/v/nowhere/", "/nothing/"]:
        response = client.get(path)
        assert response.status_code == 404
        assert "没有这一页" in text_of(response)
        assert not response.cookies


# The shelf


def test_the_shelf_keeps_what_was_read_last_within_its_limit():
    shelf = Shelf(limit=20)
    made = []

    def make(name):
        made.append(name)
        return Kept(name, b"x" * 9)

    for name in ["a", "b", "a", "c", "a", "b"]:
        assert shelf.take(name, lambda name=name: make(name)).etag == name

    assert made == ["a", "b", "c", "b"]
