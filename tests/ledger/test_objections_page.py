from uuid import uuid4

import pytest
from django.utils import timezone

from households.roles import Role
from ledger.models import Entry, Objection
from tests.factories import VillageFactory, approve, publish, serve
from tests.ledger.desk import LAST_MONTH, address, record_last_month, text_of

NEW = "/admin/objections/new/"


@pytest.fixture
def publication(village, household):
    approve(record_last_month(household))
    return publish(village, month=LAST_MONTH, at=timezone.now())


@pytest.fixture
def line(publication):
    return Entry.objects.get(kind="addition")


@pytest.fixture
def page(client, village_admin):
    client.force_login(village_admin)
    return client


def form(publication, **typed):
    return {
        "village": publication.village.slug,
        "key": str(uuid4()),
        "publication": publication.pk,
        "household": "001",
        "channel": "oral",
        "text": "那天他不在村里",
        **typed,
    }


def test_an_objection_is_written_down_and_gets_a_number(page, publication):
    response = page.post(NEW, form(publication), follow=True)

    objection = Objection.objects.get()
    assert objection.household.number == "001"
    assert objection.number in text_of(response)


def test_an_objection_sent_twice_is_one_objection(page, publication):
    same = form(publication)

    for _ in range(2):
        page.post(NEW, same)

    assert Objection.objects.count() == 1


def test_a_key_used_for_another_objection_keeps_the_text_and_gets_a_new_key(
    page, publication
):
    first = form(publication)
    page.post(NEW, first)

    response = page.post(NEW, {**first, "text": "还有一件"})

    again = response.context["form"]
    assert Objection.objects.count() == 1
    assert again.data["text"] == "还有一件"
    assert again.data["key"] != first["key"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": " "}, "text"),
        ({"household": "999"}, "household"),
        ({"line": "99"}, "line"),
        ({"publication": ""}, "publication"),
    ],
)
def test_an_objection_in_disorder_is_not_written_down(page, publication, typed, field):
    response = page.post(NEW, {**form(publication), **typed})

    assert field in response.context["form"].errors
    assert Objection.objects.count() == 0


def test_upholding_an_objection_to_a_line_reverses_it_once(
    client, page, publication, line, supervisor
):
    page.post(NEW, form(publication, household="", line=line.number))
    objection = Objection.objects.get()
    client.force_login(supervisor)
    answer = {"outcome": "upheld", "answer": "核实了，记错了"}

    for _ in range(2):
        client.post(address("objection", objection.pk), answer)

    objection.refresh_from_db()
    assert (objection.state, objection.household) == ("upheld", line.household)
    assert Entry.objects.get(kind="reversal").reverses == line


def test_an_objection_is_dismissed_with_an_answer(
    client, page, publication, supervisor
):
    page.post(NEW, form(publication))
    objection = Objection.objects.get()
    client.force_login(supervisor)
    answer = address("objection", objection.pk)

    response = client.post(answer, {"outcome": "dismissed", "answer": ""})
    assert "answer" in response.context["form"].errors
    client.post(answer, {"outcome": "dismissed", "answer": "签到表上有名字"})

    objection.refresh_from_db()
    assert objection.state == "dismissed"
    listed = client.get("/admin/objections/")
    assert list(listed.context["answered"]) == [objection]


def test_whoever_recorded_the_deed_does_not_answer(
    client, page, village, publication, line
):
    recorder = line.deed.recorded_by
    recorder.stewardships.create(village=village, role=Role.SUPERVISOR)
    page.post(NEW, form(publication, line=line.number))
    objection = Objection.objects.get()
    client.force_login(recorder)

    response = client.post(
        address("objection", objection.pk), {"outcome": "upheld", "answer": "对"}
    )

    objection.refresh_from_db()
    assert objection.state == "open"
    assert response.context["form"].errors


def test_roles_and_villages_are_kept_apart(client, page, village, publication):
    page.post(NEW, form(publication))
    objection = Objection.objects.get()
    answer = address("objection", objection.pk)
    said = {"outcome": "dismissed", "answer": "不对"}

    assert page.get(answer).status_code == 200
    assert page.post(answer, said).status_code == 404
    client.force_login(serve(village, Role.SUPERVISOR))
    assert client.get(NEW).status_code == 404
    client.force_login(serve(VillageFactory(), Role.SUPERVISOR))
    assert client.get(answer).status_code == 404
    assert client.post(answer, said).status_code == 404
    client.force_login(serve(VillageFactory(), Role.ADMIN))
    assert client.post(NEW, form(publication)).status_code == 404
    objection.refresh_from_db()
    assert objection.state == "open"
