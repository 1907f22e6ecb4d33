from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, HouseholdChange, User, Village
from ledger.models.deeds import Deed
from ledger.models.periods import Period
from ledger.querysets import EntryQuerySet


class Entry(AppendOnlyModel):
    """One line of a village's ledger: points a household earned, lost or spent.

    Never changed or deleted: a mistake is put right by posting a reversal.
    """

    class Kind(models.TextChoices):
        BASE = "base", _("Base points")
        ADDITION = "addition", _("Addition")
        DEDUCTION = "deduction", _("Deduction")
        REPAIR = "repair", _("Repair")
        REVERSAL = "reversal", _("Reversal")
        REDEMPTION = "redemption", _("Redemption")
        CANCELLATION = "cancellation", _("Redemption canceled")
        EXPIRY = "expiry", _("Expired")
        TRANSFER = "transfer", _("Transfer")
        MERGE = "merge", _("Brought along by a merge")

    # Kinds that rank (the score); those that are earned can also be spent.
    SCORING = (
        Kind.BASE,
        Kind.ADDITION,
        Kind.DEDUCTION,
        Kind.REPAIR,
        Kind.REVERSAL,
        Kind.MERGE,
    )
    EARNING = (Kind.ADDITION, Kind.DEDUCTION, Kind.REPAIR, Kind.REVERSAL)
    SPENDING = (Kind.REDEMPTION, Kind.CANCELLATION, Kind.EXPIRY, Kind.TRANSFER)

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("village"),
        db_index=False,
    )
    number = models.PositiveIntegerField(
        _("number"), help_text=_("1, 2, 3 … in each village, without a gap.")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("household"),
        db_index=False,
    )
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    points = models.SmallIntegerField(
        _("points"), help_text=_("Negative when points are taken away or spent.")
    )
    period = models.ForeignKey(
        Period,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("counts in"),
        db_index=False,
    )
    deed = models.ForeignKey(
        Deed,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("deed"),
        db_index=False,
    )
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversals",
        verbose_name=_("reverses"),
        db_index=False,
    )
    repairs = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="repaired_by",
        verbose_name=_("repairs"),
        db_index=False,
    )
    change = models.ForeignKey(
        HouseholdChange,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("change of a household"),
        db_index=False,
    )
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("posted by"),
        help_text=_("Empty for base points, which nobody awards."),
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_entry_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "household", "year"],
                condition=Q(kind="base"),
                name="ledger_entry_one_base_a_year",
            ),
            models.UniqueConstraint(
                fields=["village", "deed"], name="ledger_entry_once_for_a_deed"
            ),
            models.UniqueConstraint(
                fields=["village", "reverses"], name="ledger_entry_reversed_once"
            ),
            models.UniqueConstraint(
                fields=["village", "repairs"],
                condition=Q(repairs__isnull=False),
                name="ledger_entry_repaired_once",
            ),
            models.CheckConstraint(
                name="ledger_entry_sign_fits_kind",
                condition=(
                    Q(kind__in=["base", "addition", "repair", "cancellation"])
                    & Q(points__range=(1, 10_000))
                )
                | (
                    Q(kind__in=["deduction", "redemption", "expiry"])
                    & Q(points__range=(-10_000, -1))
                )
                | (
                    Q(kind__in=["reversal", "transfer", "merge"])
                    & ~Q(points=0)
                    & Q(points__range=(-10_000, 10_000))
                ),
            ),
            models.CheckConstraint(
                name="ledger_entry_names_its_source",
                condition=Q(
                    kind__in=["addition", "deduction"],
                    deed__isnull=False,
                    reverses=None,
                    repairs=None,
                    change=None,
                    period__isnull=False,
                    posted_by__isnull=False,
                )
                | Q(
                    kind="reversal",
                    reverses__isnull=False,
                    deed=None,
                    repairs=None,
                    change=None,
                    period__isnull=False,
                    posted_by__isnull=False,
                )
                | Q(
                    kind="repair",
                    repairs__isnull=False,
                    deed=None,
                    reverses=None,
                    change=None,
                    period__isnull=False,
                    posted_by__isnull=False,
                )
                | Q(
                    kind="base",
                    deed=None,
                    reverses=None,
                    repairs=None,
                    change=None,
                    period__isnull=False,
                )
                | Q(
                    kind__in=["redemption", "cancellation"],
                    deed=None,
                    reverses=None,
                    repairs=None,
                    change=None,
                )
                | Q(
                    # What expires because its household left names the change.
                    kind="expiry",
                    deed=None,
                    reverses=None,
                    repairs=None,
                )
                | Q(
                    kind="transfer",
                    deed=None,
                    reverses=None,
                    repairs=None,
                    change__isnull=False,
                )
                | Q(
                    kind="merge",
                    deed=None,
                    reverses=None,
                    repairs=None,
                    change__isnull=False,
                    period__isnull=False,
                ),
            ),
        ]
        indexes = [
            # Household first: one index serves the close, the balance and the
            # history of a household.
            models.Index(
                fields=["village", "household", "year", "kind", "points"],
                name="ledger_entry_of_household",
            ),
            models.Index(fields=["village", "period"], name="ledger_entry_of_month"),
            models.Index(
                fields=["village", "change"],
                name="ledger_entry_of_change",
                condition=Q(change__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.points:+d}"
