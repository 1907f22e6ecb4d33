"""A household through two years; score and balance after each step, added up by hand.

    罗青山, 2026                                  score       balance
    March     +10 for a culvert it cleared         70           10
    April     +5 clean-up, −5 a broken pipe        70           10
    May       +5 a neighbor helped, +5 repaired    80           20
    June      +20 for a rescue                    100           40
    July      the son's household: 15 go along    100           25
    August    5 bags of salt for 10 points        100           15
    January   on the honor roll, with a gift      100           15
    2027      +5 clean-up in January               65 (2027)    20
    1 April   what 2026 left expires               65            5

The son, 罗小山: 60 points of his own year, 15 to spend, which expire unspent.
"""

from datetime import date, datetime
from uuid import uuid4

import pytest

from households.models import Household
from households.roles import Role
from ledger.expiring import expire_points, spendable_points
from ledger.homes.changes import Change, confirm_change, note_change
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry, Standing
from rewards.awarding import draft_round, open_notice
from rewards.confirming import Vote, confirm_round
from rewards.gifts import decide_gift, hand_over_gifts
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import Award, Reward
from tests.factories import (
    HouseholdFactory,
    approve,
    exchange,
    finalize,
    make_good,
    offer,
    publish,
    record,
    serve,
)
from tests.rewards.april import SHANGHAI


def on(year, month, day, hour=10):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def home(village):
    group = village.groups.first() or village.groups.create(number=1, name="1社")
    HouseholdFactory(village=village, group=group, number="002", head_name="吴桂圆")
    return HouseholdFactory(
        village=village, group=group, number="001", head_name="罗青山"
    )


def account(home: Household, year: int, at: datetime) -> tuple[int, int]:
    """Return the year's score and what can be spent at a moment, in points."""
    entries = Entry.objects.filter(village=home.village, household=home)
    return entries.score(year), spendable_points(home, at=at)


def earn(home, code, points, at):
    approve(record(home, code, points, at=at), at=at)


def close(village, year, month):
    """Publish a month on the 2nd of the next one and make it final on the 9th."""
    year_after, month_after = (year + month // 12, month % 12 + 1)
    day = date(year, month, 1)
    publish(village, month=day, at=on(year_after, month_after, 2))
    finalize(village, month=day, at=on(year_after, month_after, 9))


def test_split_deduction_repair_award_and_expiry(village, home):
    salt = offer(village, "食盐", 2, stock=40, at=on(2026, 3, 1))
    keeper = serve(village, Role.SHOPKEEPER)
    admin, reviewer = serve(village, Role.ADMIN), serve(village, Role.REVIEWER)

    earn(home, "Z06", 10, on(2026, 3, 12))
    close(village, 2026, 3)
    assert account(home, 2026, on(2026, 4, 10)) == (70, 10)

    earn(home, "Z05", 5, on(2026, 4, 15))
    earn(home, "N08", 5, on(2026, 4, 16))
    close(village, 2026, 4)
    assert account(home, 2026, on(2026, 5, 10)) == (70, 10)

    (lost,) = home.entries.filter(kind=Entry.Kind.DEDUCTION)
    make_good(lost, at=on(2026, 5, 12))
    earn(home, "D02", 5, on(2026, 5, 20))
    close(village, 2026, 5)
    assert account(home, 2026, on(2026, 6, 10)) == (80, 20)

    earn(home, "D03", 20, on(2026, 6, 10))
    close(village, 2026, 6)
    assert account(home, 2026, on(2026, 7, 10)) == (100, 40)

    split = Change(
        kind="split",
        takes_effect_on=date(2026, 7, 15),
        paper="分户申请和分分协议",
        signed_by="罗青山",
        signed_by_other="罗小山",
        household=home,
        new_number="003",
        head_name="罗小山",
        group=home.group,
        points=15,
    )
    note = note_change(village, split, key=uuid4(), by=admin, at=on(2026, 7, 15))
    son = confirm_change(note, by=reviewer, at=on(2026, 7, 16)).other
    assert account(home, 2026, on(2026, 7, 16)) == (100, 25)
    assert account(son, 2026, on(2026, 7, 16)) == (60, 15)

    close(village, 2026, 7)
    exchange(home, {salt: 5}, by=keeper, at=on(2026, 8, 20))
    assert account(home, 2026, on(2026, 8, 20)) == (100, 15)

    for month in range(8, 13):
        close(village, 2026, month)
    december = Standing.objects.filter(
        village=village, publication__period__month=date(2026, 12, 1)
    )
    assert list(
        december.order_by("place", "household__number").values_list(
            "household__number", "score", "place"
        )
    ) == [("001", 100, 1), ("002", 60, 2), ("003", 60, 2)]

    give_award(village, salt, admin, reviewer, keeper)
    assert account(home, 2026, on(2027, 1, 20)) == (100, 15)
    assert Reward.objects.with_on_hand().get(pk=salt.pk).on_hand == 40 - 5 - 1

    earn(home, "Z05", 5, on(2027, 1, 15))
    close(village, 2027, 1)
    assert account(home, 2027, on(2027, 2, 10)) == (65, 20)
    assert account(son, 2027, on(2027, 2, 10)) == (60, 15)

    expire_points(village, at=on(2027, 4, 1, 0))
    assert account(home, 2027, on(2027, 4, 1)) == (65, 5)
    assert account(son, 2027, on(2027, 4, 1)) == (60, 0)
    assert account(home, 2026, on(2027, 4, 1))[0] == 100
    assert not list(violations(village, [*INVARIANTS, *SHOP_INVARIANTS]))


def give_award(village, salt, admin, reviewer, keeper):
    """Name the household of 2026 by a vote, and hand it a bag of salt."""
    round = draft_round(village, 2026, key=uuid4(), by=admin, at=on(2027, 1, 10))
    decide_gift(round, {salt: 1}, by=admin, at=on(2027, 1, 10))
    round = open_notice(round, by=admin, at=on(2027, 1, 10))
    vote = Vote(
        meeting="村民代表会议",
        day=date(2027, 1, 18),
        votes_for=21,
        votes_against=1,
        abstained=0,
        record="（2027）第1号",
    )
    round = confirm_round(round, vote, by=reviewer, at=on(2027, 1, 18, 18))
    (award,) = Award.objects.filter(village=village, round=round)
    assert (award.household.number, award.place, award.score) == ("001", 1, 100)
    hand_over_gifts(round, [award], key=uuid4(), by=keeper, at=on(2027, 1, 19))
