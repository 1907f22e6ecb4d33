"""信用修复: what was lost comes back when it was put right, by the item's own terms."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from households.models import AuditEvent, Household
from households.roles import Role
from ledger.correcting import decide_correction, propose_correction
from ledger.freezing import rebuild_document
from ledger.invariants import violations
from ledger.models import Entry, Publication, Repair, ScoringItem
from ledger.operations import FiledAlready
from ledger.posting import NotReversible, post_entries, reverse_entry
from ledger.repairs.repairing import (
    NotADisinterestedPerson,
    NotInTurn,
    NotRepairable,
    decide_repair,
    points_offered,
)
from ledger.repairs.terms import last_day_to_ask, points_back
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    approve,
    ask,
    award,
    check,
    finalize,
    make_good,
    publish,
    record,
    serve,
    withdraw,
)

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
IN_MAY = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)


def deducted(household, code="N01", points=3, **values):
    """Return a published deduction of March."""
    approve(record(household, code, points, **values))
    publish(household.village)
    return Entry.objects.get(household=household, kind=Entry.Kind.DEDUCTION)


@pytest.fixture
def lost(household, recorder):
    return deducted(household, by=recorder)


def decide(repair, *, approve=True, by=None, at=AFTER_NOTICE, **values):
    by = by or serve(repair.village, Role.REVIEWER)
    return decide_repair(repair, approve=approve, by=by, at=at, **values)


def repairs_posted():
    return list(Entry.objects.filter(kind=Entry.Kind.REPAIR).in_order())


def test_a_household_asks_somebody_looks_and_a_third_gives_the_points_back(
    lost, village_admin, reviewer
):
    asked = ask(lost, text="8天前已清走")
    checked = check(asked, by=village_admin, note="门口干净")
    decided = decide(checked, by=reviewer)

    (entry,) = repairs_posted()
    assert (entry.points, entry.repairs, str(entry.period)) == (3, lost, "2026-04")
    assert (entry.year, entry.household, entry.posted_by) == (
        2026,
        lost.household,
        reviewer,
    )
    assert (asked.number, asked.due_on) == ("260407-01", date(2026, 4, 14))
    assert (decided.state, decided.points) == (Repair.State.APPROVED, 3)
    assert Entry.objects.score(2026) == 60
    actions = AuditEvent.objects.filter(action__startswith="repair.").order_by("pk")
    assert [event.action for event in actions] == [
        "repair.ask",
        "repair.check",
        "repair.approved",
    ]
    assert list(violations()) == []


def test_what_came_back_can_be_spent_when_its_month_is_final(village, household):
    award(household, "D03", 20)
    lost = deducted(household)
    finalize(village)
    make_good(lost)
    publish(village, month=APRIL)

    on_notice = Entry.objects.filter(household=household).balance()
    finalize(village, month=APRIL, at=IN_MAY)

    assert on_notice == 17
    assert Entry.objects.filter(household=household).balance() == 20


def test_the_next_document_counts_it_and_names_nobody(village, lost):
    make_good(lost)
    publish(village, month=APRIL)

    newest = Publication.objects.order_by("-number").first()
    assert '"repairs":3' in newest.document
    assert '"deductions":[]' in newest.document
    assert '"corrections":[]' in newest.document
    assert rebuild_document(newest) == newest.document
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("code", "points", "finding", "is_second", "back"),
    [
        ("N01", 5, "done", False, 5),
        ("N01", 5, "done", True, 3),
        ("N01", 1, "done", True, 1),
        ("N03", 5, "done", False, 3),
        ("N03", 5, "done", True, 2),
        ("N04", 15, "done", False, 15),
        ("N04", 15, "forced", False, 8),
        ("N04", 15, "forced", True, 4),
        ("N06", 20, "done", False, 10),
        ("N06", 20, "not_done", False, 0),
    ],
)
def test_all_or_half_comes_back_and_what_is_left_of_a_point_is_rounded_up(
    household, code, points, finding, is_second, back
):
    item = household.village.rulebooks.get().items.get(code=code)
    deed = record(household, code, points if points >= item.points_min else None)
    entry = Entry(kind=Entry.Kind.DEDUCTION, points=-points, deed=deed)

    assert points_back(entry, finding=finding, is_second=is_second) == back


def test_the_second_repair_of_an_item_in_a_year_gives_half_as_much(village, household):
    first = deducted(household, "N01", 3)
    make_good(first)
    approve(record(household, "N01", 5, at=AFTER_NOTICE), at=AFTER_NOTICE)
    approve(record(household, "N08", 5, at=AFTER_NOTICE), at=AFTER_NOTICE)
    publish(village, month=APRIL)
    in_may = datetime(2026, 5, 5, 2, tzinfo=UTC)
    again = Entry.objects.get(points=-5, deed__item__code="N01")
    other = Entry.objects.get(points=-5, deed__item__code="N08")

    checked = check(ask(again, at=in_may), at=in_may)
    offered = points_offered(checked, at=in_may)
    decide(checked, at=in_may)
    make_good(other, at=in_may)

    assert offered == 3
    assert [entry.points for entry in repairs_posted()] == [3, 3, 5]


def test_another_household_or_another_year_is_no_second_time(village, household):
    neighbor = HouseholdFactory(village=village, group=household.group)
    approve(record(neighbor, "N04", 10))
    lost = deducted(household, "N04", 10)
    make_good(Entry.objects.get(household=neighbor, points=-10))
    make_good(lost)

    assert [entry.points for entry in repairs_posted()] == [10, 10]


def test_a_repair_that_was_reversed_is_no_first_time(village, household, reviewer):
    first = deducted(household, "N04", 10)
    make_good(first)
    april = village.periods.get(month=APRIL)
    reverse_entry(repairs_posted()[0], period=april, by=reviewer, at=AFTER_NOTICE)
    approve(record(household, "N04", 10, at=AFTER_NOTICE), at=AFTER_NOTICE)
    publish(village, month=APRIL)
    make_good(Entry.objects.exclude(pk=first.pk).get(kind="deduction"), at=IN_MAY)

    assert [entry.points for entry in repairs_posted()] == [10, 10]


def test_asking_ends_with_the_days_of_the_item_counted_from_the_day_after(lost):
    assert last_day_to_ask(lost) == date(2026, 4, 8)
    late = datetime(2026, 4, 8, 16, tzinfo=UTC)  # Midnight in the village.

    with pytest.raises(NotRepairable, match="2026年4月8日"):
        ask(lost, at=late)
    assert ask(lost, at=late - timedelta(seconds=1)).state == Repair.State.ASKED


def test_an_item_without_days_leaves_a_year(household):
    lost = deducted(household, "N06", 20)

    assert last_day_to_ask(lost) == date(2027, 4, 1)
    lost.period.published_at = datetime(2028, 2, 29, 2, tzinfo=UTC)
    assert last_day_to_ask(lost) == date(2029, 2, 28)


def test_a_late_check_costs_the_household_nothing(lost):
    asked = ask(lost)

    decided = decide(check(asked, at=IN_MAY), at=IN_MAY)

    assert decided.points == 3


def test_only_a_published_deduction_whose_item_allows_it_is_repaired(
    village, household, lost
):
    base = Entry.objects.get(kind=Entry.Kind.BASE)
    approve(record(household, "N09", 10, at=AFTER_NOTICE), at=AFTER_NOTICE)
    publish(village, month=APRIL)
    false_claim = Entry.objects.get(points=-10)
    for entry in (base, false_claim):
        with pytest.raises(NotRepairable):
            ask(entry, at=IN_MAY)
    Household.objects.filter(pk=household.pk).update(status=Household.Status.LEFT)
    with pytest.raises(NotRepairable):
        ask(lost)


def test_a_withdrawn_notice_is_waited_for(village, household):
    approve(record(household, "N01", 3))
    publication = publish(village)
    entry = Entry.objects.get(kind=Entry.Kind.DEDUCTION)
    at = FIRST_OF_APRIL
    checked = check(ask(entry, at=at), at=at)
    withdraw(publication)

    with pytest.raises(NotRepairable):
        decide(checked)
    with pytest.raises(NotRepairable):
        ask(entry)


def test_a_deduction_is_asked_about_once_until_it_is_refused(lost):
    asked = ask(lost)
    with pytest.raises(NotRepairable, match="260407-01"):
        ask(lost)
    refused = decide(check(asked, finding="not_done"), approve=False, reason="还有一堆")
    assert (refused.state, refused.points) == (Repair.State.REFUSED, 0)
    again = ask(lost)
    decide(check(again))

    assert len(repairs_posted()) == 1
    with pytest.raises(NotRepairable):
        ask(lost)


def test_a_form_that_arrives_twice_asks_once(lost):
    key = uuid4()
    first = ask(lost, key=key)

    assert ask(lost, key=key).pk == first.pk
    with pytest.raises(FiledAlready, match=first.number):
        ask(lost, key=key, text="别的")
    assert Repair.objects.count() == 1


def test_the_steps_come_in_their_order_and_once(lost):
    asked = ask(lost)
    with pytest.raises(NotInTurn):
        decide(asked)
    checked = check(asked)
    with pytest.raises(NotInTurn):
        check(asked)
    decide(checked)
    with pytest.raises(NotInTurn):
        decide(checked)
    assert len(repairs_posted()) == 1


def test_nothing_is_said_without_words(lost):
    with pytest.raises(NotRepairable):
        ask(lost, text=" ")
    asked = ask(lost)
    with pytest.raises(NotInTurn):
        check(asked, note=" ")
    with pytest.raises(NotInTurn):
        check(asked, finding="fine")
    with pytest.raises(NotInTurn):
        decide(check(asked), approve=False, reason=" ")


@pytest.mark.parametrize("day", [date(2026, 4, 6), date(2026, 4, 8)])
def test_a_check_happens_between_the_request_and_today(lost, day):
    with pytest.raises(NotInTurn):
        check(ask(lost), checked_on=day)


def test_what_was_not_put_right_gives_nothing_back(lost):
    with pytest.raises(NotInTurn):
        decide(check(ask(lost), finding="not_done"))

    assert repairs_posted() == []


def test_nobody_decides_what_they_had_a_hand_in(village, household, recorder):
    second, clerk, checker = (serve(village, Role.ADMIN) for _ in range(3))
    deed = record(household, "N01", 3, by=recorder, second_recorder=second)
    approve(deed)
    publish(village)
    lost = Entry.objects.get(kind=Entry.Kind.DEDUCTION)
    checked = check(ask(lost, by=clerk), by=checker)

    for involved in (recorder, second, clerk, checker):
        with pytest.raises(NotADisinterestedPerson):
            decide(checked, by=involved)


def test_nobody_checks_or_decides_for_their_own_household(lost, reviewer, recorder):
    for person in (reviewer, recorder):
        person.household = lost.household
        person.save()
    asked = ask(lost)

    with pytest.raises(NotADisinterestedPerson):
        check(asked, by=recorder)
    with pytest.raises(NotADisinterestedPerson):
        decide(check(asked), by=reviewer)


def test_a_repaired_deduction_that_is_reversed_takes_the_repair_along(
    village, lost, reviewer, village_admin
):
    make_good(lost, finding="forced")
    publish(village, month=APRIL)
    wish = propose_correction(lost, reason="记错", by=village_admin, at=IN_MAY)
    decide_correction(wish, approve=True, by=reviewer, at=IN_MAY)
    publish(village, month=MAY)

    assert [e.points for e in Entry.objects.in_order()] == [60, -3, 2, -2, 3]
    assert Entry.objects.score(2026) == 60
    assert list(violations()) == []


def test_a_deduction_that_is_reversed_ends_what_was_asked(
    village, lost, reviewer, village_admin
):
    asked = ask(lost)
    correction = propose_correction(
        lost, reason="不是他家", by=village_admin, at=AFTER_NOTICE
    )
    decide_correction(correction, approve=True, by=reviewer, at=AFTER_NOTICE)

    asked.refresh_from_db()
    assert asked.state == Repair.State.LAPSED
    with pytest.raises(NotInTurn):
        check(asked)
    with pytest.raises(NotRepairable):
        ask(lost)


def test_a_later_rulebook_changes_nothing_of_what_was_lost_under_an_old_one(lost):
    ScoringItem.objects.exclude(pk=lost.deed.item_id).update(repair_percent=0)

    assert make_good(lost).points == 3


# What the database refuses by itself


def refused(act):
    with pytest.raises(DatabaseError), transaction.atomic():
        act()
    return True


def given(lost, points, by):
    return Entry(
        household=lost.household,
        year=2026,
        period=lost.village.periods.get(month=APRIL),
        kind=Entry.Kind.REPAIR,
        points=points,
        repairs=lost,
    )


def test_i52_no_repair_is_posted_without_its_decision(lost, reviewer, village):
    check(ask(lost))

    def act():
        post_entries(village, [given(lost, 3, reviewer)], by=reviewer, at=AFTER_NOTICE)

    assert refused(act)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'asked'",
        "points = 1",
        "text = 'x'",
        "entry_id = (SELECT MIN(id) FROM ledger_entry)",
    ],
)
def test_i52_a_decided_repair_stays_as_it_is(lost, change):
    make_good(lost)

    def act():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_repair SET {change}")

    assert refused(act)


def test_i52_a_repair_is_kept_and_begins_with_a_request(lost, reviewer):
    asked = ask(lost)

    assert refused(lambda: Repair.objects.filter(pk=asked.pk).delete())
    with connection.cursor() as cursor:
        assert refused(
            lambda: cursor.execute("UPDATE ledger_repair SET state = 'approved'")
        )
    base = Entry.objects.get(kind=Entry.Kind.BASE)
    asked.pk, asked.number, asked.key, asked.entry = None, "x", uuid4(), base
    asked._state.adding = True
    assert refused(asked.save)


def test_i53_a_repaired_deduction_is_not_reversed_alone(village, lost, reviewer):
    make_good(lost)
    reversal = Entry(
        household=lost.household,
        year=2026,
        period=village.periods.get(month=APRIL),
        kind=Entry.Kind.REVERSAL,
        points=3,
        reverses=lost,
    )

    def act():
        post_entries(village, [reversal], by=reviewer, at=AFTER_NOTICE)

    assert refused(act)


def test_a_repair_may_be_reversed_and_stays_so(village, lost, reviewer):
    make_good(lost)
    (repair,) = repairs_posted()
    april = village.periods.get(month=APRIL)

    reverse_entry(repair, period=april, by=reviewer, at=AFTER_NOTICE)

    assert Entry.objects.score(2026) == 57
    with pytest.raises(NotReversible):
        reverse_entry(repair, period=april, by=reviewer, at=AFTER_NOTICE)
