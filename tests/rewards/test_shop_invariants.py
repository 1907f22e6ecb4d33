"""Each promise of the shop, broken behind the guards, is found."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from households.roles import Role
from ledger.invariants import violations
from rewards.canceling import cancel_redemption
from rewards.fund import record_fund_movement
from rewards.invariants import SHOP_INVARIANTS
from tests.factories import AFTER_NOTICE, earn, exchange, offer, serve
from tests.rewards.test_award_invariants import TAMPERING as AWARD_TAMPERING
from tests.rewards.unguarded import drop_guards


@pytest.fixture
def unguarded(household):
    """Two slips, one canceled, and a grant, in a database that lost its guards."""
    village = household.village
    earn(household, 30)
    shopkeeper = serve(village, Role.SHOPKEEPER)
    salt = offer(village, "食盐", 2, stock=9, by=shopkeeper)
    exchange(household, {salt: 5}, by=shopkeeper)
    sauce = offer(village, "酱油", 8, stock=3, by=shopkeeper)
    slip = exchange(household, {sauce: 2}, by=shopkeeper)
    act = {"key": uuid4(), "by": shopkeeper, "at": AFTER_NOTICE}
    cancel_redemption(slip, reason="拿错了", **act)
    record_fund_movement(
        village,
        kind="grant",
        fen=100,
        happened_on=slip.handed_over_on,
        party="镇",
        voucher="1",
        **{**act, "key": uuid4(), "at": AFTER_NOTICE + timedelta(hours=1)},
    )
    connection.check_constraints()
    assert list(violations(village, SHOP_INVARIANTS)) == []
    drop_guards()
    return village


LINE = "(SELECT id FROM rewards_redemptionline WHERE quantity = 5)"
TAMPERING = [
    ("I-20", "UPDATE ledger_entry SET points = -31 WHERE points = -10"),
    ("I-20", "UPDATE ledger_period SET finalized_at = NULL"),
    ("I-21", "UPDATE rewards_stockmovement SET quantity = 4 WHERE quantity = 9"),
    ("I-21", "UPDATE rewards_stockmovement SET quantity = -10 WHERE quantity = -5"),
    ("I-22", "UPDATE rewards_redemptionline SET points = 9 WHERE quantity = 5"),
    ("I-22", "UPDATE rewards_price SET points = 3 WHERE points = 2"),
    ("I-22", "UPDATE rewards_price SET in_force_from = '2031-01-01'"),
    ("I-22", "UPDATE ledger_entry SET points = -9 WHERE points = -10"),
    ("I-22", f"DELETE FROM rewards_stockmovement WHERE line_id = {LINE}"),
    (
        "I-22",
        f"DELETE FROM rewards_stockmovement WHERE line_id = {LINE};"
        f"DELETE FROM rewards_redemptionline WHERE id = {LINE};"
        "DELETE FROM rewards_redemption WHERE number = 1",
    ),
    ("I-23", "UPDATE ledger_entry SET points = 15 WHERE kind = 'cancellation'"),
    ("I-23", "DELETE FROM rewards_stockmovement WHERE kind = 'return'"),
    ("I-23", "DELETE FROM rewards_cancellation"),
    ("I-24", "UPDATE households_stewardship SET ended_at = started_at"),
    ("I-24", "UPDATE households_stewardship SET role = 'recorder'"),
    ("I-25", "UPDATE rewards_redemption SET number = 7 WHERE number = 2"),
    ("I-25", "UPDATE rewards_fundmovement SET number = 2"),
    ("I-25", "DELETE FROM rewards_stockmovement WHERE number = 1"),
]


@pytest.mark.parametrize(("id", "sql"), TAMPERING)
def test_tampering_behind_the_guards_is_found(unguarded, id, sql):
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement)

    assert id in {violation.id for violation in violations(None, SHOP_INVARIANTS)}


def test_every_promise_of_the_shop_was_seen_broken():
    seen = {id for id, _ in TAMPERING} | set(AWARD_TAMPERING)

    assert {promise.id for promise in SHOP_INVARIANTS} == seen


def test_verify_ledger_asks_the_shop_too(unguarded, capsys):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rewards_cancellation")

    with pytest.raises(CommandError):
        call_command("verify_ledger", village=unguarded.slug)

    assert "I-23" in capsys.readouterr().out
