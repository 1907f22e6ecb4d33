from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import User, Village
from ledger.models import Operation
from rewards.querysets import FundMovementQuerySet


class FundMovement(AppendOnlyModel):
    """Money that came into the exchange fund or left it, with its voucher.

    The balance is the sum. A slip of the pen is put right by a correction that
    takes the whole movement back.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", _("Grant")
        COLLECTIVE = "collective", _("Collective income")
        DONATION = "donation", _("Donation")
        PURCHASE = "purchase", _("Purchase")
        CORRECTION = "correction", _("Correction")

    INCOME = (Kind.GRANT, Kind.COLLECTIVE, Kind.DONATION)

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    fen = models.IntegerField(
        _("fen"), help_text=_("100 fen a yuan; negative when money leaves the fund.")
    )
    happened_on = models.DateField(_("day"))
    party = models.CharField(
        _("from or to whom"),
        max_length=40,
        help_text=_("The giver of the money, or the shop it was paid to."),
    )
    is_anonymous = models.BooleanField(
        _("the donor wants no name in public"), default=False
    )
    note = models.CharField(_("note"), max_length=100, blank=True)
    voucher = models.CharField(_("voucher number"), max_length=40)
    scan = models.ImageField(_("scan of the voucher"), upload_to="vouchers", blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="corrected_by",
        verbose_name=_("corrects"),
        db_index=False,
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name=_("operation")
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    objects = FundMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("fund movement")
        verbose_name_plural = _("fund movements")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="rewards_fund_unique_number"
            ),
            models.UniqueConstraint(
                fields=["village", "corrects"], name="rewards_fund_corrected_once"
            ),
            models.CheckConstraint(
                name="rewards_fund_sign_fits_kind",
                condition=Q(
                    kind__in=["grant", "collective", "donation"],
                    fen__gt=0,
                    corrects=None,
                )
                | Q(kind="purchase", fen__lt=0, corrects=None)
                | Q(kind="correction", corrects__isnull=False) & ~Q(note=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "happened_on"], name="rewards_fund_of_month"
            )
        ]

    def __str__(self):
        return f"{self.number} {self.fen:+d}"
