"""What a household's points buy, told in its passbook."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from households.models import Household
from ledger.public.blocks import Goods, Slip
from rewards.models import Redemption, RedemptionLine
from rewards.public.offers import Offer, offers_of

FEW = 9  # nobody carries home more of one kind


def goods_of_household(household: Household, points: int, *, at: datetime) -> Goods:
    """Return what so many points buy now, and the goods on each slip, by entry id."""
    village = household.village
    smallest = village.policy.smallest_redemption
    offers = [o for o in offers_of(village, at=at) if o.stock != "none"]
    lines = RedemptionLine.objects.select_related("reward").order_by(
        "reward__position", "reward"
    )
    slips = Redemption.objects.filter(
        village=village, household=household
    ).prefetch_related(Prefetch("lines", lines))
    return Goods(
        enough_for=enough_for(points, offers) if points >= smallest else "",
        needed=max(0, smallest - points) if offers else 0,
        slips={
            slip.entry_id: Slip(
                str(slip), _list(_amount(line) for line in slip.lines.all())
            )
            for slip in slips
        },
    )


def enough_for(points: int, offers: Sequence[Offer]) -> str:
    """Name goods that so many points buy: a few of the first on the shelf.

    Where that would be more than anybody carries, what costs most is named.
    """
    buys = [offer for offer in offers if offer.points <= points]
    few = [offer for offer in buys if points // offer.points <= FEW]
    chosen = next(iter(few), max(buys, key=lambda offer: offer.points, default=None))
    if chosen is None:
        return ""
    return _("%(goods)s %(count)s %(unit)s") % {
        "goods": chosen.name,
        "count": points // chosen.points,
        "unit": chosen.unit,
    }


def _amount(line: RedemptionLine) -> str:
    return _("%(goods)s %(count)s %(unit)s") % {
        "goods": line.reward.name,
        "count": line.quantity,
        "unit": line.reward.unit,
    }


def _list(amounts) -> str:
    return _(", ").join(amounts)
