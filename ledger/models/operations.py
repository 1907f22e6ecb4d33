from django.db import models
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import User, Village
from ledger.querysets import OperationQuerySet


class Operation(AppendOnlyModel):
    """One act by one person, known by the key its form was opened with."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    key = models.UUIDField(_("key"))
    kind = models.CharField(_("kind"), max_length=30)
    fingerprint = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = OperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "key"], name="ledger_operation_once_in_village"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"
