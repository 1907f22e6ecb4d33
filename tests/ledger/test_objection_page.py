"""我有异议 in a browser: to a month, a household, a line; with a receipt."""

import re
import time
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from households.models import AuditEvent, Household
from households.passbooks import print_cards
from ledger.models import Entry, Objection
from ledger.objections import file_objection
from ledger.public import resident_forms
from ledger.public.form_tokens import GOOD_FOR, FormToken
from ledger.public.pages import shelf
from tests.factories import (
    AFTER_NOTICE,
    IN_MARCH,
    HouseholdFactory,
    VillageFactory,
    award,
    finalize,
    publish,
    withdraw,
)
from tests.ledger.desk import IN_LAST_MONTH, LAST_MONTH
from tests.ledger.reading import text_of
from tests.ledger.resident_forms import errors_of, fields_of, send

PAGE = "/v/taoxi/objection/"
OWN = "/my/objection/"
WRONG = "我家那天去清扫了，没有记上"


@pytest.fixture(autouse=True)
def _kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def client():
    """A phone that keeps no cookie and a server that checks for forgeries."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def home(village):
    group = village.groups.get(number=1)
    return HouseholdFactory(
        village=village, group=group, number="164", head_name="罗青山"
    )


@pytest.fixture
def notice(home):
    """Last month, on notice now."""
    award(home, "Z05", 5, at=timezone.now(), happened_on=IN_LAST_MONTH)
    return publish(home.village, month=LAST_MONTH, at=timezone.now())


@pytest.fixture
def own(client, notice, home):
    """A phone on which the card of the household was scanned."""
    chosen = Household.objects.filter(pk=home.pk)
    (card,) = print_cards(home.village, chosen, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")
    return client


@pytest.fixture
def line(notice):
    return Entry.objects.get(kind="addition")


def object_to(client, page=PAGE, **typed):
    typed.setdefault("text", WRONG)
    return send(client, client.get(page), "file", **typed)


def test_a_whole_month_is_objected_to_without_script_or_cookie(client, notice):
    page = client.get(PAGE)
    sent = send(
        client, page, "file", text=WRONG, grounds="有照片", contact="13900139000"
    )
    receipt = client.get(sent.url)

    objection = Objection.objects.get()
    assert (objection.publication, objection.household) == (notice, None)
    assert (objection.text, objection.grounds) == (WRONG, "有照片")
    assert (objection.contact, objection.filed_by) == ("13900139000", None)
    assert objection.channel == "web"
    assert "记下了" in text_of(receipt)
    assert objection.number in text_of(receipt)
    assert "你的名字不公开" in text_of(receipt)
    assert not client.cookies
    for secret in (WRONG, "13900139000"):
        assert secret not in text_of(receipt) + sent.url
    assert "13900139000" not in repr(
        list(AuditEvent.objects.filter(action__startswith="objection").values())
    )


def test_one_household_is_named_by_its_number_or_name(client, notice, home):
    for named in ("164", "罗青山"):
        object_to(client, about="household", household=named, text=f"{named}不对")

    assert set(Objection.objects.values_list("household", flat=True)) == {home.pk}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": " "}, "请说说哪里不对"),
        ({"text": "错" * 501}, "写得太长了，最多500个字，现在是501个"),
        ({"grounds": "据" * 501}, "写得太长了，最多500个字，现在是501个"),
        ({"contact": "1" * 51}, "写得太长了，最多50个字，现在是51个"),
        ({"about": "household"}, "请写户主全名，或者三位户号"),
        ({"about": "household", "household": "999"}, "没找到这一家"),
    ],
)
def test_each_mistake_says_what_to_do_and_loses_nothing(client, notice, typed, says):
    response = object_to(client, **typed)

    assert "有地方要改一下" in errors_of(response)
    assert says in errors_of(response)
    kept = fields_of(response)
    for name, value in typed.items():
        assert kept[name] == value.strip()
    assert not Objection.objects.exists()


def test_an_older_month_is_reached_from_its_own_page(client, home, notice):
    award(home, "Z05", 5, at=timezone.now(), happened_on=timezone.localdate())
    month_page = f"/v/taoxi/months/{LAST_MONTH:%Y-%m}/"
    finalize(home.village, month=LAST_MONTH, at=timezone.now() + timedelta(days=9))

    assert f"{PAGE}?month={LAST_MONTH:%Y-%m}" in client.get(month_page).text
    object_to(client, f"{PAGE}?month={LAST_MONTH:%Y-%m}")

    assert Objection.objects.get().publication == notice


@pytest.mark.parametrize("month", ["", "1999-01", "2026-13", "x", "2026-03-01"])
def test_a_month_that_is_not_published_is_the_newest_one(client, notice, month):
    object_to(client, f"{PAGE}?month={month}")

    assert Objection.objects.get().publication == notice


def test_after_the_notice_it_is_no_dead_end(client, home):
    award(home)
    publish(home.village)
    finalize(home.village)

    page = client.get(PAGE)
    assert "3月公示4月6日17:00已经结束" in text_of(page)
    assert "0000-000000" in text_of(page)
    sent = send(client, page, "file", text=WRONG)

    assert sent.status_code == 303
    assert Objection.objects.get().publication.period.month == date(2026, 3, 1)


def test_a_late_objection_changes_nothing_that_the_old_page_says(client, home):
    award(home)
    publication = publish(home.village)
    finalize(home.village)
    march = "/v/taoxi/months/2026-03/"
    before = client.get(march).content

    file_objection(
        publication, text=WRONG, channel="web", by=None, at=AFTER_NOTICE + timedelta(1)
    )

    shelf.clear()
    assert client.get(march).content == before


def test_before_the_first_notice_there_is_nothing_to_object_to(client, village):
    page = client.get(PAGE)

    assert "<form" not in page.text
    assert "还没有公示" in text_of(page) or "第一期" in text_of(page)


def test_a_notice_withdrawn_meanwhile_says_so_and_keeps_the_words(client, home):
    award(home)
    publication = publish(home.village)
    page = client.get(PAGE)
    withdraw(publication)

    response = send(client, page, "file", text=WRONG)

    assert "撤回" in errors_of(response)
    assert fields_of(response)["text"] == WRONG
    assert not Objection.objects.exists()


@pytest.mark.parametrize(
    ("choice", "mark"), [("big=1", 'class="big"'), ("lang=en", '<html lang="en"')]
)
def test_a_choice_on_the_way_loses_nothing(client, notice, choice, mark):
    sent = {**fields_of(client.get(PAGE)), "text": WRONG, "step": "look"}

    shown = client.post(f"{PAGE}?{choice}", sent)

    assert mark in shown.text
    assert fields_of(shown)["text"] == WRONG
    assert errors_of(shown) == ""
    assert not Objection.objects.exists()


# The token


def test_the_same_form_posted_ten_times_gives_one_receipt(client, notice):
    page = client.get(PAGE)

    places = {send(client, page, "file", text=WRONG).url for _time in range(10)}

    assert len(places) == 1
    assert Objection.objects.count() == 1


def test_a_form_that_comes_again_with_other_words_asks_once_more(client, notice):
    page = client.get(PAGE)
    send(client, page, "file", text=WRONG)

    asked = send(client, page, "file", text="另一件事")

    assert "已经收到了" in errors_of(asked)
    send(client, asked, "file")
    assert Objection.objects.count() == 2


def test_a_form_open_for_more_than_a_day_keeps_what_was_typed(
    client, notice, monkeypatch
):
    page = client.get(PAGE)
    later = time.time() + GOOD_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    expired = send(client, page, "file", text=WRONG)

    assert "放得太久" in errors_of(expired)
    assert fields_of(expired)["text"] == WRONG
    assert send(client, expired, "file").status_code == 303


def test_a_token_of_another_village_form_or_making_files_nothing(client, notice):
    page = client.get(PAGE)
    own_token = FormToken("objection", notice.village_id, 1, notice.pk)
    tokens = [
        "",
        "x:y:z",
        FormToken("objection", VillageFactory().pk),
        FormToken("declare", notice.village_id),
        own_token,
    ]

    for token in tokens:
        response = send(client, page, "file", text=WRONG, token=str(token))
        assert "放得太久" in errors_of(response)
    assert not Objection.objects.exists()


def test_a_token_about_another_villages_month_is_about_ones_own(client, notice):
    theirs = HouseholdFactory()
    award(theirs)
    elsewhere = publish(theirs.village)
    token = FormToken("objection", notice.village_id, None, elsewhere.pk)

    send(client, client.get(PAGE), "file", text=WRONG, token=str(token))

    assert Objection.objects.get().publication == notice


# What keeps machines away


def test_a_filled_trap_gets_the_ordinary_page_and_stores_nothing(client, notice):
    response = object_to(client, homepage="x")

    assert response.status_code == 200
    assert errors_of(response) == ""
    assert fields_of(response)["text"] == WRONG
    assert not Objection.objects.exists()


def test_who_is_too_fast_waits_a_minute_and_keeps_everything(
    client, notice, monkeypatch
):
    monkeypatch.setattr(resident_forms, "FORMS_A_MINUTE", 1)
    monkeypatch.setattr("ledger.public.tries.time.time", lambda: 1_000_000.0)
    object_to(client)

    stopped = object_to(client)

    assert stopped.status_code == 429
    assert "太快了，等一分钟再试" in errors_of(stopped)
    assert fields_of(stopped)["text"] == WRONG


def test_a_network_files_no_more_than_a_village_would(client, notice, monkeypatch):
    monkeypatch.setattr(resident_forms, "FILED_A_DAY", 1)
    object_to(client)

    assert "今天从这个网络报来的太多了" in errors_of(object_to(client))
    assert Objection.objects.count() == 1


# The receipt


def test_nobody_makes_up_a_receipt_or_leafs_through_them(client, notice):
    sent = object_to(client)
    number = Objection.objects.get().number
    mark = sent.url.rstrip("/").rpartition("-")[2]

    assert client.get(f"{PAGE}done/{number[:-1]}9-{mark}/").status_code == 404
    declared = sent.url.replace("objection", "declare")
    assert client.get(declared).status_code == 404


# From the passbook


def test_a_line_of_the_passbook_is_objected_to(own, line, home):
    page = own.get(f"{OWN}?line={line.number}")

    assert line.deed.item.title in text_of(page)
    assert "+5" in text_of(page)
    sent = send(own, page, "file", text=WRONG)
    objection = Objection.objects.get()
    assert (objection.entry, objection.household) == (line, home)
    assert sent.url.startswith(OWN)
    assert objection.number in text_of(own.get(sent.url))


def test_without_a_line_the_household_or_the_whole_month_is_meant(own, home, notice):
    object_to(own, OWN)
    object_to(own, OWN, about="month", text="名次不对")

    first, second = Objection.objects.order_by("pk")
    assert (first.household, first.entry) == (home, None)
    assert (second.household, second.publication) == (None, notice)


def test_the_line_of_another_household_opens_nothing(own, home, notice, line):
    neighbor = HouseholdFactory(village=home.village, group=home.group)
    Entry.objects.filter(pk=line.pk)
    their_page = f"{OWN}?line={line.number}"
    chosen = Household.objects.filter(pk=neighbor.pk)
    (card,) = print_cards(home.village, chosen, by=None, at=IN_MARCH)
    phone = Client()
    phone.get(f"/p/{card.token}/")

    assert line.deed.item.title not in text_of(phone.get(their_page))
    object_to(phone, their_page)
    assert Objection.objects.get().entry is None
    assert Objection.objects.get().household == neighbor


@pytest.mark.parametrize("number", ["x", "-1", "99999999999999999999", "99"])
def test_a_line_that_is_not_there_is_no_mistake(own, number):
    assert own.get(f"{OWN}?line={number}").status_code == 200


def test_what_was_begun_in_the_passbook_is_filed_after_it_closed(own, line):
    page = own.get(f"{OWN}?line={line.number}")
    own.cookies.clear()

    sent = send(own, page, "file", text=WRONG)

    assert Objection.objects.get().entry == line
    assert sent.url.startswith(PAGE)


def test_without_a_card_the_passbooks_form_asks_for_one(client, notice):
    for answer in (client.get(OWN), client.post(OWN, {"text": WRONG})):
        assert "请扫存折卡上的码" in text_of(answer)


def test_an_old_form_of_a_closed_passbook_goes_on_as_the_villages_own(
    own, line, monkeypatch
):
    page = own.get(f"{OWN}?line={line.number}")
    own.cookies.clear()
    later = time.time() + GOOD_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    expired = send(own, page, "file", text=WRONG)

    assert f'action="{PAGE}"' in expired.text
    assert fields_of(expired)["text"] == WRONG
    assert line.deed.item.title not in text_of(expired)


def test_the_pages_are_small_and_chinese(own, client, line):
    for page in (own.get(f"{OWN}?line={line.number}"), Client().get(PAGE)):
        assert len(page.content) < 30_000
        words = set(re.findall(r"[A-Za-z]{3,}", text_of(page)))
        assert words <= {"English", "SMS"}
        assert not re.search(r"(?<![\w])[-−－]\d", text_of(page))
