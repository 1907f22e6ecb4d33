"""The bars of the annual report, drawn on the server: percent across, pixels down."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from django.utils.translation import gettext as _

from ledger.models import ScoringItem
from rewards.annual.lines import MONTHS, GroupLine, MonthLine

# From the bottom of a stacked bar to its top.
PILLARS = ("law", "virtue", "self")
BASELINE, TOP = 180, 22
LEFT, STEP, WIDTH = 8.95, 6.9, 5.0
ROW, BAR_LEFT, BAR_WIDTH = 38, 16, 70
LINES = 3


@dataclass(frozen=True)
class Piece:
    """One colored piece of a month's bar."""

    pillar: str
    y: float
    height: float


@dataclass(frozen=True)
class MonthBar:
    """One month's stacked bar; `deeds` is None while the month is not final."""

    number: int
    deeds: int | None
    pillars: dict[str, int]
    x: float
    pieces: Sequence[Piece]

    @property
    def middle(self) -> float:
        return round(self.x + WIDTH / 2, 2)

    @property
    def label_y(self) -> float:
        return round(min((piece.y for piece in self.pieces), default=BASELINE) - 6, 1)


def month_bars(lines: Sequence[MonthLine]) -> list[MonthBar]:
    """Return twelve bars, the highest below the topmost line."""
    by_month = {line.month.month: line for line in lines}
    scale = (BASELINE - TOP) / _top(lines)
    bars = []
    for index, number in enumerate(MONTHS):
        line = by_month.get(number)
        pillars = line.pillars if line else {}
        pieces, y = [], float(BASELINE)
        for pillar in PILLARS:
            height = pillars.get(pillar, 0) * scale
            y -= height
            if height:
                pieces.append(Piece(pillar, round(y, 1), round(max(height - 1, 1), 1)))
        bars.append(
            MonthBar(
                number=number,
                deeds=line.deeds if line else None,
                pillars=pillars,
                x=round(LEFT + STEP * index, 2),
                pieces=pieces,
            )
        )
    return bars


def pillar_rows(lines: Sequence[MonthLine]) -> list[dict]:
    """Return the numbers beneath the bars: a row for each pillar, and their sum."""
    by_month = {line.month.month: line for line in lines}
    rows = []
    for pillar in PILLARS:
        months = [
            by_month[month].pillars[pillar] if month in by_month else None
            for month in MONTHS
        ]
        rows.append(_row(ScoringItem.Pillar(pillar).label, months))
    months = [by_month[month].deeds if month in by_month else None for month in MONTHS]
    return [*rows, _row(_("Together"), months)]


def month_grid(lines: Sequence[MonthLine]) -> list[tuple[int, float]]:
    """Return the lines across: how many deeds each stands for, and its height."""
    top = _top(lines)
    return [
        (
            top * line // LINES,
            round(BASELINE - (BASELINE - TOP) * line / LINES, 1),
        )
        for line in range(1, LINES + 1)
    ]


def group_bars(lines: Sequence[GroupLine]) -> list[dict]:
    """Return one bar for each group, as long as its share."""
    return [
        {
            "line": line,
            "y": ROW * index + 8,
            "text_y": ROW * index + 26,
            "width": round(BAR_WIDTH * line.rate / 100, 2),
        }
        for index, line in enumerate(lines)
    ]


def _row(label, months) -> dict:
    return {"label": label, "months": months, "total": sum(filter(None, months))}


def _top(lines: Sequence[MonthLine]) -> int:
    """Return the deeds of the topmost line: three steps of 1, 2 or 5 times ten."""
    most = max((line.deeds for line in lines), default=0)
    for power in count():
        for digit in (1, 2, 5):
            if digit * 10**power * LINES >= most:
                return digit * 10**power * LINES
    raise AssertionError("Some power of ten is large enough.")
