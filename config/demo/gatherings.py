"""Activities of the demo: one closed this morning, two to come; a round half done."""

from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from config.demo.township import People
from households.models import Household
from ledger.gatherings.activities import Plan, plan_activity, publish_activity
from ledger.gatherings.attendance import sign_in
from ledger.gatherings.closing import attendance_of, close_activity
from ledger.gatherings.rounds import Seen, begin_round, note_findings
from ledger.models import Activity, SignIn

# Of those who like to come, so many were there, and so many said they will be.
CAME, SAID = 14, 5


def gather(people: People, now: datetime) -> None:
    """Let a village have cleaned up yesterday, and invite to what comes."""
    today = timezone.localdate(now)
    keen = [home for home in people.households if people.keenness[home.pk] > 0.5]
    yesterday = today - timedelta(days=1)
    cleaning = _invite(
        people,
        now,
        "Z05",
        "清洁日：桥头到学校",
        yesterday,
        (time(9), time(11, 30)),
        "村委会院坝",
        words="带上扫把、手套。垃圾袋村里发。",
    )
    _sign_in(cleaning, keen[:CAME], now)
    close_activity(
        cleaning,
        seen=attendance_of(cleaning).mark,
        key=_key(people, "close"),
        by=people.staff["admin"],
        at=now,
    )
    lecture = _invite(
        people,
        now,
        "F01",
        "普法院坝会：防诈骗",
        today + timedelta(days=4),
        (time(19), time(20, 30)),
        "文化活动室",
        places=40,
        words="镇司法所的同志来讲，带上手机也行。",
    )
    _sign_in(lecture, keen[-SAID:], now)
    _invite(
        people,
        now,
        "F02",
        "森林防火巡逻",
        today + timedelta(days=2),
        (time(14), time(16)),
        "后山路口",
        places=8,
    )


def walk_round(people: People, now: datetime) -> None:
    """Let a group's yards have been seen today, and the round be closed soon."""
    village, by = people.village, people.staff["admin"]
    group = village.groups.order_by("number")[0]
    at_home = [
        home
        for home in people.households
        if home.group_id == group.pk and home.status == Household.Status.ACTIVE
    ]
    kinds = [Seen("clean", True), Seen("", True), Seen("cleanest", True), Seen("clean")]
    seen = {home: kinds[n % len(kinds)] for n, home in enumerate(at_home[:12])}
    if len(at_home) > 6:
        seen[at_home[5]] = Seen("poor", note="柴火堆在路边，挡了排水沟")
    begun = begin_round(group, day=timezone.localdate(now), by=by, at=now)
    note_findings(begun, seen, by=by, at=now)


def _invite(
    people: People,
    now: datetime,
    code: str,
    title: str,
    day: date,
    hours: tuple[time, time],
    place: str,
    *,
    words: str = "",
    places: int | None = None,
) -> Activity:
    item = people.rulebook.items.get(code=code)
    plan = Plan(
        title=title,
        item=item,
        points=item.points_min,
        day=day,
        begins_at=hours[0],
        ends_at=hours[1],
        place=place,
        places=places,
        words=words,
    )
    by, at = people.staff["admin"], now - timedelta(days=3)
    key = _key(people, title)
    activity = plan_activity(people.village, plan, key=key, by=by, at=at)
    return publish_activity(activity, by=by, at=at)


def _sign_in(activity: Activity, homes: list[Household], now: datetime) -> None:
    sign_in(activity, homes, how=SignIn.How.PAPER, by=activity.planned_by, at=now)


def _key(people: People, what: str) -> UUID:
    # Not drawn from the seed, so that nothing after it turns out otherwise.
    return uuid5(NAMESPACE_URL, f"{people.village.slug} activity {what}")
