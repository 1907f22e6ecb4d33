"""What a task on today's desk is, and those of long imports and of stories."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from households.import_process import progress_of
from households.models import ChangeNote, ImportBatch, User, Village
from households.own_households import own_households
from ledger.models import Activity, Finding, Story

IMPORTS_SHOWN = 3
IMPORTS_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Task:
    """Something that waits: how many of what, for whom, and the way there.

    There is no address for who cannot open the page.
    """

    count: int
    title: str
    address: str
    button: str | Promise
    is_mine: bool
    detail: str = ""
    due: str = ""


def within(name: str, village: Village, *args) -> str:
    """Return the address of a page, opened for one village."""
    return f"{reverse(name, args=args)}?village={village.slug}"


def import_tasks(village: Village, user: User, now: datetime) -> Iterator[Task]:
    """Say how the sheets stand that somebody left to be recorded, until they know."""
    left = ImportBatch.objects.filter(
        village=village,
        kind=ImportBatch.Kind.DEEDS,
        started_by=user,
        started_at__gt=now - IMPORTS_KEPT,
        seen_at=None,
    )
    newest = left.defer("rows", "report").order_by("-started_at", "pk")
    for batch in newest[:IMPORTS_SHOWN]:
        title, button = _standing(batch, now)
        facts = {
            "file": batch.file_name,
            "done": f"{batch.rows_done:,}",
            "total": f"{batch.rows_total:,}",
        }
        yield Task(
            1,
            title,
            within("ledger_desk:import-batch", village, batch.pk),
            button,
            is_mine=True,
            detail=_("%(file)s · %(done)s of %(total)s rows") % facts,
        )


def counted(lists: Mapping[str, QuerySet]) -> Counter:
    """Count the rows of several lists by one question."""
    first, *others = [
        rows.order_by()
        .annotate(of=Value(name, CharField()))
        .values_list("of")
        .annotate(count=Count("pk"))
        for name, rows in lists.items()
    ]
    return Counter(dict(first.union(*others, all=True)))


def stories_waiting(village: Village, user: User) -> QuerySet[Story]:
    """Return the stories that a person could read and publish."""
    return Story.objects.filter(village=village).waiting().exclude(written_by=user)


def story_tasks(village: Village, count: int) -> Iterator[Task]:
    """Say how many stories wait for a person to read and publish them."""
    if count:
        yield Task(
            count,
            _("stories to read and publish"),
            within("ledger_desk:stories", village),
            _("Read"),
            is_mine=True,
        )


def activity_tasks(village: Village, now: datetime) -> Iterator[Task]:
    """Say which activities are over and wait to be closed, so that nobody loses."""
    local = timezone.localtime(now)
    over = Activity.objects.filter(village=village).on_the_menu()
    ended = Q(day__lt=local.date()) | Q(day=local.date(), ends_at__lt=local.time())
    waiting = list(over.filter(ended).order_by("day", "pk"))
    if waiting:
        first = waiting[0]
        yield Task(
            len(waiting),
            _("activities to close"),
            within("ledger_desk:activities", village),
            _("Close"),
            is_mine=True,
            detail=f"{first.title} · {formats.date_format(first.day, _('j F'))}",
        )


def changes_waiting(village: Village, user: User) -> QuerySet[ChangeNote]:
    """Return the noted changes of households that a person could confirm."""
    waiting = ChangeNote.objects.filter(village=village).waiting()
    waiting = waiting.exclude(noted_by=user)
    own = own_households(user, village.pk)
    if own:
        waiting = waiting.exclude(household__in=own).exclude(other__in=own)
    return waiting


def change_tasks(village: Village, count: int) -> Iterator[Task]:
    """Say how many changes of households wait for a person to confirm them."""
    if count:
        yield Task(
            count,
            _("changes of households to confirm"),
            within("ledger_desk:homes", village),
            _("Go and look"),
            is_mine=True,
        )


def yards_waiting(village: Village, today: date) -> QuerySet[Finding]:
    """Return the untidy yards that wait for a reminder, or for a second look by now."""
    waiting = Finding.objects.filter(village=village).to_put_right()
    return waiting.filter(Q(told_on=None) | Q(recheck_on__lte=today))


def yard_tasks(village: Village, count: int) -> Iterator[Task]:
    """Say how many yards there are to remind of or to look at again."""
    if count:
        yield Task(
            count,
            _("yards to remind of or to look at again"),
            within("ledger_desk:rounds", village),
            _("Handle"),
            is_mine=True,
        )


def _standing(batch: ImportBatch, now: datetime) -> tuple[str, str]:
    if batch.state == ImportBatch.State.IMPORTED:
        return _("sheet imported"), _("See the result")
    if progress_of(batch, at=now).has_stopped:
        return _("sheet stopped half-way"), _("Go on")
    return _("sheet being imported"), _("See how far")
