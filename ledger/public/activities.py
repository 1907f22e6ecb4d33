"""活动: what the village invites to, and how many households came; never who."""

from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.http import require_safe

from households.models import Village
from ledger.models import Activity, Finding
from ledger.public import pages
from ledger.public.noticeboard import Noticeboard

COMING_SHOWN, PAST_SHOWN = 30, 12
# What a reader meets of an activity; the page is kept until one of these changes.
MARKS = (
    "number",
    "title",
    "words",
    "points",
    "day",
    "begins_at",
    "ends_at",
    "place",
    "places",
    "closed_at",
    "canceled_at",
    "reason",
    "came",
    "expected",
)


@require_safe
def activities(request, slug):
    """Show the menu: what comes, with the places left, and what is past."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    coming, past = menu_of(noticeboard.village, today)
    put_right = yards_put_right(noticeboard.village, today)
    marks = tuple(map(_mark, coming)), tuple(map(_mark, past))
    return pages.page(
        request,
        "ledger/activities.html",
        (noticeboard.facts(today), *marks, put_right),
        lambda: {
            **noticeboard.furniture(),
            "coming": coming,
            "past": past,
            "put_right": put_right,
            "year": today.year,
        },
    )


def yards_put_right(village: Village, today: date) -> int:
    """Count the yards put right after a word this year; no name, no other number."""
    passed = Finding.objects.filter(village=village, outcome=Finding.Outcome.PASSED)
    return passed.filter(rechecked_on__year=today.year).count()


def menu_of(village: Village, today: date) -> tuple[list[Activity], list[Activity]]:
    """Return what comes, the nearest first, and what is past, the newest first.

    What was called off stays, with its reason, until its day is over.
    """
    told = (
        Activity.objects.filter(village=village, published_at__isnull=False)
        .select_related("item")
        .with_counts()
    )
    coming = told.filter(closed_at=None, day__gte=today)
    past = told.filter(Q(closed_at__isnull=False) | Q(day__lt=today), canceled_at=None)
    return (
        list(coming.order_by("day", "begins_at", "pk")[:COMING_SHOWN]),
        list(past.order_by("-day", "-begins_at", "-pk")[:PAST_SHOWN]),
    )


def _mark(activity: Activity) -> tuple:
    of_item = (activity.item.code, activity.item.title)
    return (*of_item, *(getattr(activity, name) for name in MARKS))
