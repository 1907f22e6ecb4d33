"""活动 as residents meet it: the public menu, and one tap at the meeting place."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households.passbooks import print_cards
from ledger.gatherings.activities import cancel_activity
from ledger.gatherings.arrival_codes import arrival_address, arrival_form
from ledger.gatherings.rounds import Seen, begin_round, note_findings
from ledger.models import SignIn
from ledger.public import tries
from tests.factories import HouseholdFactory, VillageFactory, serve
from tests.ledger.desk import neighbors
from tests.ledger.gatherings import arrive, close, draft, invite
from tests.ledger.reading import text_of
from tests.ledger.yards import (
    find_untidy,
    finish,
    put_right,
    remind,
    still_untidy,
)

MENU = "/v/taoxi/activities/"
NOW = timezone.localtime()
TODAY = NOW.date()
DAWN, NIGHT = NOW.time().replace(0, 0, 0, 0), NOW.time().replace(23, 59, 59, 0)
ALL_DAY = {"at": NOW, "day": TODAY, "begins_at": DAWN, "ends_at": NIGHT}


@pytest.fixture(autouse=True)
def _own_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def homes(village):
    return neighbors(village, "001", "002", "003", head_name="金丝雀")


def holder(client, household):
    """Let a client's phone have scanned its household's card."""
    everyone = type(household).objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, everyone, by=None, at=NOW)
    client.get(f"/p/{card.token}/")
    return client


def here(activity):
    """Return the address that the code says now."""
    return arrival_address(activity).partition("8000")[2]


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def test_the_menu_says_what_comes_and_how_many_places_are_left(client, village, homes):
    activity = invite(village, at=NOW, day=TODAY + timedelta(days=2), places=5)
    arrive(activity, *homes[:2], how="desk", at=NOW)
    draft(village, at=NOW, day=TODAY + timedelta(days=2), title="还没定的事")

    told = text_of(client.get(MENU))

    assert activity.title in told
    assert "还有3个名额" in told
    assert "+5分" in told
    assert "金丝雀" not in told
    assert "还没定的事" not in told


def test_the_menu_says_how_many_took_part_and_never_who(client, village, homes):
    activity = invite(village, **ALL_DAY)
    arrive(activity, *homes, at=NOW)
    close(activity, at=NOW)

    told = text_of(client.get(MENU))

    assert "3户参加" in told
    assert "金丝雀" not in told


def test_what_is_called_off_says_why_until_its_day_is_over(client, village, recorder):
    activity = invite(village, at=NOW, day=TODAY + timedelta(days=1))
    before = text_of(client.get(MENU))
    cancel_activity(activity, reason="路上塌方", by=recorder, at=NOW)

    after = text_of(client.get(MENU))

    assert "路上塌方" not in before
    assert "路上塌方" in after
    assert "名额" not in after.split("怎么参加")[0]


def test_the_menu_costs_the_same_however_long_it_is(client, village, homes):
    def questions():
        client.get(MENU)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(MENU).status_code == 200
        return len(asked)

    few = questions()
    for days in range(4):
        activity = invite(village, at=NOW, day=TODAY + timedelta(days=days))
        arrive(activity, *homes, how="desk", at=NOW)

    assert questions() == few <= 7


def begin_and_fail(home, days):
    """Let another group's yard be found untidy twice."""
    home.group = home.village.groups.get(number=2)
    by = serve(home.village, "recorder")
    walked = begin_round(home.group, day=TODAY - timedelta(days=9), by=by, at=NOW)
    type(home).objects.filter(pk=home.pk).update(group=home.group)
    note_findings(walked, {home: Seen("poor")}, by=by, at=NOW)
    finish(walked, at=NOW)
    finding = remind(walked.findings.get(), at=NOW, **days)
    second = serve(home.village, "recorder")
    return still_untidy(finding, second=second, at=NOW, seen_on=TODAY)


