from django.db import models
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import Household, User, Village, VillagerGroup
from ledger.models.periods import Period
from ledger.querysets import (
    DownloadQuerySet,
    PublicationQuerySet,
    StandingQuerySet,
    WithdrawalQuerySet,
)


class Publication(AppendOnlyModel):
    """The frozen month: one document, chained to the month before.

    A month has one that stands; those withdrawn before it are kept (I-39).
    """

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="publications",
        verbose_name=_("village"),
        db_index=False,
    )
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="publications", verbose_name=_("month")
    )
    number = models.PositiveIntegerField(_("number"))
    revision = models.PositiveSmallIntegerField(
        _("revision"),
        default=1,
        help_text=_("1, 2, 3 … in each month; higher when one was withdrawn."),
    )
    document = models.TextField(_("document"))
    digest = models.CharField(_("digest"), max_length=64)
    previous_digest = models.CharField(_("digest of the month before"), max_length=64)
    last_entry = models.PositiveIntegerField(_("last entry"))
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("published by")
    )

    # Set by the queryset's `with_withdrawal`: whether it was taken back.
    is_withdrawn: bool

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "period", "revision"],
                name="ledger_publication_unique_revision_of_month",
            ),
            models.UniqueConstraint(
                fields=["village", "number"],
                name="ledger_publication_unique_number_in_village",
            ),
            models.UniqueConstraint(
                fields=["village", "digest"], name="ledger_publication_unique_digest"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.short_digest}"

    @property
    def short_digest(self):
        """Return what is printed on paper: 16 hex digits in 4 groups."""
        return " ".join(self.digest[start : start + 4] for start in range(0, 16, 4))


class Withdrawal(AppendOnlyModel):
    """The taking back of a publication that nobody had downloaded or objected to."""

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="+",
        verbose_name=_("village"),
        db_index=False,
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        related_name="withdrawals",
        verbose_name=_("publication"),
        db_index=False,
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=200)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "publication"],
                name="ledger_withdrawal_once_for_a_publication",
            )
        ]

    def __str__(self):
        return f"{self.publication_id} {self.at:%Y-%m-%d %H:%M}"


class Download(AppendOnlyModel):
    """The first time somebody took a publication away while it could be withdrawn."""

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="+",
        verbose_name=_("village"),
        db_index=False,
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        related_name="downloads",
        verbose_name=_("publication"),
        db_index=False,
    )
    at = models.DateTimeField(_("at"))

    objects = DownloadQuerySet.as_manager()

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "publication"],
                name="ledger_download_once_for_a_publication",
            )
        ]

    def __str__(self):
        return f"{self.publication_id} {self.at:%Y-%m-%d %H:%M}"


class Standing(AppendOnlyModel):
    """One household's line in a publication."""

    village = models.ForeignKey(
        Village,
        models.PROTECT,
        related_name="+",
        verbose_name=_("village"),
        db_index=False,
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        related_name="standings",
        verbose_name=_("publication"),
        db_index=False,
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        related_name="standings",
        verbose_name=_("household"),
        db_index=False,
    )
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        related_name="+",
        verbose_name=_("villager group"),
        db_index=False,
    )
    score = models.IntegerField(_("score"))
    month_points = models.IntegerField(
        _("points of the month"), help_text=_("Additions less deductions.")
    )
    place = models.PositiveIntegerField(
        _("place"),
        null=True,
        help_text=_("Among the households living here; ties share it."),
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "publication", "household"],
                name="ledger_standing_once_in_publication",
            )
        ]
        indexes = [
            models.Index(
                fields=["village", "household", "publication"],
                name="ledger_standing_of_household",
            )
        ]

    def __str__(self):
        return f"{self.place} {self.score}"
