"""今天要办的事: what waits and for whom, where the month stands, what was recorded.

Every list is bounded and asked for once, however many deeds and villages wait.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from config.today_awards import award_tasks
from config.today_lists import count_noted_on, noted_on, village_states
from config.today_objections import objection_tasks, township_tasks
from config.today_repairs import repair_tasks
from config.today_rules import draft_tasks, own_draft_tasks
from config.today_shop import shop_of
from config.today_tasks import (
    Task,
    activity_tasks,
    change_tasks,
    changes_waiting,
    counted,
    import_tasks,
    stories_waiting,
    story_tasks,
    within,
    yard_tasks,
    yards_waiting,
)
from households.models import Household, User, Village
from households.own_households import own_households
from households.roles import ROLE_PERMISSIONS, Role
from households.stewardships import serving
from ledger.models import Correction, Declaration, Deed, Period
from ledger.months import cut_off_date, first_day
from ledger.templatetags.ledger_tags import month_name
from ledger.timeline import Step, steps_of

RECORDS_SHOWN = 5


def desk_of(user: User, slug: str | None, *, now: datetime) -> dict:
    """Return what the first page shows to a person, for one village of theirs.

    :raises Http404: if the person does not serve the village named
    """
    served = list(
        user.stewardships.current()
        .select_related("village__policy")
        .order_by("village__township", "village__position", "village", "pk")
    )
    villages = list(dict.fromkeys(s.village for s in served if s.village))
    desk: dict = {"today": timezone.localdate(now), "villages": villages}
    raised: list[Task] = []
    if user.is_superuser or any(steward.township_id for steward in served):
        desk["states"] = village_states(user)
        raised = [*township_tasks(user, desk["today"]), *draft_tasks(user)]
    if not villages:
        return desk | {"mine": raised}
    if slug and slug not in {village.slug for village in villages}:
        raise Http404
    village = next((v for v in villages if v.slug == slug), villages[0])
    may: frozenset[str] = frozenset()
    for steward in served:
        if steward.village == village:
            may |= ROLE_PERMISSIONS[steward.role]
    desk["village"] = village
    shop = shop_of(village, may, now=now)
    tasks = shop.pop("shop_tasks", [])
    if "ledger.view_deed" in may:
        desk |= _of_village(village, may, user, now)
        tasks = [*desk.pop("tasks"), *tasks]
    return {
        **desk,
        **shop,
        "mine": [*raised, *(task for task in tasks if task.is_mine)],
        "others": [task for task in tasks if not task.is_mine],
    }


def _of_village(village, may, user, now):
    today = timezone.localdate(now)
    by_role = serving(village)
    people = {
        role: "、".join(str(person) for person in persons)
        for role, persons in by_role.items()
    }
    counts = counted(_lists(village, may, user, today))
    tasks = [
        *objection_tasks(village, user, by_role, today),
        *_Waiting(village, may, today, people, counts).tasks(),
        *repair_tasks(village, user, may, people, today),
    ]
    if "ledger.import_deeds" in may:
        tasks = [*import_tasks(village, user, now), *tasks]
    periods = _unfinished(village, user)
    tasks += _month_tasks(village, periods, may, people, now)
    if "ledger.keep_activities" in may:
        tasks += activity_tasks(village, now)
    tasks += yard_tasks(village, counts["yards"])
    tasks += award_tasks(village, may, user, now=now)
    tasks += change_tasks(village, counts["changes"])
    tasks += story_tasks(village, counts["stories"])
    if "ledger.adopt_rulebook" in may:
        tasks += own_draft_tasks(village)
    may_record = "ledger.record_deed" in may
    read = list(noted_on(village, user, today)) if may_record else []
    noted = [one for one in read if one.standing]
    current = [p for p in periods if p.month <= first_day(today)]
    return {
        "tasks": tasks,
        "months": list(reversed(current)),
        "road": _road(current[-1:], today),
        "may_record": may_record,
        "noted": noted[:RECORDS_SHOWN],
        "noted_deeds": count_noted_on(village, user, today, read=read),
    }


def _lists(village, may, user, today) -> dict[str, QuerySet]:
    """Return the lists of which a person's desk says only how many wait."""
    proposed = Correction.objects.filter(village=village).proposed()
    lists: dict[str, QuerySet] = {
        "corrections": proposed,
        "by others": proposed.exclude(proposed_by=user),
    }
    if "ledger.keep_rounds" in may:
        lists["yards"] = yards_waiting(village, today)
    if "households.confirm_change" in may:
        lists["changes"] = changes_waiting(village, user)
    if "ledger.publish_story" in may:
        lists["stories"] = stories_waiting(village, user)
    return lists


def _road(newest: list[Period], today: date) -> tuple[Period, list[Step]] | None:
    return (newest[0], steps_of(newest[0], today=today)) if newest else None


