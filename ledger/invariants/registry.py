from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass(frozen=True)
class Invariant:
    """A promise with its id and the check that finds where it is broken."""

    id: str
    promise: str
    check: Callable[[QuerySet], Iterator[str]]


INVARIANTS: list[Invariant] = []


def invariant(id: str):
    """Register a check; its docstring's first line is the promise."""

    def register(check):
        INVARIANTS.append(Invariant(id, check.__doc__.strip().splitlines()[0], check))
        return check

    return register
