"""Activities for tests: a clean-up day on 21 March 2026, planned the day before."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

from households.roles import Role
from ledger.gatherings.activities import Plan, plan_activity, publish_activity
from ledger.gatherings.attendance import sign_in
from ledger.gatherings.closing import attendance_of, close_activity
from tests.factories import IN_MARCH, item_of, serve

DAY = date(2026, 3, 21)
ON_THE_DAY = datetime(2026, 3, 21, 1, 30, tzinfo=UTC)  # 9:30 in the village
THE_DAY_AFTER = datetime(2026, 3, 22, 1, 30, tzinfo=UTC)


def plan(village, code="Z05", **values):
    item = item_of(village, code)
    told = {
        "title": "清洁日：桥头到学校",
        "item": item,
        "points": item.points_min,
        "day": DAY,
        "begins_at": time(9),
        "ends_at": time(11, 30),
        "place": "村委会院坝",
        "words": "带上扫把和手套。",
    }
    return Plan(**{**told, **values})


def draft(village, code="Z05", *, by=None, at=IN_MARCH, key=None, **values):
    by = by or serve(village, Role.RECORDER)
    asked = plan(village, code, **values)
    return plan_activity(village, asked, key=key or uuid4(), by=by, at=at)


def invite(village, code="Z05", *, by=None, at=IN_MARCH, **values):
    """Put an activity on the menu."""
    by = by or serve(village, Role.RECORDER)
    return publish_activity(draft(village, code, by=by, at=at, **values), by=by, at=at)


def arrive(activity, *households, how="paper", by=None, at=ON_THE_DAY, points=None):
    """Sign households in through the operation."""
    if how != "phone":
        by = by or activity.planned_by
    return sign_in(activity, households, how=how, by=by, at=at, points=points)


def close(activity, *, by=None, at=THE_DAY_AFTER, key=None, seen=None):
    """Close an activity as somebody does who has just looked at its list."""
    return close_activity(
        activity,
        seen=seen or attendance_of(activity).mark,
        key=key or uuid4(),
        by=by or activity.planned_by,
        at=at,
    )
