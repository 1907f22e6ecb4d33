"""The staff's pages as a person uses them: log in, open a form, send it."""

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from households.roles import Role
from ledger.recording import record_deeds
from tests.factories import HouseholdFactory, item_of, record, serve

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


def fill_last_month(village):
    """Let 400 deeds in sixty batches wait, twelve of the batches flagged."""
    households = neighbors(village, *(f"{n:03d}" for n in range(1, 101)))
    recorder = serve(village, Role.RECORDER)
    days = [LAST_MONTH.replace(day=day) for day in range(1, 29)]
    batches = [(code, day) for day in days for code in ("Z01", "Z05")][:48]
    for index, (code, day) in enumerate(batches):
        start = index * 8 % 100
        group = [households[(start + step) % 100] for step in range(8)]
        _record_many(group, code, day, by=recorder, note="说明")
    for index in range(4):
        pair = households[index * 2 : index * 2 + 2]
        _record_many(pair, "D02", days[index], by=recorder, note="")
    for index in range(8):
        note = "" if index < 4 else "说明"
        code = "F04" if index < 4 else "N01"
        one = [households[50 + index]]
        _record_many(one, code, days[index], by=recorder, note=note)


def _record_many(households, code, day, *, by, note):
    item = item_of(households[0].village, code)
    record_deeds(
        households,
        item,
        happened_on=day,
        magnitude=item.points_min,
        channel="record",
        note=note,
        key=uuid4(),
        by=by,
        at=timezone.now(),
    )
