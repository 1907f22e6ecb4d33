from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Household, User, Village
from ledger.models.deeds import Deed
from ledger.querysets import DeclarationQuerySet


class Declaration(models.Model):
    """What a resident declared on the web; whoever declared it is kept nowhere."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Not accepted")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="declarations", verbose_name=_("village")
    )
    number = models.CharField(_("number"), max_length=20)
    # The random id of the form it came with: posted ten times, it is one.
    key = models.UUIDField(_("key"), editable=False)
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="declarations",
        verbose_name=_("household"),
    )
    text = models.CharField(_("what was done"), max_length=200)
    happened_on = models.DateField(_("day"))
    phone = models.CharField(
        _("phone"),
        max_length=11,
        blank=True,
        help_text=_("Only village staff see it; erased when it is settled."),
    )
    photo = models.FileField(_("photo"), upload_to="declared", blank=True)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Deed.Channel, default=Deed.Channel.WEB
    )
    filed_at = models.DateTimeField(_("filed at"))
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    deed = models.ForeignKey(
        Deed,
        models.PROTECT,
        null=True,
        related_name="web_declarations",
        verbose_name=_("deed"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_declaration_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "key"], name="ledger_declaration_once_for_a_form"
            ),
            models.UniqueConstraint(
                fields=["village", "deed"], name="ledger_declaration_one_for_a_deed"
            ),
            models.CheckConstraint(
                name="ledger_declaration_settled_with_a_deed_or_a_reason",
                condition=Q(state="waiting", deed=None, reason="", decided_at=None)
                | Q(state="accepted", deed__isnull=False, decided_at__isnull=False)
                | Q(state="declined", deed=None, decided_at__isnull=False)
                & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="ledger_declaration_phone_erased_when_settled",
                condition=Q(state="waiting") | Q(phone=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["village", "state", "filed_at"], name="ledger_declared_waiting"
            ),
            models.Index(
                fields=["village", "household", "filed_at"],
                name="ledger_declared_by_household",
            ),
        ]

    def __str__(self):
        return self.number
