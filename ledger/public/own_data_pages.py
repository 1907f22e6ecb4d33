"""我的信息: what is kept about a household, to read, to take along, to change."""

from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from households.consent import newest_consent, standing_consents
from households.masking import mask_name
from households.models import Household, HouseholdConsent
from ledger.own_data import own_data_of, stories_about
from ledger.pledging import take_back_consent
from ledger.public.blocks import honors_of
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.passbook_pages import answer_own, ask_for_card, household_of
from ledger.telling import withdraw_story

Asked = HouseholdConsent.Asked
# The ends of the addresses at which each consent is taken back.
CONSENTS = (
    ("name", Asked.NAME.value),
    ("household-file", Asked.FILE.value),
    ("all-stories", Asked.STORIES.value),
)


@require_safe
def own_data(request):
    """Show what is kept about the household whose card was scanned."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    return answer_own(
        request,
        "ledger/own_data.html",
        {
            **_furniture(household),
            "data": _kept_about(household),
            "standing": standing_consents(household, newest_consent(household)),
        },
    )


@require_safe
def own_file(request):
    """Hand out the same as a file, for whoever can keep one."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    response = JsonResponse(
        _kept_about(household), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return _private(response)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, asked):
    """Take back one of the three consents, after a deliberate yes.

    The form holds a signed token of its household instead of Django's, which
    needs a cookie of its own; the card's cookie is sent to no other site's form.
    """
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    if request.method == "POST":
        token, is_good = read_token(kind_of(asked), request.POST.get("token", ""))
        is_ours = token is not None and token.household == household.pk
        if is_ours and is_good and request.POST.get("sure") == "1":
            take_back_consent(household, [asked], by=None, at=timezone.now())
            return _private(redirect("ledger:own-data"))
    return answer_own(
        request,
        "ledger/own_consent.html",
        {
            **_furniture(household),
            "token": FormToken(kind_of(asked), household.village_id, household.pk),
            "asked": asked,
            "masked": mask_name(household.head_name),
            "is_unsure": request.method == "POST",
        },
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request, number):
    """Take down a story about the household, after a deliberate yes and no reason."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    story = get_object_or_404(stories_about(household), number=number)
    # The token is good for this one story.
    kind = f"take-down-{story.number}"
    if request.method == "POST":
        token, is_good = read_token(kind, request.POST.get("token", ""))
        is_ours = token is not None and token.household == household.pk
        if is_ours and is_good and request.POST.get("sure") == "1":
            withdraw_story(story, by=None, at=timezone.now())
            return _private(redirect("ledger:own-data"))
    return answer_own(
        request,
        "ledger/own_story.html",
        {
            **_furniture(household),
            "token": FormToken(kind, household.village_id, household.pk),
            "story": story,
            "is_unsure": request.method == "POST",
        },
    )


def kind_of(asked: str) -> str:
    """Return what a form that takes one consent back is called in its token."""
    return f"take-back-{asked}"


def _kept_about(household: Household) -> dict:
    """Return what is stored about a household here and in the apps above."""
    return {**own_data_of(household), "awards": list(map(asdict, honors_of(household)))}


def _furniture(household) -> dict:
    return {
        "household": household,
        "village": household.village,
        "policy": household.village.policy,
    }


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Cookie"
    return response
