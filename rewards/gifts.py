"""礼包: what the households of the roll get, and the handing over from the shelf."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.models import (
    Award,
    AwardGift,
    AwardRound,
    GiftHandover,
    GiftReturn,
    Reward,
    StockMovement,
)
from rewards.models.gifts import MOST_IN_A_GIFT
from rewards.stock import move_stock


class GiftRefused(Refused):
    """The gift cannot be decided or handed over like this."""


class TooFewGoods(Refused):
    """There are not enough goods on the shelf for these households."""


@transaction.atomic
def decide_gift(
    round: AwardRound, goods: Mapping[Reward, int], *, by: User, at: datetime
) -> None:
    """Say what each household of a round gets: goods and how many units of each.

    What was said before is replaced; goods with 0 are left out.

    :raises GiftRefused: if the round is settled, goods are another village's, or
        a number is impossible
    """
    village = lock_village(round.village)
    round = AwardRound.objects.get(village=village, pk=round.pk)
    if round.confirmed_at or round.withdrawn_at:
        raise GiftRefused(_("The list is settled, so its gift stays as it is."))
    wanted = {reward.pk: count for reward, count in goods.items() if count}
    known = Reward.objects.filter(village=village, pk__in=wanted)
    if known.count() < len(wanted):
        raise GiftRefused(_("These goods are not of this shop. Open the page anew."))
    if not all(1 <= count <= MOST_IN_A_GIFT for count in wanted.values()):
        raise GiftRefused(
            _("Write how many each household gets, from 0 to %(most)s.")
            % {"most": MOST_IN_A_GIFT}
        )
    gifts = AwardGift.objects.filter(village=village, round=round)
    before = dict(gifts.values_list("reward", "quantity"))
    if before == wanted:
        return
    gifts.delete()
    AwardGift.objects.bulk_create(
        AwardGift(village=village, round=round, reward_id=pk, quantity=count)
        for pk, count in wanted.items()
    )
    record_event(
        "award.gift",
        village=village,
        by=by,
        at=at,
        subject=round,
        goods=sorted(wanted.items()),
    )


@transaction.atomic
def hand_over_gifts(
    round: AwardRound,
    awards: Sequence[Award],
    *,
    key: UUID,
    by: User,
    at: datetime,
) -> list[GiftHandover]:
    """Give households of the roll their gift from the shelf, all of them or none.

    Costs no points. Each household gets it once (I-28). The same key returns the
    same hand-overs.

    :raises GiftRefused: if the roll is not confirmed, has no gift, or a household
        has its gift already or is not on it
    :raises TooFewGoods: naming the goods and what is left
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(round.village)
    wanted = sorted({award.pk for award in awards})
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="hand_over_gifts",
        payload={"round": round.pk, "awards": wanted},
        by=by,
        at=at,
    )
    handovers = GiftHandover.objects.filter(village=village)
    if not is_first:
        return list(handovers.filter(operation=operation).order_by("award"))
    round = AwardRound.objects.get(village=village, pk=round.pk)
    gifts = list(AwardGift.objects.filter(village=village, round=round))
    if not round.confirmed_at:
        raise GiftRefused(_("The list is not confirmed yet, so there are no gifts."))
    if not gifts:
        raise GiftRefused(_("No gift was decided for this list."))
    listed = Award.objects.filter(village=village, round=round, pk__in=wanted)
    found = list(listed.with_gift().select_related("household").in_order())
    if not found or len(found) < len(wanted):
        raise GiftRefused(_("Tick the households that were given their gift."))
    twice = [award.household.number for award in found if award.handed_at]
    if twice:
        raise GiftRefused(
            _("No. %(numbers)s has its gift already; untick it.")
            % {"numbers": "、".join(twice)}
        )
    _require_goods(gifts, len(found))
    attempts = Counter(
        dict(
            handovers.filter(award__in=wanted)
            .values_list("award")
            .annotate(count=Count("pk"))
            .order_by()
        )
    )
    made = GiftHandover.objects.bulk_create(
        GiftHandover(
            village=village,
            award=award,
            attempt=attempts[award.pk] + 1,
            operation=operation,
            handed_at=at,
            handed_by=by,
        )
        for award in found
    )
    _move(made, gifts, StockMovement.Kind.GIFT, -1, operation, by=by, at=at)
    record_event(
        "award.hand_over",
        village=village,
        by=by,
        at=at,
        subject=round,
        households=len(made),
    )
    return made


@transaction.atomic
def take_gift_back(
    handover: GiftHandover, *, key: UUID, by: User, at: datetime
) -> GiftReturn:
    """Undo a hand-over on its own day: the goods are back on the shelf.

    The same key returns the same return.

    :raises GiftRefused: if it is undone already or is not of today
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(handover.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="take_gift_back",
        payload={"handover": handover.pk},
        by=by,
        at=at,
    )
    undone = GiftReturn.objects.filter(village=village, handover=handover).first()
    if undone and not is_first:
        return undone
    if undone:
        raise GiftRefused(_("This is undone already."))
    if timezone.localdate(at) != timezone.localdate(handover.handed_at):
        raise GiftRefused(_("A gift can only be taken back on the day it was given."))
    returned = GiftReturn.objects.create(
        village=village,
        handover=handover,
        operation=operation,
        returned_at=at,
        returned_by=by,
    )
    gifts = list(AwardGift.objects.filter(village=village, round=handover.award.round))
    _move([handover], gifts, StockMovement.Kind.GIFT_BACK, 1, operation, by=by, at=at)
    record_event("award.take_back", village=village, by=by, at=at, subject=handover)
    return returned


def gifts_waiting(village: Village) -> int:
    """Count the households of the newest roll whose gift was not handed over."""
    rounds = AwardRound.objects.filter(village=village).confirmed()
    newest = rounds.filter(gifts__isnull=False).order_by("-year").values("pk")[:1]
    awards = Award.objects.filter(village=village, round__in=newest)
    return awards.with_gift().filter(handed_at=None).count()


def _require_goods(gifts: Sequence[AwardGift], households: int) -> None:
    rewards = Reward.objects.filter(pk__in=[gift.reward_id for gift in gifts])
    on_hand = {reward.pk: reward for reward in rewards.with_on_hand()}
    for gift in gifts:
        reward, needed = on_hand[gift.reward_id], gift.quantity * households
        if needed > reward.on_hand:
            raise TooFewGoods(
                _(
                    "%(goods)s: %(needed)s %(unit)s are needed, %(left)s are there. "
                    "Take some in, or tick fewer households."
                )
                % {
                    "goods": reward.name,
                    "needed": needed,
                    "unit": reward.unit,
                    "left": reward.on_hand,
                }
            )


def _move(handovers, gifts, kind, sign, operation, *, by, at) -> None:
    move_stock(
        operation.village,
        [
            StockMovement(
                reward_id=gift.reward_id,
                kind=kind,
                quantity=sign * gift.quantity,
                handover=handover,
            )
            for handover in handovers
            for gift in gifts
        ],
        operation=operation,
        by=by,
        at=at,
    )
