"""Which households a record form is about: those chosen, and what was typed besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from households.models import Household, User, Village, VillagerGroup
from households.typed_households import TypedHouseholds
from ledger.desk.item_tiles import item_by_code, last_list
from ledger.models import ScoringItem

# The buttons that change a form without saving it, by their names.
ACTIONS = ("add", "pick", "drop", "group", "last", "clear", "look")


@dataclass(frozen=True)
class GroupTick:
    """A villager group, how many live there, and whether all of them are chosen."""

    group: VillagerGroup
    count: int
    is_ticked: bool


class Selection:
    """The households of one form, and the item that was typed among them.

    What was chosen before travels as text, like what was typed; a household
    named twice is one household.
    """

    def __init__(
        self,
        village: Village,
        by: User,
        items: Sequence[ScoringItem],
        data: Mapping[str, str],
    ):
        self._village = village
        self._of_village = list(
            Household.objects.filter(village=village).in_reading_order()
        )
        text = ",".join([data.get("chosen", ""), data.get("households", "")])
        typed = TypedHouseholds(text, self._of_village)
        self._chosen = set(typed.found)
        self.item: ScoringItem | None = None
        self.misread = {}
        for word, problem in typed.misread.items():
            named = item_by_code(items, word)
            if named:
                self.item = named
            else:
                self.misread[word] = problem
        self.candidates = typed.candidates.values() if self.misread else []
        self.last = set(last_list(village, by)) & {
            household.pk
            for household in self._of_village
            if household.status == Household.Status.ACTIVE
        }

    def act(self, action: str, value: str) -> None:
        """Do what one button says."""
        if action == "pick":
            self._chosen |= self._numbered(value)
            self.misread, self.candidates = {}, []
        elif action == "drop":
            self._chosen -= self._numbered(value)
        elif action == "group":
            members = self._members().get(value, set())
            if members <= self._chosen:
                self._chosen -= members
            else:
                self._chosen |= members
        elif action == "last":
            self._chosen |= self.last
        elif action == "clear":
            self._chosen = set()
            self.misread, self.candidates = {}, []

    @property
    def households(self) -> list[Household]:
        return [home for home in self._of_village if home.pk in self._chosen]

    @property
    def text(self) -> str:
        return ",".join(household.number for household in self.households)

    @property
    def is_village_empty(self) -> bool:
        return not self._of_village

    @property
    def groups(self) -> list[GroupTick]:
        members = self._members()
        return [
            GroupTick(group, len(living), living <= self._chosen)
            for group in self._village.groups.order_by("number")
            if (living := members.get(str(group.pk)))
        ]

    def _numbered(self, number: str) -> set[int]:
        return {home.pk for home in self._of_village if home.number == number}

    def _members(self) -> dict[str, set[int]]:
        """Return who lives in each group all year, by the group's id."""
        members: dict[str, set[int]] = {}
        for household in self._of_village:
            if household.status == Household.Status.ACTIVE:
                living = members.setdefault(str(household.group_id), set())
                living.add(household.pk)
        return members
