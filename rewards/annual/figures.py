"""A village's year in numbers: what its final months add up to."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from households.models import Village
from ledger import board
from ledger.models import Entry, Objection, Publication, Repair
from rewards.annual.homes import (
    entries_of,
    final_months,
    household_lines,
    last_standings,
)
from rewards.annual.lines import (
    CorrectionLine,
    GroupLine,
    ItemLine,
    MonthLine,
    RepairLine,
    VillageYear,
)
from rewards.annual.roll import roll_of_year
from rewards.annual.rules import RulesOfYear
from rewards.annual.shop import shop_year


def village_year(village: Village, year: int) -> VillageYear:
    """Add up a village's year from its final months; the same queries for any size.

    Monthly counts are those the board showed; everything else is summed from
    the entries, so that the two can be held against each other.
    """
    publications = list(final_months(village, year))
    entries = entries_of(village, year, publications)
    standings = last_standings(publications)
    households = list(household_lines(village, year, publications, standings))
    rules = RulesOfYear(village, year)
    return VillageYear(
        village=village,
        year=year,
        months=[_month_line(publication) for publication in publications],
        households=households,
        groups=list(_group_lines(standings, households)),
        items=list(_item_lines(village, rules, entries)),
        rulebooks=rules.versions,
        objections=_objections(publications),
        corrections=list(_corrections(entries)),
        repairs=_repairs(village, year, entries),
        shop=shop_year(village, year),
        roll=roll_of_year(village, year),
    )


def reported_years(villages: Iterable[Village]) -> list[int]:
    """Return the years with a final month in any of these villages, newest first."""
    months = Publication.objects.standing().filter(
        village__in=list(villages), period__finalized_at__isnull=False
    )
    years = months.dates("period__month", "year", order="DESC")
    return [day.year for day in years]


def _month_line(publication: Publication) -> MonthLine:
    document = board.read(publication.document)
    counts = document["counts"]
    return MonthLine(
        month=publication.period.month,
        deeds=counts["deeds"],
        points=counts["points"],
        participating=counts["participating"],
        pillars={name: each["deeds"] for name, each in counts["pillars"].items()},
        revision=publication.revision,
        rulebook=document["rulebook"]["version"],
        published_at=publication.published_at,
        digest=publication.digest,
    )


def _group_lines(standings, households):
    """Yield the groups as they stood in the last final month, in their order."""
    active = {line.household.pk for line in households if line.deeds > 0}
    homes = defaultdict(list)
    for household, standing in standings.items():
        homes[standing.group].append(household)
    for group in sorted(homes, key=lambda group: group.number):
        of_group = homes[group]
        yield GroupLine(group.name, len(of_group), len(active.intersection(of_group)))


def _item_lines(village, rules, entries):
    """Yield the items of the year's rulebooks in their order, also those never used.

    A pair of entry and reversal of one month is left out, as in its document.
    """
    undone = Entry.objects.filter(
        village=village, reverses=OuterRef("pk"), period=OuterRef("period")
    )
    used = (
        entries.filter(kind__in=[Entry.Kind.ADDITION, Entry.Kind.DEDUCTION])
        .exclude(pk__in=Subquery(undone.values("reverses")))
        .values(code=F("deed__item__code"))
        .annotate(
            times=Count("pk"),
            households=Count("household", distinct=True),
            points=Sum("points"),
        )
        .order_by()
    )
    lines = {row.pop("code"): row for row in used}
    for item in rules.items(lines):
        yield ItemLine(item, **lines.get(item.code, {}))


def _objections(publications: list[Publication]) -> Counter:
    """Count the objections to the year's months by their state."""
    states = (
        Objection.objects.filter(publication__in=publications)
        .values("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return Counter({row["state"]: row["count"] for row in states})


def _repairs(village, year, entries) -> RepairLine:
    """Count what was asked back in the year, and what its months gave back."""
    asked = Repair.objects.filter(village=village, asked_at__year=year)
    undone = Entry.objects.filter(village=village, reverses=OuterRef("pk"))
    given = entries.filter(~Exists(undone), kind=Entry.Kind.REPAIR)
    counted = given.aggregate(given=Count("pk"), points=Coalesce(Sum("points"), 0))
    return RepairLine(asked=asked.count(), **counted)


def _corrections(entries):
    """Yield the reversals booked in the year, of earlier months."""
    reversals = (
        entries.filter(kind=Entry.Kind.REVERSAL)
        .exclude(period=F("reverses__period"))
        .select_related("period", "reverses__period", "reverses__deed__item")
        .in_order()
    )
    for entry in reversals:
        original = entry.reverses
        yield CorrectionLine(
            number=entry.number,
            month=entry.period.month,
            original=original.number,
            of_month=original.period.month,
            code=original.deed.item.code if original.deed else "",
            points=entry.points,
        )
