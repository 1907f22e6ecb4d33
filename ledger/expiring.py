"""Unspent points of past years: usable until 31 March, then expired by an entry."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Village
from ledger.models import Entry
from ledger.posting import post_entries
from ledger.querysets import with_entries

# Carried-over points can be spent on this day for the last time.
LAST_DAY = (3, 31)
# From this day on passbook and board say what will expire.
ANNOUNCED_FROM = (3, 1)


def last_day(year: int) -> date:
    return date(year, *LAST_DAY)


def deadline(today: date) -> date:
    """Return the newest 31 March that lies behind; what was left then has expired."""
    this_year = last_day(today.year)
    return this_year if today > this_year else last_day(today.year - 1)


def is_announced(today: date) -> bool:
    """Tell whether today is a day on which the coming expiry is announced."""
    return date(today.year, *ANNOUNCED_FROM) <= today <= last_day(today.year)


def with_carry_over(households, *, village: Village, year: int):
    """Add what is left of past years' points, `carried_over`, and `spendable`.

    `spendable_in_time` leaves out what became final only after the year's 31
    March. Carried-over points are spent first, so what was redeemed since New Year is
    taken from them; whoever redeems after 31 March sees them expire first.
    Points of a past year whose month became final only after that day could not
    be spent before it: they live until the next one. All are sums of points
    that may lie below 0.
    """
    earned = Q(
        booked__kind__in=Entry.EARNING, booked__period__finalized_at__isnull=False
    )
    until = timezone.make_aware(datetime.combine(last_day(year), time.max))
    in_time = Q(booked__period__finalized_at__lte=until)
    spent = Q(booked__kind__in=Entry.SPENDING)
    since_new_year = Q(
        booked__kind__in=[Entry.Kind.REDEMPTION, Entry.Kind.CANCELLATION],
        booked__year=year,
    )
    of_past_years = Q(booked__year__lt=year)
    carried = (((earned & in_time) | spent) & of_past_years) | since_new_year
    return with_entries(households, village=village).annotate(
        carried_over=Coalesce(Sum("booked__points", filter=carried), 0),
        spendable_in_time=Coalesce(
            Sum("booked__points", filter=(earned & in_time) | spent), 0
        ),
        spendable=Coalesce(Sum("booked__points", filter=earned | spent), 0),
    )


def points_to_expire(household) -> int:
    """Return the points of an annotated household that expire after 31 March.

    Never what was earned after that day, nor more than is there now, however
    late it is asked.
    """
    least = min(
        household.carried_over, household.spendable_in_time, household.spendable
    )
    return max(0, least)


def announced_expiry(household: Household, *, today: date) -> int:
    """Return how many points of a household expire after this March; else 0."""
    if not is_announced(today):
        return 0
    homes = Household.objects.filter(pk=household.pk)
    village = household.village
    return points_to_expire(
        with_carry_over(homes, village=village, year=today.year).get()
    )


def spendable_points(household: Household, *, at: datetime) -> int:
    """Return the points a household can spend now, less what is due to expire."""
    balance = Entry.objects.filter(
        village=household.village_id, household=household
    ).balance()
    year = deadline(timezone.localdate(at)).year
    due = _unexpired(household.village, year).filter(pk=household.pk).first()
    return balance - points_to_expire(due) if due else balance


def spendable_by_household(village: Village, *, at: datetime) -> dict[int, int]:
    """Return what each household can spend now, by id, as `spendable_points` does."""
    sums = Entry.objects.filter(village=village).spendable().order_by()
    totals = sums.values_list("household").annotate(total=Sum("points"))
    year = deadline(timezone.localdate(at)).year
    due = {home.pk: points_to_expire(home) for home in _unexpired(village, year)}
    return {home: max(0, total) - due.get(home, 0) for home, total in totals}


def _unexpired(village: Village, year: int):
    """Return the households with points of past years and no expiry in this one."""
    expired = Entry.objects.filter(
        village=village,
        household=OuterRef("pk"),
        year=year,
        kind=Entry.Kind.EXPIRY,
        # What expired because its household left is no expiry of the year.
        change=None,
    )
    homes = Household.objects.filter(~Exists(expired), village=village)
    return with_carry_over(homes, village=village, year=year).filter(
        carried_over__gt=0, spendable_in_time__gt=0, spendable__gt=0
    )


@transaction.atomic
def expire_points(
    village: Village, *, at: datetime, households: Sequence[Household] | None = None
) -> list[Entry]:
    """Expire what past years had left unspent on the newest 31 March behind us.

    Once a year and household. Safe to run again and to run late, even after New
    Year; whoever slept through two of these days sees the older one made up for
    first. Of all households, or of the given ones. Returns the new entries; from
    New Year until 1 April only what was forgotten before.
    """
    lock_village(village)
    newest = deadline(timezone.localdate(at)).year
    return [
        entry
        for year in (newest - 1, newest)
        for entry in _expire_year(village, year, at=at, households=households)
    ]


def _expire_year(village, year, *, at, households):
    left = _unexpired(village, year)
    if households is not None:
        left = left.filter(pk__in=[household.pk for household in households])
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
