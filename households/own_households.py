"""Whose household is whose: nobody decides for their own, whatever it has become."""

from collections import defaultdict
from functools import cached_property

from households.models import HouseholdChange, User

Kind = HouseholdChange.Kind


class OwnHouseholds:
    """The households of one village that are a person's own, read once and when asked.

    An account names the household its person lives in. Two that were merged are
    one, before as after: what the one earned went to the other. Of a household
    that split nobody notes who lives where, so whoever's account names the old
    one decides for the new one neither.
    """

    def __init__(self, village_id: int):
        self.village_id = village_id

    def of(self, person: User) -> frozenset[int]:
        """Return the ids of a person's own households; none for who lives elsewhere."""
        if person.household_id is None:
            return frozenset()
        own, waiting = set(), [person.household_id]
        while waiting:
            household = waiting.pop()
            if household not in own:
                own.add(household)
                waiting += self._beside[household]
        return frozenset(own)

    @cached_property
    def _beside(self) -> defaultdict[int, list[int]]:
        beside = defaultdict(list)
        joint = HouseholdChange.objects.filter(
            village=self.village_id, kind__in=HouseholdChange.JOINT
        )
        for kind, household, other in joint.values_list("kind", "household", "other"):
            beside[household].append(other)
            if kind == Kind.MERGE:
                beside[other].append(household)
        return beside


def own_households(person: User, village_id: int) -> frozenset[int]:
    """Return the ids of the households in a village that are a person's own."""
    return OwnHouseholds(village_id).of(person)
