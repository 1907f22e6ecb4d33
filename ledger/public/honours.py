"""年终光荣榜: who did most for the village in a year, once that has been decided.

Nobody is named before a list is on notice; that, and the roll made of it, come from
the app above. Until then the page says when it is decided and by what, and how many
households have come far; never which.
"""

from datetime import date

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from households.models import VillagePolicy
from ledger import board
from ledger.models import Period, Publication
from ledger.public import pages
from ledger.public.blocks import roll_of
from ledger.public.noticeboard import Noticeboard

DECEMBER = 12
YEARS = range(2000, 2100)


@require_safe
def honours(request, slug, year):
    """Show where a year's honor roll stands."""
    noticeboard, now = Noticeboard.of(slug), timezone.now()
    today = timezone.localdate(now)
    policy = noticeboard.village.policy
    if year not in YEARS:
        raise Http404
    of_year = Publication.objects.of(noticeboard.village).filter(
        period__month__year=year
    )
    newest = of_year.defer("document").first()
    if newest is None and year != today.year:
        page = noticeboard.furniture()
        return pages.answer_once(request, "ledger/no_year.html", page, status=404)
    roll = roll_of(noticeboard.village, year, noticeboard.names, at=now)
    return pages.page(
        request,
        "ledger/honours.html",
        (
            noticeboard.facts(today),
            _rules_shown(policy),
            newest and (newest.digest, newest.period.state),
            roll and roll.facts,
        ),
        lambda: {
            **noticeboard.furniture(),
            **honours_page(newest, year, today, mark=policy.honor_points),
            **(roll.content() if roll else {}),
            "roll": roll,
            "years": _years(noticeboard),
        },
    )


def honours_page(
    newest: Publication | None, year: int, today: date, *, mark: int
) -> dict:
    """Return the state of a year's roll, and how many stand above the mark, if any."""
    page = {"year": year, "mark": mark, "state": "awaited", "above": 0}
    if newest is None:
        return page
    document = board.read(newest.document)
    month, state = document["month"], newest.period.state
    if month.month == DECEMBER and state == Period.State.FINAL:
        page["state"] = "undecided"
    elif today.year > year:
        page["state"] = "closing"
    scores = [row.get("score", 0) for row in document["rows"]]
    above = sum(score > mark for score in scores) if mark else 0
    return {**page, "month": month, "above": above}


def _rules_shown(policy: VillagePolicy) -> tuple:
    return (
        policy.award_places,
        policy.award_group_places,
        policy.award_months,
        policy.award_notice_days,
        policy.honor_points,
    )


def _years(noticeboard: Noticeboard) -> list[int]:
    months = Publication.objects.of(noticeboard.village).values_list(
        "period__month", flat=True
    )
    return sorted({month.year for month in months}, reverse=True)
