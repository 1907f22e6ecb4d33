"""Whom an objection lies with, and until which working day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from households.stewardships import serving
from ledger.models import Entry, Objection
from ledger.objections import (
    NobodyAbove,
    NotAnswerable,
    NotIndependent,
    answer_objection,
    file_objection,
    pass_on_objection,
    whose_turn,
)
from ledger.workdays import is_workday, workdays_after
from tests.factories import FIRST_OF_APRIL, award, publish, serve
from tests.ledger.desk import address, text_of


@pytest.fixture
def publication(village, household):
    award(household)
    return publish(village)


def object_to(publication, *, at=FIRST_OF_APRIL, by=None):
    return file_objection(
        publication, text="那天他不在村里", channel="oral", by=by, at=at
    )


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 17), False),  # the first day of the year of the horse
        (date(2026, 10, 1), False),
        (date(2026, 4, 1), True),
        (date(2026, 4, 11), False),
        (date(2099, 4, 1), True),  # a Wednesday nobody has published yet
        (date(2099, 4, 4), False),
    ],
)
def test_working_days_follow_the_chinese_calendar(day, is_open):
    assert is_workday(day) is is_open


def test_days_are_counted_from_the_day_after():
    # Wednesday 1 April 2026; Monday the 6th is off for Qingming.
    assert workdays_after(date(2026, 4, 1), 1) == date(2026, 4, 2)
    assert workdays_after(date(2026, 4, 1), 3) == date(2026, 4, 7)


def test_an_objection_begins_with_the_group_and_its_three_working_days(publication):
    objection = object_to(publication)

    assert (objection.step, objection.due_on) == ("group", date(2026, 4, 7))


def test_an_objection_rises_to_the_township_within_ten_working_days(
    publication, supervisor
):
    objection = object_to(publication)
    steps = []
    for _ in range(3):
        objection = pass_on_objection(objection, by=supervisor, at=FIRST_OF_APRIL)
        steps.append((objection.step, objection.due_on))

    assert steps == [
        ("review", workdays_after(date(2026, 4, 1), 5)),
        ("committee", workdays_after(date(2026, 4, 1), 10)),
        ("township", workdays_after(date(2026, 4, 1), 10)),
    ]
    with pytest.raises(NobodyAbove):
        pass_on_objection(objection, by=supervisor, at=FIRST_OF_APRIL)
    assert AuditEvent.objects.filter(action="objection.pass_on").count() == 3


def test_whoever_gets_it_late_still_has_a_working_day(publication, supervisor):
    objection = object_to(publication)
    late = datetime(2026, 5, 15, 2, 0, tzinfo=UTC)

    objection = pass_on_objection(objection, by=supervisor, at=late)

    assert objection.due_on == date(2026, 5, 18)


def test_an_answered_objection_goes_nowhere(publication, supervisor):
    objection = object_to(publication)
    answer_objection(
        objection, uphold=False, answer="签到表上有", by=supervisor, at=FIRST_OF_APRIL
    )

    with pytest.raises(NotAnswerable):
        pass_on_objection(objection, by=supervisor, at=FIRST_OF_APRIL)


def hand_on(client, objection, *, seen=None):
    url = address("objection-pass-on", objection.pk)
    return client.post(url, {"step": seen or objection.step}, follow=True)


def test_the_supervisor_hands_it_on_and_sees_when_it_is_due(
    client, publication, supervisor
):
    objection = object_to(publication, at=timezone.now())
    client.force_login(supervisor)

    page = hand_on(client, objection)

    objection.refresh_from_db()
    assert objection.step == Objection.Step.REVIEW
    assert str(objection.due_on.day) in text_of(page)
    assert objection.get_step_display() in text_of(client.get("/admin/objections/"))


def test_handed_on_twice_from_one_page_it_rises_one_step(
    client, publication, supervisor
):
    objection = object_to(publication, at=timezone.now())
    client.force_login(supervisor)

    for _ in range(2):
        page = hand_on(client, objection, seen="group")

    objection.refresh_from_db()
    assert objection.step == Objection.Step.REVIEW
    (told,) = page.context["messages"]
    assert str(objection.get_step_display()) in str(told)


def test_what_has_risen_meanwhile_is_not_answered_below(publication, supervisor):
    seen = object_to(publication)
    pass_on_objection(seen, by=supervisor, at=FIRST_OF_APRIL)

    with pytest.raises(NotAnswerable):
        answer_objection(
            seen, uphold=False, answer="维持", by=supervisor, at=FIRST_OF_APRIL
        )


STEPS = [(Role.RECORDER, "group"), (Role.REVIEWER, "review")]
STEPS += [(Role.SUPERVISOR, "committee"), (Role.TOWNSHIP, "township")]
SAID = {"outcome": "dismissed", "answer": "签到表上有名字"}


@pytest.mark.parametrize(("role", "step"), STEPS)
def test_each_step_is_handed_on_by_its_own_and_by_the_committee(
    client, publication, role, step
):
    person = serve(publication.village, role)
    client.force_login(person)

    risen = set()
    for seen in ("group", "review", "committee"):
        objection = object_to(publication)
        Objection.objects.filter(pk=objection.pk).update(step=seen)
        hand_on(client, objection, seen=seen)
        objection.refresh_from_db()
        if objection.step != seen:
            risen.add(seen)

    everything = {"group", "review", "committee"}
    expected = everything if role == Role.SUPERVISOR else {step} - {"township"}
    assert risen == expected


@pytest.mark.parametrize("role", [*dict(STEPS), Role.ADMIN])
def test_the_committee_answers_in_the_village_and_the_township_what_it_has(
    client, publication, role
):
    client.force_login(serve(publication.village, role))

    answered = set()
    for step in Objection.Step.values:
        objection = object_to(publication)
        Objection.objects.filter(pk=objection.pk).update(step=step)
        client.post(address("objection", objection.pk), SAID)
        objection.refresh_from_db()
        if objection.state == "dismissed":
            answered.add(step)

    assert answered == {
        Role.SUPERVISOR: {"group", "review", "committee"},
        Role.TOWNSHIP: {"township"},
    }.get(role, set())


def test_an_upheld_objection_of_the_township_keeps_every_promise(client, publication):
    clerk = serve(publication.village, Role.TOWNSHIP)
    line = Entry.objects.get(kind="addition")
    objection = file_objection(
        publication,
        text="记错了",
        channel="oral",
        entry=line,
        by=None,
        at=timezone.now(),
    )
    Objection.objects.update(step="township")
    client.force_login(clerk)

    client.post(
        address("objection", objection.pk), {"outcome": "upheld", "answer": "已核实"}
    )

    objection.refresh_from_db()
    assert (objection.state, objection.decided_by) == ("upheld", clerk)
    assert Entry.objects.get(kind="reversal").reverses == line
    call_command("verify_ledger")


def test_whoever_had_a_hand_in_the_deed_is_passed_over(publication, village):
    line = Entry.objects.get(kind="addition")
    recorder, other = line.deed.recorded_by, serve(village, Role.RECORDER)
    objection = file_objection(
        publication, text="x", channel="oral", entry=line, by=None, at=FIRST_OF_APRIL
    )

    assert recorder in serving(village)[Role.RECORDER]
    assert whose_turn(objection, serving(village)) == [other]


def test_when_all_had_a_hand_in_it_the_committee_takes_the_step(
    publication, village, supervisor
):
    line = Entry.objects.get(kind="addition")
    objection = file_objection(
        publication, text="x", channel="oral", entry=line, by=None, at=FIRST_OF_APRIL
    )

    assert whose_turn(objection, serving(village)) == [supervisor]


def test_the_township_s_step_falls_to_nobody_in_the_village(
    publication, village, supervisor
):
    objection = object_to(publication)
    objection.step = Objection.Step.TOWNSHIP

    assert whose_turn(objection, serving(village)) == []


def test_nobody_answers_what_is_about_their_own_household(
    client, publication, village, household
):
    neighbor = serve(village, Role.SUPERVISOR, household=household)
    objection = file_objection(
        publication,
        text="x",
        channel="oral",
        household=household,
        by=None,
        at=FIRST_OF_APRIL,
    )
    client.force_login(neighbor)

    with pytest.raises(NotIndependent):
        answer_objection(
            objection, uphold=False, answer="x", by=neighbor, at=FIRST_OF_APRIL
        )
    page = client.get(address("objection", objection.pk))
    assert page.context["may_answer"] is False
    assert page.context["is_involved"] is True
    assert page.context["next_step"]


def test_an_overdue_objection_says_so_on_the_desk(client, publication, supervisor):
    objection = object_to(publication, at=timezone.now())
    Objection.objects.update(
        step="committee", due_on=timezone.localdate() - timedelta(days=1)
    )
    client.force_login(supervisor)

    (task,) = client.get("/admin/").context["mine"][:1]
    overdue = task.due
    Objection.objects.update(due_on=timezone.localdate())
    (task,) = client.get("/admin/").context["mine"][:1]

    assert "/admin/objections/" in task.address
    assert overdue != task.due
    assert "<strong>" not in text_of(client.get(address("objection", objection.pk)))


def test_an_answered_objection_is_handed_on_by_nobody(client, publication, supervisor):
    objection = object_to(publication)
    client.force_login(supervisor)
    client.post(address("objection", objection.pk), SAID)

    page = client.get(address("objection", objection.pk))

    assert page.context["next_step"] == ""
    assert page.context["may_answer"] is False


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SHOPKEEPER])
def test_who_brought_or_wrote_down_an_objection_stands_on_no_page(
    client, publication, role
):
    clerk = serve(publication.village, Role.ADMIN, last_name="欧阳", first_name="春")
    objection = object_to(publication, by=clerk)
    client.force_login(serve(publication.village, role))

    pages = [
        "/admin/",
        "/admin/objections/",
        address("objection", objection.pk),
        "/admin/ledger/objection/",
        f"/admin/ledger/objection/{objection.pk}/change/",
        f"/v/{publication.village.slug}/",
    ]
    told = {url for url in pages if "欧阳春" in text_of(client.get(url))}

    assert told == set()
