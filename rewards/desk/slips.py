"""小票: one exchange on screen and on paper, a day of them, and taking one back."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Village
from ledger.refusals import Refused
from rewards.canceling import cancel_redemption
from rewards.desk.access import page, staff_object, staff_page
from rewards.desk.cancel_form import CancelForm
from rewards.desk.days import day_of, is_of_today
from rewards.models import Redemption, Shortage

# Two rolls and a sheet; the printer stands by this device, so it remembers.
PAPERS = {"58": gettext_lazy("58 mm"), "80": gettext_lazy("80 mm"), "a6": "A6"}
ONE_YEAR = 365 * 24 * 60 * 60
ARRIVED_SHOWN = 50


def _slips():
    return Redemption.objects.written_out()


@staff_object(_slips, "rewards.redeem")
@require_safe
def slip(request, found):
    """Show a slip; it prints on the paper that was chosen last on this device."""
    chosen = request.GET.get("paper")
    paper = chosen if chosen in PAPERS else request.COOKIES.get("paper")
    paper = paper if paper in PAPERS else next(iter(PAPERS))
    answer = page(
        request,
        "slip.html",
        found.village,
        _("Slip %(number)s") % {"number": found.number},
        slip=found,
        paper=paper,
        papers=PAPERS.items(),
        place=reverse("rewards_desk:counter"),
        is_new="done" in request.GET and not found.canceled,
        can_be_canceled=is_of_today(found) and not found.canceled,
    )
    if chosen == paper:
        answer.set_cookie(
            "paper",
            paper,
            max_age=ONE_YEAR,
            path=reverse("rewards_desk:counter"),
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return answer


@staff_object(_slips, "rewards.redeem")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, found):
    """Say what taking back a slip means, ask for the reason, and do it."""
    form = CancelForm(request.POST or None, village=found.village)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_redemption(
                found,
                reason=form.cleaned_data["reason"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("rewards_desk:slip", found.pk)
    return page(
        request,
        "slip_cancel.html",
        found.village,
        _("Cancel slip %(number)s") % {"number": found.number},
        form=form,
        slip=found,
        can_be_canceled=is_of_today(found) and not found.canceled,
    )


@staff_page("rewards.redeem")
@require_safe
def slips(request, village):
    """Show the slips of a day, today's unless another one is asked for."""
    today = timezone.localdate()
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    day = asked or today
    return page(
        request,
        "slips.html",
        village,
        _("Today's slips") if day == today else _("Slips of a day"),
        day=day_of(village, day),
        today=today,
        villages=Village.objects.where_allowed(request.user, "rewards.redeem"),
    )


@staff_page("rewards.redeem")
@require_safe
def shortages(request, village):
    """List what households asked for in vain, and what has come in since."""
    wishes = (
        Shortage.objects.filter(village=village)
        .select_related("reward", "household__group")
        .order_by("reward__position", "reward", "noted_at", "pk")
    )
    arrived = wishes.exclude(served_at=None).order_by("-served_at", "-pk")
    return page(
        request,
        "shortages.html",
        village,
        _("Goods asked for in vain"),
        waiting=wishes.waiting(),
        arrived=arrived[:ARRIVED_SHOWN],
        villages=Village.objects.where_allowed(request.user, "rewards.redeem"),
    )
