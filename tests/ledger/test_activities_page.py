"""活动 at the desk: planned in one form, a sheet ticked back, closed after a look."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.today import desk_of
from ledger.desk.activities import is_code_time
from ledger.gatherings.activities import cancel_activity
from ledger.gatherings.arrival_codes import activity_of_code
from ledger.models import Activity, Deed, SignIn
from tests.factories import HouseholdFactory, VillageFactory, item_of, serve
from tests.ledger.desk import address, neighbors, text_of
from tests.ledger.gatherings import arrive, draft, invite
from tests.two_villages import visitor

NOW = timezone.localtime()
TODAY = NOW.date()
DAWN, NIGHT = NOW.time().replace(0, 0, 0, 0), NOW.time().replace(23, 59, 59, 0)


@pytest.fixture
def client(recorder):
    return visitor(recorder)


@pytest.fixture
def homes(village):
    return neighbors(village, "001", "002", "003", "004")


@pytest.fixture
def today(village, recorder):
    """An activity that takes all of today."""
    return invite(
        village, by=recorder, at=NOW, day=TODAY, begins_at=DAWN, ends_at=NIGHT
    )


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text_of(page))[1]


def filled_in(village, **typed):
    form = {
        "village": village.slug,
        "item": item_of(village, "Z05").pk,
        "title": "清洁日",
        "points": "",
        "day": (TODAY + timedelta(days=3)).isoformat(),
        "begins_at": "09:00",
        "ends_at": "11:30",
        "place": "院坝",
        "places": "",
        "words": "",
    }
    return {**form, **typed}


def signed(activity):
    standing = SignIn.objects.standing().filter(activity=activity)
    return set(standing.values_list("household__number", flat=True))


def test_an_activity_is_planned_and_published_in_one_form(client, village):
    page = client.get(address("activity-new", village=village.slug, preset="F02"))
    assert 'value="巡逻值守"' in text_of(page)
    key = field(page, "key")

    for _time in range(2):
        sent = filled_in(village, key=key, publish="1")
        answer = client.post(address("activity-new"), sent)

    activity = Activity.objects.get()
    assert answer["Location"] == address("activity", activity.pk)
    assert (activity.state, activity.points, activity.places) == ("published", 5, None)


@pytest.mark.parametrize(
    "typed",
    [
        {"points": "9"},
        {"ends_at": "08:00"},
        {"day": "2020-01-01"},
        {"item": "987654"},
        {"title": ""},
        {"places": "0"},
    ],
)
def test_what_is_wrong_comes_back_with_all_that_was_typed(client, village, typed):
    key = field(client.get(address("activity-new")), "key")

    page = client.post(
        address("activity-new"), filled_in(village, key=key, place="老槐树下", **typed)
    )

    assert 'role="alert"' in text_of(page)
    assert "老槐树下" in text_of(page)
    assert not Activity.objects.exists()


def test_a_draft_is_changed_then_published_then_called_off(client, village, recorder):
    activity = draft(village, by=recorder, at=NOW, day=TODAY + timedelta(days=2))
    change = address("activity-change", activity.pk)
    key = field(client.get(change), "key")

    client.post(change, filled_in(village, key=key, place="学校门口", places="8"))
    client.post(address("activity-publish", activity.pk))
    nothing = client.post(address("activity-cancel", activity.pk), {"reason": ""})
    client.post(address("activity-cancel", activity.pk), {"reason": "下大雨"})

    activity.refresh_from_db()
    assert "几个字" in text_of(nothing)
    assert (activity.place, activity.places) == ("学校门口", 8)
    assert (activity.state, activity.reason) == ("canceled", "下大雨")
    assert client.get(change).status_code == 302
    assert "下大雨" in text_of(client.get(address("activity", activity.pk)))


def test_typed_numbers_are_signed_in_and_what_is_misread_stays(client, today, homes):
    page = address("activity-sign-ins", today.pk)

    answer = client.post(
        page, {"households": "001-002，没有这家", "how": "desk", "add": "1"}
    )

    assert signed(today) == {"001", "002"}
    assert 'value="没有这家"' in text_of(answer)
    assert set(SignIn.objects.values_list("how", flat=True)) == {"desk"}


def test_of_several_with_one_name_one_is_picked(client, today, village):
    one, _other = neighbors(village, "007", "008", head_name="罗青山")
    page = address("activity-sign-ins", today.pk)

    answer = client.post(page, {"households": "罗青山", "add": "1"})
    assert f'name="pick" value="{one.pk}"' in text_of(answer)
    client.post(page, {"pick": one.pk})

    assert signed(today) == {"007"}


def test_a_whole_group_is_ticked_but_who_is_away(client, today, village, homes):
    neighbors(village, "009", status="away")

    client.post(address("activity-sign-ins", today.pk), {"group": "1", "all": "1"})

    assert signed(today) == {"001", "002", "003", "004"}


def test_saving_a_group_leaves_who_came_by_phone_meanwhile(client, today, homes):
    arrive(today, homes[0], at=NOW)
    page = address("activity-sign-ins", today.pk)
    shown = field(client.get(page, {"group": "1"}), "shown")
    arrive(today, homes[3], how="phone", at=NOW)

    client.post(
        page,
        {"group": "1", "shown": shown, "there": [homes[1].pk], "save": "1"},
    )

    assert signed(today) == {"002", "004"}


def test_points_are_set_in_the_rows_where_the_item_has_a_range(
    client, village, recorder, homes
):
    village.rulebooks.get().items.filter(code="D05").update(points_max=4)
    facts = {"day": TODAY, "begins_at": DAWN, "ends_at": NIGHT}
    activity = invite(village, "D05", by=recorder, at=NOW, points=2, **facts)
    page = address("activity-sign-ins", activity.pk)
    first, second = homes[:2]
    rows = {"group": "1", "shown": "", "save": "1", "there": [first.pk, second.pk]}

    client.post(page, {**rows, f"points-{first.pk}": "4"})
    refused = client.post(page, {**rows, f"points-{second.pk}": "9"})

    assert dict(SignIn.objects.values_list("household__number", "points")) == {
        "001": 4,
        "002": None,
    }
    assert 'role="alert"' in text_of(refused)


def test_who_said_it_comes_is_here_with_one_tap_or_taken_out(
    client, village, recorder, homes
):
    all_day = {"day": TODAY, "begins_at": DAWN, "ends_at": NIGHT}
    yesterday = NOW - timedelta(days=1)
    activity = invite(village, by=recorder, at=yesterday, **all_day)
    arrive(activity, *homes[:3], how="desk", at=yesterday)
    page = address("activity-sign-ins", activity.pk)

    client.post(page, {"pick": homes[0].pk})
    client.post(page, {"drop": homes[1].pk})

    assert signed(activity) == {"001", "003"}
    assert SignIn.objects.get(household=homes[0]).is_ahead is False
    assert SignIn.objects.get(household=homes[2]).is_ahead is True


def test_closing_says_where_the_rules_of_the_day_give_other_points(
    client, today, homes
):
    arrive(today, homes[0], at=NOW)
    page = address("activity-close", today.pk)
    assert "按细则记" not in text_of(client.get(page))

    Activity.objects.filter(pk=today.pk).update(points=9)

    told = text_of(client.get(page))
    assert "原先说的是9分" in told
    assert "按细则记" in told


def test_closing_says_first_what_it_records_and_whom_it_leaves_out(
    client, today, homes, village
):
    arrive(today, *homes[:3], at=NOW)
    village.rulebooks.get().items.filter(code="Z05").update(month_cap=4)
    page = client.get(address("activity-close", today.pk))
    assert "<b>0</b>" in text_of(page)
    assert "当月的上限已满" in text_of(page)
    village.rulebooks.get().items.filter(code="Z05").update(month_cap=15)

    page = client.get(address("activity-close", today.pk))
    sent = {name: field(page, name) for name in ("village", "key", "seen")}
    for _time in range(2):
        answer = client.post(address("activity-close", today.pk), sent)

    assert "<b>3</b>" in text_of(page)
    assert "<b>15</b>" in text_of(page)
    assert answer["Location"] == address("activity", today.pk)
    assert Deed.objects.count() == 3
    shown = text_of(client.get(answer["Location"]))
    assert f"/admin/entry/{Deed.objects.first().operation.key}/" in shown


def test_a_list_that_changed_meanwhile_is_shown_once_more(client, today, homes):
    arrive(today, homes[0], at=NOW)
    page = client.get(address("activity-close", today.pk))
    sent = {name: field(page, name) for name in ("village", "key", "seen")}
    arrive(today, homes[1], how="phone", at=NOW)

    again = client.post(address("activity-close", today.pk), sent)
    assert not Deed.objects.exists()
    sent = {name: field(again, name) for name in ("village", "key", "seen")}
    client.post(address("activity-close", today.pk), sent)

    assert "002" in text_of(again)
    assert Deed.objects.count() == 2


def test_the_sheet_has_a_row_for_each_household_group_by_group(
    client, today, village, homes
):
    second = village.groups.get(number=2)
    HouseholdFactory(village=village, group=second, number="050", head_name="程白露")

    all_of_it = text_of(client.get(address("activity-sheet", today.pk)))
    one = text_of(client.get(address("activity-sheet", today.pk), {"group": "2"}))

    assert all_of_it.count('class="sheet"') == 2
    assert "程白露" in one
    assert homes[0].head_name not in one


def test_the_code_on_show_is_good_for_this_activity(client, today, settings):
    page = client.get(address("activity-code", today.pk))

    assert '<meta http-equiv="refresh" content="30">' in text_of(page)
    assert "<svg" in text_of(page)
    assert activity_of_code("x") is None


def test_no_code_is_shown_on_another_day_or_when_it_is_over(village, recorder, client):
    activity = invite(village, by=recorder, at=NOW, day=TODAY + timedelta(days=1))

    page = client.get(address("activity-code", activity.pk))

    assert "refresh" not in text_of(page)
    assert is_code_time(activity, activity.begins - timedelta(minutes=59))
    assert not is_code_time(activity, activity.begins - timedelta(minutes=61))
    assert not is_code_time(activity, activity.ends + timedelta(minutes=61))


def test_what_is_over_waits_on_the_desk_until_it_is_closed(village, recorder):
    yesterday = NOW - timedelta(days=1)
    activity = invite(village, by=recorder, at=yesterday, day=yesterday.date())
    invite(village, by=recorder, at=NOW, day=TODAY + timedelta(days=1))

    def waiting():
        found = desk_of(recorder, None, now=NOW)["mine"]
        return [task.count for task in found if "/activities/" in task.address]

    assert waiting() == [1]
    cancel_activity(activity, reason="没人来", by=recorder, at=NOW)
    assert waiting() == []


def test_the_list_asks_few_questions_however_many_there_are(client, village, homes):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address("activities")).status_code == 200
        return len(asked)

    facts = {"at": NOW, "day": TODAY + timedelta(days=1)}
    activity = invite(village, **facts)
    few = questions()
    for _time in range(4):
        arrive(invite(village, **facts), *homes, how="desk", at=NOW)
        draft(village, **facts)
    many = questions()

    assert many == few
    assert activity.title in text_of(client.get(address("activities")))


@pytest.mark.parametrize("role", ["reviewer", "supervisor", "shopkeeper", "township"])
def test_only_who_records_keeps_activities(village, today, role):
    client = visitor(serve(village, role))

    pages = ["activity", "activity-sign-ins", "activity-close", "activity-sheet"]

    assert {client.get(address(name, today.pk)).status_code for name in pages} == {404}
    assert client.get(address("activities")).status_code == 404


def test_households_of_another_village_cannot_be_signed_in(client, today):
    stranger = neighbors(_with_group(VillageFactory()), "077")[0]

    client.post(address("activity-sign-ins", today.pk), {"pick": stranger.pk})
    client.post(
        address("activity-sign-ins", today.pk),
        {"group": "1", "there": [stranger.pk], "save": "1"},
    )

    assert not SignIn.objects.exists()


def _with_group(village):
    village.groups.create(number=1, name="1组")
    return village
