"""Autocomplete completes what a form of the user has, and nothing else."""

import pytest
from django.apps import apps
from django.contrib import admin

from households.models import Household, VillagerGroup
from households.roles import Role
from tests.factories import UserFactory
from tests.two_villages import two_villages, visitor

TRIPLES = [
    (model._meta.app_label, model._meta.model_name, field.name)
    for model in apps.get_models()
    for field in model._meta.get_fields()
]
NONSENSE = [
    ("nowhere", "deed", "household"),
    ("ledger", "deed", "nothing"),
    ("", "", ""),
]
COMPLETED = {("households", "user", "household")}


@pytest.fixture
def places(db):
    return two_villages()


def ask(client, triple, term=""):
    names = ["app_label", "model_name", "field_name"]
    question = {**dict(zip(names, triple, strict=True)), "term": term}
    return client.get("/admin/autocomplete/", question)


@pytest.mark.parametrize("role", Role.values)
def test_no_role_completes_any_field(role, places):
    client = visitor(places[0].people[role])

    answered = {
        triple
        for triple in [*TRIPLES, *NONSENSE]
        if ask(client, triple).status_code != 404
    }

    assert answered == set()


def test_a_superuser_completes_one_field(places):
    client = visitor(UserFactory(is_superuser=True))

    answered = {
        triple
        for triple in [*TRIPLES, *NONSENSE]
        if ask(client, triple).status_code != 404
    }

    assert answered == COMPLETED
    found = ask(client, ("households", "user", "household"), "春雨").json()["results"]
    assert {row["text"] for row in found} == {"zzyzx-0 喜鹊春雨", "qwghlm-0 金丝雀春雨"}


@pytest.fixture
def completing_groups(monkeypatch):
    """An admin page as a colleague might write it: a village admin completes."""
    household_admin = admin.site.get_model_admin(Household)
    group_admin = admin.site.get_model_admin(VillagerGroup)
    monkeypatch.setattr(household_admin, "autocomplete_fields", ["group"])
    monkeypatch.setattr(group_admin, "search_fields", ["name"])


@pytest.mark.usefixtures("completing_groups")
def test_a_completed_field_offers_the_user_s_villages_only(places):
    client = visitor(places[0].people[Role.ADMIN])

    response = ask(client, ("households", "household", "group"))

    assert [row["text"] for row in response.json()["results"]] == ["喜鹊社"]


@pytest.mark.usefixtures("completing_groups")
@pytest.mark.parametrize("role", [Role.RECORDER, Role.TOWNSHIP, Role.SHOPKEEPER])
def test_who_may_not_write_the_form_completes_nothing(role, places):
    client = visitor(places[0].people[role])

    response = ask(client, ("households", "household", "group"))

    assert response.status_code == 404
