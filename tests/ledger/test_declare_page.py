"""我要申报 in a browser: four questions, a look at the answers, a receipt."""

import io
import re
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from households.models import Household
from households.passbooks import print_cards, reissue_passbook
from ledger.models import Declaration
from ledger.public import resident_forms
from ledger.public.drafts import MOST_DRAFTS, drop_draft, has_draft, keep_draft
from ledger.public.form_tokens import GOOD_FOR, FormToken
from ledger.public.photo_limit import PHOTO_BYTES
from ledger.receiving import DECLARATIONS_A_DAY
from tests.factories import IN_MARCH, HouseholdFactory, VillageFactory
from tests.ledger.reading import text_of
from tests.ledger.resident_forms import errors_of, fields_of, send

PAGE = "/v/taoxi/declare/"
OWN = "/my/declare/"
DEED = "给王婆婆家挑了三担水"


@pytest.fixture(autouse=True)
def _kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


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
def own(client, home):
    """A phone on which the card of the household was scanned."""
    chosen = Household.objects.filter(pk=home.pk)
    (card,) = print_cards(home.village, chosen, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")
    return client


def photo(name="deed.jpg", size=(400, 300)):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def checked(client, page=PAGE, **typed):
    typed.setdefault("text", DEED)
    if page == PAGE:
        typed.setdefault("household", "164")
    return send(client, client.get(page), "check", **typed)


def test_a_deed_is_declared_without_script_or_cookie(client, home):
    page = client.get(PAGE)
    check = send(client, page, "check", household="164", text=DEED)
    sent = send(client, check, "file")
    receipt = client.get(sent.url)

    declaration = Declaration.objects.get()
    assert (declaration.household, declaration.text) == (home, DEED)
    assert declaration.happened_on == timezone.localdate()
    assert "看看对不对" in text_of(check)
    assert sent.status_code == 303
    assert "收到了，谢谢你" in text_of(receipt)
    assert declaration.number in text_of(receipt)
    assert not client.cookies
    for answer in (page, check, sent, receipt):
        kept = "no-store" if answer in (check, sent) else "private, no-cache"
        assert answer["Cache-Control"] == kept
        assert "<script" not in answer.text


def test_the_check_page_shows_no_more_of_a_name_than_the_board(client, home):
    text = text_of(checked(client))

    assert "1社 · 164号 · 罗○山" in text
    assert "罗青山" not in text


@pytest.mark.parametrize("named", ["164", "罗青山", " １６４ ", "164号", "罗青山家"])
def test_a_household_is_named_by_its_number_or_full_name(client, home, named):
    assert "164号" in text_of(checked(client, household=named))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"household": ""}, "请写户主全名，或者三位户号"),
        ({"household": "罗"}, "没找到这一家。写户主全名，或者三位户号"),
        ({"household": "999"}, "没找到这一家。写户主全名，或者三位户号"),
        ({"household": "陈同名"}, "有2家叫这个名字，请用户号"),
        ({"household": "迁走人"}, "没找到这一家"),
        ({"text": " "}, "请写做了什么好事"),
        ({"text": "好" * 243}, "写得太长了，最多200个字，现在是243个"),
        ({"day": "other"}, "请选日期"),
        ({"day": "other", "other_day": "2999-01-01"}, "日期不能比今天晚"),
        ({"day": "other", "other_day": "2001-01-01"}, "只能申报最近60天的事"),
        ({"phone": "1390013900"}, "电话号码应当是11位，现在是10位"),
        ({"phone": "罗青山的电话"}, "电话号码只写数字"),
    ],
)
def test_each_mistake_says_what_to_do_and_loses_nothing(client, home, typed, says):
    facts = {"village": home.village, "group": home.group}
    for number in ("201", "202"):
        HouseholdFactory(head_name="陈同名", number=number, **facts)
    HouseholdFactory(head_name="迁走人", number="203", status="left", **facts)

    response = checked(client, **typed)

    assert response.status_code == 200
    assert "有地方要改一下" in errors_of(response)
    assert says in errors_of(response)
    kept = fields_of(response)
    for name, value in typed.items():
        assert kept[name] == value.strip()
    assert kept["text"] == typed.get("text", DEED).strip()
    assert not Declaration.objects.exists()


