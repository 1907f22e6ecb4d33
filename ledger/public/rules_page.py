"""The scoring items of a village, in the words of the rules page."""

from datetime import date

from households.models import Village
from ledger.models import Rulebook, ScoringItem
from ledger.repair_terms import CAN_BE_REPAIRED

ADDING = ("law", "virtue", "self")
SHOWN = (
    "code", "pillar", "title", "title_en", "criterion", "points_min", "points_max",
    "unit", "month_cap", "year_cap", "evidence", "repair",
)  # fmt: skip


def rules_in_force(village: Village, day: date) -> tuple[Rulebook | None, tuple]:
    """Find the rulebook in force on a day, and its items as they stand now."""
    rulebook = Rulebook.objects.filter(village=village).in_force(day).first()
    if rulebook is None:
        return None, ()
    items = ScoringItem.objects.filter(rulebook=rulebook).order_by("position", "code")
    return rulebook, tuple(items.values_list(*SHOWN))


def rules_page(rulebook: Rulebook | None, items: tuple) -> dict:
    """Sort the items into the three pillars and what takes points away."""
    lines = [dict(zip(SHOWN, item, strict=True)) for item in items]
    for line in lines:
        line["repair"] = line["repair"].removeprefix(CAN_BE_REPAIRED)
    adding = [line for line in lines if line["pillar"] in ADDING]
    deducting = [line for line in lines if line["pillar"] not in ADDING]
    pillars = [
        {"pillar": pillar, "items": [i for i in adding if i["pillar"] == pillar]}
        for pillar in ADDING
    ]
    return {
        "rulebook": rulebook,
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
    return rulebook.version, rulebook.adopted_on, rulebook.adoption
