import pytest
from django.db import OperationalError, connection

from households.models import AuditEvent
from households.roles import Role
from households.safeguards import missing_guards
from tests.factories import UserFactory, serve

PASSWORD = "correct horse battery"
LOGIN = "/admin/login/"


@pytest.fixture
def person(village):
    return with_password(serve(village, Role.RECORDER, username="luoqingshan"))


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(client, username, password=PASSWORD):
    return client.post(LOGIN, {"username": username, "password": password})


def test_the_right_password_leads_to_the_desk(person, client):
    response = attempt(client, person.username)

    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_every_refusal_reads_the_same(person, client):
    with_password(UserFactory(username="no-role"))
    with_password(UserFactory(username="not-staff", is_staff=False))
    with_password(UserFactory(username="not-active", is_active=False))

    refusals = [
        attempt(client, person.username, "wrong"),
        attempt(client, "nobody-at-all"),
        *[attempt(client, name) for name in ("no-role", "not-staff", "not-active")],
    ]

    errors = {str(page.context["form"].non_field_errors()) for page in refusals}
    assert len(errors) == 1
    assert all(page.status_code == 200 for page in refusals)


def test_the_sixth_wrong_password_meets_a_closed_door(person, client):
    answers = [attempt(client, person.username, "wrong") for _ in range(6)]

    closed = attempt(client, person.username)
    assert answers[-1].status_code == closed.status_code == 429
    assert "registration/locked_out.html" in {page.name for page in closed.templates}
    assert person.username not in closed.text


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https:evil", "javascript:alert(1)"],
)
def test_logging_in_leads_to_no_other_site(address, person, client):
    response = client.post(
        LOGIN, {"username": person.username, "password": PASSWORD, "next": address}
    )

    assert response["Location"] == "/admin/"


def test_the_server_is_well_while_the_safeguards_stand(db, client):
    response = client.get("/health/")

    assert (response.status_code, response.content) == (200, b"ok")


def test_the_server_is_unwell_without_a_safeguard(db, client):
    table = AuditEvent._meta.db_table
    with connection.cursor() as cursor:
        on = f" ON {table}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {table}_kept_update{on}")
    assert missing_guards() == [f"{table}_kept_update"]

    response = client.get("/health/")

    assert (response.status_code, response.content) == (503, b"unavailable")


def test_the_server_is_unwell_without_its_database(db, client, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection.introspection, "table_names", gone)

    assert client.get("/health/").status_code == 503
