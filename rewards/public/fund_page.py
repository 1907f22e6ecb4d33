"""Where the exchange fund came from and where it went, a year at a time."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min

from households.models import Village
from rewards.models import FundMovement

YEAR = re.compile(r"20\d\d")
BAR_WIDTH = 100


@dataclass(frozen=True)
class FundYear:
    """One year of a village's exchange fund."""

    village: Village
    year: int
    first: int
    present: date
    last_number: int | None

    @classmethod
    def asked(cls, village: Village, text: str, today: date) -> "FundYear | None":
        """Find the year asked for, without a word the present one.

        There is none before the first movement and none ahead of today.
        """
        movements = FundMovement.objects.filter(village=village).aggregate(
            day=Min("happened_on"), number=Max("number")
        )
        first = (movements["day"] or today).year
        if text and not YEAR.fullmatch(text):
            return None
        year = int(text or today.year)
        if not first <= year <= today.year:
            return None
        return cls(village, year, first, today.replace(day=1), movements["number"])

    @property
    def is_past(self) -> bool:
        return self.year < self.present.year

    def facts(self) -> tuple:
        """Return what the page depends on; a movement never changes."""
        return self.year, self.first, self.present, self.last_number

    def page(self) -> dict:
        """Return the year's movements, its months, and what was left before and after.

        All sums are in fen. A line that was taken back counts in no month: its
        correction carries the same day, and both are shown.
        """
        of_village = FundMovement.objects.filter(village=self.village)
        opening = of_village.until(date(self.year - 1, 12, 31)).balance()
        movements = list(
            of_village.filter(happened_on__year=self.year)
            .select_related("corrects")
            .order_by("-happened_on", "-number")
        )
        corrections = {m.corrects_id: m.number for m in movements if m.corrects_id}
        lines = [_line(movement, corrections) for movement in movements]
        standing = [line for line in lines if line["stands"]]
        months = self._months(standing, opening)
        received = sum(line["fen"] for line in standing if line["is_income"])
        spent = sum(line["fen"] for line in standing if not line["is_income"])
        return {
            "shown": self,
            "opening": _balance(opening),
            "received": received,
            "spent": spent,
            "closing": _balance(opening + received - spent),
            "months": months,
            "lines": lines,
            "is_past": self.is_past,
            "is_empty": self.last_number is None,
            "years": range(self.present.year, self.first - 1, -1),
            "asked": "" if self.year == self.present.year else f"year={self.year}&",
        }

    def _months(self, standing: list[dict], opening: int) -> list[dict]:
        """Return the months that have begun, each with its bars and what was left."""
        months = []
        left = opening
        for number in range(1, 13 if self.is_past else self.present.month + 1):
            of_month = [line for line in standing if line["day"].month == number]
            received = sum(line["fen"] for line in of_month if line["is_income"])
            spent = sum(line["fen"] for line in of_month if not line["is_income"])
            left += received - spent
            months.append(
                {
                    "month": date(self.year, number, 1),
                    "received": received,
                    "spent": spent,
                    "left": _balance(left),
                }
            )
        most = max((max(m["received"], m["spent"]) for m in months), default=0)
        for month in months:
            month["received_bar"] = _width(month["received"], most)
            month["spent_bar"] = _width(month["spent"], most)
        return months


def _line(movement: FundMovement, corrections: dict[int, int]) -> dict:
    """Return all that the public may know of a movement; amounts have no sign."""
    corrects = movement.corrects
    original = corrects or movement
    return {
        "number": movement.number,
        "day": movement.happened_on,
        "kind": original.kind,
        "label": original.get_kind_display(),
        "party": "" if movement.is_anonymous else movement.party,
        "voucher": movement.voucher,
        "fen": abs(movement.fen),
        "is_income": original.kind in FundMovement.INCOME,
        "corrects": corrects.number if corrects else None,
        "corrected_by": corrections.get(movement.pk),
        "stands": corrects is None and movement.pk not in corrections,
    }


def _balance(fen: int) -> dict:
    """Split a balance into its amount and whether somebody advanced it."""
    return {"fen": abs(fen), "is_owed": fen < 0}


def _width(fen: int, most: int) -> int:
    """Return how long a bar is; whatever moved at all can be seen."""
    return max(1, fen * BAR_WIDTH // most) if fen else 0
