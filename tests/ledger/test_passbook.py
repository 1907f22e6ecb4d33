"""What a household's passbook says, against what its entries add up to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.models import Household
from ledger.models import Entry
from ledger.passbooks.passbook import read_book
from ledger.posting import post_entries, reverse_entry
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    approve,
    award,
    finalize,
    make_good,
    publish,
    record,
    withdraw,
)

APRIL = date(2026, 4, 1)
IN_APRIL = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)


def book_of(household):
    return read_book(Household.objects.get(pk=household.pk))


def deduct(household, code="N01", points=3, **values):
    return approve(record(household, code, points, **values))


def spend(household, points, *, at, kind=Entry.Kind.REDEMPTION):
    entry = Entry(household=household, year=at.year, kind=kind, points=points)
    (entry,) = post_entries(household.village, [entry], by=None, at=at)
    return entry


def totals(book):
    return [
        [(line.entry.points, line.total) for line in month.lines]
        for month in book.months
    ]


def test_a_household_nothing_is_published_of_has_a_new_passbook(household):
    award(household, "Z05", 5)

    book = book_of(household)

    assert (book.is_new, book.months, book.rank) == (True, [], None)


def test_the_score_is_base_and_good_deeds_less_deductions(village, household):
    award(household, "Z05", 5)
    deduct(household)
    publish(village)

    book = book_of(household)

    equation = book.equation
    assert (equation.base, equation.good, equation.lost) == (60, 5, 3)
    assert equation.score == 62 == Entry.objects.score(2026)
    assert totals(book) == [[(-3, 62), (5, 65), (60, 60)]]


def test_lines_run_through_the_months_and_the_newest_comes_first(village, household):
    award(household, "Z05", 5, happened_on=date(2026, 3, 9))
    award(household, "Z01", happened_on=date(2026, 3, 5))
    publish(village)
    award(household, "D02", 4, at=IN_APRIL)
    publish(village, month=APRIL)

    book = book_of(household)

    assert [month.period.month.month for month in book.months] == [4, 3]
    first = Entry.objects.get(deed__item__code="Z01").points
    march = [(5, 65 + first), (first, 60 + first), (60, 60)]
    assert totals(book) == [[(4, 69 + first)], march]
    assert [month.points for month in book.months] == [4, 5 + first]
    assert book.months[0].total == Entry.objects.score(2026)


def test_points_are_usable_when_their_month_is_final(village, household):
    award(household, "Z05", 5)
    period = publish(village).period
    before = book_of(household)

    finalize(village)
    after = book_of(household)

    period.refresh_from_db()
    assert (before.spendable, before.waiting) == (0, 5)
    assert before.usable_from == period.notice_ends_at
    assert (after.spendable, after.waiting, after.usable_from) == (5, 0, None)
    assert after.spendable == Entry.objects.balance()


def test_a_deduction_on_notice_is_told_before_it_counts(village, household):
    deduct(household)
    publish(village)

    assert book_of(household).waiting == -3

    finalize(village)
    assert (book_of(household).spendable, Entry.objects.balance()) == (0, 0)


def test_what_was_redeemed_stands_with_what_was_left(village, household):
    award(household, "Z05", 5)
    publish(village)
    finalize(village)
    spend(household, -2, at=AFTER_NOTICE + timedelta(days=1))
    award(household, "D02", 4, at=IN_APRIL)
    publish(village, month=APRIL)
    # April is posted by now, and on notice still.
    spend(household, -3, at=datetime(2026, 5, 3, tzinfo=UTC))
    finalize(village, month=APRIL, at=datetime(2026, 5, 9, tzinfo=UTC))

    book = book_of(household)

    lines = [(line.entry.points, line.total) for line in book.spendings]
    assert lines == [(-3, 0), (-2, 3)]
    assert book.spendable == 4 == Entry.objects.balance()
    assert book.equation.score == 69 == Entry.objects.score(2026)


def test_lines_stand_by_their_days_not_by_when_they_were_posted(
    village, household, reviewer
):
    award(household, "Z05", 5)
    publish(village)
    april = village.periods.get(month=APRIL)
    entry = Entry.objects.get(kind=Entry.Kind.ADDITION)
    reverse_entry(entry, period=april, by=reviewer, at=IN_APRIL)
    award(household, "D02", 4, at=IN_APRIL, happened_on=date(2026, 4, 10))
    publish(village, month=APRIL)

    book = book_of(household)

    assert totals(book)[0] == [(-5, 64), (4, 69)]


def test_a_reversal_lowers_what_it_undoes_and_marks_the_old_line(
    village, household, reviewer
):
    award(household, "Z05", 5)
    deduct(household)
    publish(village)
    april = village.periods.get(month=APRIL)
    for entry in Entry.objects.exclude(kind=Entry.Kind.BASE):
        reverse_entry(entry, period=april, by=reviewer, at=IN_APRIL)
    unpublished = book_of(household)
    publish(village, month=APRIL)

    book = book_of(household)

    assert unpublished.equation.score == 62
    assert not any(line.is_reversed for line in unpublished.months[0].lines)
    equation = book.equation
    assert (equation.base, equation.good, equation.lost) == (60, 0, 0)
    marks = {line.entry.points: line.is_reversed for line in book.months[1].lines}
    assert marks == {-3: True, 5: True, 60: False}
    assert not any(line.repairable_until for line in book.months[1].lines)
    assert {line.item.code for line in book.months[0].lines} == {"Z05", "N01"}


def test_a_repair_gives_back_what_was_lost_and_is_told(village, household, reviewer):
    deduct(household)
    publish(village)
    lost = Entry.objects.get(kind=Entry.Kind.DEDUCTION)
    make_good(lost, finding="forced", by=reviewer)
    publish(village, month=APRIL)

    book = book_of(household)

    assert (book.equation.good, book.equation.lost) == (0, 1)
    assert book.months[1].lines[0].is_repaired
    assert book.months[0].lines[0].item.code == "N01"


def test_a_repair_that_was_reversed_is_not_told_as_made_good(
    village, household, reviewer
):
    deduct(household)
    publish(village)
    make_good(Entry.objects.get(kind=Entry.Kind.DEDUCTION), by=reviewer)
    (repair,) = Entry.objects.filter(kind=Entry.Kind.REPAIR)
    april = village.periods.get(month=APRIL)
    reverse_entry(repair, period=april, by=reviewer, at=IN_APRIL)
    publish(village, month=APRIL)

    book = book_of(household)

    assert book.equation.lost == 3
    assert not book.months[1].lines[0].is_repaired


def test_what_undoes_a_deed_of_last_year_never_makes_a_part_negative(
    village, household, reviewer
):
    december = date(2025, 12, 1)
    award(household, "Z05", 5, at=datetime(2025, 12, 9, 2, tzinfo=UTC))
    publish(village, month=december)
    january = village.periods.get(month=date(2026, 1, 1))
    entry = Entry.objects.get(kind=Entry.Kind.ADDITION)
    reverse_entry(
        entry, period=january, by=reviewer, at=datetime(2026, 1, 9, tzinfo=UTC)
    )
    publish(village, month=date(2026, 1, 1))

    book = book_of(household)

    assert book.year == 2026
    equation = book.equation
    assert (equation.base, equation.good, equation.lost) == (60, 0, 5)
    assert equation.score == 55 == Entry.objects.score(2026)


def test_a_withdrawn_month_does_not_count(village, household):
    award(household, "Z05", 5)
    publication = publish(village)

    withdraw(publication)

    assert book_of(household).is_new


@pytest.mark.parametrize(
    ("points", "place", "is_shared"),
    [(20, 1, True), (15, 3, False), (12, None, False), (0, None, False)],
)
def test_a_place_is_told_in_the_upper_half_only(village, points, place, is_shared):
    group = village.groups.get(number=1)
    homes = {}
    for earned in [20, 20, 15, 12, 10, 0]:
        home = HouseholdFactory(village=village, group=group)
        homes[earned] = home
        if earned:
            award(home, "D04", earned)
    publish(village)

    rank = book_of(homes[points]).rank

    assert (rank.place, rank.month_points) == (place, points)
    if place:
        assert rank.is_shared is is_shared


def test_nobody_is_placed_while_all_stand_at_the_base(village, household):
    for _home in range(3):
        HouseholdFactory(village=village, group=household.group)
    publish(village)

    assert book_of(household).rank.place is None


def test_a_rise_is_counted_in_places_since_the_month_before(village, household):
    for _home in range(3):
        HouseholdFactory(village=village, group=household.group)
    other = HouseholdFactory(village=village, group=household.group)
    award(other, "D02", 5)
    award(household, "D02", 3)
    publish(village)
    award(household, "D02", 5, at=IN_APRIL)
    publish(village, month=APRIL)

    assert (book_of(household).rank.rose, book_of(other).rank.fell) == (1, 1)


def test_who_has_moved_out_is_on_no_board_and_keeps_the_passbook(village, household):
    HouseholdFactory(village=village, group=household.group)
    award(household, "Z05", 5)
    publish(village)
    household.status = Household.Status.LEFT
    household.save()
    publish(village, month=APRIL)

    book = book_of(household)

    assert (book.rank, book.equation.score) == (None, 65)


def test_a_long_passbook_costs_as_many_questions_as_a_short_one(village, household):
    award(household, "Z05", 5)
    publish(village)
    home = Household.objects.select_related("group", "village__policy").get()
    with CaptureQueriesContext(connection) as few:
        read_book(home)
    for day in range(1, 9):
        award(household, "D05", 1, at=IN_APRIL, happened_on=date(2026, 4, day))
    publish(village, month=APRIL)

    with CaptureQueriesContext(connection) as many:
        book = read_book(home)

    assert sum(len(month.lines) for month in book.months) == 10
    assert len(many) == len(few) == 7
