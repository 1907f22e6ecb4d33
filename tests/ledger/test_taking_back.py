"""收回: a household takes back a request, or its place on a list, in its passbook."""

import re
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from households.models import AuditEvent
from ledger.gatherings.activities import cancel_activity
from ledger.invariants import violations
from ledger.models import Repair, SignIn
from ledger.public.form_tokens import GOOD_FOR
from ledger.repairs.repairing import NotInTurn, take_back_repair
from tests.factories import HouseholdFactory, ask, check, serve
from tests.ledger.gatherings import arrive, close, invite
from tests.ledger.reading import text_of
from tests.ledger.test_repair_page import card_of, deducted, line

PASSBOOK = "/my/"
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def lost(household):
    return deducted(household)


@pytest.fixture
def asked(lost):
    return ask(lost, at=timezone.now())


@pytest.fixture
def activity(village):
    now = timezone.now()
    return invite(village, day=timezone.localdate() + timedelta(days=2), at=now)


def holder_of(household):
    """Return a phone without scripts in which a household's card was scanned."""
    browser = Client(enforce_csrf_checks=True)
    browser.get(f"/p/{card_of(household).token}/")
    return browser


def press(browser, address, page=None):
    page = page or browser.get(address)
    return browser.post(address, {"token": TOKEN.search(page.content.decode())[1]})


def back(repair):
    return f"/my/repair/back/{repair.number}/"


def place(activity):
    return f"/my/lists/{activity.number}/"


# A request for a repair


def test_a_request_is_taken_back_and_can_be_made_again(household, lost, asked):
    holder = holder_of(household)
    assert back(asked) in holder.get(PASSBOOK).content.decode()
    page = holder.get(back(asked))
    assert asked.text in text_of(page)

    for _time in range(2):
        answer = press(holder, back(asked), page)

    assert (answer.status_code, answer["Location"]) == (303, PASSBOOK)
    asked.refresh_from_db()
    assert asked.state == Repair.State.WITHDRAWN
    event = AuditEvent.objects.get(action="repair.withdrawn")
    assert (event.by, event.village) == (None, household.village)
    shown = holder.get(PASSBOOK)
    assert "本户收回" in text_of(shown)
    assert back(asked) not in shown.content.decode()
    assert line(lost) in shown.content.decode()
    again = ask(lost, at=timezone.now())
    assert again.number != asked.number
    press(holder, back(asked), page)
    again.refresh_from_db()
    assert again.state == Repair.State.ASKED
    assert list(violations()) == []


def test_what_somebody_has_looked_at_already_is_not_taken_back(household, asked):
    holder = holder_of(household)
    page = holder.get(back(asked))
    check(asked, at=timezone.now())

    late = press(holder, back(asked), page)

    assert "to-change" in late.content.decode()
    asked.refresh_from_db()
    assert asked.state == Repair.State.CHECKED
    assert holder.get(back(asked))["Location"] == PASSBOOK


def test_nobody_looks_at_what_was_taken_back(asked):
    take_back_repair(asked, at=timezone.now())

    with pytest.raises(NotInTurn):
        check(asked, at=timezone.now())


def test_the_database_takes_back_only_what_was_not_looked_at(asked):
    rows = Repair.objects.filter(pk=asked.pk)
    now = timezone.now()
    somebody = serve(asked.village, "recorder")
    for values in ({"decided_by": somebody}, {"finding": "done"}, {"points": 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(state="withdrawn", decided_at=now, **values)

    check(asked, at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="withdrawn", decided_at=now, finding="", checked_at=None)


# A place on a list


def test_a_household_takes_itself_off_a_list_while_it_is_open(household, activity):
    arrive(activity, household, how="desk", at=timezone.now())
    holder = holder_of(household)
    assert place(activity) in holder.get(PASSBOOK).content.decode()
    page = holder.get(place(activity))

    for _time in range(2):
        assert press(holder, place(activity), page)["Location"] == PASSBOOK

    one = SignIn.objects.get()
    assert one.taken_back_at
    assert one.taken_back_by is None
    assert place(activity) not in holder.get(PASSBOOK).content.decode()
    arrive(activity, household, how="desk", at=timezone.now())
    assert place(activity) in holder.get(PASSBOOK).content.decode()


def test_a_closed_or_canceled_list_stays_as_it_is(village, household):
    now = timezone.now()
    lists = [
        invite(village, code, day=timezone.localdate(now), at=now)
        for code in ("Z05", "F01")
    ]
    holder = holder_of(household)
    for one in lists:
        arrive(one, household, at=now)
    pages = [holder.get(place(one)) for one in lists]
    close(lists[0], at=max(now, lists[0].begins))
    cancel_activity(lists[1], reason="下大雨", by=lists[1].planned_by, at=now)

    for one, page in zip(lists, pages, strict=True):
        assert one.title in text_of(press(holder, place(one), page))
        assert holder.get(place(one))["Location"] == PASSBOOK

    assert not SignIn.objects.exclude(taken_back_at=None).exists()
    assert "/my/lists/" not in holder.get(PASSBOOK).content.decode()


# Both


def test_it_is_nobody_else_s_to_take_back(household, asked, activity):
    arrive(activity, household, how="desk", at=timezone.now())
    group = household.group
    other = HouseholdFactory(village=household.village, group=group, number="002")
    mine, neighbor = holder_of(household), holder_of(other)

    for address in (back(asked), place(activity)):
        token = TOKEN.search(mine.get(address).content.decode())[1]
        assert neighbor.get(address).status_code == 404
        assert neighbor.post(address, {"token": token}).status_code == 404
        stranger = Client(enforce_csrf_checks=True)
        for answer in (stranger.get(address), stranger.post(address, {"token": token})):
            assert "请扫存折卡上的码" in text_of(answer)

    asked.refresh_from_db()
    assert asked.state == Repair.State.ASKED
    assert SignIn.objects.get().taken_back_at is None


def test_a_form_that_is_forged_or_old_takes_nothing_back(
    household, asked, activity, monkeypatch
):
    arrive(activity, household, how="desk", at=timezone.now())
    holder = holder_of(household)
    pages = {one: holder.get(one) for one in (back(asked), place(activity))}
    tokens = [TOKEN.search(page.content.decode())[1] for page in pages.values()]
    for address, token in zip(pages, reversed(tokens), strict=True):
        for forged in ("", "x", token):
            assert holder.post(address, {"token": forged}).status_code == 200
    later = time.time() + GOOD_FOR.total_seconds() + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    late = holder_of(household)
    for address, page in pages.items():
        answer = press(late, address, page)
        assert "to-change" in answer.content.decode()
        assert "passbook" not in answer.headers.get("Set-Cookie", "")

    asked.refresh_from_db()
    assert asked.state == Repair.State.ASKED
    assert SignIn.objects.get().taken_back_at is None