def test_every_mistake_is_a_link_to_its_field(client, home):
    html = checked(client, household="", text="").text

    links = re.findall(r'<li><a href="#([\w-]+)"', html)
    assert links == ["id_household", "id_text"]
    for link in links:
        assert f'id="{link}"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(
    ("written", "kept"),
    [("139 0013 9000", "13900139000"), ("+86 139-0013-9000", "13900139000")],
)
def test_a_phone_is_read_as_people_write_it(client, home, written, kept):
    send(client, checked(client, phone=written), "file")

    assert Declaration.objects.get().phone == kept


@pytest.mark.parametrize(("chosen", "days"), [("0", 0), ("1", 1), ("2", 2)])
def test_three_days_need_no_calendar(client, home, chosen, days):
    send(client, checked(client, day=chosen), "file")

    day = timezone.localdate() - timedelta(days=days)
    assert Declaration.objects.get().happened_on == day


def test_going_back_to_change_brings_everything(client, home):
    yesterday = timezone.localdate() - timedelta(days=1)
    check = checked(client, phone="13900139000", day="1", photo=photo())

    form = send(client, check, "edit")

    kept = fields_of(form)
    assert (kept["household"], kept["text"]) == ("164", DEED)
    assert (kept["phone"], kept["day"]) == ("13900139000", "1")
    assert kept["other_day"] == f"{yesterday}"
    assert "已附上1张照片" in text_of(form)
    assert errors_of(form) == ""
    again = send(client, form, "check", text="改了")
    assert "改了" in text_of(again)


@pytest.mark.parametrize(("page", "step"), [("form", "look"), ("check", "check")])
@pytest.mark.parametrize(
    ("name", "chosen", "other", "html", "attached"),
    [
        ("big", "1", "0", '<html lang="zh-Hans" class="big">', "已附上1张照片"),
        ("lang", "en", "zh-hans", '<html lang="en">', "One photo is attached"),
    ],
    ids=["letters", "language"],
)
def test_a_choice_on_the_way_loses_nothing(
    client, home, page, step, name, chosen, other, html, attached
):
    check = checked(client, phone="13900139000", photo=photo())
    shown = send(client, check, "edit") if page == "form" else check
    assert f'value="{step}" formaction="{PAGE}?{name}={chosen}"' in shown.text

    sent = {**fields_of(shown), "step": step}
    answer = client.post(f"{PAGE}?{name}={chosen}", sent)

    assert html in answer.text
    assert fields_of(answer)["text"] == DEED
    assert attached in text_of(answer)
    assert client.cookies[name].value == chosen
    assert f'formaction="{PAGE}?{name}={other}"' in answer.text


def test_larger_letters_for_an_empty_form_are_no_mistake(client, home):
    page = client.get(PAGE)

    large = client.post(f"{PAGE}?big=1", {**fields_of(page), "step": "look"})

    assert errors_of(large) == ""


# The token


def test_the_same_form_posted_ten_times_gives_one_receipt(client, home):
    check = checked(client)

    places = {send(client, check, "file").url for _time in range(10)}

    assert len(places) == 1
    assert Declaration.objects.count() == 1


def test_a_form_that_comes_again_with_another_deed_asks_once_more(client, home):
    check = checked(client)
    send(client, check, "file")

    asked = send(client, check, "file", text="另一件事")

    assert Declaration.objects.count() == 1
    assert "已经收到了" in errors_of(asked)
    send(client, asked, "file")
    assert Declaration.objects.count() == 2


def test_a_form_open_for_more_than_a_day_keeps_what_was_typed(
    client, home, monkeypatch
):
    check = checked(client, phone="13900139000", photo=photo())
    later = time.time() + GOOD_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    expired = send(client, check, "file")

    assert "放得太久" in errors_of(expired)
    assert "刚才写的还在" in errors_of(expired)
    assert fields_of(expired)["text"] == DEED
    assert "已附上1张照片" in text_of(expired)
    assert not Declaration.objects.exists()
    assert send(client, send(client, expired, "check"), "file").status_code == 303


@pytest.mark.parametrize("forgery", ["", "x", "a:b:c"])
def test_a_token_of_one_s_own_making_files_nothing(client, home, forgery):
    response = send(client, checked(client), "file", token=forgery)

    assert "放得太久" in errors_of(response)
    assert fields_of(response)["text"] == DEED
    assert not Declaration.objects.exists()


