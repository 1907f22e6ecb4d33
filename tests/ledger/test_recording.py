from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.models import AuditEvent, Household
from households.roles import Role
from ledger.models import Deed, Operation
from ledger.months import DayNotAccepted, cut_off_month
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import (
    Act,
    DuplicateDeed,
    NotOfThisVillage,
    NotWithdrawable,
    OutOfRange,
    ReasonNeeded,
    Recorded,
    SecondRecorderNotFit,
    record_acts,
    record_deeds,
    withdraw_deed,
)
from tests.factories import (
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    VillageFactory,
    adopt,
    approve,
    award,
    draft,
    item_of,
    publish,
    record,
    serve,
)
from tests.ledger.desk import neighbors


def test_one_form_records_a_deed_for_each_household(village, household, recorder):
    neighbor = HouseholdFactory(village=village, group=household.group)

    recorded = record_deeds(
        [household, neighbor],
        item_of(village, "Z01"),
        happened_on=IN_MARCH.date(),
        magnitude=2,
        channel=Deed.Channel.RECORD,
        key=uuid4(),
        by=recorder,
        at=IN_MARCH,
    )

    assert [deed.points for deed in recorded.deeds] == [2, 2]
    assert {deed.state for deed in recorded.deeds} == {"pending"}
    assert Deed.objects.filter(recorded_by=recorder).count() == 2


def test_i13_the_same_form_sent_twice_counts_once(household, recorder):
    key = uuid4()
    record(household, by=recorder, key=key)

    record(household, by=recorder, key=key)

    assert Deed.objects.count() == 1
    assert Operation.objects.count() == 1


def acts_of(village, *numbers, **values):
    """Return an act of Z05 on one day for each number, in the order given."""
    households = {home.number: home for home in Household.objects.all()}
    return [
        Act(
            **{
                "key": uuid4(),
                "households": [households[number]],
                "item": item_of(village, "Z05"),
                "happened_on": IN_MARCH.date(),
                "magnitude": 5,
                "channel": "record",
                **values,
            }
        )
        for number in numbers
    ]


def test_many_acts_at_once_are_many_operations(village, recorder):
    neighbors(village, "001", "002", "003")

    outcomes = record_acts(
        village, acts_of(village, "001", "002", "003"), by=recorder, at=IN_MARCH
    )

    assert [len(outcome.deeds) for outcome in outcomes] == [1, 1, 1]
    assert Operation.objects.filter(kind="record", deeds__state="pending").count() == 3
    recorded = AuditEvent.objects.filter(action="deed.record")
    assert {event.facts["points"] for event in recorded} == {5}
    assert {event.subject for event in recorded} == {
        f"operation {operation.pk}" for operation in Operation.objects.all()
    }


def test_an_act_refused_among_many_stops_no_other(village, recorder):
    neighbors(village, "001", "002", "003")
    record(Household.objects.get(number="002"), "Z05", 5)
    tomorrow = IN_MARCH.date() + timedelta(days=1)
    wanted = [
        *acts_of(village, "001", "001", "002"),
        *acts_of(village, "003", magnitude=200),
        *acts_of(village, "003", happened_on=tomorrow),
        *acts_of(village, "003"),
    ]

    outcomes = record_acts(village, wanted, by=recorder, at=IN_MARCH)

    assert [type(outcome) for outcome in outcomes] == [
        Recorded,
        DuplicateDeed,
        DuplicateDeed,
        OutOfRange,
        DayNotAccepted,
        Recorded,
    ]
    assert sorted(Deed.objects.values_list("household__number", flat=True)) == [
        "001",
        "002",
        "003",
    ]
    assert Operation.objects.count() == 3


def test_i13_acts_that_come_again_among_many_count_once(village, recorder):
    neighbors(village, "001", "002")
    first, second = acts_of(village, "001", "002")
    record_acts(village, [first], by=recorder, at=IN_MARCH)
    changed = replace(second, key=first.key)

    outcomes = record_acts(village, [first, second, changed], by=recorder, at=IN_MARCH)

    assert [outcome.is_repeat for outcome in outcomes[:2]] == [True, False]
    assert isinstance(outcomes[2], KeyUsedForSomethingElse)
    assert Deed.objects.count() == 2


def test_many_acts_ask_no_more_than_one(village, recorder, django_assert_num_queries):
    neighbors(village, *(f"{number:03d}" for number in range(1, 32)))
    one, *many = acts_of(village, *(f"{number:03d}" for number in range(1, 32)))
    with CaptureQueriesContext(connection) as asked:
        record_acts(village, [one], by=recorder, at=IN_MARCH)

    # The first act has opened the month.
    with django_assert_num_queries(len(asked) - 1):
        record_acts(village, many, by=recorder, at=IN_MARCH)


def test_i13_a_key_used_for_something_else_is_refused(household, recorder):
    key = uuid4()
    record(household, "Z01", by=recorder, key=key)

    with pytest.raises(KeyUsedForSomethingElse):
        record(household, "Z05", by=recorder, key=key)
    assert Deed.objects.count() == 1


def test_a_deduction_takes_points_away_and_needs_a_reason(household, recorder):
    deed = record(household, "N01", 3, by=recorder, note="经提醒不改")

    assert deed.points == -3
    with pytest.raises(ReasonNeeded):
        record(household, "N02", 1, by=recorder, note=" ")


