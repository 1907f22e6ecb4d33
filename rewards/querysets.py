"""The reading vocabulary of the shop and the awards."""

from datetime import date, datetime

from django.apps import apps
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Window,
)
from django.db.models.functions import Coalesce

from households.scoping import VillageScopedQuerySet
from ledger.querysets import KeptQuerySet


class RewardQuerySet(VillageScopedQuerySet):
    def active(self):
        """Keep the goods that are offered."""
        return self.filter(is_active=True)

    def with_on_hand(self):
        """Add `on_hand`, the sum of the movements: stock is never a column (I-21)."""
        movements = apps.get_model("rewards", "StockMovement").objects
        moved = (
            movements.filter(village=OuterRef("village"), reward=OuterRef("pk"))
            .order_by()
            .values("reward")
            .annotate(quantity=Sum("quantity"))
            .values("quantity")
        )
        return self.annotate(on_hand=Coalesce(Subquery(moved), 0))

    def with_price(self, at: datetime):
        """Add `points` and `fen` (hundredths of a yuan) of the price in force."""
        prices = apps.get_model("rewards", "Price").objects
        newest = prices.filter(
            village=OuterRef("village"), reward=OuterRef("pk"), in_force_from__lte=at
        ).order_by("-version")
        return self.annotate(
            price_id=Subquery(newest.values("pk")[:1]),
            points=Subquery(newest.values("points")[:1]),
            fen=Subquery(newest.values("fen")[:1]),
        )

    def running_low(self):
        """Keep the goods at or below their low-stock mark."""
        return self.active().with_on_hand().filter(on_hand__lte=F("low_stock_mark"))

    def in_shelf_order(self):
        return self.order_by("position", "pk")


class PriceQuerySet(KeptQuerySet):
    pass


class StockMovementQuerySet(KeptQuerySet):
    def on_hand(self) -> int:
        """Return the sum of the movements in units."""
        return self.aggregate(total=Coalesce(Sum("quantity"), 0))["total"]

    def with_stock_after(self):
        """Add `stock_after`: how many of its goods were there after each movement.

        Right as long as no movement of the goods has been filtered away.
        """
        return self.annotate(
            stock_after=Window(
                Sum("quantity"), partition_by="reward", order_by=F("number").asc()
            )
        )


class RedemptionQuerySet(KeptQuerySet):
    def standing(self):
        """Keep the slips that were not canceled."""
        return self.filter(~self._canceled())

    def marks(self) -> tuple:
        """Return the last number, how many slips there are and how many canceled.

        A slip never changes, so these three tell whether anything is new.
        """
        slips = self.annotate(is_canceled=self._canceled()).aggregate(
            last=Max("number"),
            slips=Count("pk"),
            canceled=Count("pk", filter=Q(is_canceled=True)),
        )
        return tuple(slips.values())

    def _canceled(self):
        canceled = apps.get_model("rewards", "Cancellation").objects
        # Every index begins with the village.
        return Exists(
            canceled.filter(village=OuterRef("village"), redemption=OuterRef("pk"))
        )

    def handed_over(self, first: date, last: date):
        """Keep the slips whose goods were handed over on these days, both included."""
        return self.filter(handed_over_on__range=(first, last))

    def written_out(self):
        """Load all that stands on the slips, the goods in shelf order."""
        lines = (
            apps.get_model("rewards", "RedemptionLine")
            .objects.select_related("reward")
            .order_by("reward__position", "reward")
        )
        return self.select_related(
            "village", "household__group", "entry", "redeemed_by"
        ).prefetch_related(Prefetch("lines", lines), "cancellation")


class RedemptionLineQuerySet(KeptQuerySet):
    pass


class CancellationQuerySet(KeptQuerySet):
    pass


class ShortageQuerySet(VillageScopedQuerySet):
    def waiting(self):
        """Keep the wishes for goods that have not come in since."""
        return self.filter(served_at=None)


class FundMovementQuerySet(KeptQuerySet):
    def balance(self) -> int:
        """Return the money in the fund, in fen."""
        return self.aggregate(total=Coalesce(Sum("fen"), 0))["total"]

    def standing(self):
        """Keep what was not corrected, and no corrections."""
        return self.filter(corrected_by=None).exclude(kind=self.model.Kind.CORRECTION)

    def until(self, day: date):
        return self.filter(happened_on__lte=day)

    def donations(self):
        return self.standing().filter(kind=self.model.Kind.DONATION)

    def in_order(self):
        """Order as recorded."""
        return self.order_by("number")

    def in_book_order(self):
        """Order as in a cash book: by the day of the voucher, then as recorded."""
        return self.order_by("happened_on", "number")


class AwardRoundQuerySet(VillageScopedQuerySet):
    def standing(self):
        """Keep the rounds that were not withdrawn: one a year at most."""
        return self.filter(withdrawn_at=None)

    def public(self):
        """Keep what residents may read: on notice or confirmed."""
        return self.standing().filter(opened_at__isnull=False)

    def confirmed(self):
        return self.filter(confirmed_at__isnull=False)


class AwardNoteQuerySet(VillageScopedQuerySet):
    def struck(self):
        """Keep the households that were struck off a list."""
        return self.exclude(struck_reason="")


class AwardQuerySet(KeptQuerySet):
    def in_order(self):
        """Order as on the roll: by place, those who share it by number."""
        return self.order_by("place", "household__number", "pk")

    def with_gift(self):
        """Add `handed_at`, when the gift was handed over and not taken back."""
        handovers = apps.get_model("rewards", "GiftHandover").objects
        standing = handovers.filter(
            village=OuterRef("village"), award=OuterRef("pk")
        ).standing()
        return self.annotate(handed_at=Subquery(standing.values("handed_at")[:1]))


class AwardGiftQuerySet(VillageScopedQuerySet):
    def in_shelf_order(self):
        return self.select_related("reward").order_by("reward__position", "reward")


class GiftHandoverQuerySet(KeptQuerySet):
    def standing(self):
        """Keep what was not undone."""
        returns = apps.get_model("rewards", "GiftReturn").objects
        undone = returns.filter(village=OuterRef("village"), handover=OuterRef("pk"))
        return self.filter(~Exists(undone))


class GiftReturnQuerySet(KeptQuerySet):
    pass
