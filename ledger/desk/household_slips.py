"""户条: a strip of paper for each household, for those without a phone.

A strip passes through other hands on its way, so it says no more than the board
does, and what the household can exchange today.
"""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households.audit import record_event
from households.models import Household, Village
from households.typed_numbers import whole_number
from ledger.board import group_names, read
from ledger.desk.access import page, staff_page
from ledger.expiring import spendable_by_household
from ledger.models import Publication

STRIPS_ON_A_SHEET = 8
WITHOUT_PHONE = Q(phone="")


@staff_page("households.print_cards")
@require_http_methods(["GET", "HEAD", "POST"])
def household_slips(request, village):
    """Choose whose strips to print; the answer to the form are the sheets.

    Whoever comes back to the address chooses again.
    """
    publication = Publication.objects.of(village).first()
    if request.method == "POST" and publication:
        households = _chosen(village, request.POST)
        strips = _strips(publication, households, at=timezone.now())
        if strips:
            return _sheets(request, village, publication, strips)
        messages.warning(request, _("There is no household to print a strip for."))
        return redirect(_address(village))
    return page(
        request,
        "household_slips.html",
        village,
        _("Household strips"),
        publication=publication,
        rows=_rows(village),
        villages=Village.objects.where_allowed(request.user, "households.print_cards"),
    )


def _rows(village: Village) -> list[dict]:
    counts = {
        row["group"]: row
        for row in Household.objects.filter(village=village)
        .listed()
        .order_by()
        .values("group")
        .annotate(all=Count("pk"), without=Count("pk", filter=WITHOUT_PHONE))
    }
    return [
        {**counts[group.pk], "group": group}
        for group in village.groups.order_by("number")
        if group.pk in counts
    ]


def _chosen(village: Village, asked):
    households = Household.objects.filter(village=village).listed()
    if asked.get("without_phone"):
        households = households.filter(WITHOUT_PHONE)
    if group := asked.get("group"):
        households = households.filter(group__number=whole_number(group) or 0)
    return households.select_related("group").in_reading_order()


def _strips(publication: Publication, households, *, at) -> list[dict]:
    """Return what each household's strip says: as the board, and what can be spent."""
    document = read(publication.document)
    rows = {row["number"]: row for row in document["rows"]}
    names = group_names(document)
    balances = spendable_by_household(publication.village, at=at)
    return [
        {
            "household": household,
            "group": names[rows[household.number]["group"]],
            "row": rows[household.number],
            "spendable": balances.get(household.pk, 0),
        }
        for household in households
        if household.number in rows
    ]


def _sheets(request, village, publication, strips):
    document = read(publication.document)
    at = timezone.now()
    record_event(
        "household.strips",
        village=village,
        by=request.user,
        at=at,
        month=str(publication.period),
        households=[strip["household"].pk for strip in strips],
    )
    starts = range(0, len(strips), STRIPS_ON_A_SHEET)
    response = render(
        request,
        "ledger/desk/household_slip_sheets.html",
        {
            "village": village,
            "document": document,
            "month": document["month"],
            "is_final": bool(publication.period.finalized_at),
            "sheets": [strips[first : first + STRIPS_ON_A_SHEET] for first in starts],
            "count": len(strips),
            "printed_on": timezone.localdate(at),
            "back": _address(village),
        },
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _address(village: Village) -> str:
    return f"{reverse('ledger_desk:household-slips')}?village={village.slug}"
