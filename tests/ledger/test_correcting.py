from datetime import UTC, datetime

import pytest

from households.roles import Role
from ledger.correcting import (
    NotCorrectable,
    NotTheProposer,
    decide_correction,
    propose_correction,
)
from ledger.models import Correction, Entry
from ledger.objections import (
    NotAnswerable,
    NotIndependent,
    answer_objection,
    file_objection,
)
from ledger.posting import reverse_entry
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    approve,
    award,
    publish,
    record,
    serve,
)

IN_APRIL = datetime(2026, 4, 26, 2, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 8, 2, tzinfo=UTC)


@pytest.fixture
def line(household, recorder, reviewer):
    award(household, "Z05", 5)
    publish(household.village)
    return Entry.objects.get(kind=Entry.Kind.ADDITION)


@pytest.fixture
def proposed(line, village_admin):
    return propose_correction(
        line, reason="记错了户", by=village_admin, at=AFTER_NOTICE
    )


def test_another_person_approves_a_correction_and_the_line_is_reversed(
    proposed, line, reviewer
):
    decide_correction(proposed, approve=True, by=reviewer, at=AFTER_NOTICE)

    reversal = Entry.objects.get(reverses=line)
    assert (reversal.points, str(reversal.period)) == (-5, "2026-04")
    proposed.refresh_from_db()
    assert (proposed.state, proposed.decided_by) == ("approved", reviewer)


def test_what_is_wrong_is_put_right_however_late_deeds_may_be_recorded(
    proposed, line, household, reviewer, supervisor
):
    policy = household.village.policy
    policy.cut_off_day, policy.backdating_days = 20, 5
    policy.save()
    other = award(household, "Z01", 2, at=FIRST_OF_APRIL)
    publish(household.village, month=other.period.month, at=IN_APRIL)
    ticket = file_objection(
        household.village.publications.get(number=2),
        text="没有这回事",
        channel="oral",
        entry=other.entries.get(),
        by=None,
        at=IN_APRIL,
    )

    decide_correction(proposed, approve=True, by=reviewer, at=IN_APRIL)
    answer_objection(ticket, uphold=True, answer="查实", by=supervisor, at=IN_APRIL)

    reversals = Entry.objects.filter(kind=Entry.Kind.REVERSAL).in_order()
    assert [(one.reverses_id, str(one.period)) for one in reversals] == [
        (line.pk, "2026-05"),
        (other.entries.get().pk, "2026-05"),
    ]


def test_a_refused_correction_needs_a_reason_and_changes_nothing(proposed, reviewer):
    with pytest.raises(NotCorrectable):
        decide_correction(proposed, approve=False, by=reviewer, at=AFTER_NOTICE)
    decide_correction(
        proposed, approve=False, answer="没有记错", by=reviewer, at=AFTER_NOTICE
    )

    assert not Entry.objects.filter(kind=Entry.Kind.REVERSAL).exists()
    with pytest.raises(NotCorrectable):
        decide_correction(proposed, approve=True, by=reviewer, at=AFTER_NOTICE)


def test_i39_nobody_decides_a_correction_they_proposed_or_recorded(
    proposed, line, village_admin
):
    signed = serve(line.village, Role.RECORDER)
    # Who signs along with a deduction is named beside whoever recorded it.
    taken = record(line.household, "N01", 3, second_recorder=signed, at=FIRST_OF_APRIL)
    approve(taken, at=FIRST_OF_APRIL)
    publish(line.village, month=FIRST_OF_APRIL.date())
    wish = propose_correction(
        taken.entries.get(), reason="记错", by=village_admin, at=IN_MAY
    )

    with pytest.raises(NotTheProposer):
        decide_correction(wish, approve=True, by=signed, at=IN_MAY)
    for involved in (village_admin, line.deed.recorded_by):
        with pytest.raises(NotTheProposer):
            decide_correction(proposed, approve=True, by=involved, at=AFTER_NOTICE)


def test_nobody_decides_a_correction_of_their_own_household(
    proposed, household, reviewer
):
    reviewer.household = household
    reviewer.save()

    with pytest.raises(NotTheProposer):
        decide_correction(proposed, approve=True, by=reviewer, at=AFTER_NOTICE)


def test_an_entry_has_one_correction_at_a_time_and_it_needs_a_reason(
    proposed, line, recorder
):
    base = Entry.objects.get(kind=Entry.Kind.BASE)

    for entry, reason in ((line, "又错了"), (base, "基础分"), (base, " ")):
        with pytest.raises(NotCorrectable):
            propose_correction(entry, reason=reason, by=recorder, at=AFTER_NOTICE)
    assert Correction.objects.count() == 1


def test_a_line_reversed_in_the_meantime_is_not_reversed_again(
    proposed, line, reviewer, village
):
    april = village.periods.get(month="2026-04-01")
    reverse_entry(line, period=april, by=reviewer, at=AFTER_NOTICE)

    with pytest.raises(NotCorrectable):
        decide_correction(proposed, approve=True, by=reviewer, at=AFTER_NOTICE)


def test_i38_whoever_recorded_or_decided_a_line_does_not_answer_for_it(line, village):
    objection = file_objection(
        line.period.publications.get(),
        text="不是他家做的",
        channel="oral",
        entry=line,
        by=None,
        at=FIRST_OF_APRIL,
    )
    decider = line.deed.decisions.get().by

    for involved in (line.deed.recorded_by, decider):
        with pytest.raises(NotIndependent):
            answer_objection(
                objection, uphold=True, answer="好", by=involved, at=AFTER_NOTICE
            )
    with pytest.raises(NotAnswerable):
        answer_objection(
            objection,
            uphold=True,
            answer=" ",
            by=serve(village, Role.SUPERVISOR),
            at=AFTER_NOTICE,
        )


def test_an_objection_is_answered_once(line, village, supervisor):
    objection = file_objection(
        line.period.publications.get(),
        text="少记了",
        channel="oral",
        by=None,
        at=FIRST_OF_APRIL,
    )
    answer_objection(
        objection, uphold=False, answer="查过", by=supervisor, at=AFTER_NOTICE
    )

    with pytest.raises(NotAnswerable):
        answer_objection(
            objection, uphold=True, answer="改口", by=supervisor, at=AFTER_NOTICE
        )
