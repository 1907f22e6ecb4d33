from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import User, Village
from ledger.querysets import RulebookQuerySet, ScoringItemQuerySet

# What one deed can hold (I-05); a limit beyond it would limit nothing.
MOST_POINTS = 10_000


class Rulebook(models.Model):
    """One version of a village's scoring items: draft → township → vote → in force.

    The first one is a sample, in force as such until a vote adopts it. A draft
    has no day from which it is in force, so nothing finds it by mistake.
    """

    class Stage(models.TextChoices):
        DRAFT = "draft", _("Being drawn up")
        SENT = "sent", _("With the township")
        AGREED = "agreed", _("Ready for the vote")
        VOTED = "voted", _("Adopted")
        SAMPLE = "sample", _("Sample")
        DISCARDED = "discarded", _("Discarded")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="rulebooks", verbose_name=_("village")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    adoption = models.CharField(
        _("how it was adopted"),
        max_length=200,
        blank=True,
        help_text=_("Meeting, votes for and against, filing number."),
    )
    drafted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("drawn up by")
    )
    drafted_at = models.DateTimeField(_("drawn up at"), null=True)
    sent_at = models.DateTimeField(_("sent to the township at"), null=True)
    agreed_at = models.DateTimeField(_("agreed by the township at"), null=True)
    discarded_at = models.DateTimeField(_("discarded at"), null=True)

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("rulebook")
        verbose_name_plural = _("rulebooks")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "version"],
                condition=Q(discarded_at=None),
                name="ledger_rulebook_unique_version_in_village",
            ),
            models.UniqueConstraint(
                fields=["village"],
                condition=Q(in_force_from=None, discarded_at=None),
                name="ledger_rulebook_one_draft_in_village",
                violation_error_message=_("This village has a draft already."),
            ),
            models.CheckConstraint(
                name="ledger_rulebook_stages_in_order",
                condition=(
                    Q(in_force_from__isnull=False, discarded_at=None)
                    | Q(in_force_from=None, adopted_on=None)
                )
                & (Q(agreed_at=None) | Q(sent_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return _("Version %(number)s") % {"number": self.version}

    @property
    def is_sample(self):
        """Tell whether it is in force without a vote."""
        return self.adopted_on is None and self.in_force_from is not None

    @property
    def vote(self):
        """Return the meeting that adopted it; None for a sample and older books."""
        return next(iter(self.votes.all()), None)

    @property
    def stage(self):
        """Return how far it has come."""
        if self.discarded_at:
            return self.Stage.DISCARDED
        if self.in_force_from:
            return self.Stage.SAMPLE if self.is_sample else self.Stage.VOTED
        if self.agreed_at:
            return self.Stage.AGREED
        return self.Stage.SENT if self.sent_at else self.Stage.DRAFT


class ScoringItem(models.Model):
    """One line of a rulebook: what adds points or takes them away."""

    class Pillar(models.TextChoices):
        LAW = "law", _("Rule of law")
        VIRTUE = "virtue", _("Virtue")
        SELF = "self", _("Self-governance")
        DEDUCTION = "deduction", _("Deduction")

    class Repair(models.IntegerChoices):
        NOTHING = 0, _("Nothing")
        HALF = 50, _("Half of the points")
        ALL = 100, _("All points")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    rulebook = models.ForeignKey(
        Rulebook, models.PROTECT, related_name="items", verbose_name=_("rulebook")
    )
    code = models.CharField(_("code"), max_length=10)
    position = models.PositiveSmallIntegerField(_("position"))
    pillar = models.CharField(_("pillar"), max_length=10, choices=Pillar)
    title = models.CharField(_("title"), max_length=60)
    title_en = models.CharField(_("English title"), max_length=80, blank=True)
    criterion = models.CharField(_("criterion"), max_length=200)
    points_min = models.PositiveSmallIntegerField(_("fewest points"))
    points_max = models.PositiveSmallIntegerField(_("most points"))
    unit = models.CharField(_("counted per"), max_length=20)
    month_cap = models.PositiveSmallIntegerField(
        _("most points a month"), null=True, blank=True
    )
    year_cap = models.PositiveSmallIntegerField(
        _("most points a year"), null=True, blank=True
    )
    evidence = models.CharField(_("evidence"), max_length=100, blank=True)
    repair = models.CharField(_("how it is repaired"), max_length=100, blank=True)
    repair_percent = models.PositiveSmallIntegerField(
        _("most that comes back when repaired"), choices=Repair, default=Repair.NOTHING
    )
    repair_days = models.PositiveSmallIntegerField(
        _("days to repair it"),
        null=True,
        blank=True,
        help_text=_("From the publication of the deduction; empty: within a year."),
    )

    # Set where deeds are recorded: the last day of the rules that still had it.
    until: date | None = None

    objects = ScoringItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("scoring item")
        verbose_name_plural = _("scoring items")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "rulebook", "code"],
                name="ledger_item_unique_code_in_rulebook",
            ),
            models.CheckConstraint(
                name="ledger_item_range_in_order",
                condition=Q(points_min__gte=1, points_max__gte=F("points_min")),
                violation_error_message=_(
                    "The fewest points must be at least 1 and no more than the most."
                ),
            ),
            models.CheckConstraint(
                name="ledger_item_repair_terms",
                condition=Q(repair_percent__in=[0, 50, 100])
                & (Q(repair_percent=0) | Q(pillar="deduction"))
                & (Q(repair_days=None) | Q(repair_days__range=(1, 366))),
                violation_error_message=_(
                    "Only a deduction is repaired: nothing, half or all of it comes "
                    "back, within 1 to 366 days."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def clean(self):
        """Refuse more points than a deed can hold, before anybody votes on them."""
        wrong = {
            name: _("At most %(most)s points.") % {"most": MOST_POINTS}
            for name in ("points_min", "points_max", "month_cap", "year_cap")
            if (getattr(self, name) or 0) > MOST_POINTS
        }
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_deduction(self):
        return self.pillar == self.Pillar.DEDUCTION

    def signed(self, magnitude: int) -> int:
        """Give points their direction: what is posted for this item."""
        return -magnitude if self.is_deduction else magnitude
