"""户星级: how many stars a year's score earns, by the thresholds of the village."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from households.models import VillagePolicy

NAMES = (
    _("No star yet"),
    _("One-star household"),
    _("Two-star household"),
    _("Three-star household"),
    _("Four-star household"),
    _("Five-star household"),
)


@dataclass(frozen=True)
class Stars:
    """The stars of one household in one year; `missing` points make the next one.

    Told to the household and to those who serve the village, never in public:
    the lower end of such a list would blame.
    """

    count: int
    most: int
    missing: int | None

    @property
    def name(self) -> str:
        return str(NAMES[self.count])

    @property
    def drawn(self) -> str:
        return "★" * self.count + "☆" * (self.most - self.count)


def stars_of(score: int, policy: VillagePolicy) -> Stars | None:
    """Return the stars of a year's score in points; None where a village gives none.

    A threshold is reached with its very number of points.
    """
    scores = policy.star_thresholds
    if not scores:
        return None
    reached = sum(score >= threshold for threshold in scores)
    missing = scores[reached] - score if reached < len(scores) else None
    return Stars(reached, len(scores), missing)
