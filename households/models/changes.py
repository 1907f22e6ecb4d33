from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models.homes import Household
from households.models.people import User
from households.models.places import Village, VillagerGroup
from households.querysets import ChangeNoteQuerySet, HouseholdChangeQuerySet


class ChangeFacts(models.Model):
    """What a change of a household is, and the paper it rests on."""

    class Kind(models.TextChoices):
        HEAD = "head", _("Change of head")
        NAME = "name", _("Name put right")
        SPLIT = "split", _("Split")
        MERGE = "merge", _("Merge")
        MOVE_OUT = "move_out", _("Move out")
        MOVE_IN = "move_in", _("Move in")
        AWAY = "away", _("Away all year")
        BACK = "back", _("Back in the village")

    # Whoever ends stays in the books; the number is given to nobody else.
    ENDING = (Kind.MERGE, Kind.MOVE_OUT)
    # What makes a household with a number of its own.
    FOUNDING = (Kind.SPLIT, Kind.MOVE_IN)
    # What two households sign together.
    JOINT = (Kind.SPLIT, Kind.MERGE)

    kind = models.CharField(_("change"), max_length=10, choices=Kind)
    takes_effect_on = models.DateField(_("from the day"))
    paper = models.CharField(
        _("paper it rests on"),
        max_length=200,
        help_text=_("What it rests on: a household register, an agreement, minutes."),
    )
    signed_by = models.CharField(_("signed by"), max_length=60)
    signed_by_other = models.CharField(
        _("signed for the other household by"), max_length=60, blank=True
    )
    points = models.PositiveSmallIntegerField(
        _("points that go along"),
        default=0,
        help_text=_("Of a split, what both signed for; never more than can be spent."),
    )

    class Meta:
        abstract = True


class ChangeNote(ChangeFacts):
    """A change that one person has noted and another confirms, or does not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Not confirmed")
        WITHDRAWN = "withdrawn", _("Taken back")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        related_name="change_notes",
        verbose_name=_("household"),
    )
    other = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("household that stays"),
    )
    new_number = models.CharField(_("new household number"), max_length=20, blank=True)
    head_name = models.CharField(_("new head of household"), max_length=30, blank=True)
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("villager group"),
    )
    # The random id of the form it came with: sent twice, it is one.
    key = models.UUIDField(_("key"), editable=False)
    noted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted at"))
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = ChangeNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("noted change")
        verbose_name_plural = _("noted changes")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "key"], name="households_note_once_for_a_form"
            ),
            models.UniqueConstraint(
                fields=["village", "household"],
                condition=Q(state="waiting"),
                name="households_note_one_waits_for_a_household",
                violation_error_message=_("A change of this household waits already."),
            ),
            models.CheckConstraint(
                name="households_note_decided_by_another",
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(
                    state="withdrawn",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | (
                    Q(
                        state__in=["confirmed", "refused"],
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                    )
                    & ~Q(decided_by=F("noted_by"))
                ),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class HouseholdChange(AppendOnlyModel, ChangeFacts):
    """What changed about a household, from when, and on whose word; kept for ever.

    Of a split `other` is the new household, of a merge the one that stays.
    """

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="changes",
        verbose_name=_("household"),
        db_index=False,
    )
    other = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        related_name="changes_of_others",
        verbose_name=_("other household"),
        db_index=False,
    )
    head_before = models.CharField(_("head before"), max_length=30, blank=True)
    head_after = models.CharField(_("head after"), max_length=30)
    status_before = models.CharField(
        _("status before"), max_length=10, blank=True, choices=Household.Status
    )
    status_after = models.CharField(
        _("status after"), max_length=10, choices=Household.Status
    )
    spendable_until = models.DateField(
        _("points can be spent until"),
        null=True,
        help_text=_("Of a household that moved out: the last day at the counter."),
    )
    # A roster that was imported rests on its sheet, and on nobody's second look.
    note = models.ForeignKey(
        ChangeNote,
        models.PROTECT,
        null=True,
        related_name="changes",
        verbose_name=_("noted change"),
        db_index=False,
    )
    noted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    at = models.DateTimeField(_("at"))

    objects = HouseholdChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a household")
        verbose_name_plural = _("changes of households")
        permissions = [
            ("note_change", "Can note a change of a household"),
            ("confirm_change", "Can confirm a change of a household"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_change_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "note"], name="households_change_once_for_a_note"
            ),
            models.CheckConstraint(
                name="households_change_rests_on_two_people",
                condition=Q(kind="head", note=None, decided_by=None)
                | (
                    Q(
                        note__isnull=False,
                        noted_by__isnull=False,
                        decided_by__isnull=False,
                    )
                    & ~Q(decided_by=F("noted_by"))
                ),
            ),
            models.CheckConstraint(
                name="households_change_names_the_other",
                condition=(
                    Q(kind__in=["split", "merge"], other__isnull=False)
                    & ~Q(other=F("household"))
                )
                | (~Q(kind__in=["split", "merge"]) & Q(other=None)),
            ),
            models.CheckConstraint(
                name="households_change_says_until_when",
                condition=Q(kind="move_out", spendable_until__isnull=False)
                | (~Q(kind="move_out") & Q(spendable_until=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "household", "kind"],
                name="households_change_of",
            ),
            models.Index(
                fields=["village", "other", "kind"], name="households_change_to"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}"
