from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass(frozen=True)
class Invariant:
    """A promise with its id and the check that finds where it is broken."""

    id: str
    promise: str
    check: Callable[[QuerySet], Iterator[str]]


def registrar(invariants: list[Invariant]):
    """Return the decorator that adds checks to a list of promises."""

    def invariant(id: str):
        """Register a check; its docstring's first line is the promise."""

        def register(check):
            promise = check.__doc__.strip().splitlines()[0]
            invariants.append(Invariant(id, promise, check))
            return check

        return register

    return invariant


INVARIANTS: list[Invariant] = []
invariant = registrar(INVARIANTS)
