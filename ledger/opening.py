"""Taking a new village in."""

from datetime import date

from django.db import transaction

from households.models import Village, VillagePolicy
from ledger.rulebooks import load_sample_rulebook


@transaction.atomic
def open_village(village: Village, *, on: date) -> Village:
    """Save a village with the usual numbers and the sample scoring items."""
    village.save()
    VillagePolicy.objects.create(village=village)
    load_sample_rulebook(village, in_force_from=on)
    return village
