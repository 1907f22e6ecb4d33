"""我的信息: what a household reads about itself, and how it takes a consent back."""

import hashlib
import json
from datetime import date

import pytest
from django.test import Client

from households.models import AuditEvent, Household, VillagePolicy
from households.passbooks import print_cards
from ledger.models import Publication
from ledger.own_data import masked_phone
from ledger.pledging import take_back_consent
from ledger.public.form_tokens import FormToken
from ledger.public.taking_back import kind_of
from ledger.recording import withdraw_deed
from tests.factories import (
    AFTER_NOTICE,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
)
from tests.ledger.reading import text_of

DATA, FILE, NAME = "/my/data/", "/my/data/file/", "/my/data/name/"
FULL, MASKED = "欧阳小春", "欧阳○春"


@pytest.fixture
def home(village, household):
    """Return a household on the board that agreed to its full name."""
    Household.objects.filter(pk=household.pk).update(
        head_name=FULL, full_name_consented_on=date(2026, 3, 1), phone="13500135678"
    )
    household.refresh_from_db()
    award(household, "D03", 20, note="送受伤邻居去卫生院")
    approve(record(household, "N01", 3, note="房前堆放杂物"))
    publish(village)
    return household


@pytest.fixture
def holder(home, client, settings, tmp_path):
    """Return a browser in which the household's card was scanned."""
    settings.DATA_DIR = tmp_path
    return scan(client, home)


def scan(client, household):
    mine = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, mine, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")
    return client


def token_for(household):
    return str(FormToken(kind_of("shows_name"), household.village_id, household.pk))


def consent_of(household):
    return Household.objects.get(pk=household.pk).full_name_consented_on


@pytest.mark.parametrize("path", [DATA, FILE, NAME, "/my/print/"])
def test_without_a_card_nothing_of_it_opens(client, home, path):
    response = client.get(path)

    assert "请扫存折卡上的码" in text_of(response)
    assert FULL not in response.text


@pytest.mark.parametrize("path", [DATA, FILE, NAME, "/my/print/"])
def test_it_belongs_to_one_reader_and_is_kept_by_nobody(holder, home, path):
    response = holder.get(path)

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"
    assert home.secret not in response.text
    assert "13500135678" not in response.text
    assert FULL not in response.text.partition("</title>")[0] or path == FILE


def test_a_household_reads_what_is_kept_about_it(holder, home):
    text = text_of(holder.get(DATA))

    for words in [
        FULL,
        "135****5678",
        "2026年3月1日同意的：上红榜时显示全名。",
        "2笔记录，3行积分账，0张照片",
        "送受伤邻居去卫生院",
        "房前堆放杂物",
    ]:
        assert words in text


def test_nothing_is_read_there_that_was_not_told_or_was_taken_back(
    holder, home, recorder
):
    record(home, "N02", 2, at=AFTER_NOTICE, note="塘边倒了三车渣土")
    wrong = record(home, "D02", 3, at=AFTER_NOTICE, by=recorder, note="许家的事")
    withdraw_deed(wrong, by=recorder, at=AFTER_NOTICE)

    for path in [DATA, FILE]:
        text = holder.get(path).text
        assert "三车渣土" not in text
        assert "许家的事" not in text


def test_the_file_holds_the_same_and_names_nobody_in_its_name(holder, home):
    response = holder.get(FILE)

    data = json.loads(response.content)
    assert data["household"]["head"] == FULL
    assert {deed["note"] for deed in data["deeds"]} >= {"房前堆放杂物"}
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'


def test_with_its_salts_a_household_finds_its_lines_in_the_public_file(holder, home):
    public = json.loads(Publication.objects.get().document)["commitments"]

    entries = json.loads(holder.get(FILE).content)["entries"]

    for entry in entries:
        sealed = f"{entry['salt']}{entry['line']}\n".encode()
        assert hashlib.sha256(sealed).hexdigest() in public
    assert len(entries) == 3
    page = holder.get(DATA).text
    assert all(entry["salt"] in page for entry in entries)


def test_a_consent_is_taken_back_by_a_deliberate_yes(holder, home):
    board = f"/v/{home.village.slug}/"
    assert FULL in holder.get(board).text
    asking = holder.get(NAME)
    assert MASKED in text_of(asking)

    unsure = holder.post(NAME, {"token": token_for(home)})
    assert consent_of(home) is not None
    done = holder.post(NAME, {"token": token_for(home), "sure": "1"})

    assert "请先打勾" in text_of(unsure)
    assert (done.status_code, done.url) == (303, DATA)
    assert consent_of(home) is None
    assert FULL not in holder.get(board).text
    assert "想再公开全名，到村委会签字。" in text_of(holder.get(DATA))


def test_it_leaves_one_trace_without_a_name(holder, home):
    for _time in range(2):
        holder.post(NAME, {"token": token_for(home), "sure": "1"})

    event = AuditEvent.objects.get(action="household.take_back_consent")
    assert (event.by, event.village) == (None, home.village)
    assert event.facts == {"asked": ["shows_name"], "card": True}
    assert FULL not in repr([event.facts, event.subject])


def test_a_consent_that_does_not_stand_is_not_taken_back(home):
    name = {"asked": ["shows_name"], "by": None, "at": AFTER_NOTICE}
    assert take_back_consent(home, **name) == ["shows_name"]
    assert take_back_consent(home, **name) == []


@pytest.mark.parametrize("token", ["", "x", "other"])
def test_a_form_that_we_did_not_open_changes_nothing(holder, home, token):
    if token == "other":
        neighbor = HouseholdFactory(village=home.village, group=home.group)
        token = token_for(neighbor)

    holder.post(NAME, {"token": token, "sure": "1"})

    assert consent_of(home) is not None


def test_without_the_card_s_cookie_the_form_changes_nothing(home):
    Client().post(NAME, {"token": token_for(home), "sure": "1"})

    assert consent_of(home) is not None


def test_where_the_village_decided_the_page_says_so(holder, home):
    VillagePolicy.objects.update(full_names_decision="2026年4月2日村民会议")

    assert "村里开会决定公开全名： 2026年4月2日村民会议" in text_of(holder.get(DATA))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13500135678", "135****5678"), ("1234567", "*******"), ("", "")],
)
def test_of_a_phone_only_the_ends_are_shown(phone, shown):
    assert masked_phone(phone) == shown
