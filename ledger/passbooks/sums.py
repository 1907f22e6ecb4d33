"""A year in a passbook as sums: the equation, its bar, and the bars of the months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.models import Entry, ScoringItem
from ledger.passbooks.lines import Month, source_of

PILLARS = (
    ScoringItem.Pillar.LAW,
    ScoringItem.Pillar.VIRTUE,
    ScoringItem.Pillar.SELF,
)
BAR_WIDTH = 1000
BAR_GAP = 5
# A chart is drawn in halves of a year, in units of about a pixel.
PITCH, FOOT, TALLEST, BAR = 28, 78, 52, 17


@dataclass(frozen=True)
class Part:
    """One part of the bar: the base or a pillar, its points and where it lies."""

    name: str
    points: int
    x: int
    width: int


@dataclass(frozen=True)
class Equation:
    """The year's score as an equation: base + good − lost = score."""

    base: int
    good: int
    lost: int
    by_pillar: dict[str, int]

    @property
    def score(self) -> int:
        return self.base + self.good - self.lost

    @property
    def is_divisible(self) -> bool:
        """Tell whether the good deeds are the sum of their pillars.

        What undoes a deed of another year may leave less than nothing in one.
        """
        points = self.by_pillar.values()
        return min(points) >= 0 and sum(points) == self.good

    @property
    def bar(self) -> Sequence[Part]:
        """Lay base and pillars end to end over the width of the bar."""
        shown = {"base": self.base, **self.by_pillar} if self.is_divisible else {}
        parts = {name: points for name, points in shown.items() if points > 0}
        total = sum(parts.values())
        room = BAR_WIDTH - BAR_GAP * (len(parts) - 1)
        laid: list[Part] = []
        before = x = 0
        for name, points in parts.items():
            before += points
            end = room * before // total + BAR_GAP * len(laid)
            laid.append(Part(name, points, x, end - x))
            x = end + BAR_GAP
        return laid


@dataclass(frozen=True)
class Bar:
    """One month of the chart: what it added, and where its bar stands."""

    month: date
    points: int | None
    is_waiting: bool
    x: int
    y: int

    @property
    def center(self) -> float:
        return self.x + BAR / 2

    @property
    def path(self) -> str:
        """Draw the bar, or the flat line of a month that added nothing."""
        return f"M{self.x} {self.y}h{BAR}V{FOOT}h-{BAR}z"


def equation_of(entries: Iterable[Entry]) -> Equation:
    """Put a year's entries into the equation.

    What undoes or repairs a deduction makes the loss smaller, what undoes an
    addition the gain; either may have happened in another year. What a merge
    brought along, or took away, counts with the good deeds.
    """
    base = lost = brought = 0
    by_pillar = dict.fromkeys((pillar.value for pillar in PILLARS), 0)
    for entry in entries:
        source = source_of(entry)
        if source.kind == Entry.Kind.BASE:
            base += entry.points
        elif source.kind == Entry.Kind.MERGE:
            brought += entry.points
        elif source.kind == Entry.Kind.ADDITION and source.deed:
            by_pillar[source.deed.item.pillar] += entry.points
        else:
            lost -= entry.points
    good = sum(by_pillar.values()) + brought
    return Equation(
        base=base,
        good=max(0, good) + max(0, -lost),
        lost=max(0, lost) + max(0, -good),
        by_pillar=by_pillar,
    )


def halves_of(months: Sequence[Month], year: int) -> list[list[Bar]]:
    """Return a chart of the year's twelve months, in two halves of six."""
    found = {month.period.month.month: month for month in months}
    most = max((month.points for month in months), default=0)
    bars = []
    for number in range(1, 13):
        month = found.get(number)
        points = month.points if month else None
        height = TALLEST * max(0, points or 0) // max(most, 6)
        bars.append(
            Bar(
                month=date(year, number, 1),
                points=points,
                is_waiting=bool(month and not month.period.finalized_at),
                x=6 + PITCH * ((number - 1) % 6),
                y=FOOT - max(2, height),
            )
        )
    return [bars[:6], bars[6:]]
