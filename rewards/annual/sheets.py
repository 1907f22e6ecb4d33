"""The first sheets of the annual report, and the order of them all."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from households.models import Village
from rewards.annual.details import (
    awards_table,
    corrections_table,
    exchange_table,
    items_table,
    objections_table,
    rulebooks_table,
    sources_table,
)
from rewards.annual.lines import MONTHS, VillageYear, percent
from rewards.annual.tables import Column, Kind, Table, totals


def title_of(villages: Sequence[Village], year: int) -> str:
    """Return what heads every sheet of a report."""
    return _("%(place)s: annual points report of %(year)s") % {
        "place": place_of(villages),
        "year": year,
    }


def place_of(villages: Sequence[Village]) -> str:
    """Return the name of the village, or of the township of several."""
    return villages[0].name if len(villages) == 1 else villages[0].township.name


def report(title: str, years: Sequence[VillageYear]) -> Iterator[Table]:
    """Yield the sheets of the report in their order."""
    yield cover(title, years)
    yield year_table(title, years)
    if len(years) > 1:
        yield villages_table(title, years)
    yield items_table(title, years)
    yield exchange_table(title, years)
    yield objections_table(title, years)
    yield corrections_table(title, years)
    yield awards_table(title, years)
    yield sources_table(title, years)
    yield rulebooks_table(title, years)


def cover(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the headline figures of the report."""
    is_over = all(year.is_over for year in years if year.months)
    facts = [
        (_("Villages"), len(years)),
        (_("Households"), sum(year.listed for year in years)),
        (pgettext("report", "Good deeds"), sum(year.deeds for year in years)),
        (pgettext("report", "Points added"), sum(year.points for year in years)),
        (_("Deductions made"), sum(year.deductions for year in years)),
        (_("Repairs asked for"), sum(year.repairs.asked for year in years)),
        (_("Deductions repaired"), sum(year.repairs.given for year in years)),
        (_("Points that came back"), sum(year.repairs.points for year in years)),
        (_("Exchanges"), sum(year.shop.slips for year in years)),
        (_("Points exchanged"), sum(year.shop.points for year in years)),
        (_("Objections"), sum(year.objections.total() for year in years)),
        (_("Corrections"), sum(len(year.corrections) for year in years)),
    ]
    return Table(
        name=_("Cover"),
        title=title,
        note="" if is_over else _("The year is not over: only final months count."),
        columns=[Column(_("What"), Kind.TEXT, 24), Column(_("How many"), width=14)],
        rows=facts,
    )


def year_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return each household's year: 年度汇总表 as villages keep it on paper."""
    rows = [
        (
            year.village.name,
            line.group,
            line.household.number,
            line.household.head_name,
            *line.months,
            line.base,
            line.gained,
            line.lost,
            line.score,
            line.redeemed,
            line.left,
            line.place,
            _("yes") if line.household.pk in year.awarded else "",
            "" if line.is_listed else _("left the roster"),
        )
        for year in years
        for line in year.households
    ]
    return Table(
        name=_("Year by household"),
        title=title,
        note=_(
            "Base + gained − lost = score. A month is what it added less what it "
            "took; place and score are those of the last final month's board."
        ),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Group"), Kind.TEXT, 8),
            Column(_("Household no."), Kind.TEXT, 8),
            Column(_("Head"), Kind.TEXT, 10),
            *(Column(_("Month %(n)s") % {"n": n}, Kind.SIGNED, 6) for n in MONTHS),
            Column(_("Base")),
            Column(_("Gained")),
            Column(_("Lost")),
            Column(_("Score")),
            Column(_("Redeemed")),
            Column(_("Left")),
            Column(_("Place")),
            Column(_("Outstanding household"), Kind.TEXT, 10),
            Column(_("Remark"), Kind.TEXT, 12),
        ],
        rows=rows,
        total=totals(rows, text=4, summed=18, rest=3),
        frozen=4,
        is_wide=True,
    )


def villages_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the villages side by side, in the township's own order, not ranked."""
    rows = [
        (
            year.village.name,
            len(year.months),
            year.listed,
            year.deeds,
            year.points,
            year.participation / 100,
            year.deductions,
            year.shop.slips,
            year.shop.points,
            year.objections.total(),
            len(year.corrections),
        )
        for year in years
    ]
    whole = totals(rows, text=1, summed=10, rest=0)
    whole[5] = participation(years) / 100
    return Table(
        name=_("Villages side by side"),
        title=title,
        note=_("In the township's own order; villages are not ranked."),
        columns=[
            Column(_("Village"), Kind.TEXT, 12),
            Column(_("Final months"), width=10),
            Column(_("Households"), width=10),
            Column(pgettext("report", "Good deeds"), width=10),
            Column(pgettext("report", "Points added"), width=10),
            Column(_("Participation"), Kind.PERCENT, 10),
            Column(_("Deductions made"), width=10),
            Column(_("Exchanges"), width=10),
            Column(_("Points exchanged"), width=12),
            Column(_("Objections"), width=10),
            Column(_("Corrections"), width=10),
        ],
        rows=rows,
        total=whole,
        frozen=1,
        is_wide=True,
    )


def participation(years: Sequence[VillageYear]) -> int:
    """Return the share of households that did a good deed, in whole percent."""
    groups = [group for year in years for group in year.groups]
    return percent(
        sum(group.participating for group in groups),
        sum(group.households for group in groups),
    )
