"""Whatever a village does in whatever order, the shop agrees with a plain sum.

Hypothesis makes up the story; a model in plain Python says what must come out,
refusals included; the promises of the shop are checked after every step. How
many stories of how many steps: `make test` says 300 of 30, always the same
ones, `make campaign` 5,000 of 50, always new ones.
"""

import os
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from households.roles import Role
from ledger.expiring import expire_points, last_day
from ledger.invariants import violations
from ledger.models import Entry
from ledger.months import finalize_month, next_month, period_for
from ledger.posting import NotReversible, reverse_entry
from rewards.canceling import NotCancelable, cancel_redemption
from rewards.counting import Counted, CountRefused, count_shelf
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import Redemption, Reward
from rewards.redeeming import NothingChosen, OutOfStock, TooFewPoints, redeem
from rewards.stock import StockRefused, receive_stock
from tests.factories import HouseholdFactory, award, offer, publish, serve

STORIES = int(os.environ.get("STORIES", "20"))
STEPS = int(os.environ.get("STEPS", "30"))
SMALLEST = 10
PRICES = {"食盐": 2, "酱油": 8, "洗衣粉": 15}

households = st.integers(0, 2)
goods = st.sampled_from(list(PRICES))


@dataclass
class Line:
    """One entry as the model sees it."""

    household: int
    kind: str
    points: int
    year: int
    month: date | None = None
    deed: int | None = None
    reversed: bool = False


@dataclass
class Slip:
    household: int
    wanted: dict
    points: int
    day: date
    pk: int
    canceled: bool = False


@dataclass
class Model:
    """What a careful clerk would keep on paper."""

    lines: list[Line] = field(default_factory=list)
    final: dict[date, date] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    slips: list[Slip] = field(default_factory=list)
    expired: set[tuple[int, int]] = field(default_factory=set)

    def spendable(self, household, *, lines=None):
        return sum(
            line.points
            for line in (self.lines if lines is None else lines)
            if line.household == household
            and (line.month is None or line.month in self.final)
        )

    def to_expire(self, household, today):
        """Past years' points, spent first until the last 31 March, and then no more.

        What became final only after that day lives until the next one. A day that
        was slept through comes first.
        """
        due = {}
        for end in (last_day(deadline(today).year - 1), deadline(today)):
            points = self._left_on(end, household, today) - sum(due.values())
            if points > 0 and (household, end.year) not in self.expired:
                due[end.year] = points
        return due

    def _left_on(self, end, household, today):
        mine = [line for line in self.lines if line.household == household]
        in_time = [
            line
            for line in mine
            if line.month is None or self.final.get(line.month, today) <= end
        ]
        old = [line for line in in_time if line.year < end.year]
        old += [line for line in mine if line.kind == "spent" and line.year == end.year]
        return min(
            self.spendable(household, lines=lines) for lines in (old, in_time, mine)
        )

    def expire(self, household, today):
        due = self.to_expire(household, today)
        for year, points in due.items():
            self.expired.add((household, year))
            self.lines.append(Line(household, "expired", -points, year))
        return sum(due.values())


def deadline(today):
    """Return the last 31 March that is over."""
    this_year = date(today.year, 3, 31)
    return this_year if today > this_year else date(today.year - 1, 3, 31)


