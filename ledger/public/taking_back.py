"""收回: what a household asked for or agreed to and does not want any more.

From its passbook, by one button and with no reason. What can be asked for again is
taken back at once; what is erased for good, after a tick.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from households.masking import mask_name
from households.models import Household, HouseholdConsent
from ledger.gatherings.attendance import sign_out
from ledger.models import Activity, Repair, SignIn
from ledger.own_data import stories_about
from ledger.pledging import take_back_consent
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.passbook_pages import answer_own, own_page
from ledger.public.resident_forms import too_old
from ledger.refusals import Refused
from ledger.repairs.repairing import take_back_repair
from ledger.repairs.terms import last_day_to_ask
from ledger.telling import withdraw_story

Asked = HouseholdConsent.Asked
# The ends of the addresses at which each consent is taken back.
CONSENTS = (
    ("name", Asked.NAME.value),
    ("household-file", Asked.FILE.value),
    ("all-stories", Asked.STORIES.value),
)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def repair(request, household, number):
    """Take back a request for a repair that nobody has looked at yet."""
    asked = get_object_or_404(
        Repair.objects.select_related("entry__period", "entry__deed__item"),
        village=household.village_id,
        entry__household=household,
        number=number,
    )
    return _answer(
        request,
        household,
        "ledger/own_repair_back.html",
        # The token is good for this one request.
        kind=f"repair-back-{asked.number}",
        act=lambda: take_back_repair(asked, at=timezone.now()),
        shown={
            "repair": asked,
            "is_over": asked.state != Repair.State.ASKED,
            "until": last_day_to_ask(asked.entry),
        },
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def place(request, household, number):
    """Take the household off the open list of an activity."""
    mine = SignIn.objects.filter(village=household.village_id, household=household)
    activity = get_object_or_404(
        Activity.objects.select_related("village"),
        village=household.village_id,
        number=number,
        pk__in=mine.values("activity"),
    )
    stands = mine.standing().filter(activity=activity).exists()
    return _answer(
        request,
        household,
        "ledger/own_list.html",
        kind=f"list-{activity.number}",
        act=lambda: sign_out(activity, [household], by=None, at=timezone.now()),
        shown={"activity": activity, "is_over": not (stands and activity.is_open)},
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def consent(request, household, asked):
    """Take back one of the three consents."""
    return _answer(
        request,
        household,
        "ledger/own_consent.html",
        kind=kind_of(asked),
        act=lambda: take_back_consent(household, [asked], by=None, at=timezone.now()),
        shown={"asked": asked, "masked": mask_name(household.head_name)},
        is_for_good=True,
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def story(request, household, number):
    """Take down a story about the household."""
    told = get_object_or_404(stories_about(household), number=number)
    return _answer(
        request,
        household,
        "ledger/own_story.html",
        kind=f"take-down-{told.number}",
        act=lambda: withdraw_story(told, by=None, at=timezone.now()),
        shown={"story": told},
        is_for_good=True,
    )


def kind_of(asked: str) -> str:
    """Return what a form that takes one consent back is called in its token."""
    return f"take-back-{asked}"


def _answer(
    request: HttpRequest,
    household: Household,
    template: str,
    *,
    kind: str,
    act: Callable[[], object],
    shown: dict,
    is_for_good: bool = False,
) -> HttpResponse:
    """Show what would be taken back; after the button, do it and go back.

    The form holds a signed token of its household instead of Django's, which
    needs a cookie of its own; the card's cookie is sent to no other site's form.
    """
    back = reverse("ledger:own-data" if is_for_good else "ledger:passbook")
    refused = ""
    if request.method == "POST":
        token, is_good = read_token(kind, request.POST.get("token", ""))
        if token is None or token.household != household.pk or not is_good:
            refused = too_old()
        elif is_for_good and request.POST.get("sure") != "1":
            refused = _("Please tick the box, then it is done at once.")
        else:
            try:
                act()
            except Refused as no:
                refused = str(no)
            else:
                return _go(back)
    elif shown.get("is_over"):
        return _go(back)
    return answer_own(
        request,
        template,
        {
            "household": household,
            "village": household.village,
            "policy": household.village.policy,
            "token": FormToken(kind, household.village_id, household.pk),
            "refused": refused,
            **shown,
        },
    )


def _go(back: str) -> HttpResponse:
    response = HttpResponseRedirect(back, status=303)
    response.headers["Cache-Control"] = "private, no-store"
    return response
