"""The points of a household that moved out: usable for some months, then expired."""

import calendar
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from households.audit import record_event
from households.locking import lock_village
from households.models import HouseholdChange, Village
from ledger.models import Entry
from ledger.posting import post_entries


def last_day_to_spend(village: Village, moved_out_on: date) -> date:
    """Return the same day some months later (the policy's, 3 by default).

    A month without that day ends it: from 30 November to 28 February.
    """
    months = moved_out_on.month - 1 + village.policy.leaving_months
    year, month = moved_out_on.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(moved_out_on.day, last))


@transaction.atomic
def expire_left_behind(village: Village, *, at: datetime) -> list[Entry]:
    """Expire what households that moved out could still spend, after their last day.

    Safe to run again and to run late; what becomes final only later expires by
    an entry of its own. Returns the new entries.
    """
    lock_village(village)
    today = timezone.localdate(at)
    entries = []
    for change in HouseholdChange.objects.departures(village).filter(
        spendable_until__lt=today
    ):
        left = Entry.objects.filter(village=village, household=change.household)
        points = left.balance()
        if points:
            entries.append(
                Entry(
                    household=change.household,
                    year=today.year,
                    kind=Entry.Kind.EXPIRY,
                    points=-points,
                    change=change,
                )
            )
    if not entries:
        return []
    record_event(
        "points.expire_left_behind",
        village=village,
        by=None,
        at=at,
        households=len(entries),
        points=sum(entry.points for entry in entries),
    )
    return post_entries(village, entries, by=None, at=at)
