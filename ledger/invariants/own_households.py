"""What the promises call a person's own household, as it was at a moment."""

from django.db.models import Exists, F, OuterRef, Q

from households.models import HouseholdChange

Kind = HouseholdChange.Kind


def of_own_household(home: str, household: str, when: str) -> Q:
    """Say that a household is the one an account names, or one with it by a moment.

    Two that were merged are one; what split off may be where the person lives.
    """
    became = HouseholdChange.objects.filter(
        Q(household=OuterRef(home), other=OuterRef(household))
        | Q(household=OuterRef(household), other=OuterRef(home), kind=Kind.MERGE),
        village=OuterRef("village"),
        kind__in=HouseholdChange.JOINT,
        at__lt=OuterRef(when),
    )
    return Q(**{home: F(household)}) | Q(Exists(became))
