from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import User, Village
from ledger.models.deeds import Deed
from ledger.models.operations import Operation
from ledger.querysets import StoryQuerySet


class Story(models.Model):
    """A good deed told with its household's consent; erased when that is taken back."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waits for another person")
        PUBLISHED = "published", _("Public")
        WITHDRAWN = "withdrawn", _("Taken down")

    class ConsentWay(models.TextChoices):
        PAPER = "paper", _("On paper")
        WORD = "word", _("In person")
        PHONE = "phone", _("By phone")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="stories", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village; stands in its address.")
    )
    deed = models.ForeignKey(
        Deed, models.PROTECT, related_name="stories", verbose_name=_("deed")
    )
    headline = models.CharField(_("headline"), max_length=30, blank=True)
    text = models.TextField(_("story"), max_length=600, blank=True)
    witnesses = models.CharField(_("who can confirm it"), max_length=60, blank=True)
    photo = models.FileField(_("photo"), upload_to="stories", blank=True)
    photo_alt = models.CharField(_("what the photo shows"), max_length=80, blank=True)

    # What the household agreed to, and how.
    consent_by = models.CharField(_("who agreed"), max_length=30, blank=True)
    consent_how = models.CharField(
        _("how"), max_length=10, choices=ConsentWay, blank=True
    )
    consent_on = models.DateField(_("day"), null=True, blank=True)
    shows_full_name = models.BooleanField(
        _("the full name may be shown"), default=False
    )
    shows_photo = models.BooleanField(_("the photo may be shown"), default=False)
    # Whose deed it is, so that nobody who heads the household later is put on it,
    # and whether the board named the family in full too: that consent may end.
    masked_name = models.CharField(max_length=30, blank=True, editable=False)
    was_named_in_full = models.BooleanField(default=False, editable=False)

    written_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    withdrawn_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken down by"),
    )
    withdrawn_at = models.DateTimeField(_("taken down at"), null=True)
    operation = models.ForeignKey(
        Operation, models.PROTECT, editable=False, related_name="+"
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_story_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "deed"],
                condition=Q(withdrawn_at=None),
                name="ledger_story_once_for_a_deed",
            ),
            models.CheckConstraint(
                name="ledger_story_has_consent_and_two_people",
                condition=Q(published_at=None, published_by=None)
                | (
                    Q(
                        published_at__isnull=False,
                        published_by__isnull=False,
                        consent_on__isnull=False,
                    )
                    & ~Q(consent_how="")
                    & ~Q(published_by=F("written_by"))
                ),
            ),
            models.CheckConstraint(
                name="ledger_story_taken_down_is_erased",
                condition=Q(withdrawn_at=None)
                | Q(
                    headline="",
                    text="",
                    witnesses="",
                    photo="",
                    photo_alt="",
                    consent_by="",
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "published_at"], name="ledger_story_published"
            )
        ]

    def __str__(self):
        return f"{self.number} {self.headline}".strip()

    @property
    def state(self):
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.published_at:
            return self.State.PUBLISHED
        return self.State.WAITING if self.handed_over_at else self.State.DRAFT
