"""我的信息: what is kept about a household, to read and to take along."""

from dataclasses import asdict

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from households.consent import newest_consent, standing_consents
from households.models import Household
from ledger.own_data import own_data_of
from ledger.public.blocks import honors_of
from ledger.public.passbook_pages import answer_own, own_page


@require_safe
@own_page
def own_data(request, household):
    """Show what is kept about the household whose card was scanned."""
    return answer_own(
        request,
        "ledger/own_data.html",
        {
            "household": household,
            "village": household.village,
            "policy": household.village.policy,
            "data": _kept_about(household),
            "standing": standing_consents(household, newest_consent(household)),
        },
    )


@require_safe
@own_page
def own_file(request, household):
    """Hand out the same as a file, for whoever can keep one."""
    response = JsonResponse(
        _kept_about(household), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Cookie"
    return response


def _kept_about(household: Household) -> dict:
    """Return what is stored about a household here and in the apps above."""
    return {**own_data_of(household), "awards": list(map(asdict, honors_of(household)))}
