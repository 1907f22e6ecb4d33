"""The objections on today's desk: whose turn it is, and until when."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext as _

from config.today_tasks import Task, within
from households.models import User, Village
from households.own_households import OwnHouseholds
from households.roles import Role
from households.stewardships import serving
from ledger.models import Objection
from ledger.objections import HANDLED_BY, whose_turn
from ledger.templatetags.ledger_tags import month_name


def objection_tasks(
    village: Village, user: User, people: Mapping[str, list[User]], today: date
) -> Iterator[Task]:
    """Return what a person has to look into, and what others have."""
    own = OwnHouseholds(village.pk)
    waiting = [(one, whose_turn(one, people, own=own)) for one in _open([village])]
    for is_mine in (True, False):
        chosen = [pair for pair in waiting if (user in pair[1]) is is_mine]
        if chosen:
            first, turn = chosen[0]
            whom = "" if is_mine else _named(turn, people)
            yield _task(len(chosen), first, is_mine, whom, today)


def township_tasks(user: User, today: date) -> Iterator[Task]:
    """Return the objections that have come to a person's township, by village."""
    villages = Village.objects.where_allowed(user, HANDLED_BY[Objection.Step.TOWNSHIP])
    raised: dict[Village, list[Objection]] = {}
    for objection in _open(villages).filter(step=Objection.Step.TOWNSHIP):
        raised.setdefault(objection.village, []).append(objection)
    for village in sorted(raised, key=lambda one: (one.position, one.pk)):
        people, own = serving(village), OwnHouseholds(village.pk)
        mine = [
            one for one in raised[village] if user in whose_turn(one, people, own=own)
        ]
        if mine:
            yield _task(len(mine), mine[0], True, village.name, today)


def _open(villages):
    return (
        Objection.objects.filter(village__in=villages)
        .open()
        .select_related("village", "publication__period", "household", "entry__deed")
        .prefetch_related("entry__deed__decisions")
        .order_by("due_on", "filed_at", "pk")
    )


def _task(count: int, first: Objection, is_mine: bool, whom: str, today: date) -> Task:
    facts = [first.get_step_display(), month_name(first.publication.period.month)]
    if first.household:
        facts.append(_("No. %(number)s") % {"number": first.household.number})
    return Task(
        count,
        _("objections wait for an answer"),
        within("ledger_desk:objections", first.village),
        _("Handle") if is_mine else "",
        is_mine,
        detail=" · ".join([*facts, *filter(None, [whom])]),
        due=_time_left(first, today),
    )


def _named(turn: list[User], people: Mapping[str, list[User]]) -> str:
    """Write whom something waits for: their role and their names."""
    for role, serving_so in people.items():
        named = [str(person) for person in serving_so if person in turn]
        if named:
            return f"{Role(role).label} {'、'.join(named)}"
    return ""


def _time_left(objection: Objection, today: date) -> str:
    if objection.due_on is None:
        return ""
    days = (objection.due_on - today).days
    if days < 0:
        return _("overdue")
    return _("%(days)s days left") % {"days": days}
