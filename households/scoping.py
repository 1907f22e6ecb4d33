"""Which villages a person may see: the one rule of village isolation."""

from django.apps import apps
from django.db import models
from django.db.models import Q


def villages_of(user):
    """Return the villages a user serves now, as a queryset of ids.

    A superuser sees all; a township's staff see its villages; anyone else the
    villages of their current stewardships; nobody else anything (I-41).
    """
    Village = apps.get_model("households", "Village")
    if not user.is_authenticated or not user.is_active:
        return Village.objects.none()
    if user.is_superuser:
        return Village.objects.all()
    current = Q(stewardships__user=user, stewardships__ended_at=None)
    through_township = Q(
        township__stewardships__user=user, township__stewardships__ended_at=None
    )
    return Village.objects.filter(
        pk__in=Village.objects.filter(current | through_township).values("pk")
    )


class VillageScopedQuerySet(models.QuerySet):
    """Rows that belong to a village, directly or along a path."""

    village_lookup = "village"

    def visible_to(self, user):
        """Keep the rows of the villages the user serves; default deny."""
        if user.is_authenticated and user.is_active and user.is_superuser:
            return self
        villages = villages_of(user).values("pk")
        return self.filter(**{f"{self.village_lookup}__in": villages})
