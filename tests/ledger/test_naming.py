"""A full name stands on the public pages while it is agreed to, and in no file."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.models import Household, VillagePolicy
from households.roles import Role
from ledger.board import read
from ledger.freezing import rebuild_document
from ledger.invariants import violations
from ledger.naming import OpenNames, with_names
from tests.factories import HouseholdFactory, award, publish, serve
from tests.ledger.documents import document, row

FULL, MASKED = "欧阳小春", "欧阳○春"
DECISION = "2026年4月2日村民会议，50票同意"


@pytest.fixture
def hung(village, household):
    """March on the board: 001 leads and agreed to its full name."""
    Household.objects.filter(pk=household.pk).update(
        head_name=FULL, full_name_consented_on=date(2026, 3, 1)
    )
    household.refresh_from_db()
    award(household, "D03", 20)
    return publish(village)


def pages_of(village, household):
    board = f"/v/{village.slug}/"
    return [
        board,
        f"{board}months/",
        f"{board}months/2026-03/",
        f"{board}groups/{household.group.number}/",
        f"{board}find/?q={household.number}",
        f"{board}poster/2026-03/",
    ]


def texts(client, village, household):
    return [client.get(path).text for path in pages_of(village, household)]


def test_every_public_page_ends_with_the_consent(client, village, household, hung):
    before = texts(client, village, household)

    Household.objects.update(full_name_consented_on=None)
    after = texts(client, village, household)

    assert all(FULL in text for text in before)
    assert not any(FULL in text for text in after)
    assert all(MASKED in text for text in after)


def test_the_words_to_pass_on_end_with_the_consent(client, village, household, hung):
    client.force_login(serve(village, Role.REVIEWER))
    page = f"/admin/publication/2026-03/?village={village.slug}"
    before = client.get(page).text

    Household.objects.update(full_name_consented_on=None)
    after = client.get(page).text

    assert before.count(FULL) >= 2
    assert FULL not in after
    assert MASKED in after


def test_files_to_take_away_name_nobody_in_full(client, village, hung):
    VillagePolicy.objects.update(full_names_decision=DECISION)
    month = f"/v/{village.slug}/months/2026-03"

    files = [
        client.get(f"{month}/{name}") for name in ("publication.json", "standings.csv")
    ]

    assert all(file.status_code == 200 for file in files)
    assert not any(FULL in file.content.decode() for file in files)
    assert all(MASKED in file.content.decode() for file in files)


def test_a_decision_of_the_village_names_everybody(client, village, household, hung):
    quiet = HouseholdFactory(village=village, group=household.group, head_name="许远")
    publish(village, month=date(2026, 4, 1))
    path = f"/v/{village.slug}/groups/{household.group.number}/"
    before = client.get(path).text

    VillagePolicy.objects.update(full_names_decision=DECISION)

    assert quiet.head_name not in before
    assert quiet.head_name in client.get(path).text


def test_a_new_head_is_not_put_on_an_old_month(client, village, household, hung):
    Household.objects.update(head_name="欧阳大明")

    found = texts(client, village, household)

    assert not any("欧阳大明" in text for text in found)
    assert all(MASKED in text for text in found)


def test_what_was_agreed_to_later_names_nobody_before(client, village, household, hung):
    day = hung.published_at.date()
    Household.objects.update(full_name_consented_on=day + timedelta(days=1))
    assert not any(FULL in text for text in texts(client, village, household))

    Household.objects.update(full_name_consented_on=day)
    assert all(FULL in text for text in texts(client, village, household))


def test_only_a_ranked_household_is_named_by_its_consent():
    june = read(document(row(1, 60, name=MASKED), row(2, 99, 1, name=MASKED)))
    names = OpenNames(False, (("001", FULL, date.min), ("002", FULL, date.min)))

    shown = with_names(june, names)["rows"][:2]

    assert [line["name"] for line in shown] == [MASKED, FULL]


def test_a_document_that_was_frozen_with_a_full_name_is_masked_too():
    june = read(document(row(1, 99, 1, name=FULL)))

    shown = with_names(june, OpenNames(False, ()))["rows"]

    assert shown[0]["name"] == MASKED


def test_a_renamed_head_changes_nothing_in_the_books(village, household, hung):
    Household.objects.update(head_name="许远", full_name_consented_on=None)

    assert rebuild_document(hung) == hung.document
    assert list(violations()) == []


def test_names_cost_one_question_however_many_agreed(client, village, household, hung):
    board = f"/v/{village.slug}/"
    client.get(board)
    with CaptureQueriesContext(connection) as few:
        client.get(board)
    for _home in range(8):
        HouseholdFactory(
            village=village,
            group=household.group,
            full_name_consented_on=date(2026, 3, 1),
        )
    client.get(board)

    with CaptureQueriesContext(connection) as many:
        client.get(board)

    assert len(many) == len(few)
    column = '"full_name_consented_on" FROM'
    assert sum(column in asked["sql"] for asked in many) == 1