def test_a_token_of_another_village_or_form_files_nothing(client, home):
    check = checked(client)
    elsewhere = VillageFactory()
    tokens = [
        FormToken("declare", elsewhere.pk),
        FormToken("objection", home.village_id),
        FormToken("declare", home.village_id, home.pk),
    ]

    for token in tokens:
        response = send(client, check, "file", token=str(token))
        assert "放得太久" in errors_of(response)
    assert not Declaration.objects.exists()


def test_every_form_that_is_opened_is_another_one(client, home):
    tokens = {fields_of(client.get(PAGE))["token"] for _time in range(2)}

    assert len(tokens) == 2


# What keeps machines away


def test_a_filled_trap_gets_the_ordinary_page_and_stores_nothing(client, home):
    check = send(
        client,
        client.get(PAGE),
        "check",
        household="164",
        text=DEED,
        homepage="http://example.com/",
        photo=photo(),
    )
    sent = send(client, checked(client), "file", homepage="x")

    for answer in (check, sent):
        assert answer.status_code == 200
        assert errors_of(answer) == ""
        assert fields_of(answer)["homepage"] == ""
        assert fields_of(answer)["text"] == DEED
    assert not Declaration.objects.exists()


def test_a_screen_reader_is_told_to_leave_the_trap_alone(client, home):
    page = client.get(PAGE)

    assert "这一栏请空着不填" in text_of(page)
    assert 'class="trap"' in page.text


def test_who_is_too_fast_waits_a_minute_and_keeps_everything(client, home, monkeypatch):
    monkeypatch.setattr(resident_forms, "FORMS_A_MINUTE", 2)
    monkeypatch.setattr("ledger.public.tries.time.time", lambda: 1_000_000.0)
    check = checked(client)
    send(client, check, "edit")

    stopped = send(client, check, "file")

    assert stopped.status_code == 429
    assert "太快了，等一分钟再试" in errors_of(stopped)
    assert fields_of(stopped)["text"] == DEED
    assert not Declaration.objects.exists()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert send(elsewhere, check, "file").status_code == 303


def test_five_a_day_for_one_household(client, home):
    for number in range(DECLARATIONS_A_DAY):
        send(client, checked(client, text=f"第{number}件"), "file")

    sixth = send(client, checked(client), "file")

    assert "今天已经报了5件，明天再来，或者打电话" in errors_of(sixth)
    assert fields_of(sixth)["text"] == DEED
    assert Declaration.objects.count() == DECLARATIONS_A_DAY


def test_a_network_files_no_more_than_a_village_would(client, home, monkeypatch):
    monkeypatch.setattr(resident_forms, "FILED_A_DAY", 1)
    first = checked(client)
    for _time in range(3):
        assert send(client, first, "file").status_code == 303

    second = send(client, checked(client), "file")

    assert "今天从这个网络报来的太多了" in errors_of(second)
    assert Declaration.objects.count() == 1


# Photos


def test_a_photo_waits_for_the_confirmation_and_then_goes_along(client, home, settings):
    check = checked(client, photo=photo())

    assert "已附上1张照片" in text_of(check)
    assert len(list((settings.DATA_DIR / "drafts").iterdir())) == 1
    send(client, check, "file")

    declaration = Declaration.objects.get()
    with declaration.photo.open("rb") as kept:
        assert Image.open(kept).format == "JPEG"
    assert not list((settings.DATA_DIR / "drafts").iterdir())


def test_a_photo_stays_when_something_else_has_to_be_changed(client, home):
    wrong = checked(client, text="", photo=photo())

    assert "已附上1张照片" in text_of(wrong)
    send(client, send(client, wrong, "check", text=DEED), "file")
    assert Declaration.objects.get().photo


def test_a_photo_can_be_left_out_again(client, home):
    form = send(client, checked(client, photo=photo()), "edit")

    check = send(client, form, "check", no_photo="on")

    assert "已附上1张照片" not in text_of(check)
    send(client, check, "file")
    assert not Declaration.objects.get().photo


def test_a_photo_that_is_too_large_is_read_past(client, home):
    large = SimpleUploadedFile("large.jpg", b"x" * (PHOTO_BYTES + 1), "image/jpeg")

    response = checked(client, photo=large)

    assert "照片太大，最大8兆，换一张小的" in errors_of(response)
    assert fields_of(response)["text"] == DEED


