"""Deeds, their decisions and entries, and what was said against them: to look up."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.scoped_admin import ReadOnlyVillageAdmin
from ledger.models import Correction, Decision, Deed, Entry, Objection

BY_PERIOD = ("period", RelatedOnlyFieldListFilter)


@admin.register(Deed)
class DeedAdmin(ReadOnlyVillageAdmin):
    list_display = [
        "happened_on",
        "household",
        "item",
        "points",
        "state",
        "period",
        "recorded_by",
        "village",
    ]
    list_filter = [BY_VILLAGE, "state", "channel", BY_PERIOD]
    list_select_related = ["household", "item", "period", "recorded_by", "village"]
    search_fields = ["household__number", "household__head_name", "item__code"]
    ordering = ["-happened_on", "-pk"]
    fields = [
        "village",
        "household",
        "item",
        "period",
        "happened_on",
        "points",
        "channel",
        "note",
        "heard_on",
        "second_recorder",
        "state",
        "recorded_by",
        "recorded_at",
    ]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyVillageAdmin):
    list_display = ["at", "household", "deed", "outcome", "points", "by", "village"]
    list_filter = [BY_VILLAGE, "outcome"]
    list_select_related = ["deed__household", "by", "village"]
    search_fields = ["deed__household__number", "deed__household__head_name"]
    ordering = ["-at", "-pk"]
    fields = ["village", "deed", "number", "outcome", "points", "reason", "by", "at"]

    @admin.display(description=_("household"))
    def household(self, decision):
        return decision.deed.household


@admin.register(Entry)
class EntryAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "household", "year", "kind", "points", "period"]
    list_filter = [BY_VILLAGE, "kind", "year", BY_PERIOD]
    list_select_related = ["household", "period"]
    search_fields = ["household__number", "household__head_name"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "household",
        "year",
        "kind",
        "points",
        "period",
        "deed",
        "reverses",
        "repairs",
        "posted_at",
        "posted_by",
    ]


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyVillageAdmin):
    list_display = ["proposed_at", "entry", "state", "proposed_by", "decided_by"]
    list_filter = [BY_VILLAGE, "state"]
    list_select_related = ["entry", "proposed_by", "decided_by"]
    ordering = ["-proposed_at", "-pk"]
    fields = [
        "village",
        "entry",
        "reason",
        "state",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
        "answer",
    ]


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "month", "household", "state", "filed_at", "village"]
    list_filter = [BY_VILLAGE, "state", "channel"]
    list_select_related = ["publication__period", "household", "village"]
    search_fields = ["number", "household__number", "household__head_name"]
    ordering = ["-filed_at", "-pk"]
    fields = [
        "village",
        "number",
        "month",
        "household",
        "entry",
        "channel",
        "text",
        "filed_at",
        "step",
        "due_on",
        "state",
        "answer",
        "decided_by",
        "decided_at",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("publication__document")

    @admin.display(description=_("month"))
    def month(self, objection):
        return objection.publication.period
