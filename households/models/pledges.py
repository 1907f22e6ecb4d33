from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models.homes import Household
from households.models.people import User
from households.models.places import Village
from households.querysets import HouseholdConsentQuerySet, PledgeQuerySet


class Pledge(AppendOnlyModel):
    """承诺书: one version of what the households of a village sign; never edited.

    The three questions, and that refusing costs nothing, are no words of the
    village: every form has them.
    """

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="pledges", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("version"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    title = models.CharField(_("title"), max_length=60)
    lines = models.TextField(
        _("what the household pledges"),
        max_length=2000,
        help_text=_("One line for each; the numbers are printed before them."),
    )
    kept = models.TextField(
        _("what is kept, and why"),
        max_length=2000,
        help_text=_("One line for each: what the village writes down and what for."),
    )
    contact = models.CharField(
        _("whom to ask"),
        max_length=200,
        help_text=_("Who answers questions and takes a consent back, and where."),
    )
    in_force_from = models.DateField(_("in force from"))
    written_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    at = models.DateTimeField(_("at"))

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        permissions = [("write_pledge", "Can put a version of the pledge in force")]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_pledge_unique_number_in_village",
            )
        ]

    def __str__(self):
        return f"{self.title} {self.number}"

    @property
    def pledged(self) -> list[str]:
        return self.lines.splitlines()

    @property
    def kept_lines(self) -> list[str]:
        return self.kept.splitlines()


class HouseholdConsent(AppendOnlyModel):
    """What a household agrees to from one act on; its newest row is what counts.

    A row says all three, so that nothing has to be added up: yes, no, or that
    whoever heads the household has not been asked.
    """

    class Kind(models.TextChoices):
        SIGNED = "signed", _("Signed on paper")
        TAKEN_BACK = "taken_back", _("Taken back")
        NEW_HEAD = "new_head", _("Ended with the head of household")
        PUT_BACK = "put_back", _("Stands again with the roster put back")

    class Asked(models.TextChoices):
        FILE = "keeps_file", _("Household file")
        NAME = "shows_name", _("Full name in public")
        STORIES = "tells_stories", _("Stories")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="consents",
        verbose_name=_("household"),
        db_index=False,
    )
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    # Nothing before this day can change what the row says.
    day = models.DateField(_("day"))
    pledge = models.ForeignKey(
        Pledge,
        models.PROTECT,
        null=True,
        related_name="consents",
        verbose_name=_("pledge"),
        db_index=False,
    )
    signed_on = models.DateField(_("signed on"), null=True)
    keeps_file = models.BooleanField(Asked.FILE.label, null=True)
    shows_name = models.BooleanField(Asked.NAME.label, null=True)
    tells_stories = models.BooleanField(Asked.STORIES.label, null=True)
    # Who agrees again has agreed all along: older months keep the name.
    named_since = models.DateField(_("full name in public since"), null=True)
    # Nobody, when the household's own card took it back.
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    at = models.DateTimeField(_("at"))

    objects = HouseholdConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent of a household")
        verbose_name_plural = _("consents of households")
        permissions = [("record_consent", "Can record what a household agrees to")]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_consent_unique_number_in_village",
            ),
            models.CheckConstraint(
                name="households_consent_signed_says_all",
                condition=~Q(kind="signed")
                | Q(
                    pledge__isnull=False,
                    signed_on=F("day"),
                    keeps_file__isnull=False,
                    shows_name__isnull=False,
                    tells_stories__isnull=False,
                    recorded_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="households_consent_new_head_was_not_asked",
                condition=~Q(kind="new_head")
                | Q(
                    pledge=None,
                    signed_on=None,
                    keeps_file=None,
                    shows_name=None,
                    tells_stories=None,
                    named_since=None,
                ),
            ),
            models.CheckConstraint(
                name="households_consent_to_a_name_has_its_day",
                condition=(
                    Q(named_since=None) & (Q(shows_name=None) | Q(shows_name=False))
                )
                | Q(
                    shows_name=True,
                    named_since__isnull=False,
                    named_since__lte=F("signed_on"),
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "household", "number"],
                name="households_consent_of",
            )
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}"

    @property
    def answers(self) -> list[tuple[str, str, bool | None]]:
        """Return the three questions, each with its word and its answer."""
        return [
            (asked.value, str(asked.label), getattr(self, asked.value))
            for asked in self.Asked
        ]
