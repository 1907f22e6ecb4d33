"""The year rolls over by the timer, however late, often or disturbed it runs."""

import multiprocessing
import os
import shutil
import signal
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections

from ledger.models import Entry
from ledger.recording import NotOfThisVillage, record_deeds
from tests.factories import HouseholdFactory, adopt, draft, item_of, record
from tests.rewards import rollover
from tests.rewards.rollover import LAST_DAY, LEDGER, advance, at, days, settle

forked = multiprocessing.get_context("fork")

# Every day around the two New Years, the leap day and the two ends of March.
EVERY_DAY = [
    *days(date(2026, 12, 20), date(2027, 1, 10)),
    *days(date(2027, 2, 26), date(2027, 4, 10)),
    *days(date(2027, 12, 29), date(2028, 1, 3)),
    *days(date(2028, 2, 27), LAST_DAY),
]
# The first and the last of each month.
BUSY_DAYS = [
    day for day in days(date(2026, 12, 1), LAST_DAY) if (day + timedelta(1)).day <= 2
]
ON_THEIR_DAYS = {
    (kind, year, home): date(year, month, 1)
    for kind, month in [("base", 1), ("expiry", 4)]
    for year in (2027, 2028)
    for home in "AB"
}


def asleep(first, last):
    """Return the evenings of a timer that slept from one day to another."""
    awake = [day for day in BUSY_DAYS if not first <= day <= last]
    return sorted({*awake, first - timedelta(1), last + timedelta(1)})


def on_time(evenings):
    return [(day, day) for day in evenings]


@pytest.fixture
def people(db):
    return settle()


def test_a_timer_of_every_day_does_each_thing_on_its_day(people):
    people.live(timer=on_time(EVERY_DAY))

    assert rollover.ledger() == LEDGER
    assert rollover.dated() == ON_THEIR_DAYS
    assert rollover.broken_promises() == []


@pytest.mark.parametrize(
    "timer",
    [
        pytest.param([(d, d) for d in BUSY_DAYS for _ in range(2)], id="twice"),
        pytest.param(
            [(d, told) for d in BUSY_DAYS for told in (d, d - timedelta(1))],
            id="yesterday after today",
        ),
        pytest.param(
            [(d, told) for d in BUSY_DAYS for told in (d, d - timedelta(40), d)],
            id="last month in between",
        ),
    ],
)
def test_running_again_or_for_an_older_day_changes_nothing(people, timer):
    people.live(timer=timer)

    assert rollover.ledger() == LEDGER
    assert rollover.dated() == ON_THEIR_DAYS
    assert rollover.broken_promises() == []


@pytest.mark.parametrize(
    "evenings",
    [
        pytest.param(asleep(date(2026, 12, 28), date(2027, 1, 6)), id="New Year"),
        pytest.param(asleep(date(2028, 2, 25), date(2028, 3, 5)), id="leap day"),
        pytest.param(asleep(date(2027, 3, 29), date(2027, 4, 7)), id="31 March"),
        pytest.param(asleep(date(2026, 12, 10), date(2027, 3, 10)), id="3 months"),
        pytest.param(asleep(date(2027, 2, 1), date(2027, 5, 1)), id="3 months later"),
        pytest.param(asleep(date(2027, 3, 20), date(2028, 4, 1)), id="a year"),
        pytest.param([LAST_DAY], id="all the time"),
    ],
)
def test_a_timer_that_slept_makes_up_for_it(people, evenings):
    people.live(timer=on_time(evenings))

    assert rollover.ledger() == LEDGER
    assert rollover.broken_promises() == []
    months = rollover.months()
    assert (len(months), months[-1]) == (18, ("2028-04", "recording"))
    assert {state for _month, state in months[5:-1]} == {"reviewing"}


def test_late_base_points_count_in_the_first_month_of_their_year(people):
    people.live(until=date(2026, 12, 31))

    advance(LAST_DAY)

    base = Entry.objects.filter(kind=Entry.Kind.BASE, household__number="A")
    months = [str(entry.period) for entry in base.in_order()]
    assert months == ["2026-11", "2027-01", "2028-01"]


