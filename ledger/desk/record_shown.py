"""What the page of a record form shows of what is in it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.desk.item_tiles import USUAL
from ledger.desk.record_form import AGAIN, RecordForm, whole_points
from ledger.models import ScoringItem


class ShownRecordForm(RecordForm):
    """A record form with its shelves, its days and its sum."""

    @property
    def item_now(self) -> ScoringItem | None:
        return self._item_of({"item": self["item"].value() or ""})

    @property
    def hits(self) -> list[ScoringItem]:
        """Return the items that the words in the search box may mean."""
        typed = self["find"].value() or ""
        fitting = [tile.item for tile in self.tiles if tile.fits(typed)]
        return fitting if typed.strip() else []

    @property
    def shelf(self) -> str:
        """Return the shelf to open: the usual items, if the chosen one is there."""
        item = self.item_now
        if item is None or any(t.is_usual and t.item == item for t in self.tiles):
            return USUAL
        return item.pillar

    @property
    def days(self):
        """Return today and the two days before, each with its short name."""
        today = timezone.localdate()
        names = [_("Today"), _("Yesterday"), _("The day before")]
        return [(today - timedelta(days=n), name) for n, name in enumerate(names)]

    @property
    def other_day_now(self) -> str:
        """Return the day when it is none of the three with a button."""
        day = self._day_of({name: self[name].value() for name in ("day", "other_day")})
        return "" if day is None or day in dict(self.days) else day.isoformat()

    @property
    def count(self) -> int:
        """Return how many households a save would record."""
        chosen = len(self.selection.households)
        is_again = self["choice"].value() == AGAIN
        return chosen if is_again else chosen - len(self.cautions)

    @property
    def magnitude(self) -> int:
        """Return the points for each household as far as they are known."""
        fewest = self.item_now.points_min if self.item_now else 0
        return whole_points(self["points"].value()) or fewest

    @property
    def each(self) -> str:
        return self._signed(self.magnitude)

    @property
    def total(self) -> str:
        return self._signed(self.count * self.magnitude)

    def _signed(self, points: int) -> str:
        is_deduction = self.item_now is not None and self.item_now.is_deduction
        return f"−{points}" if is_deduction else str(points)

    @property
    def lost_photos(self):
        """Tell whether photos were sent that a browser cannot send again."""
        return bool(self.errors and self.files)
