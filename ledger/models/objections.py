from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Household, User, Village
from ledger.models.deeds import Deed
from ledger.models.entries import Entry
from ledger.models.publications import Publication
from ledger.querysets import CorrectionQuerySet, ObjectionQuerySet


class Correction(models.Model):
    """A wish to reverse a published entry, put by one person, decided by another."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="corrections", verbose_name=_("village")
    )
    entry = models.ForeignKey(
        Entry, models.PROTECT, related_name="corrections", verbose_name=_("entry")
    )
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.PROPOSED
    )
    proposed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "entry"],
                condition=~Q(state="refused"),
                name="ledger_correction_once_for_an_entry",
                violation_error_message=_("A correction of this entry stands already."),
            )
        ]

    def __str__(self):
        return self.get_state_display()


class Objection(models.Model):
    """A numbered ticket against a published month, a household in it, or a line."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Not upheld")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Step(models.TextChoices):
        GROUP = "group", _("The villager group")
        REVIEW = "review", _("Review group")
        COMMITTEE = "committee", _("Supervision committee")
        TOWNSHIP = "township", _("The township")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="objections", verbose_name=_("village")
    )
    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="objections", verbose_name=_("month")
    )
    number = models.CharField(_("number"), max_length=20)
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("household"),
    )
    entry = models.ForeignKey(
        Entry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entry"),
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Deed.Channel, default=Deed.Channel.ORAL
    )
    text = models.CharField(_("what is wrong"), max_length=500)
    grounds = models.CharField(_("grounds"), max_length=500, blank=True)
    contact = models.CharField(
        _("how to reach them"),
        max_length=50,
        blank=True,
        help_text=_("Only village staff see it; erased two weeks after the answer."),
    )
    # The random id of the form it came with: posted ten times, it is one.
    key = models.UUIDField(_("key"), null=True, editable=False)
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("written down by"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.OPEN
    )
    step = models.CharField(
        _("looked into by"), max_length=10, choices=Step, default=Step.GROUP
    )
    due_on = models.DateField(_("due on"), null=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_objection_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "key"], name="ledger_objection_once_for_a_form"
            ),
            models.CheckConstraint(
                name="ledger_objection_decided_with_an_answer",
                condition=Q(state="open", decided_at=None)
                | (Q(decided_at__isnull=False) & ~Q(state="open")),
            ),
        ]

    def __str__(self):
        return self.number
