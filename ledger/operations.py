"""One act counts once, however often its form arrives (I-13)."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.models import User, Village
from ledger.models import Operation
from ledger.refusals import Refused


class KeyUsedForSomethingElse(Refused):
    """The same form came back with other content."""


class FiledAlready(KeyUsedForSomethingElse):
    """What a resident filed came again with other content; the first one stands."""

    def __init__(self, number: str):
        super().__init__(
            _(
                "This form was received already, number %(number)s. If you mean "
                "something else, check it and submit once more."
            )
            % {"number": number}
        )
        self.number = number


def claim_operation(
    key: UUID,
    *,
    village: Village,
    kind: str,
    payload: dict,
    by: User,
    at: datetime,
) -> tuple[Operation, bool]:
    """Take an operation key; tell whether this is its first use.

    The key is made when a form is opened, so a double click, the back button
    and a second tab all bring the same key. The same key with the same payload
    returns the first operation and False.

    :raises KeyUsedForSomethingElse: if the key was used with another payload
    """
    wanted = opened_operation(
        key, village=village, kind=kind, payload=payload, by=by, at=at
    )
    try:
        with transaction.atomic():
            wanted.save()
            return wanted, True
    except IntegrityError:
        first = Operation.objects.get(village=village, key=key)
    require_same_act(first, wanted)
    return first, False


def opened_operation(
    key: UUID,
    *,
    village: Village,
    kind: str,
    payload: dict,
    by: User,
    at: datetime,
) -> Operation:
    """Return an operation that is not written yet, with what its form says in it."""
    text = json.dumps([kind, by.pk, payload], sort_keys=True, default=str)
    return Operation(
        village=village,
        key=key,
        kind=kind,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        by=by,
        at=at,
    )


def operations_by_key(village: Village, keys: Iterable[UUID]) -> dict[UUID, Operation]:
    """Return the operations of a village that have one of these keys."""
    found = Operation.objects.filter(village=village, key__in=list(keys))
    return {operation.key: operation for operation in found}


def require_same_act(first: Operation, again: Operation) -> None:
    """Refuse a form that comes again and says something else.

    :raises KeyUsedForSomethingElse: if the key was used with another payload
    """
    if first.fingerprint != again.fingerprint:
        raise KeyUsedForSomethingElse(
            _(
                "This form was already saved with other content. Check what was "
                "saved, then open a new form."
            )
        )


def record_refusal(action: str, *, village: Village, by: User, at: datetime) -> None:
    """Keep a trace of an act that was refused, outside its rolled-back transaction."""
    record_event(action, village=village, by=by, at=at, refused=True)
