"""The honor roll as one document: what was on notice, and the vote on it.

Sealed as a published month is, upon the digest of the year's last month, so that
whoever kept that month can tell whether a roll rests on it.
"""

from django.utils.translation import gettext as _

from ledger.models import Publication
from ledger.sealing import canonical, is_sealed, seal
from rewards.models import Award, AwardGift, AwardRound

FORMAT = "good-deeds-honors/1"


def roll_document(round: AwardRound) -> dict:
    """Put the roll of a round together, sealed; the vote must be written in it."""
    village = round.village
    awards = Award.objects.filter(village=village, round=round).in_order()
    gifts = AwardGift.objects.filter(village=village, round=round).in_shelf_order()
    assert round.voted_on
    return seal(
        {
            "format": FORMAT,
            "village": {"slug": village.slug, "name": village.name},
            "year": round.year,
            "round": round.number,
            "rules": {
                "places": round.places,
                "group_places": int(round.has_group_places),
                "months": round.months_needed,
                "notice_days": round.notice_days,
            },
            "vote": {
                "meeting": round.meeting,
                "day": round.voted_on.isoformat(),
                "for": round.votes_for,
                "against": round.votes_against,
                "abstained": round.abstained,
            },
            "rows": [row_of(award) for award in awards.select_related("household")],
            "gifts": [
                {
                    "name": gift.reward.name,
                    "unit": gift.reward.unit,
                    "quantity": gift.quantity,
                }
                for gift in gifts
            ],
            "previous_digest": _last_digest(round),
        }
    )


def gift_of(round: AwardRound) -> str:
    """Write the gift of a round in one line: 2 bags of rice, 1 bottle of oil."""
    gifts = AwardGift.objects.filter(village=round.village_id, round=round)
    return _(", ").join(
        _("%(goods)s %(count)s %(unit)s")
        % {
            "goods": gift.reward.name,
            "count": gift.quantity,
            "unit": gift.reward.unit,
        }
        for gift in gifts.in_shelf_order()
    )


def row_of(award: Award) -> dict:
    """Return one line of the roll, the name masked."""
    return {
        "place": award.place,
        "group": award.group,
        "number": award.household.number,
        "name": award.name,
        "score": award.score,
        "citation": award.citation,
    }


def written(document: dict) -> str:
    """Write a roll in the one form its digest is of."""
    return canonical(document).decode()


def is_whole(document: dict, round: AwardRound) -> bool:
    """Tell whether a roll is sealed and says of the round what its rows say."""
    if not is_sealed(document) or document["digest"] != round.digest:
        return False
    awards = Award.objects.filter(village=round.village_id, round=round).in_order()
    gifts = AwardGift.objects.filter(village=round.village_id, round=round)
    quantities = gifts.in_shelf_order().values_list("quantity", flat=True)
    vote = {
        "meeting": round.meeting,
        "day": round.voted_on and round.voted_on.isoformat(),
        "for": round.votes_for,
        "against": round.votes_against,
        "abstained": round.abstained,
    }
    # Goods may be called otherwise later, and numbers of households stay.
    return (
        document["rows"] == [row_of(a) for a in awards.select_related("household")]
        and sorted(g["quantity"] for g in document["gifts"]) == sorted(quantities)
        and document["vote"] == vote
        and document["year"] == round.year
    )


def _last_digest(round: AwardRound) -> str:
    of_year = Publication.objects.of(round.village).filter(
        period__month__year=round.year
    )
    return of_year.values_list("digest", flat=True)[0]
