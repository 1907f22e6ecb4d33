"""What must always be true of the ledger, each promise known by its id.

`verify_ledger` and the tests ask all of them; nothing here writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from households.models import Village
from ledger.invariants import (
    activities,
    changes,
    deeds,
    entries,
    objections,
    passbooks,
    pledges,
    publications,
    repairs,
    rounds,
    rulebooks,
    stories,
)
from ledger.invariants.registry import INVARIANTS, Invariant

__all__ = [
    "INVARIANTS",
    "Violation",
    "activities",
    "changes",
    "deeds",
    "entries",
    "objections",
    "passbooks",
    "pledges",
    "publications",
    "repairs",
    "rounds",
    "rulebooks",
    "stories",
]


@dataclass(frozen=True)
class Violation:
    """One broken promise: its id, and where, by ids and numbers."""

    id: str
    promise: str
    where: str

    def __str__(self):
        return f"{self.id} {self.where} — {self.promise}"


def violations(
    village: Village | None = None, invariants: Sequence[Invariant] = INVARIANTS
) -> Iterator[Violation]:
    """Check the invariants of one village or of all; yield what is broken."""
    villages = Village.objects.order_by("pk")
    if village is not None:
        villages = villages.filter(pk=village.pk)
    for invariant in invariants:
        for where in invariant.check(villages):
            yield Violation(invariant.id, invariant.promise, where)