def test_what_is_no_photo_is_refused(client, home):
    sheet = SimpleUploadedFile("list.xlsx", b"PK", "application/zip")

    assert "这个文件不是照片" in errors_of(checked(client, photo=sheet))


def test_photos_that_nobody_confirmed_are_gone_after_a_day(
    client, home, settings, monkeypatch
):
    checked(client, photo=photo())
    later = time.time() + GOOD_FOR.total_seconds() + 60
    monkeypatch.setattr("ledger.public.drafts.time.time", lambda: later)

    key = FormToken("declare", 1).key
    keep_draft(key, b"new")

    assert [draft.stem for draft in (settings.DATA_DIR / "drafts").iterdir()] == [
        key.hex
    ]
    drop_draft(key)
    assert not has_draft(key)


def test_a_flood_of_photos_fills_no_disk(client, home, monkeypatch):
    monkeypatch.setattr("ledger.public.drafts.MOST_DRAFTS", 1)
    assert MOST_DRAFTS > 100
    checked(client, photo=photo())

    response = checked(client, photo=photo())

    assert "现在放不下照片了" in errors_of(response)


# The receipt


def test_a_receipt_tells_nothing_of_what_was_declared(client, home):
    sent = send(client, checked(client, phone="13900139000"), "file")

    receipt = client.get(sent.url)

    for secret in (DEED, "罗", "164", "13900139000"):
        assert secret not in text_of(receipt)
        assert secret not in sent.url


def test_nobody_makes_up_a_receipt_or_leafs_through_them(client, home):
    sent = send(client, checked(client), "file")
    number = Declaration.objects.get().number
    mark = sent.url.rstrip("/").rpartition("-")[2]

    for receipt in (number, f"{number}-{mark[::-1]}", f"{number[:-1]}9-{mark}"):
        assert client.get(f"{PAGE}done/{receipt}/").status_code == 404
    elsewhere = VillageFactory(slug="elsewhere")
    other = client.get(sent.url.replace("taoxi", elsewhere.slug))
    assert other.status_code == 404


# From the passbook


def test_the_passbook_leads_to_a_form_that_knows_its_household(own, home):
    assert f'href="{OWN}"' in own.get("/my/").text

    page = own.get(OWN)

    assert "罗青山" in text_of(page)
    assert "household" not in fields_of(page)
    assert page["Cache-Control"] == "private, no-store"
    sent = send(own, send(own, page, "check", text=DEED), "file")
    assert sent.url.startswith(OWN)
    assert Declaration.objects.get().household == home
    assert "回存折" in text_of(own.get(sent.url))


def test_no_field_can_name_another_household_there(own, home):
    HouseholdFactory(village=home.village, group=home.group, number="165")

    check = send(own, own.get(OWN), "check", text=DEED, household="165")
    send(own, check, "file", household="165")

    assert Declaration.objects.get().household == home


def test_what_was_begun_in_the_passbook_is_filed_after_it_closed(own, home):
    check = send(own, own.get(OWN), "check", text=DEED)
    own.cookies.clear()

    sent = send(own, check, "file")

    assert Declaration.objects.get().household == home
    assert sent.url.startswith(PAGE)
    assert "收到了" in text_of(own.get(sent.url))


def test_an_old_form_of_a_closed_passbook_goes_on_as_the_villages_own(
    own, home, monkeypatch
):
    check = send(own, own.get(OWN), "check", text=DEED)
    own.cookies.clear()
    later = time.time() + GOOD_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    expired = send(own, check, "file")

    assert "放得太久" in errors_of(expired)
    assert f'action="{PAGE}"' in expired.text
    assert fields_of(expired)["text"] == DEED
    assert "罗青山" not in text_of(expired)


def test_without_a_card_the_passbooks_form_asks_for_one(client, home):
    for answer in (client.get(OWN), client.post(OWN, {"text": DEED})):
        assert "请扫存折卡上的码" in text_of(answer)
    assert not Declaration.objects.exists()


def test_a_reissued_card_opens_no_form(own, home):
    reissue_passbook(home.passbooks.get(), replacing=1, by=None, at=IN_MARCH)

    assert "请扫存折卡上的码" in text_of(own.get(OWN))


def test_the_form_is_small_and_has_no_negative_or_english_words(client, home):
    page = client.get(PAGE)

    assert len(page.content) < 30_000
    words = set(re.findall(r"[A-Za-z]{3,}", text_of(page)))
    assert words <= {"English", "SMS"}