def test_of_the_rounds_the_menu_counts_only_what_was_put_right(client, village, homes):
    long_ago = {"day": TODAY - timedelta(days=9), "at": NOW}
    days = {"told_on": TODAY - timedelta(days=8), "recheck_on": TODAY}
    untidy = find_untidy(homes[0], note="鹦鹉说的", **long_ago)
    remind(untidy, at=NOW, **days)
    before = text_of(client.get(MENU))
    put_right(untidy, seen_on=TODAY, at=NOW)
    other = begin_and_fail(homes[1], days)

    after = text_of(client.get(MENU))

    assert "整改" not in before
    assert other.outcome == "failed"
    assert "整改好的有1户" in after
    assert "鹦鹉" not in after
    assert "金丝雀" not in after


def test_the_menu_of_a_village_with_nothing_says_so(client, village):
    page = client.get(MENU)

    assert "没有要开展的活动" in text_of(page)
    assert len(page.content) < 30_000
    assert "<script" not in page.content.decode()
    assert not page.cookies


def test_an_open_passbook_signs_in_with_one_tap_and_only_once(client, village, homes):
    activity = invite(village, **ALL_DAY)
    phone = holder(client, homes[0])

    page = phone.get(here(activity))
    assert not SignIn.objects.exists()
    answers = [phone.post("/my/here/", {"token": token_of(page)}) for _time in range(2)]

    one = SignIn.objects.get()
    assert (one.household, one.how, one.by) == (homes[0], "phone", None)
    assert ["登记好了" in text_of(answer) for answer in answers] == [True, True]
    assert "登记好了" in text_of(phone.get(here(activity)))
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}


def test_without_an_open_passbook_it_says_what_else_counts(client, village):
    page = client.get(here(invite(village, **ALL_DAY)))

    assert "请先扫存折卡" in text_of(page)
    assert "在纸上签名" in text_of(page)
    assert not page.cookies


def test_a_code_is_of_no_use_after_a_minute(client, village, homes, monkeypatch):
    activity = invite(village, **ALL_DAY)
    phone, address = holder(client, homes[0]), here(activity)
    later = signing.time.time() + 61
    monkeypatch.setattr(signing.time, "time", lambda: later)

    page = phone.get(address)

    assert page.status_code == 404
    assert "过期" in text_of(page)


def test_a_forged_code_or_a_neighbor_s_form_signs_nobody_in(client, village, homes):
    activity = invite(village, **ALL_DAY)
    phone = holder(client, homes[0])

    forged = phone.get(f"/my/here/{activity.pk}:x:y/")
    answers = [
        phone.post("/my/here/", {"token": token})
        for token in ("", "x", arrival_form(activity, homes[1]))
    ]

    assert forged.status_code == 404
    assert {answer.status_code for answer in answers} == {400}
    assert not SignIn.objects.exists()


def test_a_household_of_another_village_is_told_so(client, village):
    elsewhere = VillageFactory()
    stranger = HouseholdFactory(village=elsewhere, group__village=elsewhere)
    activity = invite(village, **ALL_DAY)
    phone = holder(client, stranger)

    page = phone.get(here(activity))
    phone.post("/my/here/", {"token": arrival_form(activity, stranger)})

    assert "别的村" in text_of(page)
    assert not SignIn.objects.exists()


def test_a_closed_list_takes_no_phone_any_more(client, village, homes):
    activity = invite(village, **ALL_DAY)
    phone = holder(client, homes[0])
    token = token_of(phone.get(here(activity)))
    close(activity, at=NOW)

    page = phone.post("/my/here/", {"token": token})

    assert "已结束" in text_of(page)
    assert not SignIn.objects.exists()


def test_guessing_codes_is_slowed_down(client, village, monkeypatch):
    # All within one minute, whenever that begins.
    monkeypatch.setattr(tries.time, "time", lambda: 1_000_000.0)
    answers = [client.get("/my/here/1:a:b/").status_code for _time in range(61)]

    assert answers[0] == 404
    assert answers[-1] == 429


def test_a_household_reads_what_is_kept_of_its_taking_part(client, village, homes):
    activity = invite(village, **ALL_DAY)
    arrive(activity, homes[0], at=NOW)
    arrive(activity, homes[1], at=NOW)
    phone = holder(client, homes[0])

    page, file = phone.get("/my/data/"), phone.get("/my/data/file/").json()

    assert activity.title in text_of(page)
    assert [one["title"] for one in file["activities"]] == [activity.title]
    assert file["activities"][0]["how"] == "paper"