@pytest.mark.parametrize(("code", "points"), [("Z01", 1), ("Z01", 3), ("D02", 6)])
def test_points_outside_the_items_range_are_refused(household, code, points):
    with pytest.raises(OutOfRange):
        record(household, code, points)
    assert not Deed.objects.exists()


def test_a_look_alike_is_refused_until_it_is_meant(household):
    first = record(household, "Z05")

    with pytest.raises(DuplicateDeed) as refusal:
        record(household, "Z05")
    again = record(household, "Z05", again=True)

    assert refusal.value.households == [household]
    assert set(Deed.objects.alike(first)) == {first, again}


def test_a_withdrawn_deed_is_no_look_alike(household, recorder):
    withdraw_deed(record(household, by=recorder), by=recorder, at=IN_MARCH)

    record(household, by=recorder)

    assert Deed.objects.pending().count() == 1


def test_a_household_of_another_village_is_refused(village, household, recorder):
    stranger = HouseholdFactory()

    with pytest.raises(NotOfThisVillage):
        record_deeds(
            [household, stranger],
            item_of(village, "Z01"),
            happened_on=IN_MARCH.date(),
            magnitude=2,
            channel="record",
            key=uuid4(),
            by=recorder,
            at=IN_MARCH,
        )
    assert not Deed.objects.exists()


def test_an_item_of_an_old_rulebook_is_refused(village, household):
    old = item_of(village, "Z01")
    adopt(draft(village), in_force_from=date(2026, 1, 1))

    with pytest.raises(NotOfThisVillage):
        record_deeds(
            [household],
            old,
            happened_on=IN_MARCH.date(),
            magnitude=2,
            channel="record",
            key=uuid4(),
            by=serve(village, Role.RECORDER),
            at=IN_MARCH,
        )


def test_no_household_and_a_household_that_left_are_refused(village, household):
    household.status = Household.Status.LEFT
    household.save()

    with pytest.raises(NotOfThisVillage):
        record(household)
    with pytest.raises(NotOfThisVillage):
        record_deeds(
            [],
            item_of(village, "Z01"),
            happened_on=IN_MARCH.date(),
            magnitude=2,
            channel="record",
            key=uuid4(),
            by=serve(village, Role.RECORDER),
            at=IN_MARCH,
        )


def test_the_second_recorder_is_another_person_of_the_village(household, recorder):
    stranger = serve(VillageFactory(), Role.RECORDER)

    for unfit in (recorder, stranger):
        with pytest.raises(SecondRecorderNotFit):
            record(household, "N01", by=recorder, second_recorder=unfit)


def test_a_deed_cannot_lie_in_the_future(household):
    with pytest.raises(DayNotAccepted):
        record(household, happened_on=IN_MARCH.date() + timedelta(days=1))


def test_a_late_deed_counts_in_the_open_month_and_keeps_its_day(village, household):
    award(household, "Z05")
    publish(village)

    late = record(household, happened_on=date(2026, 3, 30), at=FIRST_OF_APRIL)

    assert (str(late.period), late.happened_on) == ("2026-04", date(2026, 3, 30))


def test_after_sixty_days_a_deed_is_too_late(village, household):
    award(household, "Z05")
    publish(village)
    june = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)

    kept = record(household, happened_on=date(2026, 4, 11), at=june)
    with pytest.raises(DayNotAccepted):
        record(household, happened_on=date(2026, 3, 31), at=june)

    assert str(kept.period) == "2026-04"


def test_a_village_that_joins_brings_a_year_of_its_paper_book(household):
    november = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    deed = record(household, happened_on=date(2026, 3, 5), at=november)

    assert str(deed.period) == "2026-03"
    with pytest.raises(DayNotAccepted):
        record(household, happened_on=date(2025, 11, 1), at=november)


def test_a_deed_of_a_later_month_waits_in_its_own_month(village, household):
    record(household)

    deed = record(household, at=FIRST_OF_APRIL)

    assert str(deed.period) == "2026-04"
    assert [str(p) for p in village.periods.order_by("month")] == ["2026-03", "2026-04"]


def test_a_month_cut_off_takes_no_more_records(village, household):
    march = record(household, "Z05").period
    cut_off_month(march, by=None, at=END_OF_MARCH)

    late = record(household, "Z01", at=END_OF_MARCH)

    assert str(late.period) == "2026-04"


def test_only_the_recorder_withdraws_and_only_before_the_decision(
    household, recorder, reviewer
):
    deed = record(household, by=recorder)

    with pytest.raises(NotWithdrawable):
        withdraw_deed(deed, by=reviewer, at=IN_MARCH)
    approve(deed, by=reviewer)
    with pytest.raises(NotWithdrawable):
        withdraw_deed(deed, by=recorder, at=IN_MARCH)

    deed.refresh_from_db()
    assert deed.state == "approved"


def test_recording_forty_households_takes_a_fixed_number_of_queries(
    village, household, recorder, django_assert_max_num_queries
):
    village_of_forty = HouseholdFactory.create_batch(
        40, village=village, group=household.group
    )
    item = item_of(village, "Z01")

    with django_assert_max_num_queries(20):
        record_deeds(
            village_of_forty,
            item,
            happened_on=IN_MARCH.date(),
            magnitude=2,
            channel="record",
            key=uuid4(),
            by=recorder,
            at=IN_MARCH,
        )


def test_villages_do_not_share_operation_keys(household, recorder):
    key = uuid4()
    stranger = HouseholdFactory(village=VillageFactory())

    record(household, by=recorder, key=key)
    record(stranger, key=key)

    assert Operation.objects.filter(key=key).count() == 2
