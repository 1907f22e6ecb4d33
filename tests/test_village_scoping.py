"""No steward sees or changes another village: every address, method and role."""

import re
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection

from households.models import User
from households.roles import Role
from households.scoped_admin import VillageScopedAdmin
from tests.addresses import admin_addresses
from tests.two_villages import everything, fingerprint, two_villages, visitor

OPEN_TO_ALL = {"admin:login", "admin:logout"}
ADDRESSES = sorted(
    (address for address in admin_addresses() if address.name not in OPEN_TO_ALL),
    key=lambda address: address.name,
)


@pytest.fixture
def places(db):
    return two_villages()


@pytest.fixture
def mine(places):
    return places[0]


@pytest.fixture
def theirs(places):
    return places[1]


def leaks(response, theirs):
    """Return the canaries of the other village in a body or a header."""
    text = unquote(response.body.decode(errors="replace") + repr(response.headers))
    text += unquote(response.cookies.output())
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return [canary for canary in theirs.canaries if canary in text]


def answer(response, typed=""):
    """Return what a visitor can tell two answers apart by, less what was typed."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", response.body)
    if typed:
        body = body.replace(typed.encode(), b"")
    return response.status_code, response.get("Location"), body


class Writes:
    """Note every statement that changes a row, but those of logging in."""

    def __init__(self):
        self.seen = []

    def __call__(self, execute, sql, params, many, context):
        verb = sql.lstrip("( ").split(" ", 1)[0].upper()
        if verb in {"INSERT", "UPDATE", "DELETE"} and "django_session" not in sql:
            self.seen.append(sql)
        return execute(sql, params, many, context)


def baits(theirs):
    """Return what a curious clerk puts into an address or a form."""
    rows = {name: str(row.pk) for name, row in theirs.rows.items() if row is not None}
    return {
        **rows,
        **{f"{name}_id": pk for name, pk in rows.items()},
        **{f"{name}__id__exact": pk for name, pk in rows.items()},
        "village": theirs.village.slug,
        "group": rows["villagergroup"],
        "households": theirs.rows["household"].number,
        "deeds": rows["deed"],
        "month": "2026-03",
        "_selected_action": rows["household"],
        "action": "end_selected",
        "index": "0",
        "confirm": "yes",
    }


def test_every_registered_admin_is_scoped_to_villages():
    strangers = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, VillageScopedAdmin)
    ]

    assert strangers == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", Role.values)
def test_what_is_elsewhere_is_not_found_and_like_what_is_nowhere(
    role, method, mine, theirs
):
    visit = getattr(visitor(mine.people[role]), method)
    before = everything()
    bait = baits(theirs)
    wrong = []
    for address in ADDRESSES:
        if not address.names_an_object:
            continue
        tries = [bait] if method == "get" else [bait, {**bait, "_saveasnew": "1"}]
        for data in tries:
            elsewhere, nowhere = (
                visit(url, data) for url in (address.of(theirs), address.of_nothing())
            )
            if elsewhere.status_code not in {404, 405}:
                wrong.append((address.name, elsewhere.status_code))
            if answer(elsewhere) != answer(nowhere):
                wrong.append((address.name, "differs from what is missing"))

    assert wrong == []
    assert everything() == before


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", Role.values)
def test_another_village_in_the_question_is_like_none(role, method, mine, theirs):
    visit = getattr(visitor(mine.people[role]), method)
    before = everything()
    wrong = []
    for address in ADDRESSES:
        if address.names_an_object:
            continue
        slug = theirs.village.slug
        elsewhere = visit(address.of(mine), {"village": slug})
        nowhere = visit(address.of(mine), {"village": "nowhere-7"})
        if leaks(elsewhere, theirs):
            wrong.append((address.name, leaks(elsewhere, theirs)))
        if answer(elsewhere, slug) != answer(nowhere, "nowhere-7"):
            wrong.append((address.name, "differs from what is missing"))

    assert wrong == []
    assert everything() == before


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", Role.values)
def test_one_s_own_pages_hold_nothing_of_another_village(role, method, mine, theirs):
    visit = getattr(visitor(mine.people[role]), method)
    before = fingerprint(theirs.village)
    wrong = []
    for address in ADDRESSES:
        for data in [{}, baits(theirs)]:
            response = visit(address.of(mine), data)
            if response.status_code >= 500 or leaks(response, theirs):
                wrong.append((address.name, response.status_code))

    assert wrong == []
    assert fingerprint(theirs.village) == before


@pytest.mark.parametrize("role", Role.values)
def test_looking_changes_nothing(role, mine):
    client = visitor(mine.people[role])
    before = everything()
    writes = Writes()
    with connection.execute_wrapper(writes):
        for address in ADDRESSES:
            client.get(address.of(mine))

    assert writes.seen == []
    assert everything() == before


def test_without_an_account_every_address_leads_to_the_login_page(mine, theirs, client):
    wrong = []
    for address in ADDRESSES:
        for method in (client.get, client.post):
            response = method(address.of(theirs))
            if response.status_code != 302 or "/login/" not in response["Location"]:
                wrong.append((address.name, response.status_code))

    assert wrong == []


@pytest.mark.parametrize(
    "fact", ["without any role", "with an ended role", "not active", "not staff"]
)
def test_an_account_without_a_current_role_sees_nothing(fact, mine):
    user = mine.people[Role.ADMIN]
    client = visitor(user)
    if fact == "without any role":
        user.stewardships.all().delete()
    if fact == "with an ended role":
        user.stewardships.update(ended_at="2026-01-01T00:00:00Z")
    if fact == "not active":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if fact == "not staff":
        User.objects.filter(pk=user.pk).update(is_staff=False)

    answers = {client.get(address.of(mine)).get("Location") for address in ADDRESSES}

    assert {str(place).split("?")[0] for place in answers} == {"/admin/login/"}


def test_view_on_site_leads_nowhere(mine, theirs):
    client = visitor(mine.people[Role.ADMIN])
    types = apps.get_model("contenttypes", "ContentType").objects.all()

    answers = {
        client.get(f"/admin/r/{content_type.pk}/{row.pk}/").status_code
        for content_type in types
        for place in (mine, theirs)
        if (row := place.rows.get(content_type.model))
    }

    assert answers == {404}


@pytest.mark.parametrize("page", ["history", "delete"])
def test_there_is_no_page_that_deletes_or_tells_old_names(page, mine):
    client = visitor(mine.people[Role.ADMIN])

    answers = {
        client.get(
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            f"{mine.rows[model._meta.model_name].pk}/{page}/"
        ).status_code
        for model in admin.site._registry
    }

    assert answers == {404}
