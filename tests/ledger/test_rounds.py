"""巡查: noted, closed into deeds, and an untidy yard reminded before it costs."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from ledger.gatherings.rechecking import NothingToRemind, OwnYard, SettledAlready
from ledger.gatherings.rounds import (
    FindingsHaveChanged,
    RoundIsClosed,
    Seen,
    begin_round,
    note_findings,
    outcome_of,
)
from ledger.invariants import violations
from ledger.models import Deed, Finding, Round
from ledger.months import DayNotAccepted, NotYet
from ledger.recording import NotOfThisVillage, OutOfRange, SecondRecorderNotFit
from tests.factories import END_OF_MARCH, HouseholdFactory, change, record, serve
from tests.ledger.desk import neighbors
from tests.ledger.gatherings import DAY, ON_THE_DAY, THE_DAY_AFTER
from tests.ledger.yards import (
    RECHECK,
    find_untidy,
    finish,
    put_right,
    remind,
    still_untidy,
    walk,
)

CLEAN, CLEANEST, POOR = Seen("clean", True), Seen("cleanest", True), Seen("poor")


@pytest.fixture
def homes(village):
    return neighbors(village, "001", "002", "003", "004")


@pytest.fixture
def second(village):
    return serve(village, "recorder", username="second")


@pytest.fixture
def untidy(homes, recorder):
    return find_untidy(homes[0], by=recorder)


def test_a_group_is_walked_once_a_month(village, recorder, homes):
    walked = walk(village, {homes[0]: CLEAN}, by=recorder)

    facts = {"by": recorder, "at": ON_THE_DAY}
    again = begin_round(walked.group, day=DAY - timedelta(1), **facts)

    assert again == walked
    assert again.day == DAY
    for day in (date(2026, 5, 1), date(2025, 3, 19), date.min, date.max):
        with pytest.raises(DayNotAccepted):
            begin_round(walked.group, day=day, **facts)
    assert Round.objects.count() == 1


def test_what_is_noted_can_be_changed_until_the_round_is_closed(village, homes):
    walked = walk(village, {homes[0]: CLEAN, homes[1]: Seen()})

    changed = note_findings(
        walked,
        {homes[0]: Seen(), homes[2]: POOR},
        by=walked.begun_by,
        at=ON_THE_DAY,
    )
    finish(walked)

    assert changed == 2
    assert set(Finding.objects.values_list("household__number", "yard")) == {
        ("001", ""),
        ("003", "poor"),
    }
    assert not Deed.objects.exists()
    with pytest.raises(RoundIsClosed):
        note_findings(walked, {homes[0]: CLEAN}, by=walked.begun_by, at=ON_THE_DAY)


def test_a_household_of_another_group_is_refused(village, homes):
    stranger = HouseholdFactory(village=village, group=village.groups.get(number=2))

    with pytest.raises(NotOfThisVillage):
        walk(village, {stranger: CLEAN})

    assert not Finding.objects.exists()


def test_closing_records_the_clean_the_cleanest_and_the_sorted(village, homes):
    walked = walk(
        village,
        {homes[0]: CLEAN, homes[1]: CLEANEST, homes[2]: POOR, homes[3]: Seen("", True)},
    )
    key, seen = uuid4(), outcome_of(walked).mark

    for _time in range(2):
        finish(walked, key=key, seen=seen)

    given = Deed.objects.values_list("household__number", "item__code", "points")
    assert set(given) == {
        ("001", "Z03", 3),
        ("002", "Z03", 5),
        ("001", "Z04", 2),
        ("002", "Z04", 2),
        ("004", "Z04", 2),
    }
    assert len(given) == 5
    assert {(d.state, d.happened_on) for d in Deed.objects.all()} == {("pending", DAY)}
    assert list(violations()) == []
    with pytest.raises(RoundIsClosed):
        finish(walked)


def test_who_has_the_month_s_points_already_is_left_out_and_told_why(village, homes):
    record(homes[0], "Z03", 5, happened_on=date(2026, 3, 5))
    record(homes[1], "Z04", happened_on=DAY, at=THE_DAY_AFTER)
    walked = walk(village, {homes[0]: CLEAN, homes[1]: CLEAN})

    finish(walked)

    assert set(
        Finding.objects.values_list(
            "household__number", "yard_left_out", "sorting_left_out"
        )
    ) == {("001", "month", ""), ("002", "", "repeated")}
    assert list(violations()) == []


def test_findings_that_changed_meanwhile_are_not_closed_over(village, homes):
    walked = walk(village, {homes[0]: CLEAN})
    seen = outcome_of(walked).mark
    note_findings(walked, {homes[1]: POOR}, by=walked.begun_by, at=ON_THE_DAY)

    with pytest.raises(FindingsHaveChanged):
        finish(walked, seen=seen)

    assert not Deed.objects.exists()


def test_an_untidy_yard_costs_nothing_by_itself(untidy):
    assert not Deed.objects.exists()
    assert untidy.is_open


def test_nothing_is_taken_when_it_was_put_right(untidy):
    remind(untidy)

    for _time in range(2):
        passed = put_right(untidy, seen_on=date(2026, 3, 25), at=END_OF_MARCH)

    assert (passed.outcome, passed.deduction) == ("passed", None)
    assert not Deed.objects.exists()
    assert list(violations()) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.update(outcome="", rechecked_on=None)


def test_what_is_still_untidy_is_proposed_with_the_day_told_and_two_people(
    untidy, second, recorder
):
    remind(untidy)
    key = uuid4()

    for _time in range(2):
        still_untidy(untidy, second=second, by=recorder, at=END_OF_MARCH, key=key)

    deed = Deed.objects.get()
    assert (deed.item.code, deed.points, deed.state) == ("N02", -1, "pending")
    assert deed.heard_on == THE_DAY_AFTER.date()
    assert (deed.recorded_by, deed.second_recorder) == (recorder, second)
    assert list(violations()) == []
    with pytest.raises(SettledAlready):
        put_right(untidy, at=END_OF_MARCH)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"seen_on": RECHECK - timedelta(days=1)}, NotYet),
        ({"points": 4}, OutOfRange),
        ({"second": None}, SecondRecorderNotFit),
        ({"second": "recorder"}, SecondRecorderNotFit),
        ({"seen_on": date(2026, 4, 2)}, DayNotAccepted),
    ],
)
def test_a_deduction_out_of_turn_is_refused_and_nothing_is_kept(
    untidy, second, recorder, values, refusal
):
    remind(untidy)
    asked = {"second": second, **values}
    if asked["second"] == "recorder":
        asked["second"] = recorder

    with pytest.raises(refusal):
        still_untidy(untidy, by=recorder, at=END_OF_MARCH, **asked)

    untidy.refresh_from_db()
    assert untidy.is_open
    assert not Deed.objects.exists()


def test_nobody_is_deducted_without_a_reminder(untidy, second):
    with pytest.raises(NothingToRemind):
        still_untidy(untidy, second=second, at=END_OF_MARCH)
    with pytest.raises(NothingToRemind):
        put_right(untidy, at=END_OF_MARCH)


def test_a_reminder_leaves_time_and_is_for_untidy_yards_only(village, homes, untidy):
    for days in (
        {"told_on": DAY - timedelta(1)},
        {"told_on": THE_DAY_AFTER.date() + timedelta(1)},
        {"recheck_on": THE_DAY_AFTER.date()},
    ):
        with pytest.raises(DayNotAccepted):
            remind(untidy, **days)
    april = date(2026, 4, 2)
    later = END_OF_MARCH + timedelta(days=3)
    walked = walk(village, {homes[1]: CLEAN, homes[2]: POOR}, day=april, at=later)
    for finding in walked.findings.all():
        with pytest.raises(NothingToRemind):
            remind(finding, at=later)


def test_a_second_reminder_gives_more_time_and_never_less(untidy, second):
    remind(untidy)

    for values in (
        {"told_on": DAY, "recheck_on": DAY + timedelta(1)},
        {"recheck_on": RECHECK - timedelta(1)},
        {"recheck_on": THE_DAY_AFTER.date() + timedelta(93)},
        {"recheck_on": date.max},
    ):
        with pytest.raises(DayNotAccepted):
            remind(untidy, **values)
    remind(untidy, recheck_on=RECHECK + timedelta(1))
    with pytest.raises(NotYet):
        still_untidy(untidy, second=second, at=END_OF_MARCH)


def test_nobody_looks_again_for_their_own_household(village, untidy, second):
    remind(untidy)
    own = serve(village, "recorder", household=untidy.household)
    merged = HouseholdFactory(village=village, group=untidy.household.group)
    of_merged = serve(village, "recorder", household=merged)
    home = untidy.household
    change(village, "merge", household=merged, other=home, at=END_OF_MARCH)

    for person in (own, of_merged):
        with pytest.raises(OwnYard):
            put_right(untidy, by=person, at=END_OF_MARCH)
    with pytest.raises(OwnYard):
        still_untidy(untidy, second=second, by=own, at=END_OF_MARCH)
    assert put_right(untidy, by=second, at=END_OF_MARCH).outcome == "passed"


def test_who_moved_out_has_nothing_to_put_right_any_more(village, untidy):
    waiting = Finding.objects.filter(village=village).to_put_right()
    assert list(waiting) == [untidy]

    change(village, "move_out", household=untidy.household, at=END_OF_MARCH)

    assert not waiting.all()


def test_the_database_keeps_a_closed_round_and_the_way_of_a_yard(untidy, homes, second):
    rows = Finding.objects.filter(pk=untidy.pk)
    late = Finding.objects.get(pk=untidy.pk)
    late.pk, late.household = None, homes[1]
    deed = record(homes[1], "N02", happened_on=DAY, at=THE_DAY_AFTER)

    for act in (
        lambda: rows.update(yard="clean"),
        lambda: rows.update(outcome="failed"),
        lambda: rows.update(deduction=deed),
        lambda: rows.update(
            told_on=DAY, recheck_on=RECHECK, rechecked_on=DAY, outcome="passed"
        ),
        lambda: rows.update(
            told_on=DAY,
            recheck_on=RECHECK,
            rechecked_on=RECHECK,
            outcome="failed",
            deduction=deed,
        ),
        lambda: Round.objects.update(closed_at=None),
        Round.objects.all().delete,
        rows.delete,
        late.save,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
