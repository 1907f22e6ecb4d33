"""Activities and rounds: to look up."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.scoped_admin import ReadOnlyVillageAdmin
from ledger.models import Activity, Finding, Round, SignIn


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
