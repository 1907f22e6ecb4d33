"""光荣榜: the households of a year, on notice as a list, then hung in red."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from households.masking import mask_name
from households.models import Village
from ledger.models import Publication
from ledger.naming import OpenNames
from ledger.public.blocks import Block
from rewards.models import Award, AwardGift, AwardRound

# A name longer than this does not stand upright on its slip.
UPRIGHT = 4


def honor_roll(
    village: Village, year: int, names: OpenNames, *, at: datetime
) -> Block | None:
    """Return the list of a year as residents may read it, if there is one.

    On notice it is a list, and whoever disagrees is led to the objection form;
    the confirmed roll is the red sheet. What stood against anybody is in neither.
    """
    rounds = AwardRound.objects.filter(village=village, year=year).public()
    round = rounds.defer("document").first()
    if round is None:
        return None
    round.village = village
    gifts = AwardGift.objects.filter(village=village, round=round).in_shelf_order()
    goods = tuple(gifts.values_list("reward__name", "quantity", "reward__unit"))
    is_over = round.is_notice_over(at)
    template = "_roll_hung" if round.confirmed_at else "_roll_on_notice"
    return Block(
        f"rewards/{template}.html",
        (round.pk, round.state, is_over, goods, names),
        lambda: {
            "round": round,
            "awards": list(_lines(round, names)),
            "gifts": goods,
            "is_notice_over": is_over,
            "ends_at": timezone.localtime(round.notice_ends_at),
            "object_at": _objection_address(village, year),
        },
    )


def _lines(round: AwardRound, names: OpenNames):
    """Yield the lines, each named in full only while that is agreed to."""
    full = names.on(timezone.localdate(round.opened_at))
    awards = Award.objects.filter(village=round.village_id, round=round).in_order()
    for award in awards.select_related("household"):
        name = full.get(award.household.number, "")
        # Whoever heads the household now is not put on what another one did.
        shown = name if name and mask_name(name) == award.name else award.name
        yield {
            "place": award.place,
            "group": award.group,
            "name": shown,
            "is_long": len(shown) > UPRIGHT,
            "score": award.score,
            "citation": award.citation,
        }


def _objection_address(village: Village, year: int) -> str:
    """Return where to object: to the year's newest published month."""
    of_year = Publication.objects.of(village).filter(period__month__year=year)
    month = of_year.values_list("period__month", flat=True)[0]
    form = reverse("ledger:objection", args=[village.slug])
    return f"{form}?month={month:%Y-%m}"
