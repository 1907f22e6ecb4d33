from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Household, User, Village, VillagerGroup
from ledger.models.activities import SignIn
from ledger.models.deeds import Deed
from ledger.models.operations import Operation
from ledger.querysets import FindingQuerySet, RoundQuerySet


class Round(models.Model):
    """One walk through the yards of a villager group, once a month."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="rounds", verbose_name=_("village")
    )
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        related_name="+",
        verbose_name=_("villager group"),
    )
    day = models.DateField(_("day"))
    begun_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("begun by")
    )
    begun_at = models.DateTimeField(_("begun at"))
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("courtyard round")
        verbose_name_plural = _("courtyard rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "month", "group"],
                name="ledger_round_once_a_month_in_group",
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.group}"


class Finding(models.Model):
    """What a round found at one household, and what became of an untidy yard.

    An untidy yard costs nothing by itself: the household is reminded, somebody
    looks again, and only what is still untidy then becomes a deduction.
    """

    class Yard(models.TextChoices):
        NONE = "", _("not rated")
        CLEAN = "clean", _("clean")
        CLEANEST = "cleanest", _("cleanest")
        POOR = "poor", _("to be put right")

    class Outcome(models.TextChoices):
        PASSED = "passed", _("put right")
        FAILED = "failed", _("not put right")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    round = models.ForeignKey(
        Round, models.PROTECT, related_name="findings", verbose_name=_("round")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    yard = models.CharField(_("yard"), max_length=10, choices=Yard, blank=True)
    is_sorted = models.BooleanField(_("waste is sorted"), default=False)
    note = models.CharField(_("note"), max_length=60, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    at = models.DateTimeField(_("noted at"))

    yard_deed = models.ForeignKey(
        Deed, models.PROTECT, null=True, related_name="+", verbose_name=_("yard deed")
    )
    sorting_deed = models.ForeignKey(
        Deed,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("sorting deed"),
    )
    yard_left_out = models.CharField(
        _("why there is no yard deed"),
        max_length=10,
        choices=SignIn.LeftOut,
        blank=True,
    )
    sorting_left_out = models.CharField(
        _("why there is no sorting deed"),
        max_length=10,
        choices=SignIn.LeftOut,
        blank=True,
    )

    # The way of an untidy yard.
    reminder = models.CharField(_("reminder"), max_length=150, blank=True)
    told_on = models.DateField(_("household told on"), null=True)
    recheck_on = models.DateField(_("one looks again from"), null=True)
    reminded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("reminded by")
    )
    rechecked_on = models.DateField(_("looked at again"), null=True)
    rechecked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("seen by")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    deduction = models.ForeignKey(
        Deed, models.PROTECT, null=True, related_name="+", verbose_name=_("deduction")
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding of a round")
        verbose_name_plural = _("findings of rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "round", "household"],
                name="ledger_finding_once_for_a_household",
            ),
            models.CheckConstraint(
                name="ledger_finding_reminded_before_looked_at_again",
                condition=Q(told_on=None, recheck_on=None, outcome="")
                | Q(
                    yard="poor",
                    told_on__isnull=False,
                    recheck_on__gt=models.F("told_on"),
                ),
            ),
            models.CheckConstraint(
                name="ledger_finding_deducts_only_what_was_not_put_right",
                condition=Q(deduction=None, rechecked_on=None, outcome="")
                | Q(
                    deduction=None,
                    outcome="passed",
                    rechecked_on__gt=models.F("told_on"),
                )
                | Q(
                    deduction__isnull=False,
                    outcome="failed",
                    rechecked_on__gte=models.F("recheck_on"),
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "household"], name="ledger_finding_of_household"
            ),
            models.Index(
                fields=["village", "yard", "outcome"], name="ledger_finding_to_recheck"
            ),
        ]

    def __str__(self):
        return f"{self.round_id} {self.household_id}"

    @property
    def is_open(self):
        """Tell whether an untidy yard still waits for a reminder or a second look."""
        return self.yard == self.Yard.POOR and not self.outcome
