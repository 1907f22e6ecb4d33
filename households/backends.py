"""Who may do what: the answer comes from a stewardship and from nothing else."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q

from households.models import Stewardship, Township, Village
from households.roles import (
    SUPERUSER_PERMISSIONS,
    permissions_of_roles,
    roles_granting,
)


class StewardshipBackend(ModelBackend):
    """Log in by password; allow by the role held in the object's village."""

    def has_perm(self, user_obj, perm, obj=None):
        """Tell whether a role allows an action on an object, or anywhere at all.

        A village, or anything with a `village`, is judged by the roles held in
        that village; a township by the roles held there. Without an object the
        answer is whether any current stewardship allows it. Ended stewardships
        count for nothing from the next request on (I-42).
        """
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if user_obj.is_superuser:
            return perm in SUPERUSER_PERMISSIONS
        held = Stewardship.objects.current().filter(
            user=user_obj, role__in=roles_granting(perm)
        )
        return self._within(held, obj).exists()

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous:
            return set()
        if user_obj.is_superuser:
            return set(SUPERUSER_PERMISSIONS)
        held = Stewardship.objects.current().filter(user=user_obj)
        return permissions_of_roles(
            self._within(held, obj).values_list("role", flat=True)
        )

    def get_user_permissions(self, user_obj, obj=None):
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def has_module_perms(self, user_obj, app_label):
        return any(
            permission.startswith(f"{app_label}.")
            for permission in self.get_all_permissions(user_obj)
        )

    def _within(self, stewardships, obj):
        if obj is None:
            return stewardships
        if isinstance(obj, Township):
            return stewardships.filter(township=obj)
        village = obj if isinstance(obj, Village) else getattr(obj, "village", None)
        if village is None:
            return stewardships.none()
        return stewardships.filter(Q(village=village) | Q(township=village.township_id))
