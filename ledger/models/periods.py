from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import User, Village
from ledger.querysets import PeriodQuerySet


class Period(models.Model):
    """One month of one village: recording → reviewing → on notice → final."""

    class State(models.TextChoices):
        RECORDING = "recording", _("Recording")
        REVIEWING = "reviewing", _("Under review")
        ON_NOTICE = "on_notice", _("On notice")
        FINAL = "final", _("Final")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="periods", verbose_name=_("village")
    )
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    cut_off_at = models.DateTimeField(_("cut off at"), null=True, editable=False)
    cut_off_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    notice_ends_at = models.DateTimeField(
        _("notice ends at"), null=True, editable=False
    )
    finalized_at = models.DateTimeField(_("final since"), null=True, editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("month")
        verbose_name_plural = _("months")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "month"],
                name="ledger_period_unique_month_in_village",
            ),
            models.CheckConstraint(
                name="ledger_period_moments_in_order",
                condition=(Q(published_at=None) | Q(cut_off_at__isnull=False))
                & (Q(finalized_at=None) | Q(published_at__isnull=False))
                & (
                    Q(published_at=None, notice_ends_at=None)
                    | Q(notice_ends_at__gt=F("published_at"))
                ),
            ),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m}"

    @property
    def state(self):
        if self.finalized_at:
            return self.State.FINAL
        if self.published_at:
            return self.State.ON_NOTICE
        if self.cut_off_at:
            return self.State.REVIEWING
        return self.State.RECORDING

    @property
    def is_published(self):
        return self.published_at is not None
