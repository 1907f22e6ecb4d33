"""Thirty-two clerks at one counter: exactly one effect, a clear refusal for the rest.

CI runs few rounds, `make campaign` a hundred (ROUNDS).
"""

import multiprocessing
import os
from collections import Counter
from uuid import uuid4

import pytest
from django.db import connections

from households.roles import Role
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry
from ledger.refusals import Refused
from rewards.canceling import cancel_redemption
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import Redemption, Reward, StockMovement
from rewards.redeeming import OutOfStock, TooFewPoints
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

ROUNDS = int(os.environ.get("ROUNDS", "3"))
CLERKS = 32
SAME_FORM = 10
forked = multiprocessing.get_context("fork")


@pytest.fixture
def village(own_database):
    return VillageFactory()


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER)


@pytest.fixture
def homes(village):
    """Thirty-two households with 20 points each to spend."""
    group = VillagerGroupFactory(village=village)
    homes = [HouseholdFactory(village=village, group=group) for _ in range(CLERKS)]
    people = [serve(village, role) for role in (Role.RECORDER, Role.REVIEWER)]
    for home in homes:
        approve(record(home, "D03", 20, by=people[0]), by=people[1])
    publish(village)
    finalize(village)
    return homes


def at_once(acts):
    """Run each act in a process and a connection of its own, all at one moment.

    Returns what each came to: the number of its slip, or the kind of its refusal.
    """
    connections.close_all()
    gate = forked.Barrier(len(acts))
    answers = forked.SimpleQueue()

    def clerk(act):
        connections["default"].ensure_connection()
        gate.wait()
        try:
            answers.put(act().number)
        except Refused as refused:
            answers.put(type(refused) if str(refused) else "no sentence")
        except Exception as error:  # What a page would answer with a 500.
            answers.put(repr(error))
        os._exit(0)

    clerks = [forked.Process(target=clerk, args=(act,)) for act in acts]
    for process in clerks:
        process.start()
    came = [answers.get() for _ in clerks]
    for process in clerks:
        process.join()
    return Counter(came)


def undo(shopkeeper):
    """Cancel the round's only slip, which gives points and goods back exactly."""
    [slip] = Redemption.objects.standing()
    cancel_redemption(
        slip, reason="下一轮", key=uuid4(), by=shopkeeper, at=AFTER_NOTICE
    )
    return slip.number


def all_promises_hold(village):
    return not list(violations(village, [*INVARIANTS, *SHOP_INVARIANTS]))


def test_the_last_item_is_handed_over_once(village, homes, shopkeeper):
    last = offer(village, "最后一袋", 10, stock=1, by=shopkeeper)

    for _ in range(ROUNDS):
        came = at_once(
            [
                lambda home=home: exchange(home, {last: 1}, by=shopkeeper)
                for home in homes
            ]
        )

        assert Reward.objects.with_on_hand().get().on_hand == 0
        assert came == {undo(shopkeeper): 1, OutOfStock: CLERKS - 1}
    assert all_promises_hold(village)


def test_one_household_never_spends_its_points_twice(village, homes, shopkeeper):
    shelf = [
        offer(village, f"货{number}", 20, stock=5, by=shopkeeper)
        for number in range(CLERKS)
    ]

    for _ in range(ROUNDS):
        came = at_once(
            [
                lambda one=one: exchange(homes[0], {one: 1}, by=shopkeeper)
                for one in shelf
            ]
        )

        assert Entry.objects.filter(household=homes[0]).balance() == 0
        assert came == {undo(shopkeeper): 1, TooFewPoints: CLERKS - 1}
    assert all_promises_hold(village)


def test_the_same_form_ten_times_is_one_slip(village, homes, shopkeeper):
    salt = offer(village, "食盐", 10, stock=5, by=shopkeeper)

    for _ in range(ROUNDS):
        key = uuid4()
        came = at_once(
            [lambda key=key: exchange(homes[0], {salt: 1}, by=shopkeeper, key=key)]
            * SAME_FORM
        )

        assert StockMovement.objects.filter(reward=salt).on_hand() == 4
        assert came == {undo(shopkeeper): SAME_FORM}
    assert all_promises_hold(village)
