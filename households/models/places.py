from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from households.querysets import TownshipQuerySet, VillageQuerySet
from households.scoping import VillageScopedQuerySet

slug_validator = RegexValidator(
    r"\A[a-z][a-z0-9-]*\Z",
    _("Use small letters, digits and hyphens, beginning with a letter."),
)


def rising_scores(text: str) -> None:
    """Refuse thresholds that are not one to five rising numbers.

    :raises ValidationError: with an example of how to write them
    """
    try:
        scores = scores_of(text)
    except ValueError:
        scores = ()
    if not 1 <= len(scores) <= 5 or list(scores) != sorted(set(scores)):
        raise ValidationError(
            _("Write one to five rising numbers with commas: 60,70,80,100,120.")
        )


def scores_of(text: str) -> tuple[int, ...]:
    """Return the thresholds as numbers; none for an empty text."""
    return tuple(int(part) for part in text.replace("，", ",").split(",") if part)


def new_secret():
    return get_random_string(43)


class Township(models.Model):
    """A town that looks after several villages."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.CharField(
        _("short name in addresses"),
        max_length=40,
        unique=True,
        validators=[slug_validator],
    )

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")

    def __str__(self):
        return self.name


class Village(models.Model):
    """The community that keeps one ledger; the boundary of access."""

    township = models.ForeignKey(
        Township, models.PROTECT, related_name="villages", verbose_name=_("township")
    )
    name = models.CharField(_("name"), max_length=60)
    slug = models.CharField(
        _("short name in addresses"),
        max_length=40,
        unique=True,
        validators=[slug_validator],
    )
    position = models.PositiveSmallIntegerField(
        _("place in the township's list"),
        default=0,
        help_text=_("The fixed order of the township; never an order by points."),
    )
    supervision_phone = models.CharField(
        _("supervision phone"), max_length=30, blank=True
    )
    is_demo = models.BooleanField(_("demonstration data"), default=False)
    genesis = models.CharField(
        max_length=64, default=new_secret, editable=False, unique=True
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"],
                name="households_village_unique_name_in_township",
                violation_error_message=_("This township already has that village."),
            )
        ]

    def __str__(self):
        return self.name


def within(low, high):
    return [MinValueValidator(low), MaxValueValidator(high)]


class VillagePolicy(models.Model):
    """The numbers a village has decided for its own scheme."""

    village = models.OneToOneField(
        Village, models.PROTECT, related_name="policy", verbose_name=_("village")
    )
    base_points = models.PositiveSmallIntegerField(
        _("base points a year"), default=60, validators=within(0, 1000)
    )
    cut_off_day = models.PositiveSmallIntegerField(
        _("cut-off day of the month"),
        default=31,
        validators=within(20, 31),
        help_text=_("31 means the last day of the month."),
    )
    backdating_days = models.PositiveSmallIntegerField(
        _("days a deed may be recorded late"), default=60, validators=within(0, 366)
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days on notice"), default=5, validators=within(3, 15)
    )
    ranked_places = models.PositiveSmallIntegerField(
        _("ranks on the public board"), default=20, validators=within(0, 20)
    )
    deduction_cell = models.PositiveSmallIntegerField(
        _("fewest households behind a public deduction line"),
        default=3,
        validators=within(3, 50),
    )
    smallest_redemption = models.PositiveSmallIntegerField(
        _("smallest redemption"), default=10, validators=within(1, 1000)
    )
    redemption_first_day = models.PositiveSmallIntegerField(
        _("first day of exchange in a month"),
        default=1,
        validators=within(1, 31),
    )
    redemption_last_day = models.PositiveSmallIntegerField(
        _("last day of exchange in a month"),
        default=31,
        validators=within(1, 31),
        help_text=_("31 means the last day of the month."),
    )
    leaving_months = models.PositiveSmallIntegerField(
        _("months to spend points after moving out"),
        default=3,
        validators=within(0, 24),
        help_text=_("What is left then expires by an entry."),
    )
    fen_a_point = models.PositiveSmallIntegerField(
        _("what a point is worth, in fen"),
        default=100,
        validators=within(1, 10_000),
        help_text=_("100 fen a yuan; decided by the village for each year."),
    )
    award_places = models.PositiveSmallIntegerField(
        _("households on the honor roll"), default=24, validators=within(0, 200)
    )
    award_group_places = models.BooleanField(
        _("a place on the honor roll for every group"),
        default=False,
        help_text=_("The best of each group come first; the rest go by points."),
    )
    award_months = models.PositiveSmallIntegerField(
        _("months with a good deed that the honor roll needs"),
        default=4,
        validators=within(0, 12),
    )
    award_notice_days = models.PositiveSmallIntegerField(
        _("days that the honor roll is on notice"),
        default=7,
        validators=within(3, 30),
    )
    repair_check_days = models.PositiveSmallIntegerField(
        _("days until a repair is checked again"),
        default=7,
        validators=within(1, 60),
        help_text=_("Counted from the day on which the household says so."),
    )
    honor_points = models.PositiveSmallIntegerField(
        _("points that the year-end honor begins at"),
        default=100,
        validators=within(0, 10_000),
        help_text=_("What passbooks name as the goal of the year; 0 names none."),
    )
    star_scores = models.CharField(
        _("scores that give a star each"),
        max_length=40,
        default="60,70,80,100,120",
        blank=True,
        validators=[rising_scores],
        help_text=_("One to five rising numbers with commas; empty gives no stars."),
    )
    full_names_decision = models.CharField(
        _("decision to print full names"),
        max_length=200,
        blank=True,
        help_text=_(
            "Meeting, date and vote. Left empty, names are masked on the board."
        ),
    )

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("village policy")
        verbose_name_plural = _("village policies")
        constraints = [
            models.CheckConstraint(
                name="households_policy_numbers_in_range",
                condition=Q(base_points__lte=1000)
                & Q(cut_off_day__range=(20, 31))
                & Q(notice_days__range=(3, 15))
                & Q(ranked_places__lte=20)
                & Q(deduction_cell__gte=3),
            )
        ]

    def __str__(self):
        return str(self.village)

    @property
    def star_thresholds(self) -> tuple[int, ...]:
        """Return the scores at which each star begins, rising."""
        return scores_of(self.star_scores)


class VillagerGroup(models.Model):
    """A part of a village: 1社, 2组."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="groups", verbose_name=_("village")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=30)

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("villager group")
        verbose_name_plural = _("villager groups")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_group_unique_number_in_village",
                violation_error_message=_("This village already has that group."),
            ),
            models.UniqueConstraint(
                fields=["village", "name"],
                name="households_group_unique_name_in_village",
                violation_error_message=_("This village already has that group."),
            ),
        ]

    def __str__(self):
        return self.name
