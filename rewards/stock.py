"""Goods come in, are asked for in vain, and are offered at a price."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User, Village
from ledger.models import Operation
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.models import Price, Reward, Shortage, StockMovement

MOST_UNITS = 100_000


class StockRefused(Refused):
    """The quantity is missing or impossible."""


class PriceRefused(Refused):
    """The price is out of bounds."""


@transaction.atomic
def move_stock(
    village: Village,
    movements: Iterable[StockMovement],
    *,
    operation: Operation,
    by: User,
    at: datetime,
) -> list[StockMovement]:
    """Add movements to a village's stock, numbered on from the last one.

    The only door into the stock; quantities are signed units (I-21).
    """
    lock_village(village)
    of_village = StockMovement.objects.filter(village=village)
    last = of_village.aggregate(number=Max("number"))["number"] or 0
    movements = list(movements)
    for number, movement in enumerate(movements, start=last + 1):
        movement.village = village
        movement.number = number
        movement.operation = operation
        movement.moved_by = by
        movement.moved_at = at
    return StockMovement.objects.bulk_create(movements)


@transaction.atomic
def receive_stock(
    reward: Reward,
    quantity: int,
    *,
    key: UUID,
    by: User,
    at: datetime,
    voucher: str = "",
    donor: str = "",
    is_anonymous: bool = False,
) -> StockMovement:
    """Put goods that came in on the shelf; with a donor they are a donation.

    The village's partners are thanked by name in public, unless `is_anonymous`.

    Households that asked for them while there were none are served by it. The
    same key returns the same movement.

    :raises StockRefused: if the quantity is not between 1 and 100,000 units
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(reward.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="receive_stock",
        payload={
            "reward": reward.pk,
            "quantity": quantity,
            "voucher": voucher,
            "donor": donor,
            "is_anonymous": is_anonymous,
        },
        by=by,
        at=at,
    )
    if not is_first:
        return StockMovement.objects.get(village=village, operation=operation)
    if not 1 <= quantity <= MOST_UNITS:
        raise StockRefused(
            _("Write how many came in, from 1 to %(most)s.")
            % {"most": f"{MOST_UNITS:,}"}
        )
    kind = StockMovement.Kind.DONATION if donor else StockMovement.Kind.RECEIPT
    [movement] = move_stock(
        village,
        [
            StockMovement(
                reward=reward,
                kind=kind,
                quantity=quantity,
                donor=donor,
                is_anonymous=is_anonymous,
                voucher=voucher,
            )
        ],
        operation=operation,
        by=by,
        at=at,
    )
    waiting = Shortage.objects.filter(village=village, reward=reward).waiting()
    served = waiting.update(served_at=at)
    record_event(
        "stock.receive",
        village=village,
        by=by,
        at=at,
        subject=movement,
        reward=reward.pk,
        quantity=quantity,
        served=served,
    )
    return movement


@transaction.atomic
def set_price(
    reward: Reward, *, points: int, fen: int, by: User, at: datetime
) -> Price:
    """Give goods a new price from now on; slips keep the price they were made at.

    `points` is what a household pays, `fen` what the fund pays for one unit.
    Returns the price in force, the old one when nothing changes.

    :raises PriceRefused: if the points are not between 1 and 10,000
    """
    village = lock_village(reward.village)
    if not 1 <= points <= 10_000 or not 0 <= fen <= 10_000_000:
        raise PriceRefused(_("A price is 1 to 10,000 points and at most 100,000 yuan."))
    last = reward.prices.filter(village=village).order_by("-version").first()
    if last and (last.points, last.fen) == (points, fen):
        return last
    price = Price.objects.create(
        village=village,
        reward=reward,
        version=(last.version if last else 0) + 1,
        points=points,
        fen=fen,
        in_force_from=max(at, last.in_force_from) if last else at,
        set_by=by,
    )
    record_event(
        "price.set",
        village=village,
        by=by,
        at=at,
        subject=price,
        reward=reward.pk,
        points=points,
        fen=fen,
    )
    return price


@transaction.atomic
def note_shortage(
    reward: Reward, household: Household, *, by: User, at: datetime
) -> Shortage:
    """Write down that a household asked for goods that were out of stock.

    Asked twice is written once; the next receipt of the goods serves it.
    """
    village = lock_village(reward.village)
    waiting = Shortage.objects.filter(
        village=village, reward=reward, household=household
    ).waiting()
    return waiting.first() or Shortage.objects.create(
        village=village,
        reward=reward,
        household=household,
        noted_at=at,
        noted_by=by,
    )
