from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Household, User, Village
from ledger.models.deeds import Deed
from ledger.models.operations import Operation
from ledger.models.rulebooks import ScoringItem
from ledger.querysets import ActivityQuerySet, SignInQuerySet


class Activity(models.Model):
    """What the village invites to: its item, points, day and places are told before."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("On the menu")
        CLOSED = "closed", _("Closed")
        CANCELED = "canceled", _("Called off")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="activities", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village.")
    )
    title = models.CharField(_("title"), max_length=30)
    words = models.CharField(_("what is done there"), max_length=200, blank=True)
    item = models.ForeignKey(
        ScoringItem, models.PROTECT, related_name="+", verbose_name=_("item")
    )
    points = models.PositiveSmallIntegerField(_("points for each household"))
    day = models.DateField(_("day"))
    begins_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    place = models.CharField(_("meeting place"), max_length=60)
    places = models.PositiveSmallIntegerField(
        _("places"),
        null=True,
        blank=True,
        help_text=_(
            "For households that say beforehand; empty when there is no limit."
        ),
    )

    planned_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("planned by")
    )
    planned_at = models.DateTimeField(_("planned at"))
    published_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    canceled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("canceled by")
    )
    canceled_at = models.DateTimeField(_("canceled at"), null=True)
    reason = models.CharField(_("why it was canceled"), max_length=100, blank=True)
    operation = models.ForeignKey(
        Operation, models.PROTECT, editable=False, related_name="+"
    )

    # Set by the queryset's `with_counts`: households that came, and that said so.
    came: int
    expected: int

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_activity_unique_number_in_village",
            ),
            models.CheckConstraint(
                name="ledger_activity_ends_after_it_begins",
                condition=Q(ends_at__gt=F("begins_at")),
                violation_error_message=_("It must end after it begins."),
            ),
            models.CheckConstraint(
                name="ledger_activity_has_points_and_places",
                condition=Q(points__gte=1) & (Q(places=None) | Q(places__gte=1)),
                violation_error_message=_("There is at least one point and one place."),
            ),
            models.CheckConstraint(
                name="ledger_activity_ends_in_one_way",
                condition=Q(closed_at=None) | Q(canceled_at=None),
            ),
            models.CheckConstraint(
                name="ledger_activity_closed_after_it_was_published",
                condition=Q(closed_at=None) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_activity_canceled_with_a_reason",
                condition=Q(canceled_at=None, reason="")
                | Q(canceled_at__isnull=False) & ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["village", "day"], name="ledger_activity_by_day")
        ]

    def __str__(self):
        return f"{self.day} {self.title}"

    @property
    def state(self):
        if self.canceled_at:
            return self.State.CANCELED
        if self.closed_at:
            return self.State.CLOSED
        return self.State.PUBLISHED if self.published_at else self.State.DRAFT

    @property
    def is_open(self):
        """Tell whether households can still be signed in."""
        return self.state == self.State.PUBLISHED

    @property
    def begins(self):
        return self._moment(self.begins_at)

    @property
    def ends(self):
        return self._moment(self.ends_at)

    @property
    def places_left(self):
        """Return how many places nobody has asked for; None without a limit."""
        if self.places is None:
            return None
        return max(0, self.places - self.came - self.expected)

    def _moment(self, time):
        return timezone.make_aware(datetime.combine(self.day, time))


class SignIn(models.Model):
    """One household at one activity: said beforehand or there, and what came of it."""

    class How(models.TextChoices):
        PAPER = "paper", _("On the sheet")
        DESK = "desk", _("Told the recorder")
        PHONE = "phone", _("With their phone")

    class LeftOut(models.TextChoices):
        """Why a household that was put down has no deed from it."""

        ABSENT = "absent", _("said beforehand that it comes, and was not seen there")
        REPEATED = "repeated", _("the same item is recorded for that day already")
        MONTH = "month", _("the month's limit of the item is reached")
        YEAR = "year", _("the year's limit of the item is reached")
        MOVED = "moved", _("has moved out meanwhile")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, related_name="sign_ins", verbose_name=_("activity")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    how = models.CharField(_("how they signed in"), max_length=10, choices=How)
    is_ahead = models.BooleanField(
        _("said beforehand"),
        default=False,
        help_text=_("Not seen there yet; only who was there is recorded."),
    )
    points = models.PositiveSmallIntegerField(
        _("points"), null=True, help_text=_("Empty: as announced.")
    )
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("signed in by"),
    )
    at = models.DateTimeField(_("signed in at"))
    taken_back_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)
    deed = models.ForeignKey(
        Deed, models.PROTECT, null=True, related_name="sign_ins", verbose_name=_("deed")
    )
    left_out = models.CharField(
        _("why there is no deed"), max_length=10, choices=LeftOut, blank=True
    )

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "activity", "household"],
                condition=Q(taken_back_at=None),
                name="ledger_signin_once_for_a_household",
            ),
            models.UniqueConstraint(
                fields=["village", "deed"], name="ledger_signin_one_for_a_deed"
            ),
            models.CheckConstraint(
                name="ledger_signin_by_a_person_or_a_phone",
                condition=Q(how="phone", by=None)
                | ~Q(how="phone") & Q(by__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_signin_ends_in_one_way",
                condition=Q(deed=None, left_out="")
                | Q(taken_back_at=None, deed=None)
                | Q(taken_back_at=None, left_out="", is_ahead=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "household"], name="ledger_signin_of_household"
            )
        ]

    def __str__(self):
        return f"{self.activity_id} {self.household_id}"
