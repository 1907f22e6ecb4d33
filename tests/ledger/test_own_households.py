"""Nobody decides for their own household, whatever has become of it (I-07)."""

from datetime import UTC, datetime

import pytest

from households.own_households import own_households
from households.roles import Role
from ledger.correcting import NotTheProposer, decide_correction, propose_correction
from ledger.homes.changes import NeedsAnotherConfirmer, confirm_change
from ledger.invariants import violations
from ledger.repairs.repairing import NotADisinterestedPerson, decide_repair
from ledger.review import OwnHousehold, approve_deeds
from ledger.review_rows import review_rows
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    approve,
    ask,
    award,
    change,
    check,
    finalize,
    note,
    publish,
    record,
    serve,
    split,
)

IN_APRIL = datetime(2026, 4, 20, 2, tzinfo=UTC)


@pytest.fixture
def neighbor(village):
    return HouseholdFactory(
        village=village, group=village.groups.get(number=2), number="002"
    )


@pytest.fixture
def merged(village, household, neighbor):
    """002 went into 001 in April; its March is final, a deed and a repair wait."""
    award(household, "D03", 20)
    award(neighbor, "D03", 30)
    award(neighbor, "N01", 2)
    publish(village)
    finalize(village)
    neighbor.waiting = record(neighbor, "Z05", 5, at=FIRST_OF_APRIL)
    neighbor.asked = ask(neighbor.entries.get(kind="deduction"))
    change(village, "merge", household=neighbor, other=household)
    return neighbor


@pytest.fixture(params=["one that stays", "one that ended"])
def member(request, village, household, merged):
    """A reviewer whose account names one of the two merged households."""
    home = household if request.param == "one that stays" else merged
    return serve(village, Role.REVIEWER, household=home)


def test_the_two_of_a_merge_are_one_household(member, household, merged):
    home = record(household, "Z05", 5, at=AFTER_NOTICE)

    both = approve_deeds([home, merged.waiting], by=member, at=AFTER_NOTICE)

    assert own_households(member, household.village_id) == {household.pk, merged.pk}
    assert [type(refused) for _deed, refused in both.refused] == [OwnHousehold] * 2
    with pytest.raises(OwnHousehold):
        approve(merged.waiting, by=member, at=AFTER_NOTICE)
    rows = review_rows(home.period, [home, merged.waiting], by=member)
    assert all(row.lock for row in rows)


def test_a_merge_lets_nobody_put_right_or_give_back_their_own(member, merged, recorder):
    given = merged.entries.get(kind="addition")
    wish = propose_correction(given, reason="记错", by=recorder, at=AFTER_NOTICE)

    with pytest.raises(NotTheProposer):
        decide_correction(wish, approve=True, by=member, at=AFTER_NOTICE)
    with pytest.raises(NotADisinterestedPerson):
        check(merged.asked, by=member)
    checked = check(merged.asked)
    with pytest.raises(NotADisinterestedPerson):
        decide_repair(checked, approve=True, by=member, at=AFTER_NOTICE)


def test_who_lived_there_before_a_merge_decided_rightly(village, household, neighbor):
    reviewer = serve(village, Role.REVIEWER, household=neighbor)
    approve(record(household, "D03", 20), by=reviewer)
    change(village, "away", household=household, confirmed_by=reviewer)
    publish(village)

    change(village, "merge", household=neighbor, other=household)

    assert list(violations(village)) == []


def test_a_decision_for_the_other_of_a_merge_is_found(village, household, merged):
    reviewer = serve(village, Role.REVIEWER)
    approve(merged.waiting, by=reviewer, at=IN_APRIL)
    publish(village, month=FIRST_OF_APRIL.date())
    assert list(violations(village)) == []

    reviewer.household = household
    reviewer.save()

    assert [found.id for found in violations(village)] == ["I-07"]


def test_whoever_may_have_split_off_decides_for_neither(village, household):
    reviewer = serve(village, Role.REVIEWER, household=household)
    new = split(household).other
    of_new = serve(village, Role.REVIEWER, household=new)

    with pytest.raises(OwnHousehold):
        approve(record(new, "Z05", 5, at=AFTER_NOTICE), by=reviewer, at=AFTER_NOTICE)
    noted = note(village, "away", household=new)
    with pytest.raises(NeedsAnotherConfirmer):
        confirm_change(noted, by=reviewer, at=AFTER_NOTICE)
    # Whoever's account names the new household lives there and not in the old one.
    deed = record(household, "Z05", 5, at=AFTER_NOTICE)
    assert approve(deed, by=of_new, at=AFTER_NOTICE).state == "approved"


def test_who_lives_elsewhere_is_asked_nothing(village, django_assert_num_queries):
    reviewer = serve(village, Role.REVIEWER)

    with django_assert_num_queries(0):
        assert own_households(reviewer, village.pk) == frozenset()
