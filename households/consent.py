"""Whether a household may be named in full in public: it may change its mind."""

from datetime import datetime

from django.db import transaction

from households.audit import record_event
from households.locking import lock_village
from households.models import Household


@transaction.atomic
def withdraw_full_name(household: Household, *, at: datetime) -> bool:
    """Take back the consent to a household's full name; every page masks it now.

    Whoever holds the household's card asks for it, so nobody is named as its
    doer. To agree again takes a signature at the village office. Returns
    whether a consent stood: the same form sent twice leaves one trace (PIPL 15).
    """
    lock_village(household.village)
    household = Household.objects.select_related("village").get(pk=household.pk)
    agreed_on = household.full_name_consented_on
    if agreed_on is None:
        return False
    household.full_name_consented_on = None
    household.save(update_fields=["full_name_consented_on"])
    record_event(
        "household.withdraw_full_name",
        village=household.village,
        by=None,
        at=at,
        subject=household,
        agreed_on=agreed_on.isoformat(),
        card=True,
    )
    return True
