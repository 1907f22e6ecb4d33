"""A version of the rules beside the one before it: changed, added, dropped."""

from dataclasses import dataclass, field

from django.utils.text import capfirst

from ledger.models import Rulebook, ScoringItem
from ledger.rules.drafting import last_version, written_fields


@dataclass(frozen=True)
class Difference:
    """One field of an item, as it was and as it is."""

    label: str
    old: object
    new: object


@dataclass
class Comparison:
    """What a version does to the one before it; items keep the order of the rules."""

    before: Rulebook | None
    changed: list[tuple[ScoringItem, list[Difference]]] = field(default_factory=list)
    added: list[ScoringItem] = field(default_factory=list)
    dropped: list[ScoringItem] = field(default_factory=list)
    same: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.changed or self.added or self.dropped)


def compare(rulebook: Rulebook) -> Comparison:
    """Compare a version with the settled one before it, by the codes of the items."""
    before = last_version(rulebook)
    comparison = Comparison(before)
    items = list(rulebook.items.order_by("position", "code"))
    if before is None:
        return comparison
    old = {item.code: item for item in before.items.order_by("position", "code")}
    for item in items:
        earlier = old.pop(item.code, None)
        if earlier is None:
            comparison.added.append(item)
        elif found := _differences(earlier, item):
            comparison.changed.append((item, found))
        else:
            comparison.same += 1
    comparison.dropped = list(old.values())
    return comparison


def _differences(old: ScoringItem, new: ScoringItem) -> list[Difference]:
    found = []
    labels = {one.name: one.verbose_name for one in ScoringItem._meta.local_fields}
    for name in written_fields():
        if getattr(old, name) != getattr(new, name):
            label = capfirst(labels[name])
            found.append(Difference(str(label), _shown(old, name), _shown(new, name)))
    return found


def _shown(item: ScoringItem, name: str) -> object:
    display = getattr(item, f"get_{name}_display", None)
    value = display() if display else getattr(item, name)
    return "—" if value in (None, "") else value
