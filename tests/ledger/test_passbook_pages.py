"""A card is scanned: what opens, for whom, for how long, and what is kept of it."""

import gzip
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from households.models import Household, Passbook
from households.passbooks import print_cards, reissue_passbook
from ledger.public import tries
from ledger.public.passbook_pages import COOKIE, COOKIE_SECONDS, TRIES_A_MINUTE
from tests.factories import (
    AFTER_NOTICE,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    finalize,
    publish,
    record,
)
from tests.ledger.reading import read, text_of
from tests.two_villages import everything, two_villages

UNKNOWN = "0" * 26


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def card_of(household):
    chosen = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, chosen, by=None, at=IN_MARCH)
    return f"/p/{card.token}/"


def scan(client, household):
    return client.get(card_of(household))


@pytest.fixture
def story(village, household):
    """One household with a good deed, a deduction and a final month."""
    award(household, "Z05", 5, note="义务清扫入社公路")
    approve(record(household, "N01", 3, note="房前堆放杂物"))
    publish(village)
    finalize(village)
    return household


def test_a_card_leads_to_the_passbook_and_leaves_the_address(client, household):
    response = scan(client, household)

    assert (response.status_code, response.url) == (303, "/my/")
    cookie = response.cookies[COOKIE]
    assert (cookie["path"], cookie["max-age"]) == ("/my/", 1800)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    token = card_of(household).strip("/p")
    assert token not in repr(response.headers) + cookie.OutputString() + response.text


def test_the_cookie_is_for_tls_alone_where_the_address_is(client, household, settings):
    assert not scan(client, household).cookies[COOKIE]["secure"]

    settings.SESSION_COOKIE_SECURE = True

    assert scan(client, household).cookies[COOKIE]["secure"]


@pytest.mark.parametrize(
    "ending", ["", "?from=singlemessage&isappinstalled=0", "?big=1", "?lang=en"]
)
def test_what_a_chat_appends_changes_nothing(client, household, ending):
    card = card_of(household)
    answers = [client.get(path + ending) for path in (card, card.rstrip("/"))]

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (303, "/my/")
    }


def test_a_card_can_be_looked_at_many_times_and_changes_nothing(client, household):
    card = card_of(household)
    before = everything()

    answers = {client.get(card).status_code for _time in range(TRIES_A_MINUTE + 5)}

    assert answers == {303}
    assert everything() == before