def _unfinished(village, user) -> list[Period]:
    """Return the months that are not final, the earliest first, with what waits."""
    pending = Q(deeds__state=Deed.State.PENDING)
    own = Q(deeds__recorded_by=user) | Q(deeds__second_recorder=user)
    if homes := own_households(user, village.pk):
        own |= Q(deeds__household__in=homes)
    periods: list[Period] = list(
        Period.objects.filter(village=village, finalized_at=None)
        .annotate(
            pending=Count("deeds", filter=pending),
            own=Count("deeds", filter=pending & own),
            declared=Count("deeds", filter=Q(deeds__state=Deed.State.DECLARED)),
        )
        .order_by("month")
    )
    for period in periods:
        period.village = village
    return periods


class _Waiting:
    """What waits in one village for an acceptance or a decision."""

    def __init__(self, village, may, today, people, counts):
        self.village: Village = village
        self.may: frozenset[str] = may
        self.today: date = today
        self.people: dict[str, str] = people
        self.counts: Counter = counts

    def tasks(self) -> Iterator[Task]:
        yield from self._declarations()
        yield from self._corrections()

    def _declarations(self) -> Iterator[Task]:
        declared = Deed.objects.filter(village=self.village).declared()
        filed = Declaration.objects.filter(village=self.village).waiting()
        counted = declared.values_list("channel").annotate(
            count=Count("pk"), since=Min("recorded_at")
        )
        by_web = filed.values_list("channel").annotate(
            count=Count("pk"), since=Min("filed_at")
        )
        channels = sorted(
            counted.union(by_web, all=True), key=lambda found: (-found[1], found[0])
        )
        if not channels:
            return
        labels = dict(Deed.Channel.choices)
        oldest = timezone.localdate(min(since for _c, _n, since in channels))
        facts = [
            "、".join(f"{labels[channel]}{count}" for channel, count, _s in channels),
            _since((self.today - oldest).days),
        ]
        is_mine = "ledger.record_deed" in self.may
        yield Task(
            sum(count for _channel, count, _since in channels),
            _("declarations to accept"),
            within("ledger_desk:declarations", self.village) if is_mine else "",
            _("Accept") if is_mine else "",
            is_mine,
            detail=_joined(facts, Role.RECORDER, {} if is_mine else self.people),
        )

    def _corrections(self) -> Iterator[Task]:
        proposed, by_others = self.counts["corrections"], self.counts["by others"]
        if not proposed:
            return
        is_mine = "ledger.decide_correction" in self.may and by_others > 0
        yield Task(
            by_others if is_mine else proposed,
            _("corrections to decide"),
            within("ledger_desk:corrections", self.village),
            _("Go and decide") if is_mine else "",
            is_mine,
            detail=_joined([], Role.REVIEWER, {} if is_mine else self.people),
        )


def _since(days: int) -> str:
    """Say how long the oldest of some things waits."""
    if days == 0:
        return _("the oldest is of today")
    if days == 1:
        return _("the oldest is of yesterday")
    return _("the oldest is %(days)s days old") % {"days": days}


def _joined(facts: list[str], role: Role, people: dict[str, str]) -> str:
    """Write facts in one line, ending with whom it waits for."""
    if role in people:
        facts = [*facts, f"{role.label} {people[role]}"]
    return " · ".join(facts)


def _month_tasks(village, periods, may, people, now) -> Iterator[Task]:
    """Return what the months themselves wait for: review, cut-off, publication."""
    reviews, closes = "ledger.decide_deed" in may, "ledger.publish_month" in may
    today = timezone.localdate(now)
    if not periods and not Household.objects.filter(village=village).exists():
        is_mine = "households.import_roster" in may
        yield Task(
            0,
            _("households on the list: import the roster first"),
            within("households:roster-import", village) if is_mine else "",
            _("Import"),
            is_mine,
        )
    for period in periods:
        name = month_name(period.month)
        if period.pending:
            mine = period.pending - period.own
            is_mine = reviews and mine > 0
            yield Task(
                mine if is_mine else period.pending,
                _("deeds to review"),
                within("ledger_desk:review", village, period.month),
                _("Review"),
                is_mine,
                detail=_joined([name], Role.REVIEWER, {} if is_mine else people),
            )
        step = _next_step(period, village, today=today, now=now)
        if step:
            title, button = step
            yield Task(
                1,
                title,
                within("ledger_desk:publication", village, period.month),
                button,
                closes,
                detail=name,
            )


def _next_step(period, village, *, today, now):
    state = period.state
    if state == Period.State.RECORDING:
        if today > cut_off_date(village, period.month):
            return _("month to cut off"), _("Cut off")
    elif state == Period.State.REVIEWING:
        if not period.pending and not period.declared:
            return _("month ready to be published"), _("Publish")
    elif state == Period.State.ON_NOTICE and period.notice_ends_at <= now:
        return _("month whose notice is over"), _("Make final")
    return None
