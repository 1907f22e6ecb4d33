"""Every link that the desk shows to a person opens for that person."""

import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.utils import timezone

from households.roles import Role
from ledger.declaring import decline_declaration
from tests.factories import UserFactory, record
from tests.ledger.test_declaring import accept, declare
from tests.two_villages import OURS, furnish, visitor

SUPERUSER = "superuser"
# Larger letters and the other language lead back to the same page.
READERS_CHOICES = {"big", "lang"}
LINK = re.compile(r'\b(?:href|src)="([^"]+)"')
# What a browser fetches from elsewhere than the pages themselves.
NOT_PAGES = ("/static/", "data:", "mailto:", "tel:", "#")


@pytest.fixture
def place(db, settings, tmp_path):
    """A village with something of everything that staff can look at."""
    settings.MEDIA_ROOT = tmp_path
    place = furnish(OURS)
    recorder = place.people[Role.RECORDER]
    household, now = place.rows["household"], {"at": timezone.now()}
    record(household, "D02", 3, by=recorder, **now)
    declare(household, by=recorder, **now)
    accept(declare(household, "D05", by=recorder, **now), "D05", 1, by=recorder, **now)
    declined = declare(household, "Z03", by=recorder, **now)
    decline_declaration(declined, reason="证明不够", by=recorder, **now)
    return place


def visit(client):
    """Follow every link of the desk; return what each address answered.

    Lists are opened once for each set of questions that their links ask, not
    for each answer: all filters, but not all their values.
    """
    answered, seen, waiting = {}, set(), [("/admin/", "")]
    while waiting:
        address, found_on = waiting.pop()
        parts = urlsplit(address)
        asked = frozenset(name for name, _value in parse_qsl(parts.query))
        if (parts.path, asked) in seen or asked & READERS_CHOICES:
            continue
        seen.add((parts.path, asked))
        response = client.get(address)
        answered[address] = (response.status_code, found_on)
        links = [response["Location"]] if response.status_code in (301, 302) else []
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and parts.path.startswith("/admin/"):
            links += LINK.findall(response.body.decode())
        for link in map(unescape, links):
            target = urljoin(address, link)
            if target.startswith("/") and not target.startswith(NOT_PAGES):
                waiting.append((target.partition("#")[0], address))
    return answered


@pytest.mark.parametrize("role", [*Role.values, SUPERUSER])
def test_no_link_leads_to_nothing(role, place):
    superuser = UserFactory(username="keeper", is_superuser=True)
    person = superuser if role == SUPERUSER else place.people[role]

    answered = visit(visitor(person))

    wrong = {
        address: answer
        for address, answer in answered.items()
        if answer[0] not in (200, 302)
    }
    assert wrong == {}
    assert len(answered) > 10


def test_a_person_is_named_and_linked_only_where_accounts_may_be_seen(place):
    deed = place.rows["deed"]
    page = f"/admin/ledger/deed/{deed.pk}/change/"
    account = f"/admin/households/user/{deed.recorded_by_id}/change/"

    seen = visitor(place.people[Role.SUPERVISOR]).get(page).body.decode()
    by_superuser = visitor(UserFactory(is_superuser=True)).get(page).body.decode()

    assert str(deed.recorded_by) in seen
    assert account not in seen
    assert account in by_superuser
