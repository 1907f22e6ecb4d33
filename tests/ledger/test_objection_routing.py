"""Whom an objection lies with, and until which working day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from ledger.models import Objection
from ledger.objections import (
    NobodyAbove,
    NotAnswerable,
    answer_objection,
    file_objection,
    pass_on_objection,
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


def test_the_supervisor_hands_it_on_and_sees_when_it_is_due(
    client, publication, supervisor
):
    objection = object_to(publication, at=timezone.now())
    client.force_login(supervisor)

    page = client.post(address("objection-pass-on", objection.pk), follow=True)

    objection.refresh_from_db()
    assert objection.step == Objection.Step.REVIEW
    assert str(objection.due_on.day) in text_of(page)
    assert objection.get_step_display() in text_of(client.get("/admin/objections/"))


def test_an_overdue_objection_says_so_on_the_desk(client, publication, supervisor):
    objection = object_to(publication, at=timezone.now())
    Objection.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    client.force_login(supervisor)

    (task,) = client.get("/admin/").context["mine"][:1]
    overdue = task.due
    Objection.objects.update(due_on=timezone.localdate())
    (task,) = client.get("/admin/").context["mine"][:1]

    assert "/admin/objections/" in task.address
    assert overdue != task.due
    assert "<strong>" not in text_of(client.get(address("objection", objection.pk)))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REVIEWER, Role.RECORDER])
def test_only_the_supervisor_hands_it_on(client, publication, role):
    objection = object_to(publication)
    client.force_login(serve(publication.village, role))

    response = client.post(address("objection-pass-on", objection.pk))

    assert response.status_code == 404
    objection.refresh_from_db()
    assert objection.step == Objection.Step.GROUP


def test_who_objects_stands_nowhere(client, publication, supervisor):
    clerk = serve(publication.village, Role.ADMIN, last_name="欧阳", first_name="春")
    objection = object_to(publication, by=clerk)
    client.force_login(supervisor)

    for url in ("/admin/objections/", address("objection", objection.pk)):
        assert "欧阳" not in text_of(client.get(url))
