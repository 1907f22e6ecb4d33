"""Redemptions per second through the operation, against the same work in raw SQL.

`make bench` runs it on both databases, as they are set up for a village. Both
ways are measured in one run, turn about, so that the ratio means the same on
any machine; the design asks for 0.15. The raw way does the same locked work and
writes the same seven rows, with the guards standing.
"""

import hashlib
import time
from statistics import median
from uuid import uuid4

from django.db import connection, transaction

from households.roles import Role
from ledger.invariants import violations
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import Redemption
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    VillageFactory,
    VillagerGroupFactory,
    approve,
    exchange,
    finalize,
    offer,
    publish,
    record,
    serve,
)

TURNS = 5
SLIPS_A_TURN = 40
FLOOR = 0.15


def test_redemptions_against_raw_sql(own_database, capsys):
    village, homes, salt, shopkeeper = a_village()
    ratios = []
    for home in homes:
        started = time.perf_counter()
        for _ in range(SLIPS_A_TURN):
            exchange(home, {salt: 1}, by=shopkeeper)
        middle = time.perf_counter()
        for _ in range(SLIPS_A_TURN):
            raw_redemption(village, home, salt, shopkeeper)
        ours = SLIPS_A_TURN / (middle - started)
        raw = SLIPS_A_TURN / (time.perf_counter() - middle)
        ratios.append(ours / raw)
        with capsys.disabled():
            print(f"\n{connection.vendor}: {ours:.0f}/s, raw {raw:.0f}/s", end="")
    with capsys.disabled():
        print(f"\nratio {median(ratios):.2f}, floor {FLOOR}")

    assert Redemption.objects.count() == 2 * TURNS * SLIPS_A_TURN
    assert not list(violations(village, SHOP_INVARIANTS))
    assert median(ratios) >= FLOOR


def a_village():
    """Make a village whose households have a few thousand points each."""
    village = VillageFactory()
    group = VillagerGroupFactory(village=village)
    homes = [HouseholdFactory(village=village, group=group) for _ in range(TURNS)]
    people = {
        role: serve(village, role)
        for role in (Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER)
    }
    for home in homes:
        for _ in range(18):
            deed = record(home, "D03", 50, by=people[Role.RECORDER], again=True)
            approve(deed, by=people[Role.REVIEWER])
    publish(village)
    finalize(village)
    salt = offer(village, "食盐", 10, stock=10_000, by=people[Role.SHOPKEEPER])
    return village, homes, salt, people[Role.SHOPKEEPER]


def raw_redemption(village, home, reward, person):
    """Do by hand what one exchange does: lock, look, refuse or write seven rows."""
    lock = "" if connection.vendor == "sqlite" else " FOR NO KEY UPDATE"
    with transaction.atomic(), connection.cursor() as cursor:

        def one(sql, *values):
            cursor.execute(sql, values)
            return cursor.fetchone()

        one(f"SELECT id FROM households_village WHERE id = %s{lock}", village.pk)
        key = uuid4()
        (operation,) = one(
            "INSERT INTO ledger_operation (village_id, key, kind, fingerprint, by_id, "
            "at) VALUES (%s, %s, 'redeem', %s, %s, %s) RETURNING id",
            village.pk,
            key.hex if connection.vendor == "sqlite" else key,
            hashlib.sha256(key.bytes).hexdigest(),
            person.pk,
            AFTER_NOTICE,
        )
        (balance,) = one(
            "SELECT SUM(e.points) FROM ledger_entry e "
            "LEFT JOIN ledger_period p ON p.id = e.period_id "
            "WHERE e.village_id = %s AND e.household_id = %s AND e.kind <> 'base' "
            "AND (e.period_id IS NULL OR p.finalized_at IS NOT NULL)",
            village.pk,
            home.pk,
        )
        (on_hand,) = one(
            "SELECT SUM(quantity) FROM rewards_stockmovement "
            "WHERE village_id = %s AND reward_id = %s",
            village.pk,
            reward.pk,
        )
        price, points = one(
            "SELECT id, points FROM rewards_price WHERE village_id = %s "
            "AND reward_id = %s ORDER BY version DESC LIMIT 1",
            village.pk,
            reward.pk,
        )
        assert balance >= points
        assert on_hand >= 1
        (entry,) = one(
            "INSERT INTO ledger_entry (village_id, number, household_id, year, kind, "
            "points, posted_at, posted_by_id) SELECT %s, MAX(number) + 1, %s, 2026, "
            "'redemption', %s, %s, %s FROM ledger_entry WHERE village_id = %s "
            "RETURNING id",
            village.pk,
            home.pk,
            -points,
            AFTER_NOTICE,
            person.pk,
            village.pk,
        )
        (slip,) = one(
            "INSERT INTO rewards_redemption (village_id, number, household_id, "
            "entry_id, operation_id, handed_over_on, paper_number, collected_by, "
            "balance_after, redeemed_at, redeemed_by_id) SELECT %s, "
            "COALESCE(MAX(number), 0) + 1, %s, %s, %s, '2026-04-07', '', '', %s, %s, "
            "%s FROM rewards_redemption WHERE village_id = %s RETURNING id",
            village.pk,
            home.pk,
            entry,
            operation,
            balance - points,
            AFTER_NOTICE,
            person.pk,
            village.pk,
        )
        (line,) = one(
            "INSERT INTO rewards_redemptionline (village_id, redemption_id, "
            "reward_id, price_id, quantity, points) VALUES (%s, %s, %s, %s, 1, %s) "
            "RETURNING id",
            village.pk,
            slip,
            reward.pk,
            price,
            points,
        )
        cursor.execute(
            "INSERT INTO rewards_stockmovement (village_id, number, reward_id, kind, "
            "quantity, line_id, donor, reason, voucher, operation_id, moved_at, "
            "moved_by_id) SELECT %s, MAX(number) + 1, %s, 'issue', -1, %s, '', '', "
            "'', %s, %s, %s FROM rewards_stockmovement WHERE village_id = %s",
            [
                village.pk,
                reward.pk,
                line,
                operation,
                AFTER_NOTICE,
                person.pk,
                village.pk,
            ],
        )
        cursor.execute(
            "INSERT INTO households_auditevent (village_id, by_id, at, action, "
            "subject, outcome, facts) VALUES (%s, %s, %s, 'shop.redeem', %s, 'done', "
            "'{}')",
            [village.pk, person.pk, AFTER_NOTICE, f"redemption {slip}"],
        )
