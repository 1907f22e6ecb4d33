"""The reading vocabulary of the ledger."""

from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import F, FilteredRelation, Q, Sum, Window
from django.db.models.functions import Coalesce, Rank

from households.append_only import AppendOnlyQuerySet
from households.scoping import VillageScopedQuerySet


class KeptQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    """Append-only rows of a village."""


def _of_village(model: str):
    """Return the rows of another table that share the village of an outer row.

    Every index begins with it. Named by a word, because that model asks here too.
    """
    rows = apps.get_model("ledger", model).objects
    return rows.filter(village=models.OuterRef("village"))


def _reversed(deed: str) -> models.Exists:
    """Tell of an outer row whether the entry of its deed was reversed.

    Asked from the reversal down, each step by a unique index: joined the other
    way, PostgreSQL walks the ledger for every row until it has statistics.
    """
    reversals = _of_village("Entry").filter(
        reverses__village=models.OuterRef("village"),
        reverses__deed=models.OuterRef(deed),
    )
    return models.Exists(reversals)


class OperationQuerySet(KeptQuerySet):
    pass


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
        return self.filter(~_reversed("pk"))

    def counting(self):
        """Keep the approved deeds whose points still stand."""
        return self.approved().not_reversed()

    def tellable(self):
        """Keep the good deeds of published months that no story tells of yet."""
        told = _of_village("Story").filter(deed=models.OuterRef("pk"))
        return self.counting().filter(
            ~models.Exists(told.standing()),
            points__gt=0,
            period__published_at__isnull=False,
        )

    def _posted(self):
        return models.Exists(_of_village("Entry").filter(deed=models.OuterRef("pk")))


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


class PublicationQuerySet(KeptQuerySet):
    def standing(self):
        """Keep the publications that were not withdrawn: one for a published month."""
        return self.filter(~self._withdrawn())

    def with_withdrawal(self):
        """Tell of each publication, as `is_withdrawn`, whether it was taken back."""
        return self.annotate(is_withdrawn=self._withdrawn())

    def _withdrawn(self):
        withdrawals = _of_village("Withdrawal")
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


class StoryQuerySet(VillageScopedQuerySet):
    def standing(self):
        """Keep the stories that were not taken down, drafts among them."""
        return self.filter(withdrawn_at=None)

    def public(self):
        """Keep what everybody may read: published, of points that still stand."""
        return self.standing().filter(
            ~_reversed("deed"),
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


class ActivityQuerySet(VillageScopedQuerySet):
    def on_the_menu(self):
        """Keep what is published and neither closed nor canceled."""
        return self.filter(published_at__isnull=False, closed_at=None, canceled_at=None)

    def with_counts(self):
        """Count households: those that were there, and those that only said so."""
        stands = Q(sign_ins__taken_back_at=None, sign_ins__village=F("village"))
        there = stands & Q(sign_ins__is_ahead=False)
        return self.annotate(
            came=models.Count("sign_ins", filter=there),
            expected=models.Count(
                "sign_ins", filter=stands & Q(sign_ins__is_ahead=True)
            ),
        )


class SignInQuerySet(VillageScopedQuerySet):
    def standing(self):
        """Keep what was not taken back."""
        return self.filter(taken_back_at=None)

    def there(self):
        """Keep the households that were there."""
        return self.standing().filter(is_ahead=False)


def with_entries(households, *, village):
    """Join households to their entries, as `booked`, by the ledger's own index.

    Every index begins with the village. Joined without it, each household goes
    through the whole ledger.
    """
    condition = Q(entries__village=village)
    return households.annotate(booked=FilteredRelation("entries", condition=condition))


class RoundQuerySet(VillageScopedQuerySet):
    pass


class FindingQuerySet(VillageScopedQuerySet):
    def to_put_right(self):
        """Keep the untidy yards of closed rounds that nobody has found put right."""
        return self.filter(yard="poor", outcome="", round__closed_at__isnull=False)


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
