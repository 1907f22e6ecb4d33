"""Goods are put on the village's list, changed and taken off it; never deleted."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.models import Reward
from rewards.stock import set_price

FACTS = ("name", "unit", "picture", "low_stock_mark", "is_active", "position")


class RewardRefused(Refused):
    """The goods are on the list already, or say too little of themselves."""


@transaction.atomic
def add_reward(
    reward: Reward, *, points: int, fen: int, key: UUID, by: User, at: datetime
) -> Reward:
    """Put a new kind of goods on a village's list, at its first price.

    `points` is what a household pays for one unit, `fen` what the fund pays.
    The same key returns the same goods.

    :raises RewardRefused: if the village has goods of that name, or name or unit
        is missing
    :raises PriceRefused: if the price is out of bounds
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(reward.village)
    _tidy(reward)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="add_reward",
        payload={"points": points, "fen": fen, **_facts(reward)},
        by=by,
        at=at,
    )
    same_name = Reward.objects.filter(village=village, name=reward.name).first()
    if same_name and not is_first:
        return same_name
    if not is_first:
        raise RewardRefused(_("This form was saved already. Look at the list."))
    _check(reward, same_name)
    reward.save(force_insert=True)
    record_event(
        "reward.add",
        village=village,
        by=by,
        at=at,
        subject=reward,
        operation=operation.pk,
    )
    set_price(reward, points=points, fen=fen, by=by, at=at)
    return reward


@transaction.atomic
def change_reward(
    reward: Reward, *, points: int, fen: int, by: User, at: datetime
) -> Reward:
    """Save what was changed in a reward, and its new price from now on.

    Slips keep the price they were made at. Goods that are no longer offered
    stay on the list, because old slips name them. Nothing is written where
    nothing changes.

    :raises RewardRefused: if other goods of the village have that name, or name or
        unit is missing
    :raises PriceRefused: if the price is out of bounds
    """
    village = lock_village(reward.village)
    _tidy(reward)
    before = _facts(Reward.objects.get(village=village, pk=reward.pk))
    of_village = Reward.objects.filter(village=village).exclude(pk=reward.pk)
    _check(reward, of_village.filter(name=reward.name).first())
    changed = [name for name, now in _facts(reward).items() if now != before[name]]
    if changed:
        reward.save(update_fields=changed)
        record_event(
            "reward.change",
            village=village,
            by=by,
            at=at,
            subject=reward,
            fields=changed,
        )
    set_price(reward, points=points, fen=fen, by=by, at=at)
    return reward


def next_position(village: Village) -> int:
    """Return the place behind the last goods on the shelf."""
    last = Reward.objects.filter(village=village).order_by("-position").first()
    return last.position + 1 if last else 1


def _tidy(reward: Reward) -> None:
    reward.name = " ".join(reward.name.split())
    reward.unit = " ".join(reward.unit.split())


def _check(reward: Reward, same_name: Reward | None) -> None:
    if not reward.name or not reward.unit:
        raise RewardRefused(_("Write the name of the goods and their unit."))
    if same_name:
        raise RewardRefused(_("This village already has these goods."))


def _facts(reward: Reward) -> dict:
    return {name: getattr(reward, name) for name in FACTS}
