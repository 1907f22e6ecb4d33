"""Filters, searches, prefilled and forged forms stay within the user's villages."""

import pytest
from django.contrib import admin
from django.forms import ModelChoiceField

from households.models import Household
from households.roles import Role
from tests.test_village_scoping import baits, leaks
from tests.two_villages import fingerprint, two_villages, visitor

LISTS = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
]
FORMS = ["household", "villagergroup", "villagepolicy", "stewardship"]
FORBIDDEN_LOOKUPS = [
    "phone__startswith",
    "secret__gt",
    "village__genesis__gt",
    "village__supervision_phone__startswith",
    "household__phone__startswith",
    "household__secret__gt",
    "deed__household__phone__startswith",
    "recorded_by__password__startswith",
    "user__password__startswith",
    "posted_by__password__gt",
    "group__village__genesis__gt",
    "pk__gt",
    "id__gt",
]

QUESTIONS = [
    {"q": "雀春雨"},
    {"q": "qwghlm"},
    {"q": "13900139000"},
    {"_popup": "1"},
    {"_popup": "1", "_to_field": "id"},
    {"_to_field": "secret"},
    {"_to_field": "village"},
    {"all": ""},
    {"o": "-1.2.3"},
    {"_facets": "True"},
    {"p": "99"},
    {"e": "1"},
    {"q": "\0"},
]


@pytest.fixture
def places(db):
    return two_villages()


@pytest.fixture
def mine(places):
    return places[0]


@pytest.fixture
def theirs(places):
    return places[1]


def filters_of(page):
    *_, app_label, model_name, _ = page.split("/")
    for model, model_admin in admin.site._registry.items():
        if (model._meta.app_label, model._meta.model_name) == (app_label, model_name):
            for item in model_admin.list_filter:
                yield item[0] if isinstance(item, tuple) else item


@pytest.mark.parametrize("role", [Role.RECORDER, Role.ADMIN, Role.TOWNSHIP])
def test_a_filter_on_what_is_elsewhere_finds_nothing(role, mine, theirs):
    client = visitor(mine.people[role])
    found = []
    for page in LISTS:
        for name in filters_of(page):
            row = theirs.rows.get({"group": "villagergroup"}.get(name, name))
            if row is None:
                continue
            elsewhere = client.get(page, {f"{name}__id__exact": row.pk})
            nowhere = client.get(page, {f"{name}__id__exact": 987654})
            if leaks(elsewhere, theirs) or elsewhere.status_code >= 404:
                found.append((page, name, elsewhere.status_code))
            if rows(elsewhere) != rows(nowhere):
                found.append((page, name, "differs from what is missing"))

    assert found == []


def rows(response):
    if response.status_code != 200:
        return response.status_code
    return list(response.context["cl"].result_list)


@pytest.mark.parametrize("role", [Role.RECORDER, Role.ADMIN])
def test_no_list_answers_questions_about_columns_it_does_not_show(role, mine):
    client = visitor(mine.people[role])

    answers = {
        client.get(page, {lookup: "1"}).status_code
        for page in LISTS
        for lookup in FORBIDDEN_LOOKUPS
    }

    assert answers <= {400, 403}


@pytest.mark.parametrize("role", [Role.RECORDER, Role.ADMIN, Role.TOWNSHIP])
def test_no_question_to_a_list_is_answered_from_elsewhere(role, mine, theirs):
    client = visitor(mine.people[role])
    found = []
    for question in QUESTIONS:
        for page in LISTS:
            response = client.get(page, question)
            read = set(leaks(response, theirs)) - {question.get("q")}
            if read or response.status_code >= 500:
                found.append((page, question, response.status_code))

    assert found == []


@pytest.mark.parametrize("model_name", FORMS)
def test_a_form_filled_in_by_its_address_names_nothing_from_elsewhere(
    model_name, mine, theirs
):
    client = visitor(mine.people[Role.ADMIN])

    response = client.get(f"/admin/households/{model_name}/add/", baits(theirs))

    assert response.status_code in {200, 403}
    assert leaks(response, theirs) == []


@pytest.mark.parametrize(
    ("role", "model_name", "page"),
    [
        (Role.ADMIN, "household", "add/"),
        (Role.ADMIN, "household", "{pk}/change/"),
        (Role.ADMIN, "villagergroup", "add/"),
        (Role.ADMIN, "villagergroup", "{pk}/change/"),
        (Role.ADMIN, "villagepolicy", "{pk}/change/"),
        (Role.ADMIN, "stewardship", "add/"),
        (Role.TOWNSHIP, "stewardship", "add/"),
    ],
)
def test_no_forged_choice_reaches_another_village(role, model_name, page, mine, theirs):
    client = visitor(mine.people[role])
    url = f"/admin/households/{model_name}/" + page.format(pk=mine.rows[model_name].pk)
    shown = client.get(url)
    form = shown.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"number": "77", "name": "新", "head_name": "新户", "role": "recorder"}
    before = fingerprint(theirs.village)

    for name, form_field in form.fields.items():
        if isinstance(form_field, ModelChoiceField):
            foreign = theirs.rows[form_field.queryset.model._meta.model_name].pk
            response = client.post(url, {**data, name: foreign})
            assert response.status_code == 200
            assert name in response.context["adminform"].form.errors
            assert leaks(response, theirs) == []

    assert fingerprint(theirs.village) == before


def test_a_posted_village_does_not_move_a_household(mine, theirs):
    client = visitor(mine.people[Role.ADMIN])
    household = mine.rows["household"]
    url = f"/admin/households/household/{household.pk}/change/"

    client.post(
        url,
        {
            "village": theirs.village.pk,
            "number": "999",
            "group": household.group_id,
            "phone": "000-1",
        },
    )

    household.refresh_from_db()
    assert household.phone == "000-1"
    assert household.village == mine.village
    assert household.number == "zzyzx-0"


def test_two_villages_of_one_person_are_not_mixed_in_one_row(mine, theirs):
    admin_of_both = mine.people[Role.ADMIN]
    admin_of_both.stewardships.create(village=theirs.village, role=Role.ADMIN)
    data = {
        "village": mine.village.pk,
        "group": theirs.rows["villagergroup"].pk,
        "number": "901",
        "head_name": "新户",
        "status": "active",
    }

    response = visitor(admin_of_both).post("/admin/households/household/add/", data)

    assert response.context["adminform"].form.errors.keys() == {"group"}
    assert not Household.objects.filter(number="901").exists()


def test_who_keeps_the_shop_of_one_village_reads_only_the_other(mine, theirs):
    recorder = mine.people[Role.RECORDER]
    recorder.stewardships.create(village=theirs.village, role=Role.SHOPKEEPER)
    client = visitor(recorder)
    pages = [
        *LISTS,
        f"/admin/households/household/{theirs.rows['household'].pk}/change/",
    ]

    read = {page: leaks(client.get(page), theirs) for page in pages}

    assert {page for page, canaries in read.items() if canaries} == set()
