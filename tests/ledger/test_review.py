import pytest

from households.roles import Role
from ledger.limits import remaining_points
from ledger.models import Decision
from ledger.recording import OutOfRange
from ledger.review import (
    AlreadyDecided,
    CapReached,
    MonthClosed,
    NotHeard,
    OwnHousehold,
    OwnRecord,
    ReasonMissing,
    approve_deed,
    reject_deed,
    reopen_deed,
)
from tests.factories import (
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
    serve,
)


def test_another_person_approves_a_deed(household, recorder, reviewer):
    deed = record(household, by=recorder)

    decision = approve_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert (deed.state, decision.outcome, decision.by) == (
        "approved",
        "approved",
        reviewer,
    )


def test_the_points_can_be_changed_with_a_reason(household, reviewer):
    deed = record(household, "D02", 5)

    decision = approve_deed(
        deed, by=reviewer, at=END_OF_MARCH, magnitude=3, reason="只帮了半天"
    )

    deed.refresh_from_db()
    assert (deed.points, decision.outcome) == (3, "adjusted")


def test_a_change_needs_a_reason_and_stays_in_the_range(household, reviewer):
    deed = record(household, "D02", 5)

    with pytest.raises(ReasonMissing):
        approve_deed(deed, by=reviewer, at=END_OF_MARCH, magnitude=3)
    with pytest.raises(OutOfRange):
        approve_deed(deed, by=reviewer, at=END_OF_MARCH, magnitude=9, reason="多给")

    deed.refresh_from_db()
    assert (deed.points, deed.state) == (5, "pending")
    assert not Decision.objects.exists()


def test_a_rejection_keeps_its_reason(household, reviewer):
    deed = record(household)

    reject_deed(deed, by=reviewer, at=END_OF_MARCH, reason="证明不够")

    deed.refresh_from_db()
    assert (deed.state, deed.decisions.get().reason) == ("rejected", "证明不够")
    with pytest.raises(ReasonMissing):
        reject_deed(record(household, "Z05"), by=reviewer, at=END_OF_MARCH, reason=" ")


def test_i06_nobody_decides_what_they_recorded(household, recorder):
    deed = record(household, by=recorder)

    for decide in (approve_deed, reject_deed, reopen_deed):
        with pytest.raises(OwnRecord):
            decide(deed, by=recorder, at=END_OF_MARCH, reason="x")


def test_i06_the_second_recorder_does_not_decide_either(household, recorder, reviewer):
    deed = record(household, "N01", by=recorder, second_recorder=reviewer)

    with pytest.raises(OwnRecord):
        approve_deed(deed, by=reviewer, at=END_OF_MARCH, heard_on=IN_MARCH.date())


def test_i07_nobody_decides_for_their_own_household(household, reviewer):
    reviewer.household = household
    reviewer.save()

    with pytest.raises(OwnHousehold):
        approve_deed(record(household), by=reviewer, at=END_OF_MARCH)


def test_the_second_reviewer_is_told_who_decided(household, reviewer, village):
    deed = record(household)
    approve_deed(deed, by=reviewer, at=END_OF_MARCH)

    with pytest.raises(AlreadyDecided, match=reviewer.get_full_name()):
        reject_deed(deed, by=serve(village, Role.REVIEWER), at=END_OF_MARCH, reason="x")
    assert deed.decisions.count() == 1


def test_a_deduction_is_decided_only_after_the_household_was_heard(household, reviewer):
    deed = record(household, "N01")

    with pytest.raises(NotHeard):
        approve_deed(deed, by=reviewer, at=END_OF_MARCH)
    approve_deed(deed, by=reviewer, at=END_OF_MARCH, heard_on=IN_MARCH.date())

    deed.refresh_from_db()
    assert (deed.state, deed.heard_on) == ("approved", IN_MARCH.date())


def test_i11_the_month_cap_holds_in_the_order_of_approval(household, reviewer):
    for _ in range(3):
        award(household, "Z01", again=True)
    fourth = record(household, "Z01", again=True)

    with pytest.raises(CapReached) as refusal:
        approve_deed(fourth, by=reviewer, at=END_OF_MARCH)

    assert refusal.value.remaining == 0
    fourth.refresh_from_db()
    assert fourth.state == "pending"


def test_i11_the_points_that_remain_can_be_given(household, reviewer):
    award(household, "D02", 5)
    award(household, "D02", 3, again=True)
    third = record(household, "D02", 5, again=True)

    assert remaining_points(third) == 2
    with pytest.raises(CapReached, match="2"):
        approve_deed(third, by=reviewer, at=END_OF_MARCH)


def test_i11_the_year_cap_holds_across_months(village, household, reviewer):
    award(household, "D06", 10)
    award(household, "D06", 10, again=True)
    publish(village)
    april = record(household, "D06", 10, at=FIRST_OF_APRIL)

    with pytest.raises(CapReached):
        approve_deed(april, by=reviewer, at=FIRST_OF_APRIL)


def test_i11_deductions_have_a_cap_too(household, reviewer):
    for _ in range(3):
        award(household, "N01", 5, again=True)

    with pytest.raises(CapReached):
        approve(record(household, "N01", 2, again=True), by=reviewer)


def test_caps_count_each_household_by_itself(village, household):
    neighbor = HouseholdFactory(village=village, group=household.group)
    for _ in range(3):
        award(household, "Z01", again=True)

    assert award(neighbor, "Z01").state == "approved"
    assert remaining_points(record(household, "D03", 20)) is None


def test_a_decision_is_undone_until_publication(village, household, reviewer):
    deed = award(household)

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)
    deed.refresh_from_db()
    assert deed.state == "pending"
    approve(deed)
    publish(village)

    with pytest.raises(MonthClosed):
        reopen_deed(deed, by=reviewer, at=FIRST_OF_APRIL)
    assert [d.outcome for d in deed.decisions.order_by("number")] == [
        "approved",
        "reopened",
        "approved",
    ]


def test_a_withdrawn_deed_waits_for_no_decision(household, recorder, reviewer):
    deed = record(household, by=recorder)
    deed.state = "withdrawn"
    deed.save()

    with pytest.raises(AlreadyDecided):
        approve_deed(deed, by=reviewer, at=END_OF_MARCH)
    with pytest.raises(AlreadyDecided):
        reopen_deed(deed, by=reviewer, at=END_OF_MARCH)
