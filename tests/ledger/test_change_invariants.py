"""The promises about households that change, broken behind the guards and found."""

import pytest
from django.db import connection

from households.roles import Role
from households.safeguards import expected_guards
from ledger.invariants import violations
from tests.factories import (
    HouseholdFactory,
    award,
    change,
    finalize,
    publish,
    serve,
    split,
)


@pytest.fixture
def changed(village, household):
    """A split with 8 points, a merge, a move out, and everything in order."""
    second, third = (
        HouseholdFactory(village=village, group=household.group, number=number)
        for number in ("002", "003")
    )
    award(household, "D03", 20)
    award(second, "Z05", 5)
    publish(village)
    finalize(village)
    people = {
        "by": serve(village, Role.ADMIN),
        "confirmed_by": serve(village, Role.REVIEWER),
    }
    split(household, points=8, **people)
    change(village, "merge", household=second, other=household, **people)
    change(village, "move_out", household=third, **people)
    return village


@pytest.fixture
def unguarded(changed):
    with connection.cursor() as cursor:
        for guard in expected_guards():
            table = "" if connection.vendor == "sqlite" else f' ON "{guard.table}"'
            cursor.execute(f'DROP TRIGGER "{guard.name}"{table}')
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints=ON")
    yield changed
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints=OFF")


CHANGE = "UPDATE households_householdchange SET {} WHERE kind = 'move_out'"
MOVED = "UPDATE ledger_entry SET {} WHERE kind = 'transfer' AND points = 8"
TAMPERING = [
    ("I-60", CHANGE.format("number = 9")),
    (
        "I-60",
        "UPDATE households_changenote SET noted_by_id = (SELECT MAX(u.id) "
        "FROM households_user u WHERE u.id NOT IN (decided_by_id, noted_by_id))",
    ),
    ("I-60", "UPDATE households_stewardship SET ended_at = started_at"),
    ("I-60", "UPDATE households_user SET household_id = {household}"),
    ("I-61", CHANGE.format("status_after = 'away'")),
    ("I-61", "UPDATE households_household SET status = 'left' WHERE number = '901'"),
    ("I-61", "UPDATE households_household SET head_name = '谁' WHERE number = '001'"),
    ("I-62", MOVED.format("points = 9")),
    ("I-62", MOVED.format("household_id = {third}")),
    ("I-62", "UPDATE ledger_entry SET points = 6 WHERE kind = 'merge' AND points > 0"),
    ("I-62", "UPDATE households_householdchange SET points = 3 WHERE kind = 'split'"),
    (
        "I-63",
        "UPDATE households_householdchange SET takes_effect_on = '2026-03-01' "
        "WHERE kind = 'merge'",
    ),
]


def test_changed_households_keep_every_promise(changed):
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("id", "sql"), TAMPERING, ids=[f"{id}-{n}" for n, (id, _) in enumerate(TAMPERING)]
)
def test_tampering_with_a_change_is_found(unguarded, household, id, sql):
    third = unguarded.households.get(number="003")
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(
            sql.replace("{household}", str(household.pk)).replace(
                "{third}", str(third.pk)
            )
        )

    found = [violation.id for violation in violations()]

    assert id in found
