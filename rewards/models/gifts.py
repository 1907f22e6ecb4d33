from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import User, Village
from ledger.models import Operation
from rewards.models.awards import Award, AwardRound
from rewards.models.goods import Reward
from rewards.querysets import (
    AwardGiftQuerySet,
    GiftHandoverQuerySet,
    GiftReturnQuerySet,
)

MOST_IN_A_GIFT = 100


class AwardGift(models.Model):
    """What each household on the list gets of one kind of goods: 2 bottles of oil.

    The village may change it until the list is confirmed, and never after.
    """

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    round = models.ForeignKey(
        AwardRound,
        models.PROTECT,
        related_name="gifts",
        verbose_name=_("award round"),
        db_index=False,
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="+", verbose_name=_("reward")
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantity"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_IN_A_GIFT)],
    )

    objects = AwardGiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods of a gift")
        verbose_name_plural = _("goods of gifts")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "round", "reward"],
                name="rewards_gift_once_in_a_round",
            ),
            models.CheckConstraint(
                name="rewards_gift_in_bounds",
                condition=Q(quantity__range=(1, MOST_IN_A_GIFT)),
            ),
        ]

    def __str__(self):
        return f"{self.reward} {self.quantity}"


class GiftHandover(AppendOnlyModel):
    """A gift that a household of the roll was given; it costs no points (I-28)."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    award = models.ForeignKey(
        Award,
        models.PROTECT,
        related_name="handovers",
        verbose_name=_("award"),
        db_index=False,
    )
    attempt = models.PositiveSmallIntegerField(
        _("attempt"), help_text=_("Above 1 when an earlier one was undone.")
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name=_("operation")
    )
    handed_at = models.DateTimeField(_("handed over at"))
    handed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("handed over by")
    )

    objects = GiftHandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift handed over")
        verbose_name_plural = _("gifts handed over")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "award", "attempt"],
                name="rewards_handover_unique_attempt",
            )
        ]

    def __str__(self):
        return str(self.award)


class GiftReturn(AppendOnlyModel):
    """A handing-over undone on its own day: the goods are back on the shelf."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    handover = models.ForeignKey(
        GiftHandover,
        models.PROTECT,
        related_name="returned",
        verbose_name=_("gift handed over"),
        db_index=False,
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name=_("operation")
    )
    returned_at = models.DateTimeField(_("undone at"))
    returned_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("undone by")
    )

    objects = GiftReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift taken back")
        verbose_name_plural = _("gifts taken back")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "handover"], name="rewards_gift_returned_once"
            )
        ]

    def __str__(self):
        return str(self.handover)
