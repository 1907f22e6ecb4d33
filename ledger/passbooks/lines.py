"""The lines of a passbook: entries as their household reads them, month by month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import cast

from django.utils import timezone

from ledger.models import Decision, Entry, Period, Repair, ScoringItem
from ledger.passbooks.claims import Claim
from ledger.repairs.terms import how_to_repair, last_day_to_ask


@dataclass(frozen=True)
class Line:
    """One entry as the household reads it, and what there was after it."""

    entry: Entry
    day: date
    total: int
    is_repaired: bool = False
    is_reversed: bool = False
    decision: Decision | None = None
    repair: Repair | None = None  # the newest that was asked for

    @property
    def how_to_repair(self) -> str:
        """Return what the rules say about making a deduction good."""
        is_lost = self.entry.kind == Entry.Kind.DEDUCTION and self.item
        return how_to_repair(self.item) if is_lost and self.item else ""

    @property
    def repairable_until(self) -> date | None:
        """Return the last day to say that it is put right; None when it gives nothing.

        Whether that day is over is for whoever knows today.
        """
        gives_back = self.item and self.item.repair_percent and not self.is_reversed
        is_free = self.repair is None or self.repair.state in Repair.FREE
        if self.entry.kind == Entry.Kind.DEDUCTION and gives_back and is_free:
            return last_day_to_ask(self.entry)
        return None

    @property
    def item(self) -> ScoringItem | None:
        """Return the item that points were given or taken for, first of all."""
        deed = source_of(self.entry).deed
        return deed.item if deed else None

    @property
    def year(self) -> int:
        """Return the year it is told in: carried-over points that went along, when
        they went.
        """
        is_moved = self.entry.kind == Entry.Kind.TRANSFER
        return self.day.year if is_moved else self.entry.year

    @property
    def may_be_objected_to(self) -> bool:
        """Tell whether the month of the line hangs on notice."""
        period = self.entry.period
        if period is None or self.entry.kind == Entry.Kind.MERGE:
            return False
        return period.state == Period.State.ON_NOTICE


@dataclass(frozen=True)
class Month:
    """One month of the household: its lines and what is no entry, newest first."""

    period: Period
    lines: Sequence[Line] = ()
    claims: Sequence[Claim] = field(default=())

    @property
    def points(self) -> int:
        """Return what the month added, base points aside."""
        return sum(
            line.entry.points
            for line in self.lines
            if line.entry.kind not in (Entry.Kind.BASE, Entry.Kind.MERGE)
        )

    @property
    def total(self) -> int | None:
        return self.lines[0].total if self.lines else None


def months_of(
    of_year: Iterable[Entry],
    scoring: Sequence[Entry],
    *,
    decisions: Mapping[int, Decision],
    repairs: Mapping[int, Repair],
    claims: Mapping[Period, Sequence[Claim]],
) -> list[Month]:
    """Return a year's months, the newest first, with the score after each line.

    `claims` are those of the year's published months.
    """
    claims = dict(claims)
    reversed_ids = {entry.reverses_id for entry in scoring}
    standing = [entry for entry in scoring if entry.pk not in reversed_ids]
    repaired_ids = {entry.repairs_id for entry in standing}
    months = []
    score = 0
    in_order = sorted(of_year, key=_as_it_happened)
    for period, of_month in groupby(in_order, key=period_of):
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
                    decision=decisions.get(entry.deed_id or 0),
                    repair=repairs.get(entry.pk),
                )
            )
        months.append(Month(period, lines[::-1], claims.pop(period, ())))
    months += [Month(period, claims=theirs) for period, theirs in claims.items()]
    return sorted(months, key=lambda month: month.period.month, reverse=True)


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


def counts(entry: Entry) -> bool:
    """Tell whether an entry ranks and its month stands published."""
    return entry.kind in Entry.SCORING and period_of(entry).is_published


def can_be_spent(entry: Entry) -> bool:
    """Tell whether an entry is part of the balance, as `spendable()` keeps them."""
    is_earned = entry.kind in Entry.EARNING and is_final(entry)
    return is_earned or entry.kind in Entry.SPENDING


def source_of(entry: Entry) -> Entry:
    """Return what an entry undoes or repairs first of all, else itself."""
    while source := entry.reverses or entry.repairs:
        entry = source
    return entry


def is_final(entry: Entry) -> bool:
    return period_of(entry).finalized_at is not None


def period_of(entry: Entry) -> Period:
    """Return the month of an entry that ranks; those that are spent have none."""
    return cast(Period, entry.period)


def _as_it_happened(entry: Entry) -> tuple:
    is_earned = entry.kind != Entry.Kind.BASE
    return period_of(entry).month, is_earned, _day(entry), entry.number


def _day(entry: Entry) -> date:
    """Return the day of what an entry was posted for."""
    if entry.deed:
        return entry.deed.happened_on
    if entry.kind == Entry.Kind.BASE:
        return period_of(entry).month
    return timezone.localdate(entry.posted_at)


def _spendable_since(entry: Entry) -> datetime:
    if entry.kind in Entry.SPENDING:
        return entry.posted_at
    return period_of(entry).finalized_at or entry.posted_at
