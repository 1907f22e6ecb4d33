"""The promise about what households agree to, broken behind the guards and found."""

import pytest
from django.db import connection

from households.roles import Role
from households.safeguards import expected_guards
from ledger.invariants import violations
from tests.factories import HouseholdFactory, award, publish, serve
from tests.ledger.papers import ALL, NONE, answers, pledge_of, sign
from tests.ledger.tales import tell


@pytest.fixture
def asked(village, household, settings, tmp_path):
    """One household that agreed and is told of, one that wants nothing."""
    settings.MEDIA_ROOT = tmp_path
    pledge_of(village)
    second = HouseholdFactory(village=village, group=household.group, number="002")
    deed = award(household, "D02", 5)
    publish(village)
    sign(household, ALL, by=serve(village, Role.RECORDER))
    sign(second, NONE)
    tell(deed)
    third = HouseholdFactory(village=village, group=household.group, number="003")
    sign(third, answers(shows_name=False))
    return village


@pytest.fixture
def unguarded(asked):
    with connection.cursor() as cursor:
        for guard in expected_guards():
            table = "" if connection.vendor == "sqlite" else f' ON "{guard.table}"'
            cursor.execute(f'DROP TRIGGER "{guard.name}"{table}')
    return asked


HOME = "UPDATE households_household SET {} WHERE number = '{}'"
PAPER = "UPDATE households_householdconsent SET {} WHERE number = 1"
TAMPERING = [
    HOME.format("full_name_consented_on = '2026-01-01'", "001"),
    HOME.format("full_name_consented_on = NULL", "001"),
    HOME.format("full_name_consented_on = '2026-01-01'", "003"),
    HOME.format("phone = '13500135000'", "002"),
    PAPER.format("number = 9"),
    "UPDATE households_pledge SET number = 2",
    "UPDATE households_householdconsent SET day = '2026-03-01', "
    "signed_on = '2026-03-01' WHERE number = 3",
    PAPER.format("day = '2026-05-01', signed_on = '2026-05-01'"),
    PAPER.format("tells_stories = (1 = 0)"),
    "UPDATE households_stewardship SET role = 'supervisor' WHERE user_id = "
    "(SELECT recorded_by_id FROM households_householdconsent WHERE number = 1)",
    "UPDATE households_pledge SET in_force_from = '2026-04-07'",
]


def test_who_was_asked_keeps_every_promise(asked):
    assert list(violations()) == []


@pytest.mark.parametrize("sql", TAMPERING, ids=range(len(TAMPERING)))
def test_i64_tampering_with_a_consent_is_found(unguarded, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)

    found = [violation.id for violation in violations()]

    assert "I-64" in found
