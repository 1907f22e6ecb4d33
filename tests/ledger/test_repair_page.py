"""我已整改，申请修复: asked for in a passbook, answered in the same passbook."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from households.models import Household
from households.passbooks import print_cards
from ledger.models import Entry, Repair
from ledger.public.form_tokens import GOOD_FOR
from ledger.repairs.repairing import decide_repair
from tests.factories import (
    HouseholdFactory,
    approve,
    ask,
    check,
    make_good,
    publish,
    withdraw,
)
from tests.ledger.desk import LAST_MONTH, record_last_month
from tests.ledger.reading import text_of
from tests.ledger.resident_forms import errors_of, send

PASSBOOK, PAGE = "/my/", "/my/repair/"
BUTTON = "我已整改，申请修复"
SAID = "昨天把沟边的垃圾清走了"


@pytest.fixture(autouse=True)
def _kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def deducted(household, code="N01", points=3, *, at=None):
    at = at or timezone.now()
    approve(record_last_month(household, code, points), at=at)
    publish(household.village, month=LAST_MONTH, at=at)
    return Entry.objects.get(household=household, kind=Entry.Kind.DEDUCTION)


@pytest.fixture
def lost(household):
    return deducted(household)


def card_of(household):
    mine = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, mine, by=None, at=timezone.now())
    return card


@pytest.fixture
def holder(lost):
    """A phone without scripts in which the household's card was scanned."""
    browser = Client(enforce_csrf_checks=True)
    browser.get(f"/p/{card_of(lost.household).token}/")
    return browser


def line(entry):
    return f"{PAGE}?line={entry.number}"


def test_the_passbook_says_what_to_do_until_when_and_leads_to_the_form(holder, lost):
    shown = text_of(holder.get(PASSBOOK))
    until = timezone.localdate() + timedelta(days=7)

    assert "7日内清理并复查合格，恢复100%" in shown
    assert f"{until.month}月{until.day}日提出" in shown
    assert BUTTON in shown
    assert line(lost) in holder.get(PASSBOOK).content.decode()


def test_a_household_asks_once_and_gets_a_receipt(holder, lost):
    form = holder.get(line(lost))
    answers = [send(holder, form, "file", text=SAID) for _ in range(2)]

    (repair,) = Repair.objects.all()
    assert (repair.entry, repair.text, repair.channel) == (lost, SAID, "web")
    assert repair.asked_by is None
    assert answers[0].status_code == answers[1].status_code == 303
    receipt = holder.get(answers[1]["Location"])
    assert repair.number in text_of(receipt)
    stranger = Client().get(answers[1]["Location"].replace("/my/", "/v/taoxi/"))
    assert repair.number in text_of(stranger)
    assert "已申请修复" in text_of(holder.get(PASSBOOK))


def test_nothing_typed_is_lost_by_a_mistake(holder, lost):
    form = holder.get(line(lost))

    empty = send(holder, form, "file", text=" ")
    too_long = send(holder, form, "file", text="字" * 301)

    assert "请写明整改了什么" in errors_of(empty)
    assert "字" * 301 in too_long.content.decode()
    assert Repair.objects.count() == 0


def test_large_letters_and_a_trap_file_nothing(holder, lost):
    form = holder.get(line(lost))

    looked = send(holder, form, "look", text=SAID)
    send(holder, form, "file", text=SAID, homepage="http://x")

    assert SAID in looked.content.decode()
    assert Repair.objects.count() == 0


def test_a_form_that_was_open_too_long_keeps_what_was_typed(holder, lost, monkeypatch):
    form = holder.get(line(lost))
    a_day_later = time.time() + GOOD_FOR.total_seconds() + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: a_day_later)

    late = send(holder, form, "file", text=SAID)

    assert SAID in late.content.decode()
    assert "passbook" not in late.headers.get("Set-Cookie", "")
    assert Repair.objects.count() == 0


def test_the_form_outlives_the_passbooks_half_hour(holder, lost):
    form = holder.get(line(lost))

    send(Client(enforce_csrf_checks=True), form, "file", text=SAID)

    assert Repair.objects.get().text == SAID


def test_without_a_card_the_form_asks_for_it_and_forged_tokens_file_nothing(lost):
    stranger = Client(enforce_csrf_checks=True)

    shown = stranger.get(line(lost))
    sent = stranger.post(PAGE, {"token": "forged", "text": SAID, "step": "file"})

    assert "存折卡" in text_of(shown)
    assert "N01" not in text_of(shown)
    assert SAID in text_of(sent)
    assert Repair.objects.count() == 0


def test_another_households_line_is_not_shown(village, holder, lost):
    neighbor = HouseholdFactory(village=village, group=lost.household.group)
    other = Client()
    other.get(f"/p/{card_of(neighbor).token}/")

    for number in (lost.number, 99, "x", ""):
        answer = other.get(PAGE, {"line": number})
        assert (answer.status_code, answer["Location"]) == (303, PASSBOOK)


def test_a_line_whose_notice_was_taken_back_is_not_shown(holder, lost):
    withdraw(lost.period.publications.get())

    assert holder.get(line(lost)).status_code == 303


def test_a_line_that_cannot_be_repaired_says_why(household, village):
    lost = deducted(household, "N09", 10)
    browser = Client()
    browser.get(f"/p/{card_of(household).token}/")

    passbook, form = text_of(browser.get(PASSBOOK)), text_of(browser.get(line(lost)))

    assert "不能修复：" in passbook
    assert BUTTON not in passbook
    assert "按细则，这一项不能修复" in form
    assert BUTTON not in form


def test_the_button_goes_with_the_last_day(household, village):
    lost = deducted(household, at=timezone.now() - timedelta(days=8))
    browser = Client()
    browser.get(f"/p/{card_of(household).token}/")

    passbook, form = text_of(browser.get(PASSBOOK)), text_of(browser.get(line(lost)))

    assert BUTTON not in passbook + form
    assert "申请期限到" in form


def test_the_passbook_tells_each_step_and_the_answer_with_its_reason(
    holder, lost, reviewer
):
    now = timezone.now()
    asked = ask(lost, text=SAID, at=now)
    at_first = text_of(holder.get(PASSBOOK))
    checked = check(asked, finding="not_done", at=now)
    then = text_of(holder.get(PASSBOOK))
    decide_repair(checked, approve=False, reason="沟里还有", by=reviewer, at=now)
    at_last = text_of(holder.get(PASSBOOK))

    assert f"修复申请{asked.number}" in at_first
    assert "前有人上门复查" in at_first
    assert BUTTON not in at_first
    assert "未整改" in then
    assert "沟里还有" in at_last
    assert BUTTON in at_last


def test_what_came_back_stands_in_the_passbook_and_in_the_own_data(
    holder, lost, reviewer
):
    make_good(lost, by=reviewer, at=timezone.now())

    passbook = text_of(holder.get(PASSBOOK))
    assert "恢复3分" in passbook
    assert "随下次公示计入" in passbook
    own = holder.get("/my/data/file/").json()["repairs"]
    assert [(one["state"], one["points"]) for one in own] == [("approved", 3)]
    assert "已清理干净" in text_of(holder.get("/my/data/"))


def test_no_public_page_tells_who_repaired(client, village, lost):
    make_good(lost, at=timezone.now())

    for page in ("/v/taoxi/", "/v/taoxi/months/", "/v/taoxi/groups/1/"):
        assert "修复申请" not in text_of(client.get(page))
