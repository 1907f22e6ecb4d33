"""Entries, and what may be said against them."""

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from households.scoping import VillageScopedQuerySet
from ledger.querysets.joins import KeptQuerySet


class EntryQuerySet(KeptQuerySet):
    def scoring(self):
        """Keep the entries that rank: base, additions, deductions, repairs,
        reversals.
        """
        return self.filter(kind__in=self.model.SCORING)

    def spendable(self):
        """Keep the entries that can be spent or were: earnings of final months
        and every redemption, cancellation, expiry and transfer.
        """
        earned = Q(kind__in=self.model.EARNING, period__finalized_at__isnull=False)
        return self.filter(earned | Q(kind__in=self.model.SPENDING))

    def total(self) -> int:
        """Return the sum of points."""
        return self.aggregate(total=Coalesce(Sum("points"), 0))["total"]

    def score(self, year: int) -> int:
        """Return the year's score in points: what ranks. Spending never lowers it."""
        return self.scoring().filter(year=year).total()

    def balance(self) -> int:
        """Return the points that can be spent now, never below 0.

        Carried over + additions − deductions + repairs of final months −
        redeemed − expired; base points are not spendable.
        """
        return max(0, self.spendable().total())

    def in_order(self):
        """Order as posted."""
        return self.order_by("number")


class OperationQuerySet(KeptQuerySet):
    pass


class CorrectionQuerySet(VillageScopedQuerySet):
    def proposed(self):
        """Keep the corrections that wait for a decision."""
        return self.filter(state=self.model.State.PROPOSED)


class ObjectionQuerySet(VillageScopedQuerySet):
    def open(self):
        """Keep the objections that wait for an answer."""
        return self.filter(state=self.model.State.OPEN)


class RepairQuerySet(VillageScopedQuerySet):
    def open(self):
        """Keep the repairs that wait for a check or a decision."""
        return self.filter(state__in=self.model.OPEN)

    def approved(self):
        """Keep the repairs that gave points back."""
        return self.filter(state=self.model.State.APPROVED)
