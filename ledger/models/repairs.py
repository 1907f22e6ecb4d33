from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import User, Village
from ledger.models.deeds import Deed
from ledger.models.entries import Entry
from ledger.querysets import RepairQuerySet


class Repair(models.Model):
    """A household's word that what it lost points for is put right, until decided.

    Asked by the household or through a clerk, checked on the spot by one
    person, decided by another; never by whoever recorded the deduction.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("To be checked again")
        CHECKED = "checked", _("To be decided")
        APPROVED = "approved", _("Points given back")
        REFUSED = "refused", _("Not given back")
        LAPSED = "lapsed", _("The deduction was reversed")
        WITHDRAWN = "withdrawn", _("Taken back by the household")

    class Finding(models.TextChoices):
        DONE = "done", _("Put right")
        FORCED = "forced", _("Put right by force")
        NOT_DONE = "not_done", _("Not put right")

    OPEN = (State.ASKED, State.CHECKED)
    # After these the same deduction can be asked for once more.
    FREE = (State.REFUSED, State.WITHDRAWN)

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="repairs", verbose_name=_("village")
    )
    number = models.CharField(_("number"), max_length=20)
    entry = models.ForeignKey(
        Entry,
        models.PROTECT,
        related_name="repair_requests",
        verbose_name=_("deduction"),
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Deed.Channel, default=Deed.Channel.ORAL
    )
    text = models.CharField(_("what was put right"), max_length=300)
    # The random id of the form it came with: posted ten times, it is one.
    key = models.UUIDField(_("key"), editable=False)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("written down by"),
        help_text=_("Empty when the household asked in its passbook."),
    )
    due_on = models.DateField(_("to be checked by"))
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.ASKED
    )
    finding = models.CharField(_("finding"), max_length=10, choices=Finding, blank=True)
    note = models.CharField(_("what was seen"), max_length=300, blank=True)
    checked_on = models.DateField(_("checked on"), null=True)
    checked_at = models.DateTimeField(_("check written down at"), null=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    points = models.PositiveSmallIntegerField(_("points given back"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = RepairQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_repair_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "key"], name="ledger_repair_once_for_a_form"
            ),
            models.UniqueConstraint(
                fields=["village", "entry"],
                condition=Q(state__in=["asked", "checked", "approved"]),
                name="ledger_repair_once_for_a_deduction",
                violation_error_message=_(
                    "The repair of this deduction was asked for already."
                ),
            ),
            models.CheckConstraint(
                name="ledger_repair_goes_step_by_step",
                condition=Q(
                    state="asked",
                    finding="",
                    checked_at=None,
                    decided_at=None,
                    points=0,
                )
                | Q(
                    Q(state="checked"),
                    ~Q(finding=""),
                    checked_by__isnull=False,
                    checked_on__isnull=False,
                    checked_at__isnull=False,
                    decided_at=None,
                    points=0,
                )
                | Q(
                    state="approved",
                    finding__in=["done", "forced"],
                    checked_by__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    points__gte=1,
                )
                | Q(
                    ~Q(reason=""),
                    state="refused",
                    checked_by__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    points=0,
                )
                | Q(state="lapsed", decided_at__isnull=False, points=0)
                | Q(
                    state="withdrawn",
                    finding="",
                    checked_at=None,
                    decided_by=None,
                    decided_at__isnull=False,
                    points=0,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["village", "state"], name="ledger_repair_waiting"),
        ]

    def __str__(self):
        return self.number
