from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, User, Village
from ledger.models import Operation
from rewards.querysets import (
    PriceQuerySet,
    RewardQuerySet,
    ShortageQuerySet,
    StockMovementQuerySet,
)


class Reward(models.Model):
    """One kind of goods that points can be exchanged for: salt, soy sauce."""

    class Picture(models.TextChoices):
        SALT = "salt", _("Salt")
        SAUCE = "sauce", _("Bottle")
        POWDER = "powder", _("Washing powder")
        OIL = "oil", _("Oil")
        RICE = "rice", _("Rice")
        SOAP = "soap", _("Soap")
        TOWEL = "towel", _("Towel")
        BOX = "box", _("Box")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="rewards", verbose_name=_("village")
    )
    name = models.CharField(_("name"), max_length=20)
    unit = models.CharField(
        _("unit"), max_length=4, help_text=_("A measure word: bag, bottle, box.")
    )
    picture = models.CharField(
        _("picture"), max_length=10, choices=Picture, default=Picture.BOX
    )
    low_stock_mark = models.PositiveSmallIntegerField(
        _("low-stock mark"),
        default=5,
        validators=[MaxValueValidator(10_000)],
        help_text=_("When so many or fewer are left, the desk says so."),
    )
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("place on the shelf"), default=0)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "name"],
                name="rewards_reward_unique_name_in_village",
                violation_error_message=_("This village already has these goods."),
            )
        ]

    def __str__(self):
        return self.name


class Price(AppendOnlyModel):
    """One version of what a reward costs: points for a household, fen for the fund."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="prices", verbose_name=_("reward")
    )
    version = models.PositiveIntegerField(_("version"))
    points = models.PositiveSmallIntegerField(
        _("points"), validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    fen = models.PositiveIntegerField(
        _("price in fen"), help_text=_("What one unit costs the fund; 100 fen a yuan.")
    )
    in_force_from = models.DateTimeField(_("in force from"))
    set_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("set by")
    )

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "reward", "version"],
                name="rewards_price_unique_version",
            ),
            models.CheckConstraint(
                name="rewards_price_in_bounds", condition=Q(points__range=(1, 10_000))
            ),
        ]

    def __str__(self):
        return f"{self.points}"


class StockMovement(AppendOnlyModel):
    """Goods that came in or went out; what is on hand is the sum (I-21)."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Received")
        DONATION = "donation", _("Donated")
        ISSUE = "issue", _("Handed over")
        RETURN = "return", _("Returned")
        ADJUSTMENT = "adjustment", _("Count adjustment")
        GIFT = "gift", _("Award gift")
        GIFT_BACK = "gift_back", _("Award gift taken back")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="movements", verbose_name=_("reward")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    quantity = models.IntegerField(
        _("quantity"), help_text=_("Negative when goods go out.")
    )
    line = models.ForeignKey(
        "rewards.RedemptionLine",
        models.PROTECT,
        null=True,
        related_name="movements",
        verbose_name=_("line of a slip"),
        db_index=False,
    )
    handover = models.ForeignKey(
        "rewards.GiftHandover",
        models.PROTECT,
        null=True,
        related_name="movements",
        verbose_name=_("gift handed over"),
        db_index=False,
    )
    donor = models.CharField(_("donor"), max_length=40, blank=True)
    is_anonymous = models.BooleanField(
        _("the donor wants no name in public"), default=False
    )
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    voucher = models.CharField(_("voucher number"), max_length=40, blank=True)
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name=_("operation")
    )
    moved_at = models.DateTimeField(_("moved at"))
    moved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("moved by")
    )

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="rewards_movement_unique_number"
            ),
            models.UniqueConstraint(
                fields=["village", "line", "kind"],
                name="rewards_movement_once_for_a_line",
            ),
            models.UniqueConstraint(
                fields=["village", "handover", "reward", "kind"],
                name="rewards_movement_once_for_a_gift",
            ),
            models.CheckConstraint(
                name="rewards_movement_sign_fits_kind",
                condition=Q(
                    kind__in=["receipt", "donation", "return", "gift_back"],
                    quantity__range=(1, 100_000),
                )
                | Q(kind__in=["issue", "gift"], quantity__range=(-100_000, -1))
                | Q(kind="adjustment", quantity__range=(-100_000, 100_000))
                & ~Q(quantity=0),
            ),
            models.CheckConstraint(
                name="rewards_movement_names_its_source",
                condition=Q(
                    kind__in=["issue", "return"], line__isnull=False, handover=None
                )
                | Q(kind__in=["gift", "gift_back"], line=None, handover__isnull=False)
                | Q(kind="receipt", line=None, handover=None)
                | Q(kind="donation", line=None, handover=None) & ~Q(donor="")
                | Q(kind="adjustment", line=None, handover=None) & ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "reward", "quantity"],
                name="rewards_movements_of_reward",
            )
        ]

    def __str__(self):
        return f"{self.number} {self.quantity:+d}"


class Shortage(models.Model):
    """A household asked for goods that were out of stock."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="shortages", verbose_name=_("reward")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    served_at = models.DateTimeField(_("in stock again since"), null=True)

    objects = ShortageQuerySet.as_manager()

    class Meta:
        verbose_name = _("shortage")
        verbose_name_plural = _("shortages")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "reward", "household"],
                condition=Q(served_at=None),
                name="rewards_shortage_once_while_waiting",
            )
        ]

    def __str__(self):
        return f"{self.reward} {self.household}"
