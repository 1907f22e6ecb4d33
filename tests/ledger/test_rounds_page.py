"""巡查 at the desk: a group ticked on a phone, closed, reminded, looked at again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from config.today import desk_of
from ledger.gatherings.rounds import Seen, note_findings
from ledger.models import Deed, Finding, Round
from tests.factories import HouseholdFactory, serve
from tests.ledger.desk import address, neighbors, text_of
from tests.ledger.yards import finish, remind, walk
from tests.two_villages import visitor

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def client(recorder):
    return visitor(recorder)


@pytest.fixture
def homes(village):
    return neighbors(village, "001", "002", "003")


@pytest.fixture
def walked(village, recorder):
    return walk(village, {}, by=recorder, day=TODAY, at=NOW)


@pytest.fixture
def untidy(homes, walked, recorder):
    seen = {homes[0]: Seen("poor", note="柴火堆在路边")}
    note_findings(walked, seen, by=recorder, at=NOW)
    finish(walked, at=NOW)
    return Finding.objects.get()


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text_of(page))[1]


def hidden(page):
    return dict(re.findall(r'name="(was-\d+)" value="([^"]*)"', text_of(page)))


def test_a_round_is_begun_once_from_the_list(client, village, homes):
    group = village.groups.get(number=1)
    sent = {"village": village.slug, "group": group.pk, "day": TODAY.isoformat()}

    answers = [client.post(address("rounds"), sent) for _time in range(2)]

    begun = Round.objects.get()
    assert {answer["Location"] for answer in answers} == {address("round", begun.pk)}
    assert "3户里已记0户" in text_of(client.get(address("rounds")))


def test_a_day_to_come_is_refused(client, village, homes):
    group = village.groups.get(number=1)
    later = (TODAY + timedelta(days=1)).isoformat()

    page = client.post(address("rounds"), {"group": group.pk, "day": later})

    assert 'role="alert"' in text_of(page)
    assert not Round.objects.exists()


def test_what_is_ticked_is_saved_and_two_people_do_not_undo_each_other(
    client, walked, homes, recorder
):
    page = client.get(address("round", walked.pk))
    note_findings(walked, {homes[2]: Seen("cleanest")}, by=recorder, at=NOW)

    client.post(
        address("round", walked.pk),
        {
            **hidden(page),
            f"yard-{homes[0].pk}": "clean",
            f"sorted-{homes[0].pk}": "1",
            f"yard-{homes[1].pk}": "poor",
            f"note-{homes[1].pk}": "鸡鸭散养",
            f"yard-{homes[2].pk}": "",
        },
    )

    found = Finding.objects.values_list("household__number", "yard", "is_sorted")
    assert set(found) == {
        ("001", "clean", True),
        ("002", "poor", False),
        ("003", "cleanest", False),
    }


def test_closing_says_first_what_it_records_and_what_it_reminds_of(
    client, walked, homes, recorder
):
    seen = {homes[0]: Seen("clean", True), homes[1]: Seen("poor", note="鸡鸭散养")}
    note_findings(walked, seen, by=recorder, at=NOW)

    page = client.get(address("round-close", walked.pk))
    sent = {name: field(page, name) for name in ("village", "key", "seen")}
    for _time in range(2):
        client.post(address("round-close", walked.pk), sent)

    assert "<b>2</b>" in text_of(page)
    assert "鸡鸭散养" in text_of(page)
    assert set(Deed.objects.values_list("item__code", "points")) == {
        ("Z03", 3),
        ("Z04", 2),
    }
    assert "等提醒" in text_of(client.get(address("rounds")))
    assert "鸡鸭散养" in text_of(client.get(address("rounds")))


def test_findings_that_changed_are_shown_once_more(client, walked, homes, recorder):
    note_findings(walked, {homes[0]: Seen("clean")}, by=recorder, at=NOW)
    page = client.get(address("round-close", walked.pk))
    sent = {name: field(page, name) for name in ("village", "key", "seen")}
    note_findings(walked, {homes[1]: Seen("clean")}, by=recorder, at=NOW)

    again = client.post(address("round-close", walked.pk), sent)
    assert not Deed.objects.exists()
    sent = {name: field(again, name) for name in ("village", "key", "seen")}
    client.post(address("round-close", walked.pk), sent)

    assert Deed.objects.count() == 2


def test_a_household_is_reminded_in_words_that_can_be_printed(client, untidy):
    page = client.get(address("finding-remind", untidy.pk))
    assert "柴火堆在路边" in text_of(page)
    assert client.get(address("finding-slip", untidy.pk)).status_code == 404

    days = {"told_on": TODAY, "recheck_on": TODAY + timedelta(days=7)}
    client.post(address("finding-remind", untidy.pk), {"words": "请把柴火收好", **days})

    untidy.refresh_from_db()
    assert (untidy.reminder, untidy.told_on) == ("请把柴火收好", TODAY)
    assert "请把柴火收好" in text_of(client.get(address("finding-slip", untidy.pk)))


def test_a_second_look_before_its_day_takes_nothing_and_keeps_what_was_typed(
    client, untidy, village, recorder
):
    remind(untidy, by=recorder, at=NOW, told_on=TODAY, recheck_on=TODAY + timedelta(7))
    second = serve(village, "recorder")
    page = client.get(address("finding-recheck", untidy.pk))

    answer = client.post(
        address("finding-recheck", untidy.pk),
        {
            "village": village.slug,
            "key": field(page, "key"),
            "outcome": "failed",
            "seen_on": TODAY,
            "points": "1",
            "note": "还是没有收",
            "second_recorder": second.pk,
        },
    )

    assert 'role="alert"' in text_of(answer)
    assert "还是没有收" in text_of(answer)
    assert not Deed.objects.exists()


def test_a_task_waits_on_the_desk_until_the_yard_is_settled(village, recorder, untidy):
    def waiting(days=0):
        now = NOW + timedelta(days=days)
        found = desk_of(recorder, None, now=now)["mine"]
        return [task.count for task in found if "/rounds/" in task.address]

    assert waiting() == [1]
    remind(untidy, by=recorder, at=NOW, told_on=TODAY, recheck_on=TODAY + timedelta(7))
    assert waiting(days=6) == []
    assert waiting(days=7) == [1]


def test_the_rating_sheet_has_a_row_for_each_household(client, village, homes):
    other = village.groups.get(number=2)
    HouseholdFactory(village=village, group=other, number="050", head_name="程白露")

    everybody = text_of(client.get(address("round-sheet")))
    one = text_of(client.get(address("round-sheet"), {"group": "1"}))

    assert everybody.count('class="sheet"') == 2
    assert "程白露" in everybody
    assert "程白露" not in one


@pytest.mark.parametrize("role", ["reviewer", "supervisor", "shopkeeper", "township"])
def test_only_who_records_keeps_rounds(village, walked, untidy, role):
    client = visitor(serve(village, role))

    pages = [
        address("rounds"),
        address("round", walked.pk),
        address("round-close", walked.pk),
        address("finding-remind", untidy.pk),
        address("finding-recheck", untidy.pk),
    ]

    assert {client.get(page).status_code for page in pages} == {404}
