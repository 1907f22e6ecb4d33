"""Households, their changes and papers: kept up, and looked up."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.household_form import HouseholdForm
from households.models import (
    ChangeNote,
    Household,
    HouseholdChange,
    HouseholdConsent,
    Pledge,
)
from households.scoped_admin import ReadOnlyVillageAdmin, VillageScopedAdmin


@admin.register(Household)
class HouseholdAdmin(VillageScopedAdmin):
    form = HouseholdForm
    list_display = ["number", "head_name", "group", "status", "village"]
    list_display_links = ["number", "head_name"]
    list_filter = [BY_VILLAGE, ("group", RelatedOnlyFieldListFilter), "status"]
    list_select_related = ["group", "village"]
    search_fields = ["number", "head_name", "head_initials"]
    ordering = ["village__position", "village", "group__number", "number", "pk"]
    # Head and status change by the household's own page, with paper and a witness.
    fixed_fields = ("number", "head_name", "status")
    # By signed paper only; taken back at the desk and from the passbook.
    readonly_fields = ["full_name_consented_on"]

    def get_fields(self, request, obj=None):
        fields = ["village", "group", "number", "head_name", "initials"]
        if obj:
            fields.append("status")
        if self.may_see_phone(request, obj):
            fields.append("phone")
        return [*fields, "full_name_consented_on"] if obj else fields

    def save_model(self, request, obj, form, change):
        obj.head_initials = form.head_initials
        super().save_model(request, obj, form, change)

    @admin.display(description=_("Initials of the head"))
    def initials(self, household):
        return household.head_initials

    def may_see_phone(self, request, household):
        """Phones are for those who keep the roster."""
        return self.has_change_permission(request, household)


@admin.register(ChangeNote)
class ChangeNoteAdmin(ReadOnlyVillageAdmin):
    list_display = ["noted_at", "kind", "household", "state", "noted_by", "village"]
    list_filter = [BY_VILLAGE, "kind", "state"]
    list_select_related = ["household", "noted_by", "village"]
    ordering = ["-noted_at", "-pk"]
    fields = [
        "village",
        "kind",
        "household",
        "other",
        "new_number",
        "head_name",
        "group",
        "takes_effect_on",
        "points",
        "paper",
        "signed_by",
        "signed_by_other",
        "state",
        "noted_by",
        "noted_at",
        "decided_by",
        "decided_at",
        "answer",
    ]


@admin.register(HouseholdChange)
class HouseholdChangeAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "takes_effect_on", "kind", "household", "village"]
    list_filter = [BY_VILLAGE, "kind"]
    list_select_related = ["household", "village"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "kind",
        "household",
        "other",
        "takes_effect_on",
        "head_before",
        "head_after",
        "status_before",
        "status_after",
        "points",
        "spendable_until",
        "paper",
        "signed_by",
        "signed_by_other",
        "noted_by",
        "decided_by",
        "at",
    ]


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "title", "in_force_from", "written_by", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["written_by", "village"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "title",
        "lines",
        "kept",
        "contact",
        "in_force_from",
        "written_by",
        "at",
    ]


@admin.register(HouseholdConsent)
class HouseholdConsentAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "day", "kind", "household", "pledge", "village"]
    list_filter = [BY_VILLAGE, "kind"]
    list_select_related = ["household", "pledge", "village"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "household",
        "kind",
        "day",
        "pledge",
        "signed_on",
        "keeps_file",
        "shows_name",
        "tells_stories",
        "named_since",
        "recorded_by",
        "at",
    ]
