"""The code on show at an activity: signed, good for a minute, and of no use later.

Whoever scans it has to be there to see it. It names the activity and nobody.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from households.models import Household
from ledger.models import Activity

# A new code is drawn every half minute, so that one just scanned still opens.
SHOWN_FOR = timedelta(seconds=30)
GOOD_FOR = timedelta(seconds=60)
# So long somebody may look at the page before tapping.
TAP_WITHIN = timedelta(minutes=10)
# Codes are shown from so long before the beginning until so long after the end.
AROUND = timedelta(hours=1)
_CODE, _FORM = "ledger.arrival", "ledger.arrival.form"


def arrival_address(activity: Activity) -> str:
    """Return what the code says now."""
    code = signing.TimestampSigner(salt=_CODE).sign(str(activity.pk))
    return settings.PUBLIC_URL + reverse("ledger:arrive", args=[code])


def activity_of_code(code: str) -> int | None:
    """Return the id of the activity whose code this is, while it is good."""
    try:
        return int(signing.TimestampSigner(salt=_CODE).unsign(code, max_age=GOOD_FOR))
    except signing.BadSignature:
        return None


def arrival_form(activity: Activity, household: Household) -> str:
    """Return what the form holds that a scanned code has opened for a household."""
    return signing.dumps([activity.pk, household.pk], salt=_FORM)


def read_arrival_form(text: str, household: Household) -> int | None:
    """Return the id of the activity a form was opened for, by this household."""
    try:
        activity, opened_by = signing.loads(text, salt=_FORM, max_age=TAP_WITHIN)
    except signing.BadSignature:
        return None
    return activity if opened_by == household.pk else None
