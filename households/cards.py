"""存折卡: choose whose cards to print, print them, replace one.

Every page that shows a code is the answer to a form and leaves an audit event;
none can be opened again by its address, and nothing keeps it.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household, Passbook, Village
from households.passbooks import (
    TOKEN_LENGTH,
    CardsNotPrinted,
    count_cards,
    print_cards,
    reissue_passbook,
    without_printed_card,
)
from households.qr_codes import code_of, qr_svg
from households.querysets import HouseholdQuerySet
from households.staff_pages import page, staff_object, staff_page
from households.typed_households import TypedHouseholds
from households.typed_numbers import whole_number

PERMISSION = "households.print_cards"
CARDS_ON_A_SHEET = 10
HOUSEHOLDS_SHOWN = 30
# As static/css/card-sheets.css draws it; phones of ten years read 0.6 mm.
CODE_MM = 31
SMALLEST_MODULE_MM = 0.6


@staff_page(PERMISSION)
@require_safe
def cards(request, village):
    """Show how many cards there are to print, and the households asked for."""
    counts = count_cards(village)
    groups = [
        {"group": group, **counts[group.pk], "sheets": _sheets(counts[group.pk])}
        for group in village.groups.order_by("number")
        if group.pk in counts
    ]
    whole = {
        part: sum(count[part] for count in counts.values()) for part in ("cards", "new")
    }
    question = request.GET.get("households", "").strip()
    return _page(
        request,
        village,
        "cards.html",
        groups=groups,
        whole={**whole, "sheets": _sheets(whole)},
        question=question,
        is_out_of_reach=_is_out_of_reach(settings.PUBLIC_URL),
        **(_found(village, question) if question else {}),
    )


@staff_page(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def card_sheets(request, village):
    """Print cards: of a group, of new households, or of those typed in.

    Whoever comes back to this address, or signs in on the way to it, chooses
    again.
    """
    if request.method != "POST":
        return redirect(_address(village))
    question = request.POST.get("households", "").strip()
    try:
        printed = print_cards(
            village,
            _chosen(village, question, request.POST),
            by=request.user,
            at=timezone.now(),
        )
    except CardsNotPrinted as refused:
        messages.error(request, str(refused))
        return redirect(_address(village, households=question))
    drawn = [(card, qr_svg(card.address)) for card in printed]
    response = _page(
        request,
        village,
        "card_sheets.html",
        sheets=[
            drawn[first : first + CARDS_ON_A_SHEET]
            for first in range(0, len(drawn), CARDS_ON_A_SHEET)
        ],
        count=len(drawn),
        back=_address(village),
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@staff_object(Household.objects.select_related("village", "group").all, PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def card_reissue(request, household):
    """Say what a new code means, and on a yes replace the household's card."""
    village = household.village
    passbook = get_object_or_404(Passbook, village=village, household=household)
    if request.method != "POST":
        context = {"household": household, "passbook": passbook}
        back = _address(village, households=household.number)
        return _page(request, village, "card_reissue.html", back=back, **context)
    reissue_passbook(
        passbook,
        replacing=whole_number(request.POST.get("version")) or 0,
        by=request.user,
        at=timezone.now(),
    )
    messages.success(
        request,
        _("The old card of %(household)s opens nothing any more. Print the new one.")
        % {"household": household},
    )
    return redirect(_address(village, households=household.number))


def is_too_long_for_a_card(public_url: str) -> bool:
    """Tell whether codes with this address would be too fine for old phones."""
    code = code_of(f"{public_url}/p/{'0' * TOKEN_LENGTH}/")
    modules, _height = code.symbol_size(border=0)
    return CODE_MM / modules < SMALLEST_MODULE_MM


def _chosen(village: Village, question: str, asked) -> HouseholdQuerySet:
    """Return whom a form asks to print for.

    :raises CardsNotPrinted: if something typed was not understood
    """
    households = Household.objects.filter(village=village)
    if question:
        typed = TypedHouseholds(question, households.in_reading_order())
        if typed.problems:
            raise CardsNotPrinted(" ".join(typed.problems))
        households = households.filter(pk__in=typed.found)
    if group := asked.get("group"):
        households = households.filter(group__number=whole_number(group) or 0)
    if asked.get("new"):
        households = without_printed_card(households)
    return households


def _found(village: Village, question: str) -> dict:
    homes = Household.objects.filter(village=village).select_related("group")
    typed = TypedHouseholds(question, homes.in_reading_order())
    households = list(typed.found.values()) or list(typed.candidates.values())
    passbooks = {
        passbook.household_id: passbook
        for passbook in Passbook.objects.filter(
            village=village, household__in=households
        )
    }
    return {
        "problems": typed.problems,
        "found": [
            (household, passbooks.get(household.pk))
            for household in households[:HOUSEHOLDS_SHOWN]
        ],
        "found_count": len(households),
        "may_print": bool(typed.found) and not typed.problems,
    }


def _sheets(counts: dict[str, int]) -> int:
    return -(-counts["cards"] // CARDS_ON_A_SHEET)


def _is_out_of_reach(address: str) -> bool:
    """Tell whether only this machine itself can open an address."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(village: Village, **asked: str) -> str:
    """Return the page's own address, at its search when somebody was searched."""
    asked = {name: value for name, value in asked.items() if value}
    cards = f"{reverse('cards:cards')}?{urlencode({'village': village.slug, **asked})}"
    return f"{cards}#one" if asked else cards


def _page(request, village, template, **context):
    return page(
        request,
        f"households/{template}",
        village,
        _("Passbook cards"),
        villages=Village.objects.where_allowed(request.user, PERMISSION),
        **context,
    )
