"""Rules, their items, and what was said of them: to look up."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.scoped_admin import ReadOnlyVillageAdmin
from ledger.models import Rulebook, RulebookComment, RulebookVote, ScoringItem


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
