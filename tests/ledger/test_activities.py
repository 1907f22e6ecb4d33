"""活动: planned, put on the menu, changed in time, canceled with a reason."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from households.models import AuditEvent
from ledger.gatherings.activities import (
    NotOpen,
    NotPlannable,
    TooLateToChange,
    WhyNeeded,
    cancel_activity,
    change_activity,
    plan_activity,
    publish_activity,
)
from ledger.models import Activity, Operation
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import OutOfRange
from tests.factories import IN_MARCH, VillageFactory
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


def test_a_form_that_comes_twice_plans_one_activity(village, recorder):
    key = uuid4()

    first = draft(village, by=recorder, key=key)
    again = draft(village, by=recorder, key=key)

    assert first == again
    assert first.state == Activity.State.DRAFT
    with pytest.raises(KeyUsedForSomethingElse):
        draft(village, by=recorder, key=key, title="别的事")


def test_each_village_numbers_its_own_activities(village):
    elsewhere = VillageFactory()

    numbers = [draft(place).number for place in (village, village, elsewhere)]

    assert numbers == [1, 2, 1]


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"points": 6}, OutOfRange),
        ({"code": "N02"}, NotPlannable),
        ({"day": DAY - timedelta(days=2)}, NotPlannable),
        ({"day": DAY + timedelta(days=366)}, NotPlannable),
        ({"day": date.max}, NotPlannable),
        ({"ends_at": time(8)}, NotPlannable),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(village, values, refusal):
    with pytest.raises(refusal):
        draft(village, **values)

    assert not Activity.objects.exists()
    assert not Operation.objects.exists()


def test_an_item_of_another_village_is_refused(village, recorder):
    foreign = plan(VillageFactory())

    with pytest.raises(NotPlannable):
        plan_activity(village, foreign, key=uuid4(), by=recorder, at=IN_MARCH)


def test_an_activity_is_published_once_and_not_after_its_day(village, recorder):
    activity = draft(village, by=recorder)

    first = publish_activity(activity, by=recorder, at=IN_MARCH)
    again = publish_activity(activity, by=recorder, at=ON_THE_DAY)

    assert first.published_at == again.published_at == IN_MARCH
    with pytest.raises(NotPlannable):
        publish_activity(draft(village), by=recorder, at=THE_DAY_AFTER)


def test_what_was_announced_can_change_until_its_day_begins(village, recorder):
    activity = invite(village)

    asked = plan(village, place="学校门口", points=5)
    changed = change_activity(activity, asked, by=recorder, at=IN_MARCH)

    assert changed.place == "学校门口"
    event = AuditEvent.objects.get(action="activity.change")
    assert event.facts == {"number": 1, "fields": ["place"]}
    with pytest.raises(TooLateToChange):
        change_activity(
            activity, plan(village, place="河边"), by=recorder, at=ON_THE_DAY
        )


def test_places_can_be_added_on_the_day_itself(village, recorder):
    activity = invite(village, places=10)

    asked = plan(village, places=20)
    changed = change_activity(activity, asked, by=recorder, at=ON_THE_DAY)

    assert changed.places == 20


def test_who_cancels_says_why(village, household, recorder):
    activity = invite(village)

    with pytest.raises(WhyNeeded):
        cancel_activity(activity, reason="  ", by=recorder, at=IN_MARCH)
    canceled = cancel_activity(activity, reason="下大雨", by=recorder, at=IN_MARCH)

    assert canceled.state == Activity.State.CANCELED
    for refused in (
        lambda: arrive(activity, household),
        lambda: close(activity),
        lambda: publish_activity(activity, by=recorder, at=IN_MARCH),
        lambda: change_activity(activity, plan(village), by=recorder, at=IN_MARCH),
    ):
        with pytest.raises(NotOpen):
            refused()


def test_a_closed_activity_is_not_canceled(village, recorder):
    activity = close(invite(village))

    with pytest.raises(NotOpen):
        cancel_activity(activity, reason="不算", by=recorder, at=THE_DAY_AFTER)


@pytest.mark.parametrize("end", ["closed", "canceled"])
def test_the_database_keeps_an_activity_that_is_over(village, recorder, end):
    activity = invite(village)
    if end == "closed":
        close(activity)
    else:
        cancel_activity(activity, reason="下大雨", by=recorder, at=IN_MARCH)
    row = Activity.objects.filter(pk=activity.pk)

    for act in (
        lambda: row.update(points=50),
        lambda: row.update(closed_at=None, canceled_at=None, reason=""),
        row.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
