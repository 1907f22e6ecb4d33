"""The first page of the desk: what waits, for whom, and what was recorded today."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import today_lists
from config.today import desk_of
from households.roles import Role
from ledger.correcting import propose_correction
from ledger.models import Deed, Entry
from ledger.months import cut_off_month, first_day
from ledger.objections import file_objection, pass_on_objection
from ledger.recording import withdraw_deed
from ledger.timeline import steps_of
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    approve,
    publish,
    record,
    serve,
)
from tests.ledger.desk import LAST_MONTH, record_last_month, text_of
from tests.ledger.test_declaring import declare
from tests.two_villages import visitor

# A shopkeeper's first page is the counter.
AT_A_DESK = [role for role in Role if role != Role.SHOPKEEPER]
MONTH_BEFORE = first_day(LAST_MONTH - timedelta(days=1))


def tasks(user, which="mine", now=None):
    desk = desk_of(user, None, now=now or timezone.now())
    return {task.address.split("?")[0]: task for task in desk[which]}


@pytest.fixture
def published(village, household):
    approve(record_last_month(household), at=timezone.now())
    return publish(village, month=LAST_MONTH, at=timezone.now())


def object_to(publication, **values):
    return file_objection(
        publication,
        text="那天他不在村里",
        channel="oral",
        by=None,
        at=timezone.now(),
        **values,
    )


@pytest.mark.parametrize("role", [role for role in AT_A_DESK if role != Role.TOWNSHIP])
def test_a_village_without_anything_says_so(client, village, role):
    HouseholdFactory(village=village, group=village.groups.first())
    user = serve(village, role)

    client.force_login(user)
    response = client.get("/admin/")

    assert response.status_code == 200
    assert not response.context.get("mine")
    assert 'class="nothing"' in text_of(response)


def test_a_deed_waits_for_the_reviewer_and_not_for_its_recorder(
    household, recorder, reviewer
):
    deed = record_last_month(household, by=recorder)

    address = f"/admin/review/{deed.period}/"
    assert tasks(reviewer)[address].count == 1
    assert address not in tasks(recorder)
    assert tasks(recorder, "others")[address].count == 1


def test_a_reviewer_is_not_called_to_what_they_may_not_decide(household, village):
    both = serve(village, Role.REVIEWER)
    both.stewardships.create(village=village, role=Role.RECORDER)
    deed = record_last_month(household, by=both)

    address = f"/admin/review/{deed.period}/"
    assert address not in tasks(both)
    assert tasks(both, "others")[address].count == 1


def raised(objection, *, by, times):
    for _ in range(times):
        objection = pass_on_objection(objection, by=by, at=timezone.now())
    return objection


@pytest.mark.parametrize(
    ("times", "owner"),
    [(0, Role.RECORDER), (1, Role.REVIEWER), (2, Role.SUPERVISOR)],
)
def test_an_objection_waits_for_whoever_has_its_step(
    published, village, supervisor, household, times, owner
):
    people = {role: serve(village, role) for role in (Role.RECORDER, Role.REVIEWER)}
    people |= {Role.SUPERVISOR: supervisor, Role.ADMIN: serve(village, Role.ADMIN)}
    raised(object_to(published, household=household), by=supervisor, times=times)

    for role, person in people.items():
        whose = "mine" if role == owner else "others"
        task = tasks(person, whose)["/admin/objections/"]
        assert (task.count, bool(task.due)) == (1, True)
        assert household.number in task.detail
        assert (str(people[owner]) in task.detail) is (role != owner)


def test_an_objection_that_reached_the_township_waits_there(
    client, published, village, supervisor, household
):
    clerk = serve(village, Role.TOWNSHIP)
    elsewhere = serve(VillageFactory(), Role.TOWNSHIP)
    objection = object_to(published, household=household)
    assert desk_of(clerk, None, now=timezone.now())["mine"] == []

    raised(objection, by=supervisor, times=3)

    mine = tasks(clerk)["/admin/objections/"]
    assert (mine.count, bool(mine.due)) == (1, True)
    assert village.name in mine.detail
    assert str(clerk) in tasks(supervisor, "others")["/admin/objections/"].detail
    assert desk_of(elsewhere, None, now=timezone.now())["mine"] == []
    client.force_login(clerk)
    page = client.get("/admin/")
    assert f"/admin/objections/?village={village.slug}" in text_of(page)


def test_what_is_mine_and_what_is_others_stand_apart(
    published, village, supervisor, household
):
    recorder = serve(village, Role.RECORDER)
    object_to(published, household=household)
    raised(object_to(published), by=supervisor, times=2)

    assert tasks(recorder)["/admin/objections/"].count == 1
    assert tasks(recorder, "others")["/admin/objections/"].count == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "最早一条是今天报的"), (1, "最早一条是昨天报的"), (3, "最早一条是3天前报的")],
)
def test_a_declaration_says_how_long_it_waits(household, recorder, days, words):
    declare(household, by=recorder, at=timezone.now() - timedelta(days=days))

    assert words in tasks(recorder)["/admin/declarations/"].detail


def test_who_cannot_open_a_page_is_told_without_a_link(
    client, household, recorder, reviewer
):
    declare(household, by=recorder, at=timezone.now())
    client.force_login(reviewer)

    page = client.get("/admin/")

    (task,) = page.context["others"]
    assert (task.count, task.address) == (1, "")
    assert "declarations" not in text_of(page)


def test_a_correction_waits_for_another_person(published, recorder, reviewer):
    entry = Entry.objects.get(kind="addition")
    propose_correction(entry, reason="记错了", by=recorder, at=timezone.now())

    assert tasks(reviewer)["/admin/corrections/"].count == 1
    assert "/admin/corrections/" in tasks(recorder, "others")


def test_a_month_waits_to_be_cut_off_published_and_made_final(
    household, recorder, reviewer
):
    deed = record_last_month(household, by=recorder)
    address = f"/admin/publication/{deed.period}/"

    assert tasks(reviewer)[address].button == tasks(recorder, "others")[address].button
    cut_off = tasks(reviewer)[address].title
    cut_off_month(deed.period, by=None, at=timezone.now())
    assert address not in tasks(reviewer)
    approve(deed, by=reviewer, at=timezone.now())
    ready = tasks(reviewer)[address].title
    publish(household.village, month=LAST_MONTH, at=timezone.now())
    assert address not in tasks(reviewer)
    later = timezone.now() + timedelta(days=20)
    over = {
        t.address.split("?")[0]: t for t in desk_of(reviewer, None, now=later)["mine"]
    }

    assert len({cut_off, ready, over[address].title}) == 3


def test_a_village_without_households_begins_with_its_roster(village, village_admin):
    (task,) = desk_of(village_admin, None, now=timezone.now())["mine"]

    assert task.address.startswith("/admin/roster/import/")


def test_what_was_recorded_today_can_be_undone_from_the_desk(
    client, household, recorder
):
    neighbor = HouseholdFactory(village=household.village, group=household.group)
    taken_back = record(neighbor, by=recorder, at=timezone.now())
    withdraw_deed(taken_back, by=recorder, at=timezone.now())
    deed = record(household, "D02", 3, by=recorder, at=timezone.now())
    record(household, "F03", by=recorder, at=timezone.now() - timedelta(days=1))
    client.force_login(recorder)

    page = client.get("/admin/")
    (line,) = page.context["noted"]
    undo = f"/admin/entry/{line.operation.key}/undo/"
    assert (line.points, page.context["noted_deeds"]) == (3, 1)
    assert undo in text_of(page)
    client.post(undo, {"village": household.village.slug})

    deed.refresh_from_db()
    assert deed.state == Deed.State.WITHDRAWN
    assert not client.get("/admin/").context["noted"]


def test_nobody_sees_what_others_recorded_today(client, household, recorder, village):
    record(household, by=recorder, at=timezone.now())
    client.force_login(serve(village, Role.RECORDER))

    assert not client.get("/admin/").context["noted"]


def test_township_staff_see_their_villages_in_the_fixed_order(client, village):
    first = VillageFactory(township=village.township, name="双河村", position=1)
    village.position = 2
    village.save()
    VillageFactory(name="别镇的村")
    record_last_month(HouseholdFactory(village=first, group__village=first))
    client.force_login(serve(village, Role.TOWNSHIP))

    page = client.get("/admin/")

    assert [line.village.name for line in page.context["states"]] == [
        "双河村",
        "桃溪村",
    ]
    assert "别镇的村" not in text_of(page)


def test_a_long_sheet_is_counted_whole_though_only_its_newest_rows_are_read(
    village, recorder, monkeypatch
):
    monkeypatch.setattr(today_lists, "RECORDS_READ", 2)
    for number in range(3):
        household = HouseholdFactory(village=village, number=str(number))
        record(household, by=recorder, at=timezone.now())

    desk = desk_of(recorder, None, now=timezone.now())

    assert (len(desk["noted"]), desk["noted_deeds"]) == (2, 3)


def test_who_serves_two_villages_chooses_and_sees_one_at_a_time(client, village):
    other = VillageFactory(name="双河村")
    user = serve(village, Role.RECORDER)
    user.stewardships.create(village=other, role=Role.REVIEWER)
    client.force_login(user)

    assert client.get(f"/admin/?village={other.slug}").context["village"] == other
    page = client.get(f"/admin/?village={village.slug}")
    assert page.context["village"] == village
    assert page.context["may_record"] is True
    assert client.get("/admin/?village=nowhere").status_code == 404


def test_the_road_of_a_month_has_its_usual_and_its_real_days(household, reviewer):
    deed = approve(record_last_month(household), at=timezone.now())
    period = deed.period
    today = timezone.localdate()

    usual = steps_of(period, today=today)
    publication = publish(household.village, month=LAST_MONTH, at=timezone.now())
    real = steps_of(publication.period, today=today)

    assert [step.state for step in usual] == list(type(period).State)
    assert [step.is_now for step in usual] == [True, False, False, False]
    assert usual[1].starts_on == usual[0].ends_on + timedelta(days=1)
    assert [step.is_now for step in real] == [False, False, True, False]
    assert real[2].starts_on == today
    assert (real[2].ends_on - real[2].starts_on).days == 5


@pytest.mark.parametrize("role", AT_A_DESK)
def test_the_desk_asks_few_questions_however_much_waits(role, village, published):
    user = serve(village, role)
    client = visitor(user)
    households = [
        HouseholdFactory(village=village, group=village.groups.first())
        for _ in range(5)
    ]
    for household in households:
        record(household, by=user, at=timezone.now())
        object_to(published, household=household)

    with CaptureQueriesContext(connection) as asked:
        assert client.get("/admin/").status_code == 200

    assert len(asked) <= 21
