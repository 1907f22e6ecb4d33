"""What the promises ask of people at a moment: their own household, their roles."""

from django.db.models import Exists, F, OuterRef, Q

from households.models import HouseholdChange, Stewardship
from households.roles import roles_granting

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


def served(permission: str, who: str, when: str) -> Q:
    """Say that a person held a role with a permission in the village of the row."""
    held = Stewardship.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=OuterRef(when)),
        user=OuterRef(who),
        village=OuterRef("village"),
        started_at__lte=OuterRef(when),
        role__in=roles_granting(permission),
    )
    return Q(Exists(held))
