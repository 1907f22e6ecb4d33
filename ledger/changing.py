"""改: put right what oneself recorded, as long as nobody has decided it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User
from ledger.models import Declaration, Deed, Operation, ScoringItem
from ledger.recording import Recorded, record_deeds
from ledger.refusals import Refused


class NotChangeable(Refused):
    """The deed is decided, another person's, or its month is cut off."""


@transaction.atomic
def change_deeds(
    replaced: Sequence[Deed],
    households: Sequence[Household],
    item: ScoringItem,
    *,
    key: UUID,
    by: User,
    at: datetime,
    **asked: Any,
) -> Recorded:
    """Record deeds anew, as `record_deeds` does, in the place of `by`'s own ones.

    What is replaced is withdrawn in the same act and stays on file; so it is no
    repeat of what replaces it. What was declared stays one household's good deed,
    and whoever took it down remains its second recorder (I-06).

    :raises NotChangeable: if one that is replaced is not `by`'s to change any more,
        or was declared and would be something else
    :raises Refused: whatever `record_deeds` refuses
    """
    village = lock_village(item.village)
    wanted = {"key": key, "by": by, "at": at, **asked}
    if Operation.objects.filter(village=village, key=key).exists():
        return record_deeds(households, item, **wanted)
    old = Deed.objects.filter(village=village, pk__in=[deed.pk for deed in replaced])
    filed = Declaration.objects.filter(village=village, deed__in=old)
    check_changeable(with_what_stands_against_it(old), by=by)
    declared = old.exclude(declaration=None).select_related("declaration__by").first()
    if filed or declared:
        _check_declared(households, item)
    if declared and declared.declaration and declared.declaration.by != by:
        wanted["second_recorder"] = declared.declaration.by
    old.update(state=Deed.State.WITHDRAWN)
    recorded = record_deeds(households, item, **wanted)
    if declared:
        _carry_over(declared, recorded.deeds)
    filed.update(deed=recorded.deeds[0])
    record_event(
        "deed.change",
        village=village,
        by=by,
        at=at,
        subject=recorded.operation,
        replaces=sorted(deed.pk for deed in replaced),
    )
    return recorded


def _check_declared(households, item):
    if len(households) > 1 or item.is_deduction:
        raise NotChangeable(
            _("This was declared: choose one household and a good deed.")
        )


def _carry_over(declared: Deed, deeds: list[Deed]) -> None:
    """Let the new deed go back to its declaration when its acceptance is undone."""
    for deed in deeds:
        deed.declaration = declared.declaration
        deed.declared_item_id = declared.declared_item_id
        deed.save(update_fields=["declaration", "declared_item"])


def with_what_stands_against_it(deeds: QuerySet[Deed]) -> QuerySet[Deed]:
    """Read deeds together with all that `check_changeable` asks about."""
    return (
        deeds.select_related("household", "item", "period", "recorded_by")
        .prefetch_related("decisions__by")
        .order_by("household__number", "pk")
    )


def changeable(deeds: Iterable[Deed], *, by: User) -> list[Deed]:
    """Return those of some deeds that a person may still change."""
    return [
        deed
        for deed in deeds
        if deed.recorded_by_id == by.pk
        and deed.state == Deed.State.PENDING
        and not deed.period.cut_off_at
    ]


def check_changeable(deeds: Iterable[Deed], *, by: User) -> None:
    """Refuse deeds that a person may not change, or may not any more.

    :raises NotChangeable: naming who recorded or decided it, or the month
    """
    for deed in deeds:
        what = {"household": deed.household, "item": deed.item.title}
        last = max(deed.decisions.all(), key=lambda made: made.number, default=None)
        if deed.recorded_by_id != by.pk:
            raise NotChangeable(
                _("%(person)s recorded this; only they can change it.")
                % {"person": deed.recorded_by}
            )
        if deed.state == Deed.State.WITHDRAWN:
            raise NotChangeable(
                _("%(household)s, “%(item)s” has been undone; record it again.") % what
            )
        if deed.state != Deed.State.PENDING and last:
            raise NotChangeable(
                _(
                    "%(person)s has decided %(household)s, “%(item)s”: %(outcome)s. "
                    "Nothing was changed; ask them to undo it first."
                )
                % {"person": last.by, "outcome": last.get_outcome_display(), **what}
            )
        if deed.period.cut_off_at:
            raise NotChangeable(
                _(
                    "%(month)s is cut off: its records are reviewed as they stand. "
                    "Undo this one, or ask the reviewer to reject it."
                )
                % {"month": deed.period}
            )
