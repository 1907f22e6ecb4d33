"""The month in spoken words: for the loudspeaker, and for the village's group chat.

Pure functions of the published document with the names that its pages show
today. What it does not hold they cannot say: no deduction, no negative number,
no name that it masks.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from households.masking import HIDDEN
from ledger.board import red_sheet
from ledger.templatetags.ledger_tags import day_month, month_name

# Slow enough for the loudspeaker on the hill: four characters a second.
SPOKEN_A_SECOND = 4
_SPOKEN = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]+|\d")
# More than so many names are not read out.
MOST_NAMES = 6
MOST_GOODS = 3


def broadcast(
    document: dict, *, redeem_from: date | None = None, goods: Sequence[str] = ()
) -> str:
    """Return what is read out over the loudspeaker, one sentence a line.

    `goods` are what points are exchanged for, `redeem_from` the first day of that.
    """
    counts = document["counts"]
    return spoken(
        village=document["village"]["name"],
        month=document["month"],
        deeds=counts["deeds"],
        households=counts["participating"],
        names=first_names(document),
        ends_at=document["notice_ends_at"],
        redeem_from=redeem_from,
        goods=goods,
    )


def spoken(
    *,
    village: str,
    month: date,
    deeds: int,
    households: int,
    names: Sequence[str],
    ends_at: datetime,
    redeem_from: date | None = None,
    goods: Sequence[str] = (),
) -> str:
    """Put the facts of a month into the sentences of the loudspeaker."""
    lines = [
        _("Fellow villagers, this is the committee of %(village)s.")
        % {"village": village},
        _("The points for the good deeds of %(month)s hang on the board.")
        % {"month": month_name(month)},
    ]
    if deeds:
        lines.append(
            _(
                "This month the village did %(deeds)s good deeds, and %(households)s "
                "households took part."
            )
            % {"deeds": deeds, "households": households}
        )
    if names:
        lines.append(
            _("First on the red list are %(names)s.") % {"names": "、".join(names)}
        )
    lines.append(
        _(
            "Who disagrees, come to the committee or ring us before 5 in the "
            "afternoon of %(day)s."
        )
        % {"day": day_month(ends_at)}
    )
    if redeem_from and goods:
        lines.append(
            _(
                "Who has points enough can exchange them for %(goods)s at the village "
                "shop from %(day)s on."
            )
            % {"goods": "、".join(goods[:MOST_GOODS]), "day": day_month(redeem_from)}
        )
    return "\n".join(lines)


def group_message(document: dict, *, address: str, phone: str = "") -> str:
    """Return what is pasted into the group chat; only full names are named."""
    counts = document["counts"]
    month = {
        "village": document["village"]["name"],
        "month": month_name(document["month"]),
    }
    lines = [_("[%(village)s: notice of the good deeds of %(month)s]") % month]
    if counts["deeds"]:
        lines.append(
            _(
                "%(deeds)s good deeds, %(households)s households took part, "
                "%(points)s points added."
            )
            % {
                "deeds": counts["deeds"],
                "households": counts["participating"],
                "points": counts["points"],
            }
        )
    names = [name for name in first_names(document) if HIDDEN not in name]
    if names:
        lines.append(_("On the red list: %(names)s") % {"names": "、".join(names)})
    lines.append(
        _("On notice until 17:00 of %(day)s; say so if something is wrong.")
        % {"day": day_month(document["notice_ends_at"])}
    )
    if phone:
        lines.append(_("Supervision line: %(phone)s") % {"phone": phone})
    lines.append(_("The board: %(address)s") % {"address": address})
    return "\n".join(lines)


def first_names(document: dict) -> list[str]:
    """Return the names on the red sheet, none when too many share the places."""
    slips = red_sheet(document).get("slips", [])
    return readable([slip["name"] for slip in slips])


def readable(names: list[str]) -> list[str]:
    """Return names that can be read out in one breath, else none."""
    return names if len(names) <= MOST_NAMES else []


def reading_seconds(text: str) -> int:
    """Return how long it takes to read a text out, in seconds, rounded up to 5."""
    return -(-len(_SPOKEN.findall(text)) // (SPOKEN_A_SECOND * 5)) * 5
