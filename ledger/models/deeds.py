from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, User, Village
from ledger.models.operations import Operation
from ledger.models.periods import Period
from ledger.models.rulebooks import ScoringItem
from ledger.querysets import DecisionQuerySet, DeedQuerySet, EvidencePhotoQuerySet


class Deed(models.Model):
    """What one household did on one day, recorded by one person, decided by another."""

    class Channel(models.TextChoices):
        RECORD = "record", _("Cadre's record")
        ORAL = "oral", _("In person")
        PHONE = "phone", _("Phone")
        SMS = "sms", _("SMS")
        QQ = "qq", "QQ"
        WECHAT = "wechat", _("WeChat")
        WEB = "web", _("Online")

    class State(models.TextChoices):
        DECLARED = "declared", _("Declared")
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Not approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="deeds", verbose_name=_("village")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="deeds", verbose_name=_("household")
    )
    item = models.ForeignKey(
        ScoringItem, models.PROTECT, related_name="deeds", verbose_name=_("item")
    )
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="deeds", verbose_name=_("counts in")
    )
    happened_on = models.DateField(_("day"))
    points = models.SmallIntegerField(
        _("points"), help_text=_("Negative for a deduction.")
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, default=Channel.RECORD
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    heard_on = models.DateField(
        _("household heard on"),
        null=True,
        blank=True,
        help_text=_("A deduction is told to the household before it is decided."),
    )
    second_recorder = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second recorder"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.PENDING, editable=False
    )
    recorded_by = models.ForeignKey(
        User,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    operation = models.ForeignKey(
        Operation, models.PROTECT, editable=False, related_name="deeds"
    )

    # How it was declared, so that its acceptance can be undone.
    declaration = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="declared_deeds",
    )
    declared_item = models.ForeignKey(
        ScoringItem, models.PROTECT, null=True, editable=False, related_name="+"
    )

    # Set by the queryset's `with_posting`: whether the deed has its entry.
    is_posted: bool

    objects = DeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("deed")
        verbose_name_plural = _("deeds")
        constraints = [
            models.CheckConstraint(
                name="ledger_deed_points_in_bounds",
                condition=~Q(points=0) & Q(points__range=(-10_000, 10_000)),
                violation_error_message=_("A deed adds or takes away points."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "period", "state"], name="ledger_deed_to_decide"
            ),
            models.Index(
                fields=["village", "household", "item", "happened_on"],
                name="ledger_deed_of_household",
            ),
        ]

    def __str__(self):
        return f"{self.happened_on} {self.points:+d}"

    @property
    def is_deduction(self):
        return self.points < 0

    @property
    def is_accepted(self):
        """Tell whether it was declared first, and accepted since."""
        return self.declaration_id not in (None, self.operation_id)

    @property
    def is_unaccepted(self):
        """Tell whether it was declared and never accepted: it waits, or is declined."""
        return self.declaration_id is not None and not self.is_accepted


class EvidencePhoto(models.Model):
    """A photo that shows a deed; our own re-encoding, never the original."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    deed = models.ForeignKey(
        Deed, models.CASCADE, related_name="photos", verbose_name=_("deed")
    )
    image = models.FileField(_("photo"), upload_to="evidence")
    added_at = models.DateTimeField(_("added at"))

    objects = EvidencePhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence photo")
        verbose_name_plural = _("evidence photos")
        indexes = [
            models.Index(fields=["village", "deed"], name="ledger_photos_of_deed")
        ]

    def __str__(self):
        return f"{self.pk}"


class Decision(AppendOnlyModel):
    """What a reviewer decided about a deed, and why."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        ADJUSTED = "adjusted", _("Approved with change")
        REJECTED = "rejected", _("Not approved")
        REOPENED = "reopened", _("Reopened")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    deed = models.ForeignKey(
        Deed, models.PROTECT, related_name="decisions", verbose_name=_("deed")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    points = models.SmallIntegerField(_("points"))
    points_before = models.SmallIntegerField(_("points before"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    at = models.DateTimeField(_("decided at"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "deed", "number"],
                name="ledger_decision_unique_number_of_deed",
            )
        ]

    def __str__(self):
        return self.get_outcome_display()
