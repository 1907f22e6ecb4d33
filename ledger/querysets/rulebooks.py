"""Versions of the rules, their items, and what was said of them."""

from datetime import date

from django.db import models

from households.scoping import VillageScopedQuerySet
from ledger.querysets.joins import KeptQuerySet


class RulebookQuerySet(VillageScopedQuerySet):
    def in_force(self, day: date):
        """Keep the newest version in force on a day, of each village asked about.

        A draft has no such day, and is never in force.
        """
        newest = (
            self.model._default_manager.filter(
                village=models.OuterRef("village"), in_force_from__lte=day
            )
            .order_by("-version")
            .values("pk")[:1]
        )
        return self.filter(pk=models.Subquery(newest))

    def settled(self):
        """Keep the versions that are, were or will be in force."""
        return self.filter(in_force_from__isnull=False)

    def drafts(self):
        """Keep what is still being drawn up; a village has at most one."""
        return self.filter(in_force_from=None, discarded_at=None)

    def announced(self, day: date):
        """Keep the adopted versions that come into force after a day."""
        return self.filter(in_force_from__gt=day)

    def waiting_for_township(self):
        """Keep the drafts that were sent and have no agreement yet."""
        return self.drafts().filter(sent_at__isnull=False, agreed_at=None)


class RulebookCommentQuerySet(KeptQuerySet):
    pass


class RulebookVoteQuerySet(KeptQuerySet):
    pass


class ScoringItemQuerySet(VillageScopedQuerySet):
    def additions(self):
        """Keep the items that add points."""
        return self.exclude(pillar=self.model.Pillar.DEDUCTION)

    def deductions(self):
        """Keep the items that take points away."""
        return self.filter(pillar=self.model.Pillar.DEDUCTION)
