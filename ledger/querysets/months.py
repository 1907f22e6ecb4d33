"""Months, what was published of them, and places on the board."""

from django.db import models
from django.db.models import F, FilteredRelation, Q, Sum, Window
from django.db.models.functions import Coalesce, Rank

from households.scoping import VillageScopedQuerySet
from ledger.querysets.joins import KeptQuerySet, of_village


class PeriodQuerySet(VillageScopedQuerySet):
    def recording(self):
        """Keep the months that still take records."""
        return self.filter(cut_off_at=None)

    def reviewing(self):
        """Keep the months cut off and not yet published."""
        return self.filter(cut_off_at__isnull=False, published_at=None)

    def on_notice(self):
        """Keep the months published and open to objections."""
        return self.filter(published_at__isnull=False, finalized_at=None)

    def unpublished(self):
        return self.filter(published_at=None)

    def published(self):
        return self.filter(published_at__isnull=False)

    def final(self):
        """Keep the months whose points can be spent."""
        return self.filter(finalized_at__isnull=False)


class PublicationQuerySet(KeptQuerySet):
    def standing(self):
        """Keep the publications that were not withdrawn: one for a published month."""
        return self.filter(~self._withdrawn())

    def with_withdrawal(self):
        """Tell of each publication, as `is_withdrawn`, whether it was taken back."""
        return self.annotate(is_withdrawn=self._withdrawn())

    def _withdrawn(self):
        withdrawals = of_village("Withdrawal")
        return models.Exists(withdrawals.filter(publication=models.OuterRef("pk")))

    def of(self, village):
        """Keep what stands published in one village, the newest first, with months."""
        return (
            self.standing()
            .filter(village=village)
            .select_related("period", "village")
            .order_by("-number")
        )

    def newest(self):
        """Keep the newest publication that stands in each village, with its month."""
        later = self.model.objects.standing().filter(
            village=models.OuterRef("village"), number__gt=models.OuterRef("number")
        )
        newest = self.standing().filter(~models.Exists(later))
        return newest.select_related("period", "village")


class WithdrawalQuerySet(KeptQuerySet):
    pass


class DownloadQuerySet(KeptQuerySet):
    pass


class StandingQuerySet(KeptQuerySet):
    pass


def with_standings(households, *, year: int, period, entry_model):
    """Rank households by the year's score as it stands with one month.

    Adds `score`, `month_points` (additions less deductions of the month) and
    `place`; equal scores share a place and the next place is skipped: 6, 6, 8.
    Each status is ranked by itself: whoever is away takes nobody's place.
    """
    # With the village and the year in the join, one index answers it.
    of_year = FilteredRelation(
        "entries",
        condition=Q(entries__village=period.village_id, entries__year=year),
    )
    scoring = Q(of_year__kind__in=entry_model.SCORING)
    of_month = Q(of_year__period=period, of_year__kind__in=entry_model.EARNING)
    return households.annotate(
        of_year=of_year,
        score=Coalesce(Sum("of_year__points", filter=scoring), 0),
        month_points=Coalesce(Sum("of_year__points", filter=of_month), 0),
        place=Window(Rank(), partition_by=F("status"), order_by=F("score").desc()),
    )
