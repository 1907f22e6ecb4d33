"""What one household's passbook says: a pure reading of its entries.

Only months that stand published count here, so that the passbook and the board
say the same. Points are whole points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from households.models import Household
from ledger.models import Entry, Repair
from ledger.passbooks.claims import claims_by_month, decisions_on
from ledger.passbooks.lines import (
    Line,
    Month,
    can_be_spent,
    counts,
    is_final,
    months_of,
    period_of,
    spendings,
)
from ledger.passbooks.rank import Rank, rank_of
from ledger.passbooks.sums import Bar, Equation, equation_of, halves_of

MONTHS_OPEN = 3  # the newest; earlier ones fold away


@dataclass(frozen=True)
class Book:
    """One household's passbook in one year."""

    household: Household
    year: int | None
    years: Sequence[int]
    equation: Equation
    spendable: int
    waiting: int
    usable_from: datetime | None
    upcoming: Sequence[Month]
    months: Sequence[Month]
    spendings: Sequence[Line]
    rank: Rank | None
    repairs: Sequence[Repair]  # what was asked for, the newest first

    @property
    def is_new(self) -> bool:
        """Tell whether nothing has been published of this household yet."""
        return self.year is None

    @property
    def is_closed(self) -> bool:
        """Tell whether this is a past year."""
        return self.year != max(self.years, default=None)

    @property
    def other_years(self) -> Sequence[int]:
        return [year for year in self.years if year != self.year]

    @property
    def redeemed(self) -> int:
        """Return the points redeemed in the year, without a sign."""
        kinds = (Entry.Kind.REDEMPTION, Entry.Kind.CANCELLATION)
        lines = (line.entry for line in self.spendings)
        return -sum(
            entry.points
            for entry in lines
            if entry.kind in kinds and entry.year == self.year
        )

    @property
    def has_deeds(self) -> bool:
        claims = any(month.claims for month in self.upcoming)
        return claims or any(
            line.item or month.claims for month in self.months for line in month.lines
        )

    @property
    def waits(self) -> bool:
        """Tell whether a month of the year hangs on notice still."""
        return any(not month.period.finalized_at for month in self.months)

    @property
    def open_months(self) -> Sequence[Month]:
        return self.months[:MONTHS_OPEN]

    @property
    def folded_months(self) -> Sequence[Month]:
        return self.months[MONTHS_OPEN:]

    @property
    def halves(self) -> list[list[Bar]]:
        """Return the chart of the year's months."""
        return halves_of(self.months, self.year or 0)


def read_book(household: Household, *, year: int | None = None) -> Book:
    """Read a household's passbook: as many questions however long it is.

    `year` asks for a past one; a year without a line is passed over.
    """
    entries = entries_of(household)
    decisions = decisions_on(household)
    claims = claims_by_month(household, decisions)
    repairs = repairs_asked(household)
    scoring = [entry for entry in entries if counts(entry)]
    years = sorted({entry.year for entry in scoring}, reverse=True)
    newest = max(years, default=None)
    year = year if year in years else newest
    is_newest = year == newest
    of_year = [entry for entry in scoring if entry.year == year]
    waiting = [
        entry
        for entry in scoring
        if entry.kind in Entry.EARNING and not is_final(entry)
    ]
    notices = [period_of(entry).notice_ends_at for entry in waiting]
    return Book(
        household=household,
        year=year,
        years=years,
        equation=equation_of(of_year),
        spendable=max(0, sum(e.points for e in entries if can_be_spent(e))),
        waiting=sum(entry.points for entry in waiting),
        usable_from=max(filter(None, notices), default=None),
        upcoming=[
            Month(period, claims=theirs)
            for period, theirs in claims.items()
            if is_newest and not period.is_published
        ],
        months=months_of(
            of_year,
            scoring,
            decisions=decisions,
            repairs={repair.entry_id: repair for repair in reversed(repairs)},
            claims={
                period: theirs
                for period, theirs in claims.items()
                if period.is_published and period.month.year == year
            },
        ),
        spendings=[
            line
            for line in spendings(entries)
            if line.year == year or (is_newest and line.year > (year or 0))
        ],
        rank=rank_of(household) if is_newest else None,
        repairs=repairs,
    )


def repairs_asked(household: Household) -> list[Repair]:
    """Return the repairs that a household asked for, the newest first."""
    asked = Repair.objects.filter(
        village=household.village_id, entry__household=household
    )
    return list(asked.order_by("-asked_at", "-pk"))


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
