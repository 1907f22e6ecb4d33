"""Whatever an address is asked with, it answers; nothing that is typed breaks it."""

import pytest
from django.db import transaction
from django.http import QueryDict

from households.models import User
from households.roles import Role
from households.typed_numbers import whole_number, whole_numbers
from tests.addresses import admin_addresses
from tests.two_villages import two_villages, visitor

# More digits than a database holds, more than Python reads, and what no
# PostgreSQL text holds.
STRANGE = ["9" * 30, "9" * 5000, "\x00"]
OPEN_TO_ALL = {"admin:login", "admin:logout"}
# What Django and our frame read on every page, so that one page will do.
EVERYWHERE = {
    "_changelist_filters",
    "_popup",
    "_saveasnew",
    "_to_field",
    "all",
    "big",
    "csrfmiddlewaretoken",
    "e",
    "lang",
    "p",
}


@pytest.fixture
def read(monkeypatch):
    """Note which names a page reads of what was sent."""
    names = set()
    for reader in ("get", "getlist", "__getitem__"):
        original = getattr(QueryDict, reader)

        def note(self, name, *rest, _original=original):
            names.add(name)
            return _original(self, name, *rest)

        monkeypatch.setattr(QueryDict, reader, note)
    return names


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", [Role.ADMIN])
def test_no_staff_page_breaks_on_what_it_is_asked_with(who, method, read, db):
    mine, _theirs = two_villages()
    person = mine.people.get(who) or User.objects.create_superuser("root")
    client = visitor(person)
    client.raise_request_exception = False
    visit, village = getattr(client, method), {"village": mine.village.slug}
    broken, asked, done = [], 0, set()
    for address in admin_addresses():
        if address.name in OPEN_TO_ALL:
            continue
        with transaction.atomic():
            read.clear()
            visit(address.of(mine), village)
            for name in sorted(read - done):
                for value in STRANGE:
                    asked += 1
                    # Each is asked of the village as it was.
                    step = transaction.savepoint()
                    answer = visit(address.of(mine), {**village, name: value})
                    transaction.savepoint_rollback(step)
                    if answer.status_code >= 500:
                        broken.append((address.name, name, value[:9]))

            done |= EVERYWHERE & read

    assert broken == []
    assert asked > 300


@pytest.mark.parametrize("text", ["", None, "x", "-1", "1.5", "²", *STRANGE])
def test_what_is_no_number_is_none(text):
    assert whole_number(text) is None


def test_numbers_are_read_as_phones_type_them():
    assert whole_number(" 12 ") == 12
    assert whole_number("１２") == 12
    assert whole_numbers(["3", "x", "", "3", "40"]) == {3, 40}
