"""Unspent points of past years live until 31 March, and are spent first."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from households.models import AuditEvent
from households.roles import Role
from ledger.expiring import (
    expire_points,
    is_announced,
    points_to_expire,
    with_carry_over,
)
from ledger.models import Entry
from rewards.redeeming import redeem
from tests.factories import (
    HouseholdFactory,
    award,
    earn,
    finalize,
    offer,
    publish,
    serve,
)

NEW_YEAR = datetime(2027, 1, 5, 2, tzinfo=UTC)
IN_MARCH_2027 = datetime(2027, 3, 20, 2, tzinfo=UTC)
LAST_MINUTE = datetime(2027, 3, 31, 15, 59, tzinfo=UTC)
FIRST_MINUTE = datetime(2027, 3, 31, 16, 0, tzinfo=UTC)
IN_APRIL_2027 = datetime(2027, 4, 20, 2, tzinfo=UTC)


@pytest.fixture
def carried(household):
    """30 points earned in March 2026, none spent."""
    earn(household, 30)
    return household


def spend(household, points, *, at):
    one = offer(household.village, f"物{points}-{at:%m%d}", points, at=at)
    return redeem(
        household,
        {one: 1},
        key=uuid4(),
        by=serve(household.village, Role.SHOPKEEPER),
        at=at,
    )


def balance(household):
    return Entry.objects.filter(household=household).balance()


def test_nothing_expires_before_the_first_of_april(carried):
    assert expire_points(carried.village, at=LAST_MINUTE) == []
    assert balance(carried) == 30


def test_what_is_left_expires_in_the_first_minute_of_april(carried):
    [entry] = expire_points(carried.village, at=FIRST_MINUTE)

    assert (entry.kind, entry.points, entry.year) == ("expiry", -30, 2027)
    assert balance(carried) == 0
    assert AuditEvent.objects.get(action="points.expire").facts["points"] == -30


def test_expiring_again_changes_nothing(carried):
    expire_points(carried.village, at=FIRST_MINUTE)

    assert expire_points(carried.village, at=IN_APRIL_2027) == []


def test_carried_over_points_are_spent_first(carried):
    new = HouseholdFactory(village=carried.village, group=carried.group, number="002")
    award(carried, "D03", 20, at=NEW_YEAR)
    award(new, "D03", 20, at=NEW_YEAR)
    for month in range(4, 13):
        publish(carried.village, month=date(2026, month, 1))
        finalize(
            carried.village,
            month=date(2026, month, 1),
            at=datetime(2027, 1, 20, 2, tzinfo=UTC),
        )
    publish(carried.village, month=date(2027, 1, 1))
    finalize(
        carried.village,
        month=date(2027, 1, 1),
        at=datetime(2027, 2, 20, 2, tzinfo=UTC),
    )
    spend(carried, 12, at=IN_MARCH_2027)

    expire_points(carried.village, at=FIRST_MINUTE)

    assert balance(carried) == 30 + 20 - 12 - 18
    assert balance(new) == 20


def test_points_spent_in_april_do_not_save_what_had_expired(carried):
    award(carried, "D03", 20, at=NEW_YEAR)
    for year, month in [(2026, month) for month in range(4, 13)] + [(2027, 1)]:
        publish(carried.village, month=date(year, month, 1))
        finalize(carried.village, month=date(year, month, 1), at=IN_MARCH_2027)

    spend(carried, 15, at=IN_APRIL_2027)
    late = expire_points(carried.village, at=IN_APRIL_2027)

    assert late == []
    assert balance(carried) == 20 - 15


def test_expiry_never_takes_more_than_the_balance(carried):
    spend(carried, 25, at=datetime(2026, 12, 20, 2, tzinfo=UTC))

    [entry] = expire_points(carried.village, at=FIRST_MINUTE)

    assert entry.points == -5


def test_what_will_expire_is_known_before(carried):
    spend(carried, 12, at=IN_MARCH_2027)
    households = type(carried).objects.filter(pk=carried.pk)

    known = with_carry_over(households, village=carried.village, year=2027).get()

    assert points_to_expire(known) == 18


@pytest.mark.parametrize(
    ("day", "announced"),
    [
        (date(2027, 2, 28), False),
        (date(2028, 2, 29), False),
        (date(2027, 3, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
    ],
)
def test_it_is_announced_throughout_march(day, announced):
    assert is_announced(day) is announced


def test_the_database_refuses_a_second_expiry_in_a_year(carried):
    expire_points(carried.village, at=FIRST_MINUTE)
    last = Entry.objects.order_by("-number").first()

    with pytest.raises(DatabaseError, match="once a year"), transaction.atomic():
        Entry.objects.create(
            village=carried.village,
            number=last.number + 1,
            household=carried,
            year=2027,
            kind=Entry.Kind.EXPIRY,
            points=-1,
            posted_at=IN_APRIL_2027,
        )