class Shop(RuleBasedStateMachine):
    """A village of three households and three goods, from February 2027 on."""

    # What every story begins with.
    village = None
    model = Model(stock=dict.fromkeys(PRICES, 0))
    on_notice = ()
    waiting = ()
    now = datetime(2026, 12, 10, 2, tzinfo=UTC)

    def __init__(self):
        super().__init__()
        self.people = self.village.people
        self.homes = self.village.homes
        self.model = deepcopy(self.model)
        self.on_notice = [*self.on_notice]
        self.waiting = []
        self.story = transaction.atomic()
        self.story.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.story.__exit__(None, None, None)

    @property
    def today(self):
        return timezone.localdate(self.now)

    def by(self, role):
        return {"by": self.people[role], "at": self.now}

    def refused(self, kinds, operation, *args, **values):
        """Run what the model says must be refused, and see it refused."""
        with pytest.raises(kinds), transaction.atomic():
            operation(*args, **values)

    # What people do

    @rule(household=households, points=st.integers(20, 50))
    def award(self, household, points):
        deed = award(
            self.homes[household],
            "D03",
            points,
            at=self.now,
            by=self.people[Role.RECORDER],
            again=True,
        )
        self.waiting.append((household, points, deed))

    @rule()
    def publish(self):
        month = self.today.replace(day=1)
        self.now = datetime.combine(
            next_month(month), datetime.min.time(), UTC
        ) + timedelta(hours=2)
        publish(self.village, month=month, at=self.now, by=self.people[Role.REVIEWER])
        for household, points, deed in self.waiting:
            self.model.lines.append(
                Line(household, "earned", points, month.year, month, deed.pk)
            )
        self.waiting = []
        self.on_notice.append(month)

    @precondition(lambda self: self.on_notice)
    @rule()
    def finalize(self):
        month = self.on_notice.pop(0)
        period = self.village.periods.get(month=month)
        # No two people act in the same instant; what comes first is then clear.
        self.now += timedelta(seconds=1)
        self.now = max(self.now, period.notice_ends_at + timedelta(hours=1))
        finalize_month(period, by=None, at=self.now)
        self.model.final[month] = self.today

    @precondition(lambda self: any(line.month for line in self.model.lines))
    @rule(data=st.data())
    def reverse(self, data):
        earned = [line for line in self.model.lines if line.kind == "earned"]
        if not earned:
            return
        line = data.draw(st.sampled_from(earned))
        entry = Entry.objects.get(village=self.village, deed=line.deed)
        period = period_for(self.village, self.today, at=self.now)
        reverse = {"period": period, **self.by(Role.REVIEWER)}
        if line.reversed:
            self.refused(NotReversible, reverse_entry, entry, **reverse)
            return
        reverse_entry(entry, **reverse)
        line.reversed = True
        self.model.lines.append(
            Line(
                line.household,
                "reversal",
                -line.points,
                period.month.year,
                period.month,
            )
        )

    @rule(name=goods, quantity=st.integers(-1, 12))
    def receive(self, name, quantity):
        receive = {"key": uuid4(), **self.by(Role.SHOPKEEPER)}
        if quantity < 1:
            self.refused(
                StockRefused, receive_stock, self.reward(name), quantity, **receive
            )
            return
        receive_stock(self.reward(name), quantity, **receive)
        self.model.stock[name] += quantity

    @rule(
        name=goods,
        counted=st.integers(0, 12),
        reason=st.sampled_from(["", "破了"]),
        off=st.integers(0, 1),
    )
    def count(self, name, counted, reason, off):
        there = self.model.stock[name]
        lines = [Counted(self.reward(name), there + off, counted, reason)]
        count = {"key": uuid4(), **self.by(Role.SHOPKEEPER)}
        if off or (counted != there and not reason):
            self.refused(CountRefused, count_shelf, self.village, lines, **count)
            return
        count_shelf(self.village, lines, **count)
        self.model.stock[name] = counted

    @rule(
        household=households,
        wanted=st.dictionaries(goods, st.integers(0, 4), max_size=3),
    )
    def redeem(self, household, wanted):
        key = uuid4()
        wanted = {name: count for name, count in wanted.items() if count}
        points = sum(PRICES[name] * count for name, count in wanted.items())
        due = self.model.to_expire(household, self.today)
        left = self.model.spendable(household) - sum(due.values())
        if not wanted:
            kinds = NothingChosen
        elif points < SMALLEST or points > max(0, left):
            kinds = TooFewPoints
        elif any(self.model.stock[name] < count for name, count in wanted.items()):
            kinds = OutOfStock
        else:
            kinds = None
        chosen = {self.reward(name): count for name, count in wanted.items()}
        act = {"key": key, **self.by(Role.SHOPKEEPER)}
        if kinds:
            self.refused(kinds, redeem, self.homes[household], chosen, **act)
            return
        slip = redeem(self.homes[household], chosen, **act)
        again = redeem(self.homes[household], chosen, **act)
        assert again == slip
        self.model.expire(household, self.today)
        self.model.lines.append(Line(household, "spent", -points, self.today.year))
        for name, count in wanted.items():
            self.model.stock[name] -= count
        self.model.slips.append(Slip(household, wanted, points, self.today, slip.pk))

    @precondition(lambda self: self.model.slips)
    @rule(data=st.data())
    def cancel(self, data):
        slip = data.draw(st.sampled_from(self.model.slips))
        act = {"reason": "拿错了", "key": uuid4(), **self.by(Role.SHOPKEEPER)}
        redemption = Redemption.objects.get(pk=slip.pk)
        if slip.canceled or slip.day != self.today:
            self.refused(NotCancelable, cancel_redemption, redemption, **act)
            return
        cancel_redemption(redemption, **act)
        slip.canceled = True
        self.model.lines.append(
            Line(slip.household, "spent", slip.points, slip.day.year)
        )
        for name, count in slip.wanted.items():
            self.model.stock[name] += count

    @rule()
    def expire(self):
        entries = expire_points(self.village, at=self.now)

        said = Counter()
        for entry in entries:
            said[self.homes.index(entry.household)] -= entry.points
        expected = {n: self.model.expire(n, self.today) for n in range(3)}
        assert said == {n: points for n, points in expected.items() if points}

    # What must hold

    @invariant()
    def the_sums_agree(self):
        for number, home in enumerate(self.homes):
            entries = Entry.objects.filter(village=self.village, household=home)
            expected = max(0, self.model.spendable(number))
            assert entries.balance() == expected
        shelf = Reward.objects.filter(village=self.village).with_on_hand()
        assert {one.name: one.on_hand for one in shelf} == self.model.stock

    @invariant()
    def the_promises_hold(self):
        with connection.cursor() as cursor:
            for sql, parameters in self.village.questions:
                cursor.execute(sql, parameters)
                if cursor.fetchone():
                    assert list(violations(self.village, SHOP_INVARIANTS)) == []

    def reward(self, name):
        return self.village.goods[name]


def questions_of(village):
    """Return the SQL that the promises ask; every answer names a broken one.

    Written once: Django takes longer to write it than the database to answer.
    """
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert list(violations(village, SHOP_INVARIANTS)) == []
    return asked


def live_through_a_winter():
    """Leave points of last year to every household, and January on notice."""
    winter = Shop()
    for household, points in enumerate([20, 35, 50]):
        winter.award(household, points)
    winter.publish()
    winter.finalize()
    winter.now = datetime(2027, 1, 20, 2, tzinfo=UTC)
    winter.publish()
    winter.story.__exit__(None, None, None)
    for name in ("model", "on_notice", "now"):
        setattr(Shop, name, getattr(winter, name))


def test_the_shop_agrees_with_a_plain_sum_after_every_step(village):
    group = village.groups.get(number=1)
    village.homes = [
        HouseholdFactory(village=village, group=group, number=f"00{n}")
        for n in range(1, 4)
    ]
    village.people = {
        role: serve(village, role)
        for role in (Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER)
    }
    village.goods = {
        name: offer(village, name, points, stock=0, by=village.people[Role.SHOPKEEPER])
        for name, points in PRICES.items()
    }
    village.questions = questions_of(village)
    Shop.village = village
    live_through_a_winter()

    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=STORIES <= 300,
        ),
    )
