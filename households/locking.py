"""The one lock that every change of a village's ledger takes first."""

from households.models import Village


def lock_village(village: Village) -> Village:
    """Hold a village until the transaction ends, and return it as it now is.

    Whoever changes a roster, a deed, a month or the ledger takes this lock
    before it looks, so that two people come one after the other. Rows may
    still be added that only point at the village.
    """
    return Village.objects.select_for_update(no_key=True).get(pk=village.pk)
