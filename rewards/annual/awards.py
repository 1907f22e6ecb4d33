"""Who may be named in a year's awards, who may not and why, and in what order.

A reading only: the village decides by a vote. What stands against a household is
for those who prepare that vote and never for a public page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from households.models import Household, Village, VillagePolicy
from rewards.annual.homes import homes_of_year
from rewards.annual.lines import HouseholdLine
from rewards.annual.records import Bar, Obstacle, record_of


@dataclass(frozen=True)
class Candidate:
    """A household of the year, in the order of the awards.

    `deeds` and `months` with one are its own and those of whom it took in. `place`
    is among the eligible: equal scores share it and the next is skipped. `by_group`
    tells that only its group's place brought it on the list.
    """

    line: HouseholdLine
    deeds: int
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
    policy, homes = village.policy, homes_of_year(village, year)
    needed = policy.award_months if months_needed is None else months_needed
    record = record_of(homes)
    for household, reason in (struck or {}).items():
        record.against[household].append(Obstacle(Bar.STRUCK, reason))
    lines = sorted(homes.households, key=lambda line: -line.score)
    candidates = [
        Candidate(
            line=line,
            deeds=record.deeds[line.household.pk],
            months=record.months[line.household.pk],
            obstacles=(
                *_absence(line),
                *_idleness(record.months[line.household.pk], needed),
                *record.against[line.household.pk],
            ),
        )
        for line in lines
    ]
    return Awards(
        village=village,
        year=year,
        places=policy.award_places,
        candidates=list(_choose(candidates, policy)),
        is_over=homes.is_over,
        months_in_question=record.in_question,
    )


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
