"""Who may be named in a year's awards, who may not and why, and in what order.

A reading only: the village decides by a vote. What stands against a household is
for those who prepare that vote and never for a public page.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import groupby

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from households.models import Household, Village, VillagePolicy
from ledger.models import Entry, Objection
from rewards.annual.figures import village_year
from rewards.annual.lines import HouseholdLine, VillageYear

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
class Candidate:
    """A household of the year, in the order of the awards.

    `place` is among the eligible: equal scores share it and the next is skipped.
    `by_group` tells that only its group's place brought it on the list.
    """

    line: HouseholdLine
    months: int
    obstacles: tuple[Obstacle, ...]
    place: int | None = None
    is_chosen: bool = False
    by_group: bool = False

    @property
    def is_eligible(self) -> bool:
        return not self.obstacles


@dataclass(frozen=True)
class Awards:
    """The list that a village could put to the vote for one year.

    `months_in_question` are the numbers of open objections to a whole month.
    """

    village: Village
    year: int
    places: int
    candidates: list[Candidate]
    is_over: bool
    months_in_question: list[str]

    @property
    def chosen(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_chosen]

    @property
    def above_places(self) -> int:
        """Return how many more are chosen than there are places.

        All who share the last place are in, and each group's best where the
        village gives every group a place.
        """
        return max(0, len(self.chosen) - self.places)

    @property
    def may_be_proposed(self) -> bool:
        """Tell whether nothing can change the list: December final, no month open."""
        return self.is_over and not self.months_in_question


def awards_of(
    village: Village,
    year: int,
    *,
    struck: Mapping[int, str] | None = None,
    months_needed: int | None = None,
) -> Awards:
    """Read the awards of a year; the same queries for any number of households.

    `struck` says why the village struck a household off, by its id; whoever comes
    next moves up. `months_needed` are those of a list that hangs already, where
    the village has decided otherwise since.
    """
    figures = village_year(village, year)
    return read_awards(figures, struck=struck, months_needed=months_needed)


def read_awards(
    year: VillageYear,
    *,
    struck: Mapping[int, str] | None = None,
    months_needed: int | None = None,
) -> Awards:
    """Read the awards from figures already added up.

    Only final months count. What was reversed at any time neither counts as a
    good deed nor stands against anybody.
    """
    policy = year.village.policy
    needed = policy.award_months if months_needed is None else months_needed
    months = _active_months(year)
    against, in_question = _objections(year)
    for household, obstacles in _vetoes(year).items():
        against[household] = obstacles + against[household]
    for household, reason in (struck or {}).items():
        against[household].append(Obstacle(Bar.STRUCK, reason))
    lines = sorted(year.households, key=lambda line: -line.score)
    candidates = [
        Candidate(
            line=line,
            months=months[line.household.pk],
            obstacles=(
                *_absence(line),
                *_idleness(months[line.household.pk], needed),
                *against[line.household.pk],
            ),
        )
        for line in lines
    ]
    return Awards(
        village=year.village,
        year=year.year,
        places=policy.award_places,
        candidates=list(_choose(candidates, policy)),
        is_over=year.is_over,
        months_in_question=in_question,
    )


def _active_months(year: VillageYear) -> Counter:
    """Count, by household, the months on whose board a good deed of it stands."""
    months = (
        _standing(year)
        .filter(kind=Entry.Kind.ADDITION)
        .values_list("household", "period")
        .order_by()
        .distinct()
    )
    return Counter(household for household, _period in months)


def _vetoes(year: VillageYear) -> dict[int, list[Obstacle]]:
    """Return what vetoes each household; one obstacle for each item."""
    repairs = _standing(year).filter(kind=Entry.Kind.REPAIR, repairs=OuterRef("pk"))
    deductions = (
        _standing(year)
        .filter(kind=Entry.Kind.DEDUCTION, deed__item__code__in=[*VETOING, REPAIRABLE])
        .annotate(is_repaired=Exists(repairs))
        .values_list("household", F("deed__item__code"), "is_repaired")
        .order_by("deed__item__code")
        .distinct()
    )
    vetoes = defaultdict(list)
    for household, code, is_repaired in deductions:
        if code != REPAIRABLE:
            vetoes[household].append(Obstacle(Bar.VETO, code))
        elif not is_repaired:
            vetoes[household].append(Obstacle(Bar.UNREPAIRED, code))
    return vetoes


def _standing(year: VillageYear):
    """Return the entries of the year's final months that nobody reversed."""
    reversals = Entry.objects.filter(village=year.village, reverses=OuterRef("pk"))
    return Entry.objects.filter(
        ~Exists(reversals),
        village=year.village,
        year=year.year,
        period__finalized_at__isnull=False,
    )


def _objections(year: VillageYear) -> tuple[dict[int, list[Obstacle]], list[str]]:
    """Return the open objections to the year by household, and to whole months."""
    rows = (
        Objection.objects.open()
        .filter(village=year.village, publication__period__month__year=year.year)
        .values_list("number", "household", "entry__household")
        .order_by("number")
    )
    against, in_question = defaultdict(list), []
    for number, household, of_entry in rows:
        concerned = {household, of_entry} - {None}
        for pk in concerned:
            against[pk].append(Obstacle(Bar.OBJECTION, number))
        if not concerned:
            in_question.append(number)
    return against, in_question


def _absence(line: HouseholdLine) -> Iterator[Obstacle]:
    """Yield why a household is not one that lives here: now, or at the year's end."""
    status = line.household.status
    if status == Household.Status.LEFT:
        yield Obstacle(Bar.LEFT)
    elif status == Household.Status.AWAY or (line.is_listed and line.place is None):
        yield Obstacle(Bar.AWAY)
    elif not line.is_listed:
        yield Obstacle(Bar.UNLISTED)


def _idleness(months: int, needed: int) -> Iterator[Obstacle]:
    if months < needed:
        yield Obstacle(Bar.MONTHS, str(months), needed)


def _choose(
    candidates: Sequence[Candidate], policy: VillagePolicy
) -> Iterator[Candidate]:
    """Yield the candidates, those of the list marked; they come by falling score."""
    eligible = [each for each in candidates if each.is_eligible]
    places: dict[int, int] = {}
    best: dict[str, int] = {}
    for place, each in enumerate(eligible, start=1):
        places.setdefault(each.line.score, place)
        if policy.award_group_places and policy.award_places:
            best.setdefault(each.line.group, each.line.score)
    lowest = _lowest_score(eligible, best, policy.award_places)
    for each in candidates:
        if not each.is_eligible:
            yield each
            continue
        score = each.line.score
        is_chosen = _is_best(each, best) or (lowest is not None and score >= lowest)
        yield replace(
            each,
            place=places[score],
            is_chosen=is_chosen,
            by_group=is_chosen and places[score] > policy.award_places,
        )


def _lowest_score(
    eligible: Sequence[Candidate], best: dict[str, int], places: int
) -> int | None:
    """Return the score down to which all are in; None when there is none.

    As many places are kept back as there are groups still without one.
    """
    lowest, taken, waiting = None, 0, set(best)
    for score, tied in groupby(eligible, key=lambda each: each.line.score):
        if taken + len(waiting) >= places:
            break
        groups = [each.line.group for each in tied]
        taken += len(groups)
        waiting.difference_update(groups)
        lowest = score
    return lowest


def _is_best(candidate: Candidate, best: dict[str, int]) -> bool:
    return best.get(candidate.line.group) == candidate.line.score


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
