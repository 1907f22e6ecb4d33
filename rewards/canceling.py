"""A slip undone on its own day: points and goods go back exactly."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from ledger.models import Entry
from ledger.operations import claim_operation
from ledger.posting import post_entries
from ledger.refusals import Refused
from rewards.models import Cancellation, Redemption, StockMovement
from rewards.stock import move_stock


class NotCancelable(Refused):
    """The slip is canceled already, or is not of today."""


@transaction.atomic
def cancel_redemption(
    redemption: Redemption, *, reason: str, key: UUID, by: User, at: datetime
) -> Cancellation:
    """Undo a slip on the day it was made: points and goods go back exactly (I-23).

    The same key returns the same cancellation.

    :raises NotCancelable: if it is canceled already, is not of today, or no
        reason is given
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(redemption.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="cancel_slip",
        payload={"slip": redemption.pk, "reason": reason},
        by=by,
        at=at,
    )
    redemption = Redemption.objects.select_related("entry", "household").get(
        pk=redemption.pk
    )
    canceled = redemption.cancellation.first()
    if canceled and not is_first:
        return canceled
    if canceled:
        raise NotCancelable(_("This slip is canceled already."))
    if timezone.localdate(at) != timezone.localdate(redemption.redeemed_at):
        raise NotCancelable(_("A slip can only be canceled on the day it was made."))
    if not reason.strip():
        raise NotCancelable(_("Write why the slip is canceled."))
    [entry] = post_entries(
        village,
        [
            Entry(
                household=redemption.household,
                year=redemption.entry.year,
                kind=Entry.Kind.CANCELLATION,
                points=-redemption.entry.points,
            )
        ],
        by=by,
        at=at,
    )
    cancellation = Cancellation.objects.create(
        village=village,
        redemption=redemption,
        entry=entry,
        reason=reason.strip(),
        canceled_at=at,
        canceled_by=by,
    )
    move_stock(
        village,
        [
            StockMovement(
                reward_id=line.reward_id,
                kind=StockMovement.Kind.RETURN,
                quantity=line.quantity,
                line=line,
            )
            for line in redemption.lines.order_by("reward")
        ],
        operation=operation,
        by=by,
        at=at,
    )
    record_event(
        "shop.cancel",
        village=village,
        by=by,
        at=at,
        subject=redemption,
        slip=redemption.number,
        points=entry.points,
    )
    return cancellation
