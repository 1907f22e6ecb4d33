"""Unspent points of past years: usable until 31 March, then expired by an entry."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Village
from ledger.models import Entry
from ledger.posting import post_entries

# Carried-over points can be spent on this day for the last time.
LAST_DAY = (3, 31)
# From this day on passbook and board say what will expire.
ANNOUNCED_FROM = (3, 1)


def last_day(year: int) -> date:
    return date(year, *LAST_DAY)


def is_announced(today: date) -> bool:
    """Tell whether today is a day on which the coming expiry is announced."""
    return date(today.year, *ANNOUNCED_FROM) <= today <= last_day(today.year)


def with_carry_over(households, *, village: Village, year: int):
    """Add what is left of past years' points, `carried_over`, and `spendable`.

    Carried-over points are spent first, so what was redeemed since New Year is
    taken from them; whoever redeems after 31 March sees them expire first. Both
    are sums of points that may lie below 0.
    """
    earned = Q(
        entries__kind__in=Entry.EARNING, entries__period__finalized_at__isnull=False
    )
    spent = Q(entries__kind__in=Entry.SPENDING)
    of_village = Q(entries__village=village)
    since_new_year = Q(
        entries__kind__in=[Entry.Kind.REDEMPTION, Entry.Kind.CANCELLATION],
        entries__year=year,
    )
    carried = ((earned | spent) & Q(entries__year__lt=year)) | since_new_year
    return households.annotate(
        carried_over=Coalesce(Sum("entries__points", filter=of_village & carried), 0),
        spendable=Coalesce(
            Sum("entries__points", filter=of_village & (earned | spent)), 0
        ),
    )


def points_to_expire(household) -> int:
    """Return the points of an annotated household that expire after 31 March."""
    return max(0, min(household.carried_over, household.spendable))


@transaction.atomic
def expire_points(
    village: Village, *, at: datetime, households: Sequence[Household] | None = None
) -> list[Entry]:
    """Expire what past years left unspent, after 31 March, once a year.

    Safe to run again and to run late. Of all households, or of the given ones.
    Returns the new entries; none until 1 April.
    """
    today = timezone.localdate(at)
    if today <= last_day(today.year):
        return []
    lock_village(village)
    year = today.year
    expired = Entry.objects.filter(
        village=village,
        household=OuterRef("pk"),
        year=year,
        kind=Entry.Kind.EXPIRY,
    )
    chosen = Household.objects.filter(village=village)
    if households is not None:
        chosen = chosen.filter(pk__in=[household.pk for household in households])
    left = with_carry_over(
        chosen.filter(~Exists(expired)), village=village, year=year
    ).filter(carried_over__gt=0, spendable__gt=0)
    entries = [
        Entry(
            household=household,
            year=year,
            kind=Entry.Kind.EXPIRY,
            points=-points_to_expire(household),
        )
        for household in left.in_reading_order()
    ]
    if not entries:
        return []
    record_event(
        "points.expire",
        village=village,
        by=None,
        at=at,
        households=len(entries),
        points=sum(entry.points for entry in entries),
    )
    return post_entries(village, entries, by=None, at=at)
