"""One act counts once, however often its form arrives (I-13)."""

import hashlib
import json
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
    text = json.dumps([kind, by.pk, payload], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    wanted = {"kind": kind, "fingerprint": fingerprint, "by": by, "at": at}
    try:
        with transaction.atomic():
            return Operation.objects.create(village=village, key=key, **wanted), True
    except IntegrityError:
        first = Operation.objects.get(village=village, key=key)
    if first.fingerprint != fingerprint:
        raise KeyUsedForSomethingElse(
            _(
                "This form was already saved with other content. Check what was "
                "saved, then open a new form."
            )
        )
    return first, False


def record_refusal(action: str, *, village: Village, by: User, at: datetime) -> None:
    """Keep a trace of an act that was refused, outside its rolled-back transaction."""
    record_event(action, village=village, by=by, at=at, refused=True)
