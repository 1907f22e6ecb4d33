"""The households of a village's year: what each earned, lost, spent and has left."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from households.models import Household, Village
from ledger.models import Entry, Publication, Standing
from rewards.annual.lines import MONTHS, HomesOfYear, HouseholdLine

DECEMBER = 12


def homes_of_year(village: Village, year: int) -> HomesOfYear:
    """Read only the households of a village's year, from its final months."""
    publications = list(final_months(village, year).defer("document"))
    standings = last_standings(publications)
    months = {publication.period.month.month for publication in publications}
    return HomesOfYear(
        village=village,
        year=year,
        households=list(household_lines(village, year, publications, standings)),
        is_over=DECEMBER in months,
    )


def final_months(village: Village, year: int) -> QuerySet[Publication]:
    """Return the publications of a year's final months, in their order."""
    final = Publication.objects.of(village).filter(
        period__month__year=year, period__finalized_at__isnull=False
    )
    return final.order_by("number")


def entries_of(
    village: Village, year: int, publications: Sequence[Publication]
) -> QuerySet[Entry]:
    """Return the entries of a year that count in these months."""
    return Entry.objects.filter(
        village=village,
        year=year,
        period__in=[publication.period_id for publication in publications],
    )


def last_standings(publications: Sequence[Publication]) -> dict[int, Standing]:
    """Return the lines of the last of these months, by household."""
    if not publications:
        return {}
    standings = publications[-1].standings.select_related("group")
    return {standing.household_id: standing for standing in standings}


def household_lines(
    village: Village,
    year: int,
    publications: Sequence[Publication],
    standings: Mapping[int, Standing],
) -> Iterator[HouseholdLine]:
    """Yield a line for each household listed at the end, and who left meanwhile.

    Also for who had left before, where something of theirs still fell in the year.
    """
    months, base, gained, lost, deeds = _sums(entries_of(village, year, publications))
    redeemed, left = _spent_and_left(village, year)
    final = {publication.period.month.month for publication in publications}
    touched = {home for (home, _month), points in months.items() if points}
    touched |= {home for home, points in redeemed.items() if points}
    counted = Household.objects.filter(
        village=village, pk__in={*standings, *base, *touched}
    )
    for household in counted.select_related("group").in_reading_order():
        pk, standing = household.pk, standings.get(household.pk)
        yield HouseholdLine(
            household=household,
            group=(standing.group if standing else household.group).name,
            months=tuple(
                months[pk, month] if month in final else None for month in MONTHS
            ),
            base=base[pk],
            gained=gained[pk],
            lost=lost[pk],
            deeds=deeds[pk],
            redeemed=-redeemed[pk],
            left=max(0, left[pk]),
            place=standing.place if standing else None,
            is_listed=standing is not None,
        )


def _sums(entries):
    """Return points by household and month, and by what they were for."""
    months: Counter = Counter()
    base: Counter = Counter()
    gained: Counter = Counter()
    lost: Counter = Counter()
    deeds: Counter = Counter()
    sums = (
        entries.scoring()
        .values("household", "period__month", "kind", "reverses__kind")
        .annotate(points=Sum("points"), times=Count("pk"))
    )
    for row in sums.order_by():
        household, points = row["household"], row["points"]
        kind = row["reverses__kind"] or row["kind"]
        if kind == Entry.Kind.BASE:
            base[household] += points
            continue
        months[household, row["period__month"].month] += points
        if kind == Entry.Kind.MERGE:
            gained[household] += points
        elif kind == Entry.Kind.ADDITION:
            gained[household] += points
            deeds[household] += row["times"] if points > 0 else -row["times"]
        else:
            lost[household] -= points
    return months, base, gained, lost, deeds


def _after(year: int) -> datetime:
    """Return when a year is over: carried-over points may change hands later."""
    new_year = datetime.combine(date(year + 1, 1, 1), time.min)
    return timezone.make_aware(new_year)


def _spent_and_left(village: Village, year: int) -> tuple[Counter, Counter]:
    """Return what each household redeemed in a year, and what it left unspent."""
    spends = Q(kind__in=[Entry.Kind.REDEMPTION, Entry.Kind.CANCELLATION], year=year)
    rows = (
        Entry.objects.filter(village=village, year__lte=year)
        .exclude(kind=Entry.Kind.TRANSFER, posted_at__gte=_after(year))
        .spendable()
        .order_by()
        .values_list("household")
        .annotate(redeemed=Coalesce(Sum("points", filter=spends), 0))
        .annotate(left=Sum("points"))
    )
    redeemed: Counter = Counter()
    left: Counter = Counter()
    for household, spent, unspent in rows:
        redeemed[household], left[household] = spent, unspent
    return redeemed, left
