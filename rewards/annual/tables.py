"""Tables of any kind: one home for the page, Excel and CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any, NamedTuple

from django.utils.translation import gettext as _


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


def totals(rows: Sequence[Sequence], *, text: int, summed: int, rest: int) -> list:
    """Add up the columns after the text ones; the rest stays empty."""
    sums = [
        sum(row[column] or 0 for row in rows) for column in range(text, text + summed)
    ]
    return [_("Together"), *(text - 1) * [None], *sums, *rest * [None]]


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
