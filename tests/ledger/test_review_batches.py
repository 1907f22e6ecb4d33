import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.models import AuditEvent
from households.roles import Role
from ledger.invariants import violations
from ledger.models import Decision, Deed
from ledger.review import (
    AlreadyDecided,
    CapReached,
    MonthClosed,
    NotHeard,
    OwnHousehold,
    OwnRecord,
    approve_deeds,
    reopen_deeds,
)
from tests.factories import (
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    publish,
    record,
    serve,
)
from tests.ledger.desk import neighbors


@pytest.fixture
def meeting(village, recorder):
    """Forty households at one meeting."""
    households = neighbors(village, *(f"{number:03d}" for number in range(1, 41)))
    return [record(household, by=recorder) for household in households]


def reasons(verdicts):
    return {deed.pk: type(refusal) for deed, refusal in verdicts.refused}


def test_a_batch_is_approved_whole_and_leaves_one_trace(meeting, reviewer, village):
    verdicts = approve_deeds(meeting, by=reviewer, at=END_OF_MARCH)

    assert verdicts.refused == []
    assert [made.deed_id for made in verdicts.decisions] == [d.pk for d in meeting]
    assert {made.by for made in Decision.objects.all()} == {reviewer}
    assert Deed.objects.approved().count() == 40
    event = AuditEvent.objects.get(action="deed.approved")
    assert event.facts == {"points": 80, "deeds": [deed.pk for deed in meeting]}
    publish(village)
    assert list(violations()) == []


def test_a_batch_of_forty_costs_the_queries_of_a_batch_of_two(meeting, reviewer):
    with CaptureQueriesContext(connection) as two:
        approve_deeds(meeting[:2], by=reviewer, at=END_OF_MARCH)
    with CaptureQueriesContext(connection) as many:
        approve_deeds(meeting[2:], by=reviewer, at=END_OF_MARCH)

    assert len(many) == len(two) <= 10


def test_each_deed_of_a_batch_meets_every_check(village, recorder, reviewer):
    plain, ours, unheard, mine, late = neighbors(
        village, "001", "002", "003", "004", "005"
    )
    reviewer.household = ours
    reviewer.save()
    deeds = [
        record(plain, by=recorder),
        record(ours, by=recorder),
        record(unheard, "N01", by=recorder),
        record(mine, by=reviewer),
        approve(record(late, by=recorder)),
    ]

    verdicts = approve_deeds(deeds, by=reviewer, at=END_OF_MARCH)

    assert [made.deed for made in verdicts.decisions] == deeds[:1]
    assert reasons(verdicts) == {
        deeds[1].pk: OwnHousehold,
        deeds[2].pk: NotHeard,
        deeds[3].pk: OwnRecord,
        deeds[4].pk: AlreadyDecided,
    }
    assert Decision.objects.count() == 2


def test_i11_the_caps_hold_inside_a_batch_in_its_order(household, reviewer, village):
    deeds = [record(household, again=True) for _ in range(4)]
    neighbor = record(HouseholdFactory(village=village, group=household.group))

    verdicts = approve_deeds([*deeds, neighbor], by=reviewer, at=END_OF_MARCH)

    assert reasons(verdicts) == {deeds[3].pk: CapReached}
    assert len(verdicts.decisions) == 4


def test_i11_a_batch_counts_what_was_approved_before_it(household, reviewer):
    for _ in range(3):
        approve(record(household, again=True))

    verdicts = approve_deeds(
        [record(household, again=True)], by=reviewer, at=END_OF_MARCH
    )

    assert list(reasons(verdicts).values()) == [CapReached]


def test_the_same_deed_twice_in_a_batch_is_decided_once(household, reviewer):
    deed = record(household)

    verdicts = approve_deeds([deed, deed], by=reviewer, at=END_OF_MARCH)

    assert len(verdicts.decisions) == Decision.objects.count() == 1


def test_an_empty_batch_decides_nothing(db):
    assert approve_deeds([], by=None, at=END_OF_MARCH).decisions == []


def test_whoever_approves_the_same_batch_second_is_told_who_was_first(
    meeting, reviewer, village
):
    approve_deeds(meeting, by=reviewer, at=END_OF_MARCH)
    second = serve(village, Role.REVIEWER)

    with CaptureQueriesContext(connection) as queries:
        verdicts = approve_deeds(meeting, by=second, at=END_OF_MARCH)

    assert verdicts.decisions == []
    assert {str(reviewer) in str(refusal) for _, refusal in verdicts.refused} == {True}
    assert Decision.objects.count() == 40
    assert len(queries) <= 10


def test_a_batch_is_undone_whole_until_publication(meeting, reviewer, village):
    approve_deeds(meeting, by=reviewer, at=END_OF_MARCH)

    undone = reopen_deeds(meeting, by=reviewer, at=END_OF_MARCH)
    again = reopen_deeds(meeting, by=reviewer, at=END_OF_MARCH)
    assert len(undone.decisions) == 40
    assert set(reasons(again).values()) == {AlreadyDecided}

    approve_deeds(meeting, by=reviewer, at=END_OF_MARCH)
    publish(village)
    late = reopen_deeds(meeting, by=reviewer, at=FIRST_OF_APRIL)
    assert set(reasons(late).values()) == {MonthClosed}
    assert Deed.objects.approved().count() == 40


def test_a_heard_deduction_goes_with_its_batch(household, reviewer):
    deed = record(household, "N01", heard_on=IN_MARCH.date())

    approve_deeds([deed], by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert (deed.state, deed.points) == ("approved", -2)
