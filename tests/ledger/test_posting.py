from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from ledger.models import Entry
from ledger.months import period_for
from ledger.posting import NotReversible, post_base_points, post_entries, reverse_entry
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
)


@pytest.fixture
def posted(household):
    award(household, "Z05", 5)
    publish(household.village)
    return Entry.objects.get(kind=Entry.Kind.ADDITION)


@pytest.fixture
def april(village, posted):
    return village.periods.get(month="2026-04-01")


def test_entries_are_numbered_on_in_each_village(posted):
    neighbor = HouseholdFactory()
    award(neighbor, "Z05", 5)
    publish(neighbor.village)

    numbers = Entry.objects.order_by("village", "number").values_list("number")

    assert list(numbers) == [(1,), (2,), (1,), (2,)]


def test_the_moment_of_posting_never_runs_backwards(posted, april, reviewer):
    early = posted.posted_at - timedelta(days=400)

    reversal = reverse_entry(posted, period=april, by=reviewer, at=early)

    assert reversal.posted_at == posted.posted_at


def test_base_points_are_given_once_a_year(village, household):
    march = period_for(village, IN_MARCH.date(), at=IN_MARCH)

    first = post_base_points(march, at=IN_MARCH)
    second = post_base_points(march, at=IN_MARCH)

    assert [(entry.points, entry.kind) for entry in first] == [(60, "base")]
    assert second == []


def test_a_correction_early_in_january_costs_nobody_the_base_points(posted, reviewer):
    new_year = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)
    january = period_for(posted.village, new_year.date(), at=new_year)
    reverse_entry(posted, period=january, by=reviewer, at=new_year)

    given = post_base_points(january, at=new_year)

    assert [(entry.household, entry.year) for entry in given] == [
        (posted.household, 2027)
    ]


def test_a_village_without_base_points_posts_none(village, household):
    village.policy.base_points = 0
    village.policy.save()
    march = period_for(village, IN_MARCH.date(), at=IN_MARCH)

    assert post_base_points(march, at=IN_MARCH) == []


def test_i08_the_database_refuses_a_second_base(village, household):
    march = period_for(village, IN_MARCH.date(), at=IN_MARCH)
    post_base_points(march, at=IN_MARCH)
    again = Entry(
        household=household, year=2026, period=march, kind=Entry.Kind.BASE, points=60
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        post_entries(village, [again], by=None, at=IN_MARCH)


def test_a_reversal_counts_in_the_open_month_and_leaves_the_old_one(
    posted, april, reviewer, household
):
    reversal = reverse_entry(posted, period=april, by=reviewer, at=AFTER_NOTICE)

    entries = Entry.objects.filter(household=household)
    assert (reversal.points, reversal.period) == (-5, april)
    assert entries.score(2026) == 60
    assert posted.period.publications.get().standings.get().score == 65


def test_an_entry_is_reversed_only_once(posted, april, reviewer):
    reverse_entry(posted, period=april, by=reviewer, at=AFTER_NOTICE)

    with pytest.raises(NotReversible):
        reverse_entry(posted, period=april, by=reviewer, at=AFTER_NOTICE)
    assert Entry.objects.filter(kind=Entry.Kind.REVERSAL).count() == 1


def test_base_points_and_reversals_are_not_reversed(posted, april, reviewer):
    base = Entry.objects.get(kind=Entry.Kind.BASE)
    reversal = reverse_entry(posted, period=april, by=reviewer, at=AFTER_NOTICE)

    for entry in (base, reversal):
        with pytest.raises(NotReversible):
            reverse_entry(entry, period=april, by=reviewer, at=AFTER_NOTICE)


def test_i09_the_database_refuses_an_unequal_reversal(posted, april, village, reviewer):
    unequal = Entry(
        household=posted.household,
        year=2026,
        period=april,
        kind=Entry.Kind.REVERSAL,
        points=-4,
        reverses=posted,
    )

    with pytest.raises(IntegrityError, match="I-09"), transaction.atomic():
        post_entries(village, [unequal], by=reviewer, at=AFTER_NOTICE)


def test_i06_the_database_refuses_an_entry_for_an_undecided_deed(household, reviewer):
    deed = record(household)
    entry = Entry(
        household=household,
        year=2026,
        period=deed.period,
        kind=Entry.Kind.ADDITION,
        points=deed.points,
        deed=deed,
    )

    with pytest.raises(IntegrityError, match="I-06"), transaction.atomic():
        post_entries(household.village, [entry], by=reviewer, at=FIRST_OF_APRIL)


@pytest.mark.parametrize(
    ("kind", "points"), [("base", -1), ("base", 0), ("redemption", 5), ("base", 10_001)]
)
def test_i05_the_database_refuses_a_sign_against_the_kind(
    village, household, kind, points
):
    march = period_for(village, IN_MARCH.date(), at=IN_MARCH)
    wrong = Entry(
        household=household, year=2026, period=march, kind=kind, points=points
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        post_entries(village, [wrong], by=None, at=IN_MARCH)


def test_i03_the_database_refuses_a_gap_in_the_numbers(posted, reviewer):
    spent = Entry(
        village=posted.village,
        household=posted.household,
        number=9,
        year=2026,
        kind=Entry.Kind.REDEMPTION,
        points=-1,
        posted_at=posted.posted_at,
        posted_by=reviewer,
    )

    with pytest.raises(IntegrityError, match="I-03"), transaction.atomic():
        spent.save()


def test_i04_the_database_refuses_an_entry_for_another_village(village):
    stranger = HouseholdFactory()
    march = period_for(village, IN_MARCH.date(), at=IN_MARCH)
    entry = Entry(
        household=stranger, year=2026, period=march, kind=Entry.Kind.BASE, points=60
    )

    with pytest.raises(IntegrityError, match="I-04"), transaction.atomic():
        post_entries(village, [entry], by=None, at=IN_MARCH)


def test_spending_lowers_the_balance_and_never_the_score(posted, reviewer, village):
    posted.period.finalized_at = AFTER_NOTICE
    posted.period.save()
    entries = Entry.objects.filter(household=posted.household)
    assert (entries.score(2026), entries.balance()) == (65, 5)

    spent = Entry(
        household=posted.household, year=2026, kind=Entry.Kind.REDEMPTION, points=-4
    )
    post_entries(village, [spent], by=reviewer, at=AFTER_NOTICE)

    assert (entries.score(2026), entries.balance()) == (65, 1)


def test_a_balance_below_zero_is_shown_as_zero(village, household):
    approve(record(household, "N01", 3))
    period = publish(village).period
    period.finalized_at = AFTER_NOTICE
    period.save()

    entries = Entry.objects.filter(household=household)

    assert (entries.score(2026), entries.balance()) == (57, 0)


def test_nobody_reverses_what_a_shop_or_the_calendar_posted(posted, april, reviewer):
    canceled = Entry(
        household=posted.household, year=2026, kind=Entry.Kind.CANCELLATION, points=4
    )
    (canceled,) = post_entries(posted.village, [canceled], by=reviewer, at=AFTER_NOTICE)

    with pytest.raises(NotReversible):
        reverse_entry(canceled, period=april, by=reviewer, at=AFTER_NOTICE)
