"""Each promise about awards, broken behind the guards, is found."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from households.roles import Role
from ledger.invariants import violations
from rewards.gifts import take_gift_back
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import AwardRound
from tests.factories import serve
from tests.rewards.roll import GIVEN, hand_over, object_to, settle, with_gift
from tests.rewards.unguarded import drop_guards

ROUND, AWARD = "UPDATE rewards_awardround SET ", "UPDATE rewards_award SET "
TAMPERING = {
    "I-25": [f"{ROUND}number = 7"],
    "I-26": [
        f"{ROUND}votes_for = 29",
        f"{ROUND}digest = 'x'",
        f"{ROUND}document = ''",
        f"{ROUND}opened_at = NULL",
        f"{AWARD}score = 99 WHERE place = 2",
        f"{AWARD}name = '周兴禾' WHERE place = 1",
        f"{AWARD}place = 1 WHERE place = 2",
        "DELETE FROM rewards_award WHERE place = 2",
        "DELETE FROM rewards_award",
        "UPDATE rewards_awardgift SET quantity = 3",
    ],
    "I-27": [
        f"{ROUND}confirmed_at = opened_at",
        f"{ROUND}confirmed_by_id = opened_by_id",
        f"{ROUND}voted_on = NULL",
        f"{ROUND}abstained = 27",
        "UPDATE ledger_objection SET state = 'open', decided_at = NULL",
        "UPDATE households_stewardship SET ended_at = started_at WHERE role = 'admin'",
        "UPDATE households_stewardship SET role = 'recorder' WHERE role = 'reviewer'",
    ],
    "I-28": [
        f"{ROUND}confirmed_at = NULL",
        "DELETE FROM rewards_giftreturn",
        "DELETE FROM rewards_stockmovement WHERE kind = 'gift_back'",
        "DELETE FROM rewards_stockmovement WHERE kind = 'gift' AND number = "
        "(SELECT MAX(number) FROM rewards_stockmovement WHERE kind = 'gift')",
        "UPDATE rewards_stockmovement SET quantity = -1 WHERE kind = 'gift'",
        "UPDATE rewards_gifthandover SET attempt = 3, award_id = "
        "(SELECT MAX(id) FROM rewards_award) WHERE attempt = 2",
        "UPDATE households_stewardship SET role = 'recorder' WHERE role = 'shopkeeper'",
    ],
}


@pytest.fixture
def unguarded(village):
    """A confirmed roll with its gifts, one undone, and an objection answered."""
    settle(village)
    objection = object_to(village)
    objection.state, objection.decided_at = "dismissed", objection.filed_at
    objection.answer, objection.decided_by = "查过了", serve(village, Role.SUPERVISOR)
    objection.save()
    round, _rice = with_gift(village)
    keeper = serve(village, Role.SHOPKEEPER)
    [wrong] = hand_over(round, "003", by=keeper)
    later = GIVEN + timedelta(hours=1)
    take_gift_back(wrong, key=uuid4(), by=keeper, at=later)
    hand_over(round, "003", "004", by=keeper, at=later)
    assert list(violations(village, SHOP_INVARIANTS)) == []
    connection.check_constraints()
    drop_guards()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        else:
            for rule in AwardRound._meta.constraints[2:]:
                cursor.execute(
                    f"ALTER TABLE rewards_awardround DROP CONSTRAINT {rule.name}"
                )
    yield village
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints=OFF")


def test_tampering_with_awards_behind_the_guards_is_found(unguarded):
    missed = []
    for promise, statements in TAMPERING.items():
        for statement in statements:
            with connection.cursor() as cursor, transaction.atomic():
                cursor.execute(statement)
                found = {each.id for each in violations(None, SHOP_INVARIANTS)}
                transaction.set_rollback(True)
            if promise not in found:
                missed.append((promise, statement))

    assert missed == []
