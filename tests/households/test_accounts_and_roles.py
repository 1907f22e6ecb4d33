"""Accounts and roles: who makes them, who gives them, who ends them."""

import pytest

from households.models import AuditEvent, Stewardship, User
from households.roles import Role
from tests.factories import UserFactory, serve
from tests.two_villages import OURS, furnish, visitor

PEOPLE = "/admin/households/user/"
ROLES = "/admin/households/stewardship/"


@pytest.fixture
def superuser(db):
    return UserFactory(is_superuser=True)


def give(client, username, village, role=Role.REVIEWER):
    return client.post(
        f"{ROLES}add/", {"username": username, "village": village.pk, "role": role}
    )


def test_a_village_admin_gives_a_role_to_a_new_account(village, village_admin):
    newcomer = UserFactory(username="newcomer")

    give(visitor(village_admin), "newcomer", village)

    assert newcomer.has_perm("ledger.decide_deed", village)
    event = AuditEvent.objects.get()
    assert event.action == "stewardship.add"
    assert event.facts == {"role": "reviewer", "user": newcomer.pk}


def test_nobody_gives_a_role_to_themselves(village, village_admin):
    response = give(visitor(village_admin), village_admin.username, village)

    assert "username" in response.context["adminform"].form.errors
    assert village_admin.stewardships.count() == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TOWNSHIP])
def test_a_village_admin_gives_no_role_like_their_own(role, village, village_admin):
    UserFactory(username="newcomer")

    response = give(visitor(village_admin), "newcomer", village, role)

    assert "role" in response.context["adminform"].form.errors


def test_what_one_may_give_elsewhere_one_may_not_give_here(village, village_admin):
    UserFactory(username="newcomer")
    elsewhere = furnish(OURS).village
    village_admin.stewardships.create(township=elsewhere.township, role=Role.TOWNSHIP)

    response = give(visitor(village_admin), "newcomer", village, Role.ADMIN)

    assert "role" in response.context["adminform"].form.errors


def test_township_staff_invite_a_village_admin_and_nothing_else(village):
    newcomer = UserFactory(username="newcomer")
    client = visitor(serve(village, Role.TOWNSHIP))

    refused = give(client, "newcomer", village, Role.REVIEWER)
    give(client, "newcomer", village, Role.ADMIN)

    assert "role" in refused.context["adminform"].form.errors
    assert [held.role for held in newcomer.stewardships.all()] == [Role.ADMIN]


def test_an_account_of_another_village_is_unknown(village, village_admin):
    place = furnish(OURS)
    client = visitor(village_admin)

    foreign = give(client, place.people[Role.RECORDER].username, village)
    missing = give(client, "nobody-at-all", village)

    errors = [page.context["adminform"].form.errors for page in (foreign, missing)]
    assert errors[0] == errors[1] != {}


def test_a_role_is_given_once(village, village_admin, recorder):
    response = give(
        visitor(village_admin), recorder.username, village, role=Role.RECORDER
    )

    assert "role" in response.context["adminform"].form.errors


def end(client, *stewardships):
    chosen = [held.pk for held in stewardships]
    return client.post(ROLES, {"action": "end_selected", "_selected_action": chosen})


def test_a_village_admin_ends_a_role_and_no_admin_s(village, village_admin, recorder):
    other_admin = serve(village, Role.ADMIN)
    client = visitor(village_admin)

    end(client, *Stewardship.objects.all())

    assert not recorder.has_perm("ledger.record_deed", village)
    assert other_admin.has_perm("ledger.record_deed", village)
    assert village_admin.has_perm("ledger.record_deed", village)
    assert [event.action for event in AuditEvent.objects.all()] == ["stewardship.end"]


def test_nobody_ends_a_role_of_their_own(village, village_admin):
    own = village_admin.stewardships.create(village=village, role=Role.SUPERVISOR)

    end(visitor(village_admin), own)

    own.refresh_from_db()
    assert own.ended_at is None


def test_a_role_of_another_village_cannot_be_ended(village_admin):
    place = furnish(OURS)
    theirs = place.people[Role.RECORDER].stewardships.get()

    end(visitor(village_admin), theirs)

    theirs.refresh_from_db()
    assert theirs.ended_at is None


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.RECORDER])
def test_who_only_looks_ends_no_role(role, village, recorder):
    end(visitor(serve(village, role)), recorder.stewardships.get())

    assert recorder.has_perm("ledger.record_deed", village)


def test_a_superuser_makes_an_account_that_can_log_in(superuser, village, client):
    password = "积分 horse battery"
    values = {"username": "lizhuren", "last_name": "李", "first_name": "主任"}

    visitor(superuser).post(
        f"{PEOPLE}add/", {**values, "password1": password, "password2": password}
    )
    person = User.objects.get(username="lizhuren")
    person.stewardships.create(village=village, role=Role.REVIEWER)

    login = {"username": "lizhuren", "password": password}
    assert client.post("/admin/login/", login)["Location"] == "/admin/"
    assert not person.is_superuser
    assert "积分" not in repr(AuditEvent.objects.get().facts)


def test_no_form_makes_a_superuser(superuser, recorder):
    page = f"{PEOPLE}{recorder.pk}/change/"

    visitor(superuser).post(
        page,
        {
            "username": recorder.username,
            "last_name": "王",
            "first_name": "新",
            "is_active": "on",
            "is_superuser": "on",
            "groups": "1",
            "user_permissions": "1",
        },
    )

    recorder.refresh_from_db()
    assert recorder.first_name == "新"
    assert not recorder.is_superuser
    assert not recorder.user_permissions.exists()


def test_a_superuser_resets_a_password_with_a_trace(superuser, recorder):
    page = f"{PEOPLE}{recorder.pk}/password/"
    password = "another horse battery"
    assert visitor(superuser).get(page).status_code == 200

    visitor(superuser).post(
        page,
        {"password1": password, "password2": password, "usable_password": "true"},
    )

    recorder.refresh_from_db()
    assert recorder.check_password(password)
    assert AuditEvent.objects.get().facts == {"fields": ["password"]}


def test_everybody_changes_their_own_password_with_a_trace(recorder):
    recorder.set_password("old horse battery")
    recorder.save()
    client = visitor(recorder)
    new = {"new_password1": "new horse battery", "new_password2": "new horse battery"}

    client.post("/admin/password_change/", {"old_password": "wrong", **new})
    client.post("/admin/password_change/", {"old_password": "old horse battery", **new})

    recorder.refresh_from_db()
    assert recorder.check_password("new horse battery")
    assert AuditEvent.objects.get().action == "password.change"
