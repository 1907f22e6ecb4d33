"""The repairs on today's desk: what to look at on the spot, and what to decide."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from config.today_tasks import Task, within
from households.models import User, Village
from households.own_households import own_households
from households.roles import Role
from ledger.models import Repair
from ledger.repairs.terms import is_involved


def repair_tasks(
    village: Village,
    user: User,
    may: frozenset[str],
    people: Mapping[str, str],
    today: date,
) -> Iterator[Task]:
    """Return the repairs that wait for a look, then those that wait for a decision."""
    waiting = list(
        Repair.objects.filter(village=village)
        .open()
        .select_related("entry__deed", "entry__household")
        .order_by("due_on", "pk")
    )
    own = own_households(user, village.pk) if waiting else frozenset()
    asked = [one for one in waiting if one.state == Repair.State.ASKED]
    checked = [one for one in waiting if one.state == Repair.State.CHECKED]
    if asked:
        theirs = [one for one in asked if one.entry.household_id not in own]
        is_mine = "ledger.check_repair" in may and bool(theirs)
        yield _task(
            village,
            theirs if is_mine else asked,
            _("repairs to look at on the spot"),
            _("Look"),
            is_mine,
            whom=_named(Role.RECORDER, people),
            due=_time_left(asked[0].due_on, today),
        )
    if checked:
        theirs = [one for one in checked if not is_involved(user, one, own=own)]
        is_mine = "ledger.decide_repair" in may and bool(theirs)
        yield _task(
            village,
            theirs if is_mine else checked,
            _("repairs to decide"),
            _("Go and decide"),
            is_mine,
            whom=_named(Role.REVIEWER, people),
        )


def _task(
    village: Village,
    repairs: Sequence[Repair],
    title: str,
    button: str,
    is_mine: bool,
    *,
    whom: str,
    due: str = "",
) -> Task:
    first = repairs[0].entry.household
    facts = [_("No. %(number)s") % {"number": first.number}]
    return Task(
        len(repairs),
        title,
        within("ledger_desk:repairs", village),
        button if is_mine else "",
        is_mine,
        detail=" · ".join(facts if is_mine else [*facts, *filter(None, [whom])]),
        due=due,
    )


def _named(role: Role, people: Mapping[str, str]) -> str:
    return f"{role.label} {people[role]}" if role in people else ""


def _time_left(day: date, today: date) -> str:
    days = (day - today).days
    return _("overdue") if days < 0 else _("%(days)s days left") % {"days": days}
