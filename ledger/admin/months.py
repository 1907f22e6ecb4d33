"""Months, publications and places on the board: to look up."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.scoped_admin import ReadOnlyVillageAdmin
from ledger.models import Period, Publication, Standing


@admin.register(Period)
class PeriodAdmin(ReadOnlyVillageAdmin):
    list_display = ["__str__", "village", "state", "published_at", "notice_ends_at"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["village"]
    ordering = ["-month", "village__position", "village", "pk"]
    fields = [
        "village",
        "month",
        "state",
        "cut_off_at",
        "published_at",
        "notice_ends_at",
        "finalized_at",
    ]

    @admin.display(description=_("state"))
    def state(self, period):
        return period.state.label


@admin.register(Publication)
class PublicationAdmin(ReadOnlyVillageAdmin):
    list_display = [
        "period",
        "village",
        "number",
        "revision",
        "is_withdrawn",
        "short_digest",
        "published_at",
    ]
    list_filter = [BY_VILLAGE]
    list_select_related = ["period", "village"]
    ordering = ["-period__month", "village__position", "village", "pk"]
    fields = [
        "village",
        "period",
        "number",
        "revision",
        "is_withdrawn",
        "short_digest",
        "digest",
        "previous_digest",
        "last_entry",
        "published_at",
        "published_by",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("document").with_withdrawal()

    @admin.display(description=_("withdrawn"), boolean=True)
    def is_withdrawn(self, publication):
        return publication.is_withdrawn

    @admin.display(description=_("short digest"))
    def short_digest(self, publication):
        return publication.short_digest


@admin.register(Standing)
class StandingAdmin(ReadOnlyVillageAdmin):
    list_display = ["place", "household", "group", "score", "month_points", "month"]
    list_filter = [BY_VILLAGE, ("group", RelatedOnlyFieldListFilter)]
    list_select_related = ["household", "group", "publication__period"]
    search_fields = ["household__number", "household__head_name"]
    ordering = ["-publication__period__month", "village", "place", "pk"]
    fields = [
        "village",
        "month",
        "household",
        "group",
        "score",
        "month_points",
        "place",
    ]

    def get_queryset(self, request):
        of_boards = super().get_queryset(request).defer("publication__document")
        return of_boards.filter(publication__in=Publication.objects.standing())

    @admin.display(description=_("month"))
    def month(self, standing):
        return standing.publication.period