def test_replaced_unknown_and_malformed_codes_meet_one_page(client, household):
    old = card_of(household)
    passbook = Passbook.objects.get()
    reissue_passbook(passbook, replacing=1, by=None, at=IN_MARCH)
    paths = [old, f"/p/{UNKNOWN}/", "/p/", "/p/x/y/z/", "/p/%0A%00/", "/p/" + "A" * 999]

    answers = [client.get(path) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert "这张存折卡已经换新。请用新卡，或者找村干部" in text_of(answers[0])
    assert answers[0]["Referrer-Policy"] == "no-referrer"
    assert answers[0]["Cache-Control"] == "private, no-store"
    assert not answers[0].cookies


def test_no_link_on_that_page_repeats_its_address(client, db):
    html = client.get(f"/p/{UNKNOWN}/").text

    assert 'href="?' not in html
    assert "/my/?big=1" in html


def test_twenty_tries_in_a_minute_are_the_most(client, household, monkeypatch):
    card = card_of(household)
    monkeypatch.setattr(tries.time, "time", lambda: 1_000_000.0)
    for _try in range(TRIES_A_MINUTE):
        assert client.get(f"/p/{UNKNOWN}/").status_code == 404

    blocked = [client.get(f"/p/{UNKNOWN}/"), client.get(card)]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get(card)

    assert [answer.status_code for answer in blocked] == [429, 429]
    assert "太快了，等一分钟再试" in text_of(blocked[0])
    assert elsewhere.status_code == 303


def test_after_a_minute_one_may_try_again(client, household, monkeypatch, settings):
    card = card_of(household)
    moments = {"now": 1_000_000.0}
    monkeypatch.setattr(tries.time, "time", lambda: moments["now"])
    for minutes in range(6):
        moments["now"] = 1_000_000.0 + 60 * minutes
        for _try in range(TRIES_A_MINUTE):
            client.get(f"/p/{UNKNOWN}/")

    moments["now"] += 60

    assert client.get(card).status_code == 303
    kept = list((settings.DATA_DIR / "tries" / COOKIE).iterdir())
    assert len(kept) == tries.KEPT_MINUTES + 1


@pytest.mark.parametrize(
    ("is_behind_proxy", "sent", "counted"),
    [
        (False, {}, "127.0.0.1"),
        (False, {"X-Forwarded-For": "192.0.2.1"}, "127.0.0.1"),
        (True, {"X-Forwarded-For": "1.1.1.1, 192.0.2.1"}, "192.0.2.1"),
        (True, {}, "127.0.0.1"),
        (True, {"X-Forwarded-For": "2001:db8::5:6"}, "2001:db8::/64"),
        (True, {"X-Forwarded-For": "nonsense"}, ""),
    ],
)
def test_an_address_is_counted_as_our_own_proxy_saw_it(
    rf, settings, is_behind_proxy, sent, counted
):
    settings.BEHIND_TLS = is_behind_proxy

    assert tries.neighborhood(rf.get("/p/", headers=sent)) == counted


def test_the_passbook_shows_its_household_and_how_the_points_came(client, story):
    scan(client, story)

    text = text_of(client.get("/my/"))

    for words in [
        "积分存折",
        f"{story.head_name}家",
        "1社 · 户号001",
        "2026年积分 62",
        "现在能兑换 2",
        "公示完再加 0",
        "62分怎么来的 基础 60 + 好事 5 − 扣分 3 = 62",
        "3月 已定榜 +2分 · 到62分",
        "义务清扫入社公路",
        "房前堆放杂物",
        "−3",
        "兑换不减积分、不影响名次",
    ]:
        assert words in text


def test_the_cover_praises_with_stars_and_says_nothing_where_there_are_none(
    client, village, story
):
    village.policy.star_scores = "62,100"
    village.policy.save()
    scan(client, story)
    assert "★☆" in read(client, "/my/")

    village.policy.star_scores = "90,100"
    village.policy.save()
    page = read(client, "/my/")
    assert "☆" not in page
    assert "还没有星" not in page
    assert "再得28分升下一星" in page.replace(" ", "")


def test_the_passbook_belongs_to_one_reader_and_is_kept_by_nobody(client, story):
    scan(client, story)

    response = client.get("/my/")

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Vary"] == "Cookie, Accept-Encoding"
    assert story.head_name not in response.text.partition("</title>")[0]
    assert "<script" not in response.text
    assert "style=" not in response.text


def test_the_passbook_travels_packed_to_whoever_can_unpack(client, story):
    scan(client, story)
    plain = client.get("/my/")

    packed = client.get("/my/", headers={"accept-encoding": "gzip, br"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Length"] == str(len(packed.content))
    assert "Content-Encoding" not in plain


def test_without_a_card_the_passbook_asks_for_one(client, household):
    response = client.get("/my/")

    assert response.status_code == 200
    assert "请扫存折卡上的码" in text_of(response)
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("forged", ["", "x", "a" * 32 + ".1", "a:b:c"])
def test_a_cookie_of_one_s_own_making_opens_nothing(client, story, forged):
    client.cookies[COOKIE] = forged

    assert "请扫存折卡上的码" in text_of(client.get("/my/"))


def test_a_new_code_closes_what_the_old_card_had_opened(client, story):
    scan(client, story)
    assert story.head_name in text_of(client.get("/my/"))

    passbook = Passbook.objects.get()
    reissue_passbook(passbook, replacing=1, by=None, at=AFTER_NOTICE)

    assert "请扫存折卡上的码" in text_of(client.get("/my/"))


def test_the_passbook_closes_after_half_an_hour(client, story, monkeypatch):
    scan(client, story)
    later = time.time() + COOKIE_SECONDS + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert "请扫存折卡上的码" in text_of(client.get("/my/"))


def test_a_card_shows_nothing_of_another_household_or_village(client, db):
    mine, theirs = two_villages()
    scan(client, mine.rows["household"])

    page = client.get("/my/").text

    neighbor = mine.village.households.get(number__endswith="-1")
    assert mine.rows["household"].head_name in page
    assert neighbor.head_name not in page
    assert [canary for canary in theirs.canaries if canary in page] == []
    assert mine.rows["household"].secret not in page


def test_a_passbook_before_the_first_board_says_how_it_begins(client, household):
    scan(client, household)

    text = text_of(client.get("/my/"))

    assert "存折刚开。先给60分基础分，做了好事就来申报" in text
    assert "现在能兑换" not in text


def test_a_year_without_a_good_deed_says_that_a_word_is_enough(client, household):
    HouseholdFactory(village=household.village, group=household.group)
    publish(household.village)
    scan(client, household)

    assert "今年还没有好事记录。做了就说一声，口头也行" in text_of(client.get("/my/"))


def test_large_text_and_english_are_chosen_on_the_passbook_itself(client, story):
    scan(client, story)

    response = client.get("/my/?big=1&lang=en", follow=True)

    assert response.redirect_chain == [("/my/", 303)]
    assert '<html lang="en" class="big">' in response.text
    assert f"{story.head_name}&#x27;s household" in response.text.replace(
        "'s", "&#x27;s"
    )


def test_opening_the_passbook_costs_fourteen_questions(client, story):
    scan(client, story)

    with CaptureQueriesContext(connection) as asked:
        client.get("/my/")

    assert len(asked) == 14


@pytest.mark.parametrize("path", ["/my/", f"/p/{UNKNOWN}/"])
def test_nothing_can_be_posted_there(client, db, path):
    assert client.post(path).status_code == 405
