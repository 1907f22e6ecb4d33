"""What one household's passbook says: a pure reading of its entries.

Only months that stand published count here, so that the passbook and the board
say the same. Points are whole points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import cast

from django.utils import timezone

from households.models import Household
from ledger.models import Entry, Period, ScoringItem
from ledger.passbook_rank import Rank, rank_of

MONTHS_OPEN = 3  # the newest; earlier ones fold away


@dataclass(frozen=True)
class Line:
    """One entry as the household reads it, and what there was after it."""

    entry: Entry
    day: date
    total: int
    is_repaired: bool = False
    is_reversed: bool = False

    @property
    def item(self) -> ScoringItem | None:
        """Return the item that points were given or taken for, first of all."""
        deed = _source(self.entry).deed
        return deed.item if deed else None


@dataclass(frozen=True)
class Month:
    """One published month of the household: its lines, the newest first."""

    period: Period
    lines: Sequence[Line]

    @property
    def points(self) -> int:
        """Return what the month added, base points aside."""
        return sum(
            line.entry.points
            for line in self.lines
            if line.entry.kind != Entry.Kind.BASE
        )

    @property
    def total(self) -> int:
        return self.lines[0].total


@dataclass(frozen=True)
class Equation:
    """The year's score as an equation: base + good − lost = score."""

    base: int
    good: int
    lost: int

    @property
    def score(self) -> int:
        return self.base + self.good - self.lost


@dataclass(frozen=True)
class Book:
    """One household's passbook in one year."""

    household: Household
    year: int | None
    equation: Equation
    spendable: int
    waiting: int
    usable_from: datetime | None
    months: Sequence[Month]
    spendings: Sequence[Line]
    rank: Rank | None

    @property
    def is_new(self) -> bool:
        """Tell whether nothing has been published of this household yet."""
        return self.year is None

    @property
    def has_deeds(self) -> bool:
        return any(line.item for month in self.months for line in month.lines)

    @property
    def open_months(self) -> Sequence[Month]:
        return self.months[:MONTHS_OPEN]

    @property
    def folded_months(self) -> Sequence[Month]:
        return self.months[MONTHS_OPEN:]


def read_book(household: Household) -> Book:
    """Read a household's passbook: always four questions, however long it is."""
    entries = entries_of(household)
    scoring = [entry for entry in entries if counts(entry)]
    year = max((entry.year for entry in scoring), default=None)
    of_year = [entry for entry in scoring if entry.year == year]
    waiting = [
        entry
        for entry in scoring
        if entry.kind in Entry.EARNING and not _is_final(entry)
    ]
    notices = [_period(entry).notice_ends_at for entry in waiting]
    return Book(
        household=household,
        year=year,
        equation=equation_of(of_year),
        spendable=max(0, sum(e.points for e in entries if can_be_spent(e))),
        waiting=sum(entry.points for entry in waiting),
        usable_from=max(filter(None, notices), default=None),
        months=months_of(of_year, scoring),
        spendings=[
            line for line in spendings(entries) if line.entry.year >= (year or 0)
        ],
        rank=rank_of(household),
    )


def entries_of(household: Household) -> list[Entry]:
    """Return all entries of a household as posted, with what they came from."""
    sources = ["", "reverses__", "repairs__", "reverses__repairs__"]
    return list(
        Entry.objects.filter(village=household.village_id, household=household)
        .select_related(
            "period", "reverses__period", *(f"{source}deed__item" for source in sources)
        )
        .in_order()
    )


def counts(entry: Entry) -> bool:
    """Tell whether an entry ranks and its month stands published."""
    return entry.kind in Entry.SCORING and _period(entry).is_published


def can_be_spent(entry: Entry) -> bool:
    """Tell whether an entry is part of the balance, as `spendable()` keeps them."""
    is_earned = entry.kind in Entry.EARNING and _is_final(entry)
    return is_earned or entry.kind in Entry.SPENDING


def equation_of(entries: Iterable[Entry]) -> Equation:
    """Put a year's entries into the equation.

    What undoes or repairs a deduction makes the loss smaller, what undoes an
    addition the gain; either may have happened in another year.
    """
    parts = {"base": 0, "good": 0, "lost": 0}
    for entry in entries:
        source = _source(entry)
        if source.kind == Entry.Kind.BASE:
            parts["base"] += entry.points
        elif source.kind == Entry.Kind.ADDITION:
            parts["good"] += entry.points
        else:
            parts["lost"] -= entry.points
    good, lost = parts["good"], parts["lost"]
    return Equation(
        base=parts["base"],
        good=max(0, good) + max(0, -lost),
        lost=max(0, lost) + max(0, -good),
    )


def months_of(of_year: Iterable[Entry], scoring: Sequence[Entry]) -> list[Month]:
    """Return a year's months, the newest first, with the score after each line."""
    reversed_ids = {entry.reverses_id for entry in scoring}
    repaired_ids = {entry.repairs_id for entry in scoring}
    months = []
    score = 0
    in_order = sorted(of_year, key=_as_it_happened)
    for period, of_month in groupby(in_order, key=_period):
        lines = []
        for entry in of_month:
            score += entry.points
            lines.append(
                Line(
                    entry,
                    day=_day(entry),
                    total=score,
                    is_repaired=entry.pk in repaired_ids,
                    is_reversed=entry.pk in reversed_ids,
                )
            )
        months.append(Month(period, lines[::-1]))
    return months[::-1]


def spendings(entries: Iterable[Entry]) -> list[Line]:
    """Return what was spent, the newest first, and what could be spent after it."""
    moments = [
        (_spendable_since(entry), entry.number, entry)
        for entry in entries
        if can_be_spent(entry)
    ]
    lines = []
    balance = 0
    for moment, _number, entry in sorted(moments, key=lambda found: found[:2]):
        balance += entry.points
        if entry.kind in Entry.SPENDING:
            day = timezone.localdate(moment)
            lines.append(Line(entry, day=day, total=max(0, balance)))
    return lines[::-1]


def _as_it_happened(entry: Entry) -> tuple:
    is_earned = entry.kind != Entry.Kind.BASE
    return _period(entry).month, is_earned, _day(entry), entry.number


def _day(entry: Entry) -> date:
    """Return the day of what an entry was posted for."""
    if entry.deed:
        return entry.deed.happened_on
    if entry.kind == Entry.Kind.BASE:
        return _period(entry).month
    return timezone.localdate(entry.posted_at)


def _source(entry: Entry) -> Entry:
    """Return what an entry undoes or repairs first of all, else itself."""
    while source := entry.reverses or entry.repairs:
        entry = source
    return entry


def _spendable_since(entry: Entry) -> datetime:
    if entry.kind in Entry.SPENDING:
        return entry.posted_at
    return _period(entry).finalized_at or entry.posted_at


def _is_final(entry: Entry) -> bool:
    return _period(entry).finalized_at is not None


def _period(entry: Entry) -> Period:
    """Return the month of an entry that ranks; those that are spent have none."""
    return cast(Period, entry.period)
