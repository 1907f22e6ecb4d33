"""The scoring items of a village, in the words of the rules page."""

from dataclasses import dataclass
from datetime import date

from households.models import Village
from ledger.models import Rulebook, ScoringItem
from ledger.repairs.terms import CAN_BE_REPAIRED

ADDING = ("law", "virtue", "self")
SHOWN = (
    "code", "pillar", "title", "title_en", "criterion", "points_min", "points_max",
    "unit", "month_cap", "year_cap", "evidence", "repair",
)  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """One version as residents read it on a day, and the versions beside it.

    `announced` is adopted and not in force yet; `until` the first day on which
    this version is in force no more.
    """

    rulebook: Rulebook | None
    items: tuple
    in_force: Rulebook | None = None
    announced: Rulebook | None = None
    earlier: tuple[Rulebook, ...] = ()
    until: date | None = None

    @property
    def facts(self) -> tuple:
        """Return what the page depends on: everything it says of versions."""
        others = [self.rulebook, self.in_force, self.announced, *self.earlier]
        return (self.items, self.until, tuple(adoption_of(one) for one in others))

    @property
    def is_announced(self) -> bool:
        return self.rulebook is not None and self.rulebook == self.announced

    @property
    def is_over(self) -> bool:
        return self.rulebook in self.earlier


def rules_of(village: Village, day: date, *, version: int | None = None) -> Rules:
    """Read the version in force on a day, or another one that was or will be.

    A draft is nobody's business yet: it is not found.
    """
    known = list(Rulebook.objects.filter(village=village).settled().order_by("version"))
    begun = [one for one in known if one.in_force_from <= day]
    in_force = begun[-1] if begun else None
    rulebook = in_force
    if version is not None:
        rulebook = next((one for one in known if one.version == version), None)
    following = [one for one in known if rulebook and one.version > rulebook.version]
    return Rules(
        rulebook,
        _items(rulebook),
        in_force,
        next((one for one in known if one.in_force_from > day), None),
        tuple(reversed(begun[:-1])),
        following[0].in_force_from if following else None,
    )


def _items(rulebook: Rulebook | None) -> tuple:
    if rulebook is None:
        return ()
    items = ScoringItem.objects.filter(rulebook=rulebook).order_by("position", "code")
    return tuple(items.values_list(*SHOWN))


def rules_page(rules: Rules) -> dict:
    """Sort the items into the three pillars and what takes points away."""
    lines = [dict(zip(SHOWN, item, strict=True)) for item in rules.items]
    for line in lines:
        line["repair"] = line["repair"].removeprefix(CAN_BE_REPAIRED)
    adding = [line for line in lines if line["pillar"] in ADDING]
    deducting = [line for line in lines if line["pillar"] not in ADDING]
    pillars = [
        {"pillar": pillar, "items": [i for i in adding if i["pillar"] == pillar]}
        for pillar in ADDING
    ]
    return {
        "rulebook": rules.rulebook,
        "rules": rules,
        "rule_count": len(lines),
        "adding": len(adding),
        "deducting": len(deducting),
        "pillars": [pillar for pillar in pillars if pillar["items"]],
        "deductions": deducting,
    }


def adoption_of(rulebook: Rulebook | None) -> tuple | None:
    """Return what the page says of the rulebook itself."""
    if rulebook is None:
        return None
    told = rulebook.version, rulebook.in_force_from, rulebook.adopted_on
    return *told, rulebook.adoption
