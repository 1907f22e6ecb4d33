"""What the admin's own pages do, and the trace they leave."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from households.models import AuditEvent, Household, Village
from households.roles import Role
from tests.factories import HouseholdFactory, UserFactory, record, serve
from tests.two_villages import OURS, furnish, visitor

HOUSEHOLD = "/admin/households/household/"
ROLES = "/admin/households/stewardship/"


@pytest.fixture
def superuser(db):
    return UserFactory(is_superuser=True)


def form_of(household, **values):
    return {
        "group": household.group_id,
        "initials": household.head_initials,
        "phone": household.phone,
        **values,
    }


def test_a_household_is_added_and_changed_with_a_trace(village, village_admin):
    client = visitor(village_admin)
    group = village.groups.first()
    values = {"village": village.pk, "group": group.pk, "number": "009"}

    client.post(f"{HOUSEHOLD}add/", {**values, "head_name": "陈德寿"})
    household = Household.objects.get(number="009")
    client.post(f"{HOUSEHOLD}{household.pk}/change/", form_of(household, phone="000-1"))

    household.refresh_from_db()
    assert household.phone == "000-1"
    added, changed = AuditEvent.objects.order_by("pk")
    assert (added.action, changed.action) == ("household.add", "household.change")
    assert changed.facts == {"fields": ["phone"]}
    assert (changed.village, changed.by) == (village, village_admin)
    assert "陈" not in repr([added.facts, added.subject, changed.facts])
    assert not LogEntry.objects.exists()


def test_a_failed_trace_leaves_no_change(household, village_admin, monkeypatch):
    client = visitor(village_admin)
    monkeypatch.setattr(
        "households.scoped_admin.record_event", lambda *args, **kwargs: 1 / 0
    )

    with pytest.raises(ZeroDivisionError):
        client.post(
            f"{HOUSEHOLD}{household.pk}/change/", form_of(household, head_name="改")
        )

    household.refresh_from_db()
    assert household.head_name != "改"


@pytest.mark.parametrize(
    ("role", "is_shown"),
    [
        (Role.ADMIN, True),
        (Role.RECORDER, False),
        (Role.REVIEWER, False),
        (Role.SUPERVISOR, False),
        (Role.TOWNSHIP, False),
    ],
)
def test_a_phone_is_shown_to_who_keeps_the_roster(role, is_shown, village):
    household = HouseholdFactory(
        village=village, group=village.groups.first(), phone="13500135000"
    )
    client = visitor(serve(village, role))

    pages = [client.get(HOUSEHOLD), client.get(f"{HOUSEHOLD}{household.pk}/change/")]

    assert [page.status_code for page in pages] == [200, 200]
    assert "13500135000" not in pages[0].text
    assert ("13500135000" in pages[1].text) is is_shown


def test_a_secret_is_on_no_page(household, village_admin, superuser):
    for user in (village_admin, superuser):
        client = visitor(user)
        for page in (HOUSEHOLD, f"{HOUSEHOLD}{household.pk}/change/"):
            assert household.secret not in client.get(page).text
        for page in ("", f"{household.village.pk}/change/"):
            text = client.get(f"/admin/households/village/{page}").text
            assert household.village.genesis not in text


def test_only_who_keeps_the_roster_changes_it(household, recorder):
    client = visitor(recorder)

    response = client.post(
        f"{HOUSEHOLD}{household.pk}/change/", form_of(household, head_name="改")
    )

    assert response.status_code == 403
    household.refresh_from_db()
    assert household.head_name != "改"


def test_a_new_village_has_its_numbers_and_its_rulebook(superuser):
    client = visitor(superuser)
    township = furnish(OURS).village.township

    client.post(
        "/admin/households/village/add/",
        {"township": township.pk, "name": "青石村", "slug": "qingshi", "position": "1"},
    )

    village = Village.objects.get(slug="qingshi")
    assert village.policy.base_points == 60
    assert village.rulebooks.get().items.count() == 34
    assert AuditEvent.objects.get(village=village).action == "village.add"


@pytest.mark.parametrize("page", [HOUSEHOLD, "/admin/ledger/deed/", ROLES])
def test_a_list_asks_as_many_questions_for_many_rows(page, village, village_admin):
    client = visitor(village_admin)
    furnish_more(village, 1)
    client.get(page)

    with CaptureQueriesContext(connection) as few:
        client.get(page)
    furnish_more(village, 12)
    with CaptureQueriesContext(connection) as many:
        client.get(page)

    assert len(many) == len(few) <= 20


def furnish_more(village, count):
    group = village.groups.first()
    for household in HouseholdFactory.create_batch(count, village=village, group=group):
        record(household)


def test_no_page_needs_an_inline_style_or_script(superuser):
    place = furnish(OURS)
    addresses = ["/admin/", "/admin/password_change/"]
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = place.rows[model._meta.model_name]
        addresses += [base, f"{base}add/", f"{base}{row.pk}/change/"]
    pages = [Client().get("/admin/login/")]
    for user in (superuser, place.people[Role.ADMIN]):
        client = visitor(user)
        pages += [client.get(address) for address in addresses]

    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)[^>]*>")
    found = {match for page in pages for match in inline.findall(page.text)}
    assert found == set()
    assert {page["Content-Security-Policy"].count("unsafe") for page in pages} == {0}
