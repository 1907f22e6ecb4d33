"""公示海报: a published month as it hangs on the wall, on A3, on A4, or of one group.

Whoever prints a poster takes the notice away, so it cannot be withdrawn any more.
"""

from datetime import date

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from households.qr_codes import qr_svg
from households.typed_numbers import whole_number
from ledger import board
from ledger.public import pages
from ledger.public.noticeboard import Noticeboard
from ledger.public.poster_layout import A3, A4, GROUP, digits_of, lay_out
from ledger.public.taking_away import take_away
from ledger.templatetags.ledger_tags import month_title

PAPERS = {"a3": A3, "a4": A4}
# Places in the table beside the red sheet, ten in each half.
PLACES_SHOWN = 20
HALF = 10


@require_safe
def poster(request, slug, month):
    """Show the poster of a published month, ready for the printer."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    if noticeboard.published(month) is None:
        page = noticeboard.furniture()
        return pages.answer_once(request, "ledger/no_month.html", page, status=404)
    size, group = _asked(request)
    if group is not None:
        # Asked before the notice counts as taken away.
        get_object_or_404(noticeboard.village.groups, number=group)
    publication = take_away(request, noticeboard, month)
    return pages.page(
        request,
        "ledger/poster.html",
        (noticeboard.facts(today), publication.period.state, month, size, group),
        lambda: {
            **poster_page(noticeboard.month(publication, today), size, group),
            **code_of(slug, month),
        },
    )


def poster_page(page: dict, size: str, group: int | None) -> dict:
    """Lay a month's page out on sheets of paper; with a group, its households only.

    :raises Http404: when the month knows no such group
    """
    document, groups, paper = page["document"], page["groups"], PAPERS[size]
    if group is not None:
        groups, paper = [g for g in groups if g["number"] == group], GROUP
        if not groups:
            raise Http404
    title = _("%(village)s: %(month)s notice of good deeds") % {
        "village": page["village"].name,
        "month": month_title(page["month"]),
    }
    shown, folded = places_of(document)
    return {
        **page,
        "title": title,
        "size": "a3" if paper is A3 else "a4",
        "group": groups[0] if group is not None else None,
        "all_groups": page["groups"],
        "red": page["sheet"],
        "halves": [half for half in (shown[:HALF], shown[HALF:]) if half],
        "folded": folded,
        "wraps": paper.wraps(title),
        "sheets": lay_out(groups, paper.under(title).worded(get_language())),
        "digits": digits_of(document["rows"]),
        "is_over": page["notice"]["kind"] in {"final", "over"},
    }


def places_of(document: dict) -> tuple[list[dict], dict | None]:
    """Return the ranked rows that have room, and the place that has not.

    Many may share the last place; then they are counted, and stand in the list.
    """
    rows = board.ranked(document)
    if len(rows) <= PLACES_SHOWN:
        return rows, None
    last = rows[PLACES_SHOWN]
    sharing = [row for row in rows if row["place"] == last["place"]]
    shown = [row for row in rows if row["place"] < last["place"]]
    return shown, {
        "place": last["place"],
        "score": last["score"],
        "households": len(sharing),
    }


def code_of(slug: str, month: date) -> dict:
    """Return the month's page at our own address, and the code that leads there."""
    page = reverse("ledger:month", args=[slug, month])
    address = f"{settings.PUBLIC_URL}{page}"
    return {"address": address, "code": qr_svg(address)}


def _asked(request) -> tuple[str, int | None]:
    """Return the size and the group asked for; what nobody knows is passed over.

    :raises Http404: when the group is no number
    """
    size = request.GET.get("size", "")
    asked = request.GET.get("group", "")
    group = whole_number(asked)
    if asked and group is None:
        raise Http404
    return size if size in PAPERS else "a3", group
