from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models.homes import Household
from households.models.places import Village
from households.querysets import PassbookQuerySet


class Passbook(models.Model):
    """The card that opens one household's own page; its code itself is kept nowhere."""

    # What the code is made from: never given to another household, unlike a
    # number or a counter, which an older backup would give out again.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    # An imported household that is taken back takes its card along.
    household = models.ForeignKey(
        Household,
        models.CASCADE,
        related_name="passbooks",
        verbose_name=_("household"),
        db_index=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    # Looked up without knowing the village, which the address does not name.
    token_hash = models.CharField(max_length=64, editable=False, db_index=True)
    issued_at = models.DateTimeField(_("issued at"))
    printed_at = models.DateTimeField(_("last printed at"), null=True)

    objects = PassbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("passbook")
        verbose_name_plural = _("passbooks")
        permissions = [("print_cards", _("Can print passbook cards"))]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "household"],
                name="households_passbook_one_for_a_household",
            ),
            models.CheckConstraint(
                name="households_passbook_versions_begin_at_one",
                condition=Q(version__gte=1),
            ),
        ]

    def __str__(self):
        return f"{self.pk} {self.version}"
