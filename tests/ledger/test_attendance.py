"""签到: who was at an activity, and the batch of deeds that comes of it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from ledger.correcting import decide_correction, propose_correction
from ledger.gatherings.activities import (
    NotOpen,
    NotPlannable,
    TooLateToChange,
    change_activity,
    item_of_its_day,
    publish_activity,
)
from ledger.gatherings.attendance import NoPlaceLeft, sign_out
from ledger.gatherings.closing import ListHasChanged, attendance_of
from ledger.invariants import violations
from ledger.limits import remaining_points
from ledger.models import Deed, Entry, SignIn
from ledger.months import DayNotAccepted, NotYet
from ledger.recording import NotOfThisVillage, OutOfRange
from ledger.review import OwnRecord, approve_deed
from ledger.rules.drafting import change_item
from tests.factories import (
    END_OF_MARCH,
    IN_MARCH,
    HouseholdFactory,
    adopt,
    award,
    change,
    publish,
    record,
)
from tests.factories import draft as new_rules
from tests.ledger.desk import neighbors
from tests.ledger.gatherings import (
    DAY,
    ON_THE_DAY,
    THE_DAY_AFTER,
    arrive,
    close,
    draft,
    invite,
    plan,
)


@pytest.fixture
def homes(village):
    return neighbors(village, "001", "002", "003", "004")


@pytest.fixture
def activity(village):
    return invite(village)


def left_out(activity):
    return {
        one.household.number: one.left_out
        for one in activity.sign_ins.exclude(left_out="").select_related("household")
    }


def test_a_household_stands_once_on_the_list_however_it_signs(activity, homes):
    arrive(activity, homes[0])

    again = arrive(activity, homes[0], homes[1], how="phone")

    assert (again.new, again.already) == ([homes[1]], [homes[0]])
    assert list(activity.sign_ins.order_by("pk").values_list("how", "by")) == [
        ("paper", activity.planned_by_id),
        ("phone", None),
    ]


def test_who_says_beforehand_takes_a_place_and_is_counted_when_there(village, homes):
    activity = invite(village, places=2)
    arrive(activity, *homes[:2], how="desk", at=IN_MARCH)

    with pytest.raises(NoPlaceLeft):
        arrive(activity, homes[2], how="desk", at=IN_MARCH)
    arrived = arrive(activity, homes[0], homes[3])
    close(activity)

    assert arrived.new == [homes[3], homes[0]]
    assert left_out(activity) == {"002": "absent"}
    assert {deed.household for deed in Deed.objects.all()} == {homes[0], homes[3]}


def test_phones_sign_in_on_the_day_itself(activity, homes):
    with pytest.raises(NotYet):
        arrive(activity, homes[0], how="phone", at=IN_MARCH)


def test_who_is_not_of_the_village_or_moved_out_is_refused(activity, village):
    for stranger in (HouseholdFactory(), *neighbors(village, "009", status="left")):
        with pytest.raises(NotOfThisVillage):
            arrive(activity, stranger)


def test_a_draft_takes_nobody(village, homes):
    with pytest.raises(NotOpen):
        arrive(draft(village), homes[0])


def test_closing_makes_one_batch_of_pending_deeds(activity, homes, recorder):
    arrive(activity, *homes[:3])
    sign_out(activity, [homes[2]], by=recorder, at=ON_THE_DAY)

    closed = close(activity, by=recorder)

    deeds = Deed.objects.order_by("pk")
    assert [(d.household, d.points, d.state, d.recorded_by) for d in deeds] == [
        (home, 5, "pending", recorder) for home in homes[:2]
    ]
    assert {(d.happened_on, d.note, d.channel, d.item.code) for d in deeds} == {
        (DAY, activity.title, "record", "Z05")
    }
    assert deeds.values("operation").distinct().count() == 1
    assert closed.state == "closed"
    assert list(violations()) == []


def test_who_closes_does_not_decide(activity, homes, recorder):
    arrive(activity, homes[0])
    close(activity, by=recorder)

    with pytest.raises(OwnRecord):
        approve_deed(Deed.objects.get(), by=recorder, at=END_OF_MARCH)


def test_a_form_that_comes_twice_closes_once(activity, homes):
    arrive(activity, homes[0])
    key, seen = uuid4(), attendance_of(activity).mark

    for _time in range(2):
        close(activity, key=key, seen=seen)

    assert Deed.objects.count() == 1
    with pytest.raises(NotOpen):
        close(activity)


def test_an_activity_is_not_closed_before_it_begins(activity, homes):
    early = activity.begins - timedelta(minutes=1)

    with pytest.raises(NotYet):
        close(activity, at=early)


def test_who_came_in_after_the_check_is_not_closed_over(activity, homes):
    arrive(activity, homes[0])
    seen = attendance_of(activity).mark
    arrive(activity, homes[1], how="phone")

    with pytest.raises(ListHasChanged):
        close(activity, seen=seen)

    assert not Deed.objects.exists()
    assert activity.sign_ins.count() == 2


def test_who_is_recorded_already_or_past_a_limit_is_left_out_and_told_why(
    village, homes
):
    record(homes[0], "Z05", happened_on=DAY, at=THE_DAY_AFTER)
    for day in range(1, 4):
        record(homes[1], "Z05", happened_on=date(2026, 3, day))
    activity = invite(village)
    arrive(activity, *homes)
    homes[2].status = "left"
    homes[2].save()

    close(activity)

    assert left_out(activity) == {"001": "repeated", "002": "month", "003": "moved"}
    assert activity.sign_ins.get(household=homes[3]).deed.points == 5
    assert activity.sign_ins.count() == 4


def test_a_year_s_limit_counts_too(village, homes):
    village.rulebooks.get().items.filter(code="Z05").update(year_cap=5)
    record(homes[0], "Z05", happened_on=date(2026, 2, 1))
    activity = invite(village)
    arrive(activity, homes[0])

    close(activity)

    assert left_out(activity) == {"001": "year"}


def test_a_day_that_a_reversed_deed_holds_is_told_as_repeated(
    village, homes, recorder, reviewer
):
    award(homes[0], "Z05", happened_on=DAY, at=THE_DAY_AFTER)
    publish(village)
    wrong = propose_correction(
        Entry.objects.get(kind="addition"),
        reason="记错了",
        by=recorder,
        at=END_OF_MARCH + timedelta(days=9),
    )
    decide_correction(
        wrong, approve=True, by=reviewer, at=END_OF_MARCH + timedelta(days=10)
    )
    activity = invite(village)
    arrive(activity, *homes[:2])

    close(activity, at=END_OF_MARCH + timedelta(days=11))

    assert left_out(activity) == {"001": "repeated"}
    assert activity.sign_ins.get(household=homes[1]).deed is not None


def test_hours_are_counted_for_each_household_where_the_item_has_a_range(
    village, homes
):
    village.rulebooks.get().items.filter(code="D05").update(points_max=4)
    activity = invite(village, "D05", points=2)
    arrive(activity, *homes[:3], points={homes[0].pk: 4, homes[1].pk: 2})
    with pytest.raises(OutOfRange):
        arrive(activity, homes[3], points={homes[3].pk: 5})
    arrive(activity, homes[2], points={homes[2].pk: 1})

    close(activity)

    given = dict(Deed.objects.values_list("household__number", "points"))
    assert given == {"001": 4, "002": 2, "003": 1}
    assert not SignIn.objects.filter(household=homes[3]).exists()
    assert list(violations()) == []


def test_too_late_to_record_is_too_late_to_close(village, homes, activity):
    publish(village)
    arrive(activity, homes[0])

    with pytest.raises(DayNotAccepted):
        close(activity, at=ON_THE_DAY + timedelta(days=61))

    assert not Deed.objects.exists()
    assert activity.sign_ins.get().left_out == ""


def test_the_rules_of_the_activity_s_day_are_used(village, homes, activity):
    arrive(activity, homes[0])
    new = adopt(new_rules(village), in_force_from=DAY, at=IN_MARCH)

    close(activity)

    assert Deed.objects.get().item.rulebook == new


@pytest.fixture
def fewer_points(village, homes):
    """From the day itself Z05 gives 2 to 3 points and not 5; one household came."""
    activity = invite(village)
    made = new_rules(village)
    item = made.items.get(code="Z05")
    facts = {"by": made.drafted_by, "at": IN_MARCH}
    change_item(item, points_min=2, points_max=3, **facts)
    adopt(made, in_force_from=DAY, at=IN_MARCH)
    return activity


def test_points_that_later_rules_do_not_give_become_the_nearest_that_they_give(
    homes, fewer_points
):
    arrive(fewer_points, *homes[:2], points={homes[1].pk: 2})
    with pytest.raises(OutOfRange):
        arrive(fewer_points, homes[2], points={homes[2].pk: 5})
    assert attendance_of(fewer_points).is_by_other_rules

    close(fewer_points)

    given = dict(Deed.objects.values_list("household__number", "points"))
    assert given == {"001": 3, "002": 2}
    assert list(violations()) == []


def test_places_are_added_on_the_day_whatever_rules_came_since(
    village, homes, fewer_points, recorder
):
    of_the_day = item_of_its_day(fewer_points)
    asked = plan(village, item=of_the_day, places=20)

    changed = change_activity(fewer_points, asked, by=recorder, at=ON_THE_DAY)

    assert (changed.places, changed.item) == (20, fewer_points.item)
    asked = plan(village, item=of_the_day, places=30, points=3)
    with pytest.raises(TooLateToChange):
        change_activity(fewer_points, asked, by=recorder, at=ON_THE_DAY)


def test_a_draft_of_earlier_rules_is_looked_at_before_it_is_announced(
    village, homes, recorder
):
    activity = draft(village, by=recorder)
    new = adopt(new_rules(village), in_force_from=DAY, at=IN_MARCH)

    with pytest.raises(NotPlannable, match="新"):
        publish_activity(activity, by=recorder, at=IN_MARCH)
    asked = plan(village, item=new.items.get(code="Z05"))
    change_activity(activity, asked, by=recorder, at=IN_MARCH)
    assert publish_activity(activity, by=recorder, at=IN_MARCH).is_open


def test_limits_of_a_list_begin_anew_with_a_merge_as_the_reviewer_s_do(village, homes):
    for day in range(1, 4):
        record(homes[0], "Z05", happened_on=date(2026, 3, day))
    activity = invite(village)
    arrive(activity, homes[0])
    assert len(attendance_of(activity).left_out) == 1

    facts = {"takes_effect_on": IN_MARCH.date(), "at": ON_THE_DAY}
    change(village, "merge", household=homes[1], other=homes[0], **facts)
    assert attendance_of(activity).left_out == []
    close(activity)

    assert remaining_points(Deed.objects.latest("pk")) == 15


def test_the_database_keeps_the_list_of_a_closed_activity(village, homes, activity):
    arrive(activity, *homes[:2])
    close(activity)
    rows = SignIn.objects.filter(activity=activity)
    late = rows.first()
    late.pk, late.household, late.deed = None, homes[2], None

    for act in (
        lambda: rows.update(points=50),
        lambda: rows.update(taken_back_at=THE_DAY_AFTER),
        late.save,
        rows.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_database_takes_no_deed_of_another_household(village, homes, activity):
    arrive(activity, homes[0])
    deed = record(homes[1], "Z05", happened_on=DAY, at=THE_DAY_AFTER)

    with pytest.raises(DatabaseError), transaction.atomic():
        SignIn.objects.update(deed=deed)


def test_the_database_signs_a_household_in_once(village, homes, activity):
    arrive(activity, homes[0])
    again = SignIn.objects.get()
    again.pk = None

    with pytest.raises(DatabaseError), transaction.atomic():
        again.save()
