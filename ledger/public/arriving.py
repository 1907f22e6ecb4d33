"""我家来了: a household signs in at an activity with the code it sees there.

Voluntary, and no better than a name on paper. The card's own cookie says whose
household it is; nothing else is kept of the phone.
"""

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from households.models import Household
from ledger.gatherings.arrival_codes import (
    activity_of_code,
    arrival_form,
    read_arrival_form,
)
from ledger.gatherings.attendance import sign_in
from ledger.models import Activity, SignIn
from ledger.public.passbook_pages import answer_own, household_of
from ledger.public.resident_forms import is_too_fast
from ledger.public.tries import note_try, tries_of
from ledger.refusals import Refused

TRIES, TRIES_A_MINUTE = "arrive", 60


@require_safe
def arrive(request, code):
    """Ask whoever scanned the code for one tap; say what to do without a card."""
    if tries_of(request, TRIES) >= TRIES_A_MINUTE:
        return _too_fast(request)
    found = activity_of_code(code)
    activity = _activity(found) if found else None
    if activity is None:
        note_try(request, TRIES)
        return _answer(request, None, {"state": "old"}, status=404)
    household = household_of(request)
    if household is None:
        return _answer(request, activity, {"state": "card"})
    if household.village_id != activity.village_id:
        return _answer(request, activity, {"state": "elsewhere"})
    if _is_there(activity, household):
        return _answer(request, activity, {"state": "there", "household": household})
    return _answer(
        request,
        activity,
        {
            "state": "ask",
            "household": household,
            "token": arrival_form(activity, household),
        },
    )


@csrf_exempt
@require_POST
def arrived(request):
    """Put the household of the open passbook on the list; twice is once.

    The form holds a signed token of its household instead of Django's, which
    needs a cookie of its own; the card's cookie is sent to no other site's form.
    """
    if is_too_fast(request):
        return _too_fast(request)
    household = household_of(request)
    if household is None:
        return _answer(request, None, {"state": "card"})
    found = read_arrival_form(request.POST.get("token", ""), household)
    activity = _activity(found) if found else None
    if activity is None or activity.village_id != household.village_id:
        return _answer(request, None, {"state": "old"}, status=400)
    try:
        sign_in(activity, [household], how=SignIn.How.PHONE, by=None, at=timezone.now())
    except Refused as refused:
        return _answer(request, activity, {"state": "refused", "refused": str(refused)})
    return _answer(request, activity, {"state": "there", "household": household})


def _activity(pk: int) -> Activity | None:
    activities = Activity.objects.select_related("village__policy", "item")
    return activities.filter(pk=pk).first()


def _is_there(activity: Activity, household: Household) -> bool:
    there = SignIn.objects.filter(village=activity.village, activity=activity).there()
    return there.filter(household=household).exists()


def _too_fast(request):
    response = answer_own(request, "ledger/passbook_too_fast.html", {}, status=429)
    response.headers["Retry-After"] = "60"
    return response


def _answer(request, activity: Activity | None, context: dict, *, status: int = 200):
    page = {"activity": activity, **context}
    if request.method == "POST":
        # Nobody comes back to where a form was sent.
        page["here"] = reverse("ledger:passbook")
    return answer_own(request, "ledger/arrive.html", page, status=status)
