"""兑换柜台: find a household, put goods into the till, make one slip of it."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import Sum
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from households.models import Household, Village
from ledger.models import Entry
from ledger.operations import KeyUsedForSomethingElse, record_refusal
from ledger.refusals import Refused
from rewards.desk.access import page, staff_page
from rewards.desk.finding import Found, find_household, household_numbered
from rewards.desk.till_form import PaperForm, TillForm, shelf
from rewards.gifts import gifts_waiting
from rewards.models import Redemption, Reward
from rewards.redeeming import ShopClosed, redeem, require_open
from rewards.stock import note_shortage
from rewards.watching import glance_at

# Buttons that bring the form back changed and save no slip.
ACTIONS = ("less", "more", "shortage", "sum")
COUNTER, PAPER = "rewards_desk:counter", "rewards_desk:paper"


@sensitive_post_parameters("code")
@staff_page("rewards.redeem")
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request, village):
    """Serve whoever stands at the counter.

    A card is read from what is posted and answered with the address of its
    household, which names the number: its code stands in no address. The
    page's script asks for the counter alone, and for the next address instead
    of a redirect.
    """
    return _serve(request, village, COUNTER, TillForm)


@sensitive_post_parameters("code")
@staff_page("rewards.redeem")
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request, village):
    """补录: enter a slip that was written by hand."""
    return _serve(request, village, PAPER, PaperForm)


def _serve(request, village, place, form_class):
    if "find" in request.POST:
        found = find_household(request.POST.get("code", ""), village)
        if found.household:
            return _go(request, address_of(place, found.household))
        return _show(request, village, place, found=found)
    number = request.POST.get("household") or request.GET.get("household")
    if not number:
        return _show(request, village, place)
    household = household_numbered(number, village)
    if household is None:
        unknown = _("No such household. Use the full name or the number.")
        return _show(request, village, place, found=Found(problem=unknown))
    household.village = village
    return _serve_household(request, household, place, form_class)


def _serve_household(request, household, place, form_class):
    village, at = household.village, timezone.now()
    key = _key(request.GET.get("key"))
    act = _act(request)
    form = form_class(
        request.POST or None,
        village=village,
        household=household,
        at=at,
        act=act,
        initial={"key": key} if key else {},
    )
    shown = {"form": form, "on_notice": on_notice(household)}
    if act and act[0] == "shortage":
        shown["noted"] = _note(request, form, act[1], at)
    if request.method == "POST" and not act:
        key = _key(request.POST.get("key"))
        slip = _redeem(request, form, at) if form.is_valid() else None
        if slip:
            return _go(request, reverse("rewards_desk:slip", args=[slip.pk]), done=1)
    made = key and slip_of(key, village)
    if made:
        shown |= {"made": made, "another": address_of(place, household)}
    return _show(request, village, place, **shown)


def address_of(place: str, household: Household) -> str:
    """Return the address that opens a new form for one household.

    With its key in it, the back button and a second tab bring the same form,
    and one slip is made of it (I-13).
    """
    query = {
        "village": household.village.slug,
        "household": household.number,
        "key": uuid4(),
    }
    return reverse(place, query=query)


def on_notice(household: Household):
    """Return by month the points that can be spent once the notice is over."""
    return (
        Entry.objects.filter(
            village=household.village_id,
            household=household,
            kind__in=Entry.EARNING,
            period__published_at__isnull=False,
            period__finalized_at=None,
        )
        .values("period__month", "period__notice_ends_at")
        .annotate(sum=Sum("points"))
        .filter(sum__gt=0)
        .order_by("period__month")
    )


def slip_of(key: UUID, village: Village) -> Redemption | None:
    """Return the slip that was made with a form's key."""
    return Redemption.objects.filter(village=village, operation__key=key).first()


def _act(request):
    if request.method != "POST" or "confirm" in request.POST:
        return None
    pressed = next((name for name in ACTIONS if name in request.POST), "sum")
    return pressed, request.POST.get(pressed, "")


def _redeem(request, form, at: datetime) -> Redemption | None:
    try:
        return redeem(
            form.household,
            form.wanted,
            key=form.cleaned_data["key"],
            by=request.user,
            at=at,
            **form.slip,
        )
    except KeyUsedForSomethingElse as refused:
        record_refusal("shop.redeem", village=form.of_village, by=request.user, at=at)
        if not slip_of(form.cleaned_data["key"], form.of_village):
            form.refuse(refused)
    except Refused as refused:
        form.refuse(refused)
    return None


def _note(request, form, pk, at) -> Reward | None:
    """Write down what a household asked for in vain; return the goods."""
    for ware in form.wares:
        if str(ware.reward.pk) == pk and ware.is_out:
            note_shortage(ware.reward, form.household, by=request.user, at=at)
            ware.is_noted = True
            return ware.reward
    return None


def _show(request, village, place, **shown):
    at = timezone.now()
    context = {
        "form": None,
        "found": Found(),
        "place": reverse(place),
        "is_paper": place == PAPER,
        "closed": _closed(village, at) if place == COUNTER else "",
        **shown,
    }
    if not context["form"]:
        context["shelf"] = shelf(village, at=at)
        if place == COUNTER:
            context["glance"] = glance_at(village, slips_of=timezone.localdate(at))
            context["gifts"] = gifts_waiting(village)
    if "X-Desk" in request.headers:
        context["village"] = village
        return render(request, "rewards/desk/_counter.html", context)
    return page(
        request,
        "counter.html",
        village,
        _("Enter a paper slip") if place == PAPER else _("Shop counter"),
        villages=Village.objects.where_allowed(request.user, "rewards.redeem"),
        **context,
    )


def _closed(village: Village, at: datetime) -> str:
    try:
        require_open(village, timezone.localdate(at))
    except ShopClosed as closed:
        return str(closed)
    return ""


def _go(request, address: str, **query):
    if query:
        address += "?" + "&".join(f"{name}={value}" for name, value in query.items())
    if "X-Desk" in request.headers:
        return JsonResponse({"next": address})
    return redirect(address)


def _key(typed: str | None) -> UUID | None:
    with suppress(ValueError):
        return UUID(typed or "")
    return None
