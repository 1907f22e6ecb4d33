from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.models import Village
from households.scoped_admin import ReadOnlyVillageAdmin, VillageScopedAdmin
from ledger.models import (
    Activity,
    Correction,
    Decision,
    Deed,
    Entry,
    Finding,
    Objection,
    Period,
    Publication,
    Round,
    Rulebook,
    RulebookComment,
    RulebookVote,
    ScoringItem,
    SignIn,
    Standing,
)
from ledger.opening import open_village

BY_VILLAGE = ("village", RelatedOnlyFieldListFilter)
BY_PERIOD = ("period", RelatedOnlyFieldListFilter)


@admin.register(Village)
class VillageAdmin(VillageScopedAdmin):
    list_display = ["name", "slug", "township", "position", "is_demo"]
    list_filter = [("township", RelatedOnlyFieldListFilter)]
    list_select_related = ["township"]
    search_fields = ["name", "slug"]
    ordering = ["township__name", "position", "name", "pk"]
    fields = [
        "township",
        "name",
        "slug",
        "position",
        "supervision_phone",
        "is_demo",
    ]
    readonly_fields = ["is_demo"]
    # Published documents name the village by it.
    fixed_fields = ("slug",)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        elif self.has_add_permission(request):
            open_village(obj, on=timezone.localdate())


@admin.register(Rulebook)
class RulebookAdmin(ReadOnlyVillageAdmin):
    list_display = ["__str__", "village", "stage", "in_force_from", "adopted_on"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["village"]
    ordering = ["village__position", "village", "-version", "pk"]
    fields = [
        "village",
        "version",
        "stage",
        "in_force_from",
        "adopted_on",
        "adoption",
        "drafted_by",
        "drafted_at",
        "sent_at",
        "agreed_at",
        "discarded_at",
    ]

    @admin.display(description=_("stage"))
    def stage(self, rulebook):
        return rulebook.stage.label


@admin.register(RulebookComment)
class RulebookCommentAdmin(ReadOnlyVillageAdmin):
    list_display = ["at", "rulebook", "verdict", "text", "by", "village"]
    list_filter = [BY_VILLAGE, "verdict"]
    list_select_related = ["rulebook", "by", "village"]
    ordering = ["-at", "pk"]
    fields = ["village", "rulebook", "verdict", "text", "by", "at"]


@admin.register(RulebookVote)
class RulebookVoteAdmin(ReadOnlyVillageAdmin):
    list_display = ["held_on", "meeting", "rulebook", "votes_for", "against", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["rulebook", "village"]
    ordering = ["-held_on", "pk"]
    fields = [
        "village",
        "rulebook",
        "meeting",
        "kind",
        "held_on",
        "entitled",
        "present",
        "women",
        "votes_for",
        "against",
        "abstained",
        "filing_number",
        "digest",
        "recorded_by",
        "recorded_at",
    ]


@admin.register(ScoringItem)
class ScoringItemAdmin(ReadOnlyVillageAdmin):
    list_display = ["code", "title", "pillar", "points_min", "points_max", "rulebook"]
    list_filter = [BY_VILLAGE, "pillar", ("rulebook", RelatedOnlyFieldListFilter)]
    list_select_related = ["rulebook"]
    search_fields = ["code", "title", "title_en"]
    ordering = ["village__position", "village", "rulebook", "position", "pk"]
    fields = [
        "village",
        "rulebook",
        "code",
        "pillar",
        "title",
        "title_en",
        "criterion",
        "points_min",
        "points_max",
        "unit",
        "month_cap",
        "year_cap",
        "evidence",
        "repair",
        "repair_percent",
        "repair_days",
    ]


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


@admin.register(Activity)
class ActivityAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "day", "title", "state", "item", "points", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["item", "village"]
    search_fields = ["title", "place"]
    ordering = ["-day", "-number", "pk"]
    fields = [
        "village",
        "number",
        "title",
        "words",
        "item",
        "points",
        "day",
        "begins_at",
        "ends_at",
        "place",
        "places",
        "state",
        "planned_by",
        "published_by",
        "published_at",
        "closed_by",
        "closed_at",
        "canceled_by",
        "canceled_at",
        "reason",
    ]

    @admin.display(description=_("state"))
    def state(self, activity):
        return activity.state.label


@admin.register(SignIn)
class SignInAdmin(ReadOnlyVillageAdmin):
    list_display = ["activity", "household", "how", "at", "taken_back_at", "left_out"]
    list_filter = [BY_VILLAGE, "how"]
    list_select_related = ["activity", "household"]
    search_fields = ["household__number", "household__head_name"]
    ordering = ["-at", "-pk"]
    fields = [
        "village",
        "activity",
        "household",
        "how",
        "is_ahead",
        "points",
        "by",
        "at",
        "taken_back_by",
        "taken_back_at",
        "deed",
        "left_out",
    ]


@admin.register(Round)
class RoundAdmin(ReadOnlyVillageAdmin):
    list_display = ["month", "group", "day", "begun_by", "closed_at", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["group", "begun_by", "village"]
    ordering = ["-month", "village__position", "group__number", "pk"]
    fields = [
        "village",
        "month",
        "group",
        "day",
        "begun_by",
        "begun_at",
        "closed_by",
        "closed_at",
    ]


@admin.register(Finding)
class FindingAdmin(ReadOnlyVillageAdmin):
    list_display = ["round", "household", "yard", "is_sorted", "outcome", "village"]
    list_filter = [BY_VILLAGE, "yard", "outcome"]
    list_select_related = ["round__group", "household", "village"]
    search_fields = ["household__number", "household__head_name"]
    ordering = ["-round__month", "household__number", "pk"]
    fields = [
        "village",
        "round",
        "household",
        "yard",
        "is_sorted",
        "note",
        "by",
        "at",
        "yard_deed",
        "yard_left_out",
        "sorting_deed",
        "sorting_left_out",
        "reminder",
        "told_on",
        "recheck_on",
        "reminded_by",
        "rechecked_on",
        "rechecked_by",
        "outcome",
        "deduction",
    ]
