from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, User, Village
from ledger.models import Entry, Operation
from rewards.models.goods import Price, Reward
from rewards.querysets import (
    CancellationQuerySet,
    RedemptionLineQuerySet,
    RedemptionQuerySet,
)


class Redemption(AppendOnlyModel):
    """One exchange at the counter: one negative entry, and goods for it (I-22)."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="redemptions", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("slip number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="redemptions",
        verbose_name=_("household"),
        db_index=False,
    )
    entry = models.ForeignKey(
        Entry, models.PROTECT, related_name="redemptions", verbose_name=_("entry")
    )
    operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        related_name="redemptions",
        verbose_name=_("operation"),
    )
    handed_over_on = models.DateField(_("handed over on"))
    paper_number = models.CharField(
        _("number of the paper slip"),
        max_length=20,
        blank=True,
        help_text=_("Only for a slip written by hand and entered later."),
    )
    collected_by = models.CharField(_("collected by"), max_length=30, blank=True)
    balance_after = models.PositiveIntegerField(_("points left"))
    redeemed_at = models.DateTimeField(_("redeemed at"))
    redeemed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("redeemed by")
    )

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="rewards_redemption_unique_number"
            ),
            models.UniqueConstraint(
                fields=["village", "entry"], name="rewards_redemption_once_for_entry"
            ),
            models.UniqueConstraint(
                fields=["village", "operation"],
                name="rewards_redemption_once_for_operation",
            ),
            models.UniqueConstraint(
                fields=["village", "paper_number"],
                condition=~Q(paper_number=""),
                name="rewards_redemption_unique_paper_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "household", "handed_over_on"],
                name="rewards_redemption_of_house",
            ),
            models.Index(
                fields=["village", "handed_over_on"], name="rewards_redemption_of_day"
            ),
        ]

    def __str__(self):
        return f"{self.number:06d}"

    @property
    def points(self) -> int:
        """Return the points the slip cost, without a sign."""
        return -self.entry.points

    @property
    def canceled(self):
        """Return the cancellation, if the slip was undone."""
        return next(iter(self.cancellation.all()), None)


class RedemptionLine(AppendOnlyModel):
    """One kind of goods on a slip, at the price in force."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    redemption = models.ForeignKey(
        Redemption,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("redemption"),
        db_index=False,
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="lines", verbose_name=_("reward")
    )
    price = models.ForeignKey(
        Price, models.PROTECT, related_name="+", verbose_name=_("price")
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    points = models.PositiveIntegerField(_("points"))

    objects = RedemptionLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a slip")
        verbose_name_plural = _("lines of slips")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "redemption", "reward"],
                name="rewards_line_once_on_a_slip",
            ),
            models.CheckConstraint(
                name="rewards_line_in_bounds",
                condition=Q(quantity__range=(1, 1_000)) & Q(points__range=(1, 10_000)),
            ),
        ]

    def __str__(self):
        return f"{self.reward} {self.quantity}"


class Cancellation(AppendOnlyModel):
    """A slip undone on its own day: points and goods went back exactly (I-23)."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    # Unique by the constraint below, which begins with the village.
    redemption = models.ForeignKey(
        Redemption,
        models.PROTECT,
        related_name="cancellation",
        verbose_name=_("redemption"),
        db_index=False,
    )
    entry = models.ForeignKey(
        Entry, models.PROTECT, related_name="+", verbose_name=_("entry")
    )
    reason = models.CharField(_("reason"), max_length=100)
    canceled_at = models.DateTimeField(_("canceled at"))
    canceled_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("canceled by")
    )

    objects = CancellationQuerySet.as_manager()

    class Meta:
        verbose_name = _("canceled slip")
        verbose_name_plural = _("canceled slips")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "redemption"], name="rewards_slip_canceled_once"
            ),
            models.UniqueConstraint(
                fields=["village", "entry"], name="rewards_cancellation_once_for_entry"
            ),
            models.CheckConstraint(
                name="rewards_cancellation_has_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self):
        return str(self.redemption)
