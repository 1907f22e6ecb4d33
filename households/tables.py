"""A table read from a sheet, and the words for what was left out or refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from households.cells import CellProblem, looks_like_identity_number

Value = TypeVar("Value")


@dataclass(frozen=True)
class Row:
    """One line of the sheet: its own row number and the cells we keep, by key."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Dropped:
    """A row that was left out, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Refusal:
    """A cell that stops the import: where it is, what is wrong, what to do."""

    row: int
    column: str
    value: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Note:
    """Something we read differently from how it stands in the sheet."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Table:
    """The rows under a heading, what was left out of them, and what stands above."""

    sheet: str
    heading_row: int
    headings: dict[str, str]
    rows: list[Row]
    dropped: list[Dropped] = field(default_factory=list)
    private_headings: list[str] = field(default_factory=list)
    unread_headings: list[str] = field(default_factory=list)
    unreadable_cells: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    above: list[str] = field(default_factory=list)

    def refuse(self, row: Row, key: str, problem: CellProblem) -> Refusal:
        """Say what is wrong with one cell, without repeating an identity number."""
        return Refusal(
            row=row.number,
            column=self.headings.get(key, key),
            value=shown(row.cells.get(key)),
            problem=problem.problem,
            remedy=problem.remedy,
        )

    def read_cell(
        self,
        row: Row,
        key: str,
        reader: Callable[[Any], Value],
        refusals: list[Refusal],
    ) -> Value | None:
        """Read one cell; a problem joins the refusals and gives None."""
        try:
            return reader(row.cells.get(key))
        except CellProblem as problem:
            refusals.append(self.refuse(row, key, problem))
            return None


def shown(value: Any) -> str:
    """Write a cell for a report: short, and never an identity number."""
    if looks_like_identity_number(value):
        return _("(a long number, not shown)")
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = str(value if value is not None else "")
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    return text if len(text) <= 80 else f"{text[:79]}…"
