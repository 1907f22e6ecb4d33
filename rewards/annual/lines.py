"""What the annual report knows: one kind of line for each of its tables."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from households.models import Household, Village
from ledger.models import Rulebook, ScoringItem
from rewards.annual.roll import Roll
from rewards.annual.shop import ShopYear

MONTHS = range(1, 13)


@dataclass(frozen=True)
class MonthLine:
    """What one final month said of itself on the board."""

    month: date
    deeds: int
    points: int
    participating: int
    pillars: dict[str, int]
    revision: int
    rulebook: int
    published_at: datetime
    digest: str


@dataclass(frozen=True)
class HouseholdLine:
    """One household's year: whole points, by month from January.

    A month that is not final is None. `gained` and `lost` leave out what was
    reversed, and count a repair against what was lost:
    base + gained − lost = score.
    """

    household: Household
    group: str
    months: tuple[int | None, ...]
    base: int
    gained: int
    lost: int
    deeds: int
    redeemed: int
    left: int
    place: int | None
    is_listed: bool

    @property
    def score(self) -> int:
        return self.base + self.gained - self.lost


@dataclass(frozen=True)
class HomesOfYear:
    """The households of one village's year, and whether nothing more can come."""

    village: Village
    year: int
    households: list[HouseholdLine]
    is_over: bool


@dataclass(frozen=True)
class GroupLine:
    """How many households of a group did at least one good deed in the year."""

    name: str
    households: int
    participating: int

    @property
    def rate(self) -> int:
        """Return the share in whole percent."""
        return percent(self.participating, self.households)


@dataclass(frozen=True)
class ItemLine:
    """How often one item of the rulebook was used, and by how many households."""

    item: ScoringItem
    times: int = 0
    households: int = 0
    points: int = 0


@dataclass(frozen=True)
class CorrectionLine:
    """One reversal: the entry it undoes, the month of each, and the points."""

    number: int
    month: date
    original: int
    of_month: date
    code: str
    points: int


@dataclass(frozen=True)
class RepairLine:
    """How often households asked for lost points, and what came back that stands."""

    asked: int
    given: int
    points: int


@dataclass(frozen=True)
class VillageYear:
    """All that the annual report says of one village and year.

    Only final months count; amounts of money are in fen.
    """

    village: Village
    year: int
    months: list[MonthLine]
    households: list[HouseholdLine]
    groups: list[GroupLine]
    items: list[ItemLine]
    rulebooks: list[Rulebook]
    objections: Counter
    corrections: list[CorrectionLine]
    repairs: RepairLine
    shop: ShopYear
    roll: Roll | None = None

    @property
    def awarded(self) -> set[int]:
        """Return the ids of the households on the year's confirmed roll."""
        return self.roll.households if self.roll else set()

    @property
    def is_over(self) -> bool:
        """Tell whether December is final, so that nothing more can come."""
        return any(line.month.month == 12 for line in self.months)

    @property
    def deeds(self) -> int:
        return sum(line.deeds for line in self.months)

    @property
    def points(self) -> int:
        return sum(line.points for line in self.months)

    @property
    def deductions(self) -> int:
        """Return how many deductions were made; those reversed later still count."""
        lines = self.items
        return sum(line.times for line in lines if line.item.is_deduction)

    @property
    def listed(self) -> int:
        return sum(line.is_listed for line in self.households)

    @property
    def participation(self) -> int:
        """Return the share of listed households with a good deed, in percent."""
        participating = sum(line.participating for line in self.groups)
        return percent(participating, sum(line.households for line in self.groups))


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, rounded half up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0
