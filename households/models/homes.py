from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.places import Village, VillagerGroup, new_secret
from households.querysets import HouseholdQuerySet


class Household(models.Model):
    """What earns and spends points: a family, known by its number and its head."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Living here")
        AWAY = "away", _("Away all year")
        LEFT = "left", _("Moved out")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="households", verbose_name=_("village")
    )
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        related_name="households",
        verbose_name=_("villager group"),
    )
    number = models.CharField(_("household number"), max_length=20)
    head_name = models.CharField(_("head of household"), max_length=30)
    # Every way to type the head's initials: "cgf zgf" for 曾国富.
    head_initials = models.CharField(
        _("initials of the head"), max_length=100, blank=True, editable=False
    )
    phone = models.CharField(
        _("phone"), max_length=30, blank=True, help_text=_("Only village staff see it.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE
    )
    full_name_consented_on = models.DateField(
        _("agreed to show the full name on"), null=True, blank=True
    )
    # The salt of this household's commitments; erasing it makes them opaque.
    secret = models.CharField(max_length=64, default=new_secret, editable=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        permissions = [("import_roster", _("Can import the roster"))]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_household_unique_number_in_village",
                violation_error_message=_(
                    "This village already has a household with that number."
                ),
            )
        ]
        indexes = [
            models.Index(fields=["village", "head_name"], name="households_by_head"),
            models.Index(
                fields=["village", "head_initials"], name="households_by_initials"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.head_name}"
