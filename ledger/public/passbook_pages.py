"""The household's own pages: a card is scanned, its code leaves the address bar.

Whoever holds the card sees that one household and nothing else. A cookie of
half an hour stands for the code; it names the version of the card, so it ends
with it.
"""

from datetime import MAXYEAR
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from households.changes import what_became_of
from households.models import Household, Passbook
from households.passbooks import find_passbook
from households.typed_numbers import whole_number
from ledger.answers import SHOWN, declarations_of, objections_of
from ledger.expiring import announced_expiry, last_day
from ledger.models import SignIn
from ledger.own_data import lists_of
from ledger.passbooks.passbook import read_book
from ledger.public import pages
from ledger.public.blocks import goods_of, honor_of
from ledger.public.tries import note_try, tries_of
from ledger.stars import stars_of

COOKIE = "passbook"
COOKIE_SECONDS = 30 * 60
TRIES_A_MINUTE = 20
SALT = "ledger.passbook"


@require_safe
def open_passbook(request, token):
    """Exchange the code on a card for a cookie.

    Looking costs nothing and can be done again: chats fetch an address before
    anybody opens it. What they append to it is passed over.
    """
    if tries_of(request, COOKIE) >= TRIES_A_MINUTE:
        response = _without_card(request, "ledger/passbook_too_fast.html", status=429)
        response.headers["Retry-After"] = "60"
        return response
    passbook = find_passbook(token.strip("/"))
    if passbook is None:
        note_try(request, COOKIE)
        return _without_card(request, "ledger/passbook_replaced.html", status=404)
    response = HttpResponseRedirect(reverse("ledger:passbook"), status=303)
    response.set_signed_cookie(
        COOKIE,
        f"{passbook.pk.hex}.{passbook.version}",
        salt=SALT,
        max_age=COOKIE_SECONDS,
        path=reverse("ledger:passbook"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return _without_trace(response)


@require_safe
def passbook(request):
    """Show the household whose card was scanned, or ask for the card."""
    opened = _passbook_of(request)
    if opened is None:
        return ask_for_card(request)
    shown = _opened(request, opened.household, is_on_a_list=opened.is_on_a_list)
    return pages.pack(request, _answer(request, "ledger/passbook.html", **shown))


@require_safe
def print_passbook(request):
    """Show a whole year of the passbook on paper of size A5."""
    opened = _passbook_of(request)
    if opened is None:
        return ask_for_card(request)
    shown = _opened(request, opened.household, is_on_a_list=opened.is_on_a_list)
    return _answer(request, "ledger/passbook_print.html", **shown)


def _opened(request: HttpRequest, household: Household, *, is_on_a_list: bool) -> dict:
    """Return what the pages of a passbook show, this year's or the one asked for."""
    now = timezone.now()
    today = timezone.localdate(now)
    book = read_book(household, year=_year_asked(request))
    goods = goods_of(household, book.spendable, at=now)
    goal = household.village.policy.honor_points
    return {
        "book": book,
        "today": today,
        "goods": goods,
        "spendings": [
            (line, goods.slips.get(line.entry.pk)) for line in book.spendings
        ],
        "goal": goal,
        "missing": goal - book.equation.score,
        "stars": stars_of(book.equation.score, household.village.policy),
        # What a clerk has accepted stands among the lines.
        "declared": [one for one in declarations_of(household) if not one.text],
        "objected": objections_of(household),
        "repairs": book.repairs[:SHOWN],
        "lists": lists_of(household) if is_on_a_list else [],
        "code": _code_of(household),
        "expiring": announced_expiry(household, today=today),
        "expires_after": last_day(today.year),
        "honor": honor_of(household, book.year),
        "became": what_became_of(household, today=today),
        "village": household.village,
        "policy": household.village.policy,
        "asked": f"year={book.year}&" if book.is_closed else "",
    }


def _year_asked(request: HttpRequest) -> int | None:
    year = whole_number(request.GET.get("year"))
    return year if year and year <= MAXYEAR else None


def _code_of(household: Household) -> str:
    """Draw the household's number for the scanner at the counter.

    The code of the card stands in no page: what a villager passes on opens
    nothing, and the number is as good at the counter as when it is said.
    """
    code = segno.make(household.number, error="m", micro=False)
    label = _("The household number as a code")
    svg = code.svg_inline(svgclass=None, lineclass=None, omitsize=True, title=label)
    return mark_safe(svg)


def household_of(request: HttpRequest) -> Household | None:
    """Return whose present card was scanned here within the last half hour."""
    passbook = _passbook_of(request)
    return passbook.household if passbook else None


def _passbook_of(request: HttpRequest) -> Any:
    """Return the passbook that is open here; it knows, as `is_on_a_list`, whether
    its household stands on the open list of an activity.
    """
    value = request.get_signed_cookie(
        COOKIE, default="", salt=SALT, max_age=COOKIE_SECONDS
    )
    if not value:
        return None
    passbook_id, _dot, version = value.partition(".")
    mine = SignIn.objects.filter(
        village=OuterRef("village"), household=OuterRef("household")
    )
    return (
        Passbook.objects.filter(pk=UUID(passbook_id), version=int(version))
        .select_related("household__group", "household__village__policy")
        .annotate(is_on_a_list=Exists(mine.on_open_lists()))
        .first()
    )


def own_page(view):
    """Hand a view the household whose card was scanned; without one, ask for it."""

    @wraps(view)
    def with_household(request, *args, **kwargs):
        household = household_of(request)
        if household is None:
            return ask_for_card(request)
        return view(request, household, *args, **kwargs)

    return with_household


def ask_for_card(request: HttpRequest) -> HttpResponse:
    """Answer where no card was scanned, or too long ago."""
    return _answer(request, "ledger/passbook_closed.html")


def answer_own(
    request: HttpRequest, template: str, context: dict, *, status: int = 200
) -> HttpResponse:
    """Answer with a page that hangs on the passbook, as private as that is."""
    return _answer(request, template, status=status, **context)


def _answer(
    request: HttpRequest, template: str, *, status: int = 200, **context
) -> HttpResponse:
    """Answer with a page that belongs to one reader and is kept by nobody."""
    response = pages.answer_once(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Vary"] = "Cookie"
    return response


def _without_card(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """Answer where no passbook is opened; its links leave the address behind."""
    here = reverse("ledger:passbook")
    return _without_trace(_answer(request, template, status=status, here=here))


def _without_trace(response: HttpResponse) -> HttpResponse:
    """Let the address, which holds a code, go to no other page and no index."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
