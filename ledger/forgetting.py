"""What is kept only for a while: how to reach whoever objected."""

from datetime import datetime, timedelta

from django.db import transaction

from households.audit import record_event
from households.locking import lock_village
from households.models import Village
from ledger.models import Objection

# Long enough to give the answer by phone, and to ask back once.
CONTACT_KEPT = timedelta(days=14)


@transaction.atomic
def forget_contacts(village: Village, *, at: datetime) -> int:
    """Erase how to reach those who objected, two weeks after the answer.

    Returns how many were erased; safe to run again.
    """
    village = lock_village(village)
    answered = Objection.objects.filter(
        village=village, decided_at__lte=at - CONTACT_KEPT
    )
    forgotten = answered.exclude(contact="").update(contact="")
    if forgotten:
        record_event(
            "objection.forget_contacts",
            village=village,
            by=None,
            at=at,
            objections=forgotten,
        )
    return forgotten
