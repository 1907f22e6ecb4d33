"""Deeds, the stories told of them, and what is declared."""

from django.db import models

from households.scoping import VillageScopedQuerySet
from ledger.querysets.joins import KeptQuerySet, not_reversed, of_village


class DeedQuerySet(VillageScopedQuerySet):
    def declared(self):
        return self.filter(state=self.model.State.DECLARED)

    def pending(self):
        """Keep the deeds that wait for a decision."""
        return self.filter(state=self.model.State.PENDING)

    def approved(self):
        return self.filter(state=self.model.State.APPROVED)

    def undecided(self):
        """Keep what must be decided before the month can be published."""
        state = self.model.State
        return self.filter(state__in=[state.DECLARED, state.PENDING])

    def standing(self):
        """Keep the deeds that count or may still count."""
        state = self.model.State
        return self.exclude(state__in=[state.REJECTED, state.WITHDRAWN])

    def with_posting(self):
        """Tell of each deed, as `is_posted`, whether it has its entry."""
        return self.annotate(is_posted=self._posted())

    def unposted(self):
        """Keep the deeds that have no entry yet."""
        return self.filter(~self._posted())

    def alike(self, other):
        """Keep standing deeds of the same household, item and day."""
        return self.standing().filter(
            village=other.village_id,
            household=other.household_id,
            item__code=other.item.code,
            happened_on=other.happened_on,
        )

    def not_reversed(self):
        """Keep the deeds whose entry nobody reversed, and those without one."""
        return self.filter(not_reversed("pk"))

    def counting(self):
        """Keep the approved deeds whose points still stand."""
        return self.approved().not_reversed()

    def tellable(self):
        """Keep the good deeds of published months that no story tells of yet."""
        told = of_village("Story").filter(deed=models.OuterRef("pk"))
        return self.counting().filter(
            ~models.Exists(told.standing()),
            points__gt=0,
            period__published_at__isnull=False,
        )

    def _posted(self):
        return models.Exists(of_village("Entry").filter(deed=models.OuterRef("pk")))


class DeclarationQuerySet(VillageScopedQuerySet):
    def waiting(self):
        """Keep what nobody has accepted or declined yet."""
        return self.filter(state=self.model.State.WAITING)

    def let_wait_again(self):
        """Take back how these were settled; the phones are gone for good."""
        return self.update(
            state=self.model.State.WAITING,
            deed=None,
            reason="",
            decided_by=None,
            decided_at=None,
        )


class EvidencePhotoQuerySet(VillageScopedQuerySet):
    pass


class DecisionQuerySet(KeptQuerySet):
    pass


class StoryQuerySet(VillageScopedQuerySet):
    def standing(self):
        """Keep the stories that were not taken down, drafts among them."""
        return self.filter(withdrawn_at=None)

    def public(self):
        """Keep what everybody may read: published, of points that still stand."""
        return self.standing().filter(
            not_reversed("deed"),
            published_at__isnull=False,
            deed__period__published_at__isnull=False,
        )

    def waiting(self):
        """Keep the stories that wait for a second person."""
        drafts = self.standing().filter(published_at=None)
        return drafts.filter(handed_over_at__isnull=False)

    def told_publicly_once(self):
        """Keep the stories that were public and are taken down."""
        return self.filter(published_at__isnull=False, withdrawn_at__isnull=False)

    def in_reading_order(self):
        """Order by the day of the deed, the newest first."""
        return self.order_by("-deed__happened_on", "-number")
