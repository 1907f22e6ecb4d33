"""What became of what was declared and objected to, as its household may read it.

Words that somebody typed are shown only after staff have read them, and nobody
is ever named: another family may have declared it, or objected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone

from households.models import Household
from ledger.models import Decision, Declaration, Deed, Objection, Repair

SHOWN = 10  # the newest of each


@dataclass(frozen=True)
class Declared:
    """A declaration for this household: `waiting`, `pending`, `approved`, `declined`.

    `text` is empty until a clerk has accepted it; `reason` says why it was not
    accepted, or not approved.
    """

    number: str
    filed_on: date
    happened_on: date
    state: str
    text: str = ""
    points: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Objected:
    """An objection about this household: `open`, `upheld`, `dismissed`, `withdrawn`.

    `line` is the number of the entry it is about, if it is about one.
    """

    number: str
    filed_on: date
    month: date
    line: int | None
    state: str
    due_on: date | None
    answer: str = ""


@dataclass(frozen=True)
class Repaired:
    """A repair that a household asked for: `asked`, `checked`, `approved`,
    `refused`, `lapsed`, `withdrawn`.

    `line` is the number of the deduction's entry; `points` came back for it.
    """

    number: str
    asked_on: date
    line: int
    text: str
    state: str
    state_label: str
    due_on: date
    checked_on: date | None
    finding: str
    points: int
    reason: str


def repairs_of(household: Household) -> Sequence[Repaired]:
    """Return what a household asked back for what it put right, newest first."""
    asked = (
        Repair.objects.filter(village=household.village_id, entry__household=household)
        .select_related("entry")
        .order_by("-asked_at", "-pk")
    )
    return [
        Repaired(
            number=repair.number,
            asked_on=timezone.localdate(repair.asked_at),
            line=repair.entry.number,
            text=repair.text,
            state=repair.state,
            state_label=str(repair.get_state_display()),
            due_on=repair.due_on,
            checked_on=repair.checked_on,
            finding=repair.get_finding_display() if repair.finding else "",
            points=repair.points,
            reason=repair.reason,
        )
        for repair in asked[:SHOWN]
    ]


def declarations_of(household: Household) -> Sequence[Declared]:
    """Return what was declared on the web for a household, the newest first."""
    filed = (
        Declaration.objects.filter(village_id=household.village_id, household=household)
        .select_related("deed")
        .prefetch_related(
            Prefetch(
                "deed__decisions", Decision.objects.order_by("number"), to_attr="told"
            )
        )
        .order_by("-filed_at", "-pk")
    )
    return [_declared(declaration) for declaration in filed[:SHOWN]]


def objections_of(household: Household) -> Sequence[Objected]:
    """Return the objections about a household or one of its lines, newest first."""
    about = Q(household=household) | Q(entry__household=household)
    filed = (
        Objection.objects.filter(about, village_id=household.village_id)
        .select_related("publication__period", "entry")
        .order_by("-filed_at", "-pk")
    )
    return [
        Objected(
            number=objection.number,
            filed_on=timezone.localdate(objection.filed_at),
            month=objection.publication.period.month,
            line=objection.entry.number if objection.entry else None,
            state=objection.state,
            due_on=objection.due_on,
            answer=objection.answer,
        )
        for objection in filed[:SHOWN]
    ]


def _declared(declaration: Declaration) -> Declared:
    facts: dict[str, Any] = {
        "number": declaration.number,
        "filed_on": timezone.localdate(declaration.filed_at),
        "happened_on": declaration.happened_on,
    }
    deed = declaration.deed
    if deed is None:
        return Declared(**facts, state=declaration.state, reason=declaration.reason)
    told: list[Decision] = deed.told  # type: ignore[attr-defined]
    last = told[-1] if told else None
    if deed.state == Deed.State.REJECTED:
        reason = last.reason if last else ""
        return Declared(**facts, state="declined", text=deed.note, reason=reason)
    return Declared(**facts, state=deed.state, text=deed.note, points=deed.points)
