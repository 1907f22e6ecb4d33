"""The staff's pages as a person uses them: log in, open a form, send it."""

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from tests.factories import HouseholdFactory, item_of, record

LAST_MONTH = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
IN_LAST_MONTH = LAST_MONTH.replace(day=10)


def address(name, *args, **query):
    return reverse(f"ledger_desk:{name}", args=args, query=query or None)


def neighbors(village, *numbers, **household):
    """Return households of the first group, one for each number."""
    group = village.groups.get(number=1)
    return [
        HouseholdFactory(village=village, group=group, number=number, **household)
        for number in numbers
    ]


def record_form(village, **typed):
    """Return a filled-in record form of today; `item` is a code."""
    item = item_of(village, typed.pop("item", "Z05"))
    return {
        "village": village.slug,
        "key": str(uuid4()),
        "item": item.pk,
        "households": "001",
        "day": timezone.localdate().isoformat(),
        "points": "",
        "channel": "record",
        "note": "",
        **typed,
    }


def record_last_month(household, code="Z05", points=None, **values):
    """Record a deed of last month now, pending."""
    values = {"happened_on": IN_LAST_MONTH, "at": timezone.now(), **values}
    return record(household, code, points, **values)


def text_of(response):
    return response.content.decode()
