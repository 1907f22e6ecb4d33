from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, User, Village
from ledger.models import Operation
from rewards.querysets import AwardNoteQuerySet, AwardQuerySet, AwardRoundQuerySet


class AwardRound(models.Model):
    """One attempt of a village to name its households of the year.

    Its moments say where it stands; none of them is ever taken back (I-26). The
    rules are those the list was made by, whatever the village decides later.
    """

    class State(models.TextChoices):
        DRAFTED = "drafted", _("Being prepared")
        ON_NOTICE = "on_notice", _("On notice")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="award_rounds", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name=_("operation")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )

    opened_at = models.DateTimeField(_("opened at"), null=True)
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    notice_ends_at = models.DateTimeField(_("end of the notice"), null=True)
    places = models.PositiveSmallIntegerField(_("places"), default=0)
    has_group_places = models.BooleanField(_("a place for every group"), default=False)
    months_needed = models.PositiveSmallIntegerField(_("months needed"), default=0)
    notice_days = models.PositiveSmallIntegerField(_("days on notice"), default=0)

    meeting = models.CharField(_("meeting"), max_length=60, blank=True)
    voted_on = models.DateField(_("day of the vote"), null=True)
    votes_for = models.PositiveSmallIntegerField(_("votes for"), default=0)
    votes_against = models.PositiveSmallIntegerField(_("votes against"), default=0)
    abstained = models.PositiveSmallIntegerField(_("abstained"), default=0)
    record = models.CharField(_("record of the vote"), max_length=100, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    document = models.TextField(_("document"), blank=True, editable=False)
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = AwardRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("award round")
        verbose_name_plural = _("award rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="rewards_round_unique_number"
            ),
            models.UniqueConstraint(
                fields=["village", "year"],
                condition=Q(withdrawn_at=None),
                name="rewards_round_one_stands_for_a_year",
                violation_error_message=_("A round of this year stands already."),
            ),
            models.CheckConstraint(
                name="rewards_round_opened_whole",
                condition=Q(opened_at=None, opened_by=None, notice_ends_at=None)
                | Q(
                    opened_at__isnull=False,
                    opened_by__isnull=False,
                    notice_ends_at__isnull=False,
                    notice_ends_at__gt=F("opened_at"),
                ),
            ),
            models.CheckConstraint(
                name="rewards_round_confirmed_by_vote",
                condition=Q(confirmed_at=None, confirmed_by=None, digest="")
                | Q(
                    confirmed_at__isnull=False,
                    notice_ends_at__isnull=False,
                    confirmed_at__gte=F("notice_ends_at"),
                    confirmed_by__isnull=False,
                    voted_on__isnull=False,
                    votes_for__gt=F("votes_against") + F("abstained"),
                    withdrawn_at=None,
                )
                & ~Q(digest="")
                & ~Q(meeting="")
                & ~Q(record="")
                & ~Q(confirmed_by=F("opened_by")),
            ),
            models.CheckConstraint(
                name="rewards_round_withdrawn_with_reason",
                condition=Q(withdrawn_at=None, withdrawn_by=None, reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.year} · {self.number}"

    @property
    def state(self) -> str:
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.confirmed_at:
            return self.State.CONFIRMED
        return self.State.ON_NOTICE if self.opened_at else self.State.DRAFTED

    def get_state_display(self) -> str:
        return str(self.State(self.state).label)

    def is_notice_over(self, at: datetime) -> bool:
        """Tell whether the notice was opened and has run its days."""
        return self.notice_ends_at is not None and at >= self.notice_ends_at


class AwardNote(models.Model):
    """What is written beside a household while a round is being prepared.

    Its line of praise, or why it is struck off: it declined. From the moment the
    notice opens nothing of it changes.
    """

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    round = models.ForeignKey(
        AwardRound,
        models.PROTECT,
        related_name="notes",
        verbose_name=_("award round"),
        db_index=False,
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    citation = models.CharField(_("line of praise"), max_length=30, blank=True)
    struck_reason = models.CharField(_("why struck off"), max_length=60, blank=True)
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("written by")
    )

    objects = AwardNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note for an award")
        verbose_name_plural = _("notes for awards")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "round", "household"],
                name="rewards_note_once_for_a_household",
            )
        ]

    def __str__(self):
        return self.citation or self.struck_reason


class Award(AppendOnlyModel):
    """One household on a list as it hung on the board: its place, points and name.

    Written when the notice opens; the name is masked for ever, as on a month.
    """

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    round = models.ForeignKey(
        AwardRound,
        models.PROTECT,
        related_name="awards",
        verbose_name=_("award round"),
        db_index=False,
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="awards",
        verbose_name=_("household"),
        db_index=False,
    )
    place = models.PositiveSmallIntegerField(_("place"))
    by_group = models.BooleanField(_("by its group's place"), default=False)
    score = models.IntegerField(_("score"))
    months = models.PositiveSmallIntegerField(_("months with a good deed"))
    group = models.CharField(_("villager group"), max_length=30)
    name = models.CharField(_("name"), max_length=30)
    citation = models.CharField(_("line of praise"), max_length=30)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "round", "household"],
                name="rewards_award_once_in_a_round",
            )
        ]
        indexes = [
            models.Index(
                fields=["village", "household"], name="rewards_award_of_household"
            )
        ]

    def __str__(self):
        return f"{self.place} {self.name}"