def test_a_household_that_comes_in_the_year_has_its_base_points_next_day(people):
    people.live(until=date(2027, 2, 20), timer=on_time([date(2027, 2, 1)]))
    HouseholdFactory(village=people.village, group=people.homes["A"].group, number="C")

    advance(date(2027, 2, 21))
    advance(date(2027, 2, 21))

    [base] = Entry.objects.filter(household__number="C")
    assert (base.kind, base.year, base.points) == ("base", 2027, 60)


def test_what_was_earned_after_31_march_never_expires_with_a_late_timer(people):
    """A misdeed of January had taken some of what was carried over away."""
    village, home = people.village, people.homes["A"]
    people.live(until=date(2027, 1, 9))
    misdeed = date(2027, 1, 20)
    deed = record(home, "N01", 5, by=people.recorder, at=at(misdeed))
    rollover.approve(deed, by=people.reviewer, at=at(misdeed))
    people.publish(date(2027, 2, 3), date(2027, 1, 1))
    people.finalize(date(2027, 2, 9), date(2027, 1, 1))
    people.publish(date(2027, 3, 3), date(2027, 2, 1))
    people.earn(date(2027, 3, 25), "A", 20)
    people.publish(date(2027, 4, 3), date(2027, 3, 1))
    people.finalize(date(2027, 4, 9), date(2027, 3, 1))

    advance(date(2027, 4, 20))

    [expiry] = village.entries.filter(household=home, kind=Entry.Kind.EXPIRY)
    assert expiry.points == -(30 + 20 - 5)
    assert village.entries.filter(household=home).balance() == 20


def test_the_rulebook_of_the_new_year_takes_effect_on_its_day(people):
    village, home = people.village, people.homes["A"]
    [old] = village.rulebooks.all()
    of_old = item_of(village, "D03")
    new = adopt(draft(village), in_force_from=date(2027, 1, 1))

    def note(item, day):
        facts = {"magnitude": 30, "channel": "record", "note": "说明", "key": uuid4()}
        moment = at(day, 0 if day.month == 1 else 23)
        by = people.recorder
        record_deeds([home], item, happened_on=day, by=by, at=moment, **facts)

    note(of_old, date(2026, 12, 31))

    with pytest.raises(NotOfThisVillage):
        note(of_old, date(2027, 1, 1))
    eve, new_year = date(2026, 12, 31), date(2027, 1, 1)
    in_force = [village.rulebooks.in_force(day).get() for day in (eve, new_year)]
    assert in_force == [old, new]


# The power goes off

ASLEEP_SINCE, WAKES = date(2026, 12, 10), date(2027, 4, 1)


@pytest.fixture
def eve(own_database, tmp_path):
    """A village whose timer slept until April; returns how to come back to it."""
    people = settle()
    people.live(until=ASLEEP_SINCE)
    people.earn(date(2026, 12, 20), "A", 20)
    people.publish(date(2027, 1, 3), date(2026, 12, 1))
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        connections.close_all()
        kept = tmp_path / "eve.sqlite3"
        shutil.copy(name, kept)
        yield lambda: (connections.close_all(), shutil.copy(kept, name))
        return
    kept = f"{name}_eve"

    def copy(source, target):
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    copy(name, kept)
    yield lambda: copy(kept, name)
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{kept}"')


def killed_after(steps):
    """Run the timer in a process that is killed after so many steps.

    A step is a statement that writes. What was not committed by then is rolled
    back. Returns whether it was killed; else it came to its end.
    """

    def run():
        left = steps

        def count(execute, sql, params, many, context):
            nonlocal left
            result = execute(sql, params, many, context)
            if sql.startswith(("INSERT", "UPDATE", "DELETE")):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        with connection.execute_wrapper(count):
            advance(WAKES)
        os._exit(0)

    connections.close_all()
    process = forked.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def what_stands():
    return {
        "entries": rollover.ledger(),
        "numbers": [*Entry.objects.in_order().values_list("number", flat=True)],
        "days": rollover.dated(),
        "told": rollover.told(),
        "months": rollover.months(),
        "broken": rollover.broken_promises(),
    }


def test_a_timer_killed_anywhere_comes_to_the_same_end(eve):
    advance(WAKES)
    undisturbed = what_stands()
    assert undisturbed["broken"] == []
    assert len(undisturbed["days"]) == 4

    steps = 1
    eve()
    while killed_after(steps):
        advance(WAKES)
        assert what_stands() == undisturbed, f"killed after step {steps}"
        steps += 1
        eve()

    assert steps > 12
