from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models.places import Township, Village
from households.querysets import StewardshipQuerySet
from households.roles import Role


class User(AbstractUser):
    """A named person with an account."""

    household = models.ForeignKey(
        "Household",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("own household"),
        help_text=_("Nobody decides the deeds of their own household."),
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self):
        return self.get_full_name() or self.username

    def get_full_name(self):
        return f"{self.last_name}{self.first_name}".strip()

    def has_perm(self, perm, obj=None):
        """Ask the role table, also for superusers, who may not do everything."""
        return self.is_active and any(
            backend.has_perm(self, perm, obj)
            for backend in get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_module_perms(self, app_label):
        return self.is_active and any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )


class Stewardship(models.Model):
    """One role of one person in one village or township, from a day to a day."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="stewardships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stewardships",
        verbose_name=_("village"),
    )
    township = models.ForeignKey(
        Township,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stewardships",
        verbose_name=_("township"),
    )
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = StewardshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("stewardship")
        verbose_name_plural = _("stewardships")
        constraints = [
            models.CheckConstraint(
                name="households_stewardship_in_one_place",
                condition=Q(role=Role.TOWNSHIP, village=None, township__isnull=False)
                | (~Q(role=Role.TOWNSHIP) & Q(village__isnull=False, township=None)),
                violation_error_message=_(
                    "Township staff serve a township; every other role one village."
                ),
            ),
            models.UniqueConstraint(
                fields=["village", "user", "role"],
                condition=Q(ended_at=None),
                name="households_stewardship_once_in_village",
                violation_error_message=_("This person already has that role."),
            ),
            models.UniqueConstraint(
                fields=["township", "user", "role"],
                condition=Q(ended_at=None),
                name="households_stewardship_once_in_township",
                violation_error_message=_("This person already has that role."),
            ),
        ]

    def __str__(self):
        return f"{self.user_id} · {self.get_role_display()}"
