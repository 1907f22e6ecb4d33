"""The tables of the annual report: one home for the page, Excel and CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from households.models import Village
from ledger.models import Objection
from rewards.annual.figures import MONTHS, VillageYear, percent

FEN_A_YUAN = 100


class Kind(Enum):
    """How the cells of a column are written."""

    TEXT = auto()
    NUMBER = auto()
    SIGNED = auto()
    YUAN = auto()
    PERCENT = auto()
    DAY = auto()


class Cell(NamedTuple):
    """A cell as a page shows it."""

    text: str
    is_number: bool


@dataclass(frozen=True)
class Column:
    """A column: its head, how its cells are written, its width in characters."""

    title: str
    kind: Kind = Kind.NUMBER
    width: int = 8

    @property
    def is_number(self) -> bool:
        return self.kind not in (Kind.TEXT, Kind.DAY)

    def show(self, cell: Any) -> Cell:
        """Write a cell for the page as the workbook's format writes it."""
        return Cell(_shown(self.kind, cell), self.is_number)


@dataclass(frozen=True)
class Table:
    """One sheet: rows in the order of the columns; None is an empty cell."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    total: Sequence[Any] = field(default=())
    frozen: int = 0
    is_wide: bool = False

    def shown_rows(self) -> Iterator[list[Cell]]:
        for row in self.rows:
            yield self._show(row)

    def shown_total(self) -> list[Cell]:
        return self._show(self.total)

    def _show(self, row: Sequence[Any]) -> list[Cell]:
        return [
            column.show(cell) for column, cell in zip(self.columns, row, strict=True)
        ]


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
    yield sources_table(title, years)


def cover(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the headline figures of the report."""
    is_over = all(year.is_over for year in years if year.months)
    facts = [
        (_("Villages"), len(years)),
        (_("Households"), sum(year.listed for year in years)),
        (pgettext("report", "Good deeds"), sum(year.deeds for year in years)),
        (pgettext("report", "Points added"), sum(year.points for year in years)),
        (_("Deductions made"), sum(year.deductions for year in years)),
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
            Column(_("Remark"), Kind.TEXT, 12),
        ],
        rows=rows,
        total=_total(rows, text=4, summed=18, rest=2),
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
    whole = _total(rows, text=1, summed=10, rest=0)
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


def items_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return how often each item was used, also those never used."""
    rows = [
        (
            year.village.name,
            line.item.code,
            line.item.get_pillar_display(),
            line.item.title,
            line.times,
            line.households,
            line.points,
        )
        for year in years
        for line in year.items
    ]
    return Table(
        name=_("Use of the items"),
        title=title,
        note=_("Items that nobody used are listed too."),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Code"), Kind.TEXT, 8),
            Column(_("Pillar"), Kind.TEXT, 10),
            Column(_("Item"), Kind.TEXT, 32),
            Column(_("Times")),
            Column(_("Households"), width=10),
            Column(_("Points"), Kind.SIGNED, 10),
        ],
        rows=rows,
        frozen=2,
    )


def exchange_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return what was handed over and what the fund took in and paid."""
    rows: list[tuple] = []
    for year in years:
        name, shop = year.village.name, year.shop
        rows += [
            (name, _("Goods"), line.name, line.quantity, line.unit, line.points, None)
            for line in shop.goods
        ]
        rows.append(
            (name, _("Fund"), _("At the start"), *3 * [None], _yuan(shop.opening))
        )
        rows += [
            (name, _("Fund"), line.label, *3 * [None], _yuan(line.fen))
            for line in shop.fund
        ]
        rows.append(
            (name, _("Fund"), _("At the end"), *3 * [None], _yuan(shop.closing))
        )
    return Table(
        name=_("Exchange and fund"),
        title=title,
        note=_("Without slips that were canceled; yuan, negative when money left."),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Kind"), Kind.TEXT, 8),
            Column(_("What"), Kind.TEXT, 20),
            Column(_("Quantity"), width=10),
            Column(_("Unit"), Kind.TEXT, 8),
            Column(_("Points"), width=10),
            Column(_("Yuan"), Kind.YUAN, 12),
        ],
        rows=rows,
        frozen=1,
    )


def objections_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return how many objections there were and how they ended; never by whom."""
    states = list(Objection.State)
    rows = [
        (
            year.village.name,
            *(year.objections[state] for state in states),
            year.objections.total(),
        )
        for year in years
    ]
    return Table(
        name=_("Objections"),
        title=title,
        note=_("Objections to the year's months. Who objected is never stored."),
        columns=[
            Column(_("Village"), Kind.TEXT, 12),
            *(Column(str(state.label), width=12) for state in states),
            Column(_("Together"), width=10),
        ],
        rows=rows,
        total=_total(rows, text=1, summed=len(states) + 1, rest=0),
        frozen=1,
    )


def corrections_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the reversals booked in the year."""
    rows = [
        (
            year.village.name,
            line.month,
            line.number,
            line.of_month,
            line.original,
            line.code,
            line.points,
        )
        for year in years
        for line in year.corrections
    ]
    return Table(
        name=_("Corrections"),
        title=title,
        note=_("A published month never changes; it is put right in a later one."),
        columns=[
            Column(_("Village"), Kind.TEXT, 12),
            Column(_("Booked in"), Kind.DAY, 12),
            Column(_("Entry"), width=10),
            Column(_("Puts right"), Kind.DAY, 12),
            Column(_("Original entry"), width=10),
            Column(_("Item"), Kind.TEXT, 8),
            Column(_("Points"), Kind.SIGNED, 8),
        ],
        rows=rows,
        frozen=1,
    )


def sources_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return where every number comes from: months, rulebooks, digests."""
    rows = [
        (
            year.village.name,
            line.month,
            line.revision,
            line.rulebook,
            line.deeds,
            line.participating,
            line.points,
            line.digest,
        )
        for year in years
        for line in year.months
    ]
    return Table(
        name=_("Where the numbers come from"),
        title=title,
        note=_(
            "Monthly deeds, households and points are those of the published board, "
            "named by its digest; corrections count in the month they are booked in."
        ),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Month"), Kind.DAY, 12),
            Column(_("Notice no."), width=8),
            Column(_("Rulebook"), width=8),
            Column(pgettext("report", "Good deeds")),
            Column(_("Households taking part"), width=10),
            Column(pgettext("report", "Points added")),
            Column(_("Digest"), Kind.TEXT, 68),
        ],
        rows=rows,
        frozen=2,
        is_wide=True,
    )


def _shown(kind: Kind, cell: Any) -> str:
    if cell is None or cell == "":
        return ""
    if kind == Kind.PERCENT:
        return f"{cell:.0%}"
    if kind == Kind.YUAN:
        return f"{cell:,.2f}".replace("-", "−")
    if kind == Kind.SIGNED:
        return f"{cell:+,d}".replace("-", "−") if cell else "0"
    if kind == Kind.NUMBER:
        return f"{cell:,d}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return str(cell)


def _yuan(fen: int) -> float:
    return fen / FEN_A_YUAN


def _total(rows: Sequence[Sequence], *, text: int, summed: int, rest: int) -> list:
    """Add up the columns after the text ones; the rest stays empty."""
    sums = [
        sum(row[column] or 0 for row in rows) for column in range(text, text + summed)
    ]
    return [_("Together"), *(text - 1) * [None], *sums, *rest * [None]]
