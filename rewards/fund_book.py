"""The fund as a cash book: month by month, each line with the balance after it."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from households.models import Village
from ledger.months import first_day, next_month
from rewards.models import FundMovement


@dataclass(frozen=True)
class Line:
    """One movement of money and the balance after it, in fen."""

    movement: FundMovement
    balance: int

    @property
    def is_taken_back(self) -> bool:
        return bool(self.movement.corrected_by.all())


@dataclass(frozen=True)
class FundMonth:
    """The lines of one month between two balances, in fen."""

    month: date
    opening: int
    lines: list[Line]

    @property
    def income(self) -> int:
        """Return what came in, corrections of income taken off."""
        return sum(fen for fen in self._fen(FundMovement.INCOME))

    @property
    def spending(self) -> int:
        """Return what was paid, corrections of purchases taken off; 0 or less."""
        return sum(fen for fen in self._fen([FundMovement.Kind.PURCHASE]))

    @property
    def closing(self) -> int:
        return self.lines[-1].balance if self.lines else self.opening

    def _fen(self, kinds):
        for line in self.lines:
            original = line.movement.corrects or line.movement
            if original.kind in kinds:
                yield line.movement.fen


def months_of_fund(village: Village) -> list[date]:
    """Return the months in which money moved, the newest first."""
    of_village = FundMovement.objects.filter(village=village)
    return list(of_village.dates("happened_on", "month", order="DESC"))


def fund_month(village: Village, month: date) -> FundMonth:
    """Return the lines of a month by the day of their vouchers.

    A correction stands beside the line it takes back, on the same day, so that
    each month adds up by itself.
    """
    of_village = FundMovement.objects.filter(village=village)
    first, last = first_day(month), next_month(month) - timedelta(days=1)
    opening = of_village.until(first - timedelta(days=1)).balance()
    movements = list(
        of_village.filter(happened_on__range=(first, last))
        .select_related("corrects", "recorded_by")
        .prefetch_related("corrected_by")
        .in_book_order()
    )
    balances = accumulate((m.fen for m in movements), initial=opening)
    next(balances)
    return FundMonth(
        first,
        opening,
        [Line(m, balance) for m, balance in zip(movements, balances, strict=True)],
    )
