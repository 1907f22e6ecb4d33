"""What a year's books say of each household: its good months, what stands against it.

Only final months count. What was reversed at any time neither counts as a good
deed nor stands against anybody. A household that was merged in the year brought
its contributions along, so what else the books say of it goes the same way.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum, auto

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from households.models import HouseholdChange
from ledger.models import Entry, Objection
from rewards.annual.lines import HomesOfYear

# One entry of these in the year is enough, whatever was made good later.
VETOING = ("N06", "N09")
# This one no longer counts once it was repaired within the year.
REPAIRABLE = "N07"


class Bar(Enum):
    """What keeps a household out of a year's awards."""

    LEFT = auto()
    AWAY = auto()
    UNLISTED = auto()
    MONTHS = auto()
    VETO = auto()
    UNREPAIRED = auto()
    OBJECTION = auto()
    STRUCK = auto()


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands against a household.

    `detail` is the months with a good deed, the item's code, the number of the
    objection or why the village struck it off.
    """

    bar: Bar
    detail: str = ""
    needed: int = 0

    def __str__(self) -> str:
        values = {"detail": self.detail, "needed": self.needed}
        return _sentence(self.bar) % values


@dataclass(frozen=True)
class Record:
    """What counts for the awards of a year, by the id of the household it counts for.

    `in_question` are the numbers of open objections to a whole month.
    """

    deeds: Counter
    months: Counter
    against: dict[int, list[Obstacle]]
    in_question: list[str]


def record_of(year: HomesOfYear) -> Record:
    """Read a year's books once, whatever the number of households."""
    went = _where_they_went(year)
    deeds: Counter = Counter()
    for line in year.households:
        deeds[went.get(line.household.pk, line.household.pk)] += line.deeds
    against: defaultdict[int, list[Obstacle]] = defaultdict(list)
    for household, code, is_repaired in _vetoes(year):
        bar = Bar.UNREPAIRED if code == REPAIRABLE else Bar.VETO
        if code != REPAIRABLE or not is_repaired:
            _add(against[went.get(household, household)], Obstacle(bar, code))
    in_question = []
    for number, *concerned in _objections(year):
        for household in concerned:
            if household is not None:
                where = went.get(household, household)
                _add(against[where], Obstacle(Bar.OBJECTION, number))
        if not any(concerned):
            in_question.append(number)
    return Record(deeds, _active_months(year, went), against, in_question)


def _add(obstacles: list[Obstacle], one: Obstacle) -> None:
    if one not in obstacles:
        obstacles.append(one)


def _where_they_went(year: HomesOfYear) -> dict[int, int]:
    """Return into which household each went that was merged before the year's end.

    Whoever is still on the year's last board was merged only after it, and took
    nothing of that year along.
    """
    listed = {line.household.pk for line in year.households if line.is_listed}
    went: dict[int, int] = {}
    merges = HouseholdChange.objects.filter(
        village=year.village, kind=HouseholdChange.Kind.MERGE
    )
    for ended, stays in merges.order_by("number").values_list("household", "other"):
        if ended not in listed:
            went = {home: stays if to == ended else to for home, to in went.items()}
            went[ended] = stays
    return went


def _active_months(year: HomesOfYear, went: dict[int, int]) -> Counter:
    """Count, by household, the months on whose board a good deed of it stands."""
    months = (
        _standing(year)
        .filter(kind=Entry.Kind.ADDITION)
        .values_list("household", "period")
        .order_by()
        .distinct()
    )
    active = {(went.get(home, home), period) for home, period in months}
    return Counter(household for household, _period in active)


def _vetoes(year: HomesOfYear):
    """Return whom an item vetoes, its code, and whether that was repaired."""
    repairs = _standing(year).filter(kind=Entry.Kind.REPAIR, repairs=OuterRef("pk"))
    return (
        _standing(year)
        .filter(kind=Entry.Kind.DEDUCTION, deed__item__code__in=[*VETOING, REPAIRABLE])
        .annotate(is_repaired=Exists(repairs))
        .values_list("household", F("deed__item__code"), "is_repaired")
        .order_by("deed__item__code")
        .distinct()
    )


def _standing(year: HomesOfYear):
    """Return the entries of the year's final months that nobody reversed."""
    reversals = Entry.objects.filter(village=year.village, reverses=OuterRef("pk"))
    return Entry.objects.filter(
        ~Exists(reversals),
        village=year.village,
        year=year.year,
        period__finalized_at__isnull=False,
    )


def _objections(year: HomesOfYear):
    """Return the open objections to the year: number, and whom each is about."""
    return (
        Objection.objects.open()
        .filter(village=year.village, publication__period__month__year=year.year)
        .values_list("number", "household", "entry__household")
        .order_by("number")
    )


def _sentence(bar: Bar) -> str:
    match bar:
        case Bar.LEFT:
            return _("Moved out.")
        case Bar.AWAY:
            return _("Away all year.")
        case Bar.UNLISTED:
            return _("Not on the year's last board.")
        case Bar.MONTHS:
            return _("Good deeds in %(detail)s months; at least %(needed)s are needed.")
        case Bar.VETO:
            return _("Has %(detail)s in this year.")
        case Bar.UNREPAIRED:
            return _("%(detail)s was not repaired by the year's end.")
        case Bar.OBJECTION:
            return _("Objection %(detail)s is still open.")
        case Bar.STRUCK:
            return _("Struck off the list: %(detail)s")
