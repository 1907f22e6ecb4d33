"""The shop's tables of data, for those who watch over it; operations write them."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.scoped_admin import ReadOnlyVillageAdmin
from rewards.models import (
    Award,
    AwardRound,
    FundMovement,
    Price,
    Redemption,
    Reward,
    StockMovement,
)
from rewards.money import write_yuan

BY_REWARD = ("reward", RelatedOnlyFieldListFilter)


@admin.register(Reward)
class RewardAdmin(ReadOnlyVillageAdmin):
    list_display = ["name", "unit", "on_hand", "low_stock_mark", "is_active", "village"]
    list_filter = [BY_VILLAGE, "is_active"]
    list_select_related = ["village"]
    search_fields = ["name"]
    ordering = ["village__position", "village", "position", "pk"]
    fields = [
        "village",
        "name",
        "unit",
        "picture",
        "on_hand",
        "low_stock_mark",
        "is_active",
        "position",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_on_hand()

    @admin.display(description=_("on hand"))
    def on_hand(self, reward):
        return reward.on_hand


@admin.register(Price)
class PriceAdmin(ReadOnlyVillageAdmin):
    list_display = ["reward", "version", "points", "yuan", "in_force_from", "village"]
    list_filter = [BY_VILLAGE, BY_REWARD]
    list_select_related = ["reward", "village"]
    search_fields = ["reward__name"]
    ordering = ["village__position", "village", "reward", "-version", "pk"]
    fields = [
        "village",
        "reward",
        "version",
        "points",
        "yuan",
        "in_force_from",
        "set_by",
    ]

    @admin.display(description=_("yuan"))
    def yuan(self, price):
        return write_yuan(price.fen)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "moved_at", "reward", "kind", "quantity", "village"]
    list_filter = [BY_VILLAGE, "kind", BY_REWARD]
    list_select_related = ["reward", "village"]
    search_fields = ["reward__name", "voucher"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "reward",
        "kind",
        "quantity",
        "slip",
        "handover",
        "donor",
        "reason",
        "voucher",
        "moved_at",
        "moved_by",
    ]

    @admin.display(description=_("slip number"))
    def slip(self, movement):
        return movement.line and movement.line.redemption


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyVillageAdmin):
    list_display = [
        "number",
        "handed_over_on",
        "household",
        "goods",
        "points",
        "village",
    ]
    list_filter = [BY_VILLAGE, "handed_over_on"]
    list_select_related = ["household", "entry"]
    search_fields = ["number", "household__number", "household__head_name"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "household",
        "goods",
        "points",
        "balance_after",
        "handed_over_on",
        "paper_number",
        "collected_by",
        "canceled",
        "redeemed_at",
        "redeemed_by",
    ]

    def get_queryset(self, request):
        slips = super().get_queryset(request)
        return slips.prefetch_related("lines__reward", "cancellation")

    @admin.display(description=_("Goods"))
    def goods(self, slip):
        lines = sorted(slip.lines.all(), key=lambda line: line.pk)
        return "、".join(
            f"{line.reward.name}{line.quantity}{line.reward.unit}" for line in lines
        )

    @admin.display(description=_("points"))
    def points(self, slip):
        return slip.points

    @admin.display(description=_("canceled slip"))
    def canceled(self, slip):
        return "、".join(canceled.reason for canceled in slip.cancellation.all())


@admin.register(FundMovement)
class FundMovementAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "happened_on", "kind", "yuan", "party", "voucher"]
    list_filter = [BY_VILLAGE, "kind", "happened_on"]
    search_fields = ["number", "party", "voucher"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "kind",
        "yuan",
        "happened_on",
        "party",
        "is_anonymous",
        "voucher",
        "note",
        "corrects",
        "recorded_at",
        "recorded_by",
    ]

    @admin.display(description=_("yuan"))
    def yuan(self, movement):
        return write_yuan(movement.fen)


@admin.register(AwardRound)
class AwardRoundAdmin(ReadOnlyVillageAdmin):
    list_display = ["year", "number", "village", "state", "opened_at", "confirmed_at"]
    list_filter = [BY_VILLAGE, "year"]
    list_select_related = ["village"]
    search_fields = ["year", "meeting"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "year",
        "state",
        "drafted_at",
        "drafted_by",
        "opened_at",
        "opened_by",
        "notice_ends_at",
        "meeting",
        "voted_on",
        "votes_for",
        "votes_against",
        "abstained",
        "record",
        "confirmed_at",
        "confirmed_by",
        "digest",
        "withdrawn_at",
        "withdrawn_by",
        "reason",
    ]

    @admin.display(description=_("state"))
    def state(self, round):
        return round.get_state_display()


@admin.register(Award)
class AwardAdmin(ReadOnlyVillageAdmin):
    list_display = ["round", "place", "household", "group", "score", "village"]
    list_filter = [BY_VILLAGE, "round__year"]
    list_select_related = ["round", "household", "village"]
    search_fields = ["household__number", "household__head_name"]
    ordering = ["village__position", "village", "-round__number", "place", "pk"]
    fields = [
        "village",
        "round",
        "household",
        "place",
        "by_group",
        "score",
        "months",
        "group",
        "name",
        "citation",
    ]
