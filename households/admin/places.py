"""Townships, the policy of a village, its groups."""

from django.contrib import admin

from households.admin.filters import BY_VILLAGE
from households.models import Township, VillagePolicy, VillagerGroup
from households.scoped_admin import VillageScopedAdmin


@admin.register(Township)
class TownshipAdmin(VillageScopedAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    ordering = ["name", "pk"]
    fields = ["name", "slug"]
    fixed_fields = ("slug",)


@admin.register(VillagePolicy)
class VillagePolicyAdmin(VillageScopedAdmin):
    list_display = ["village", "base_points", "cut_off_day", "notice_days"]
    list_select_related = ["village"]
    ordering = ["village__position", "pk"]
    fields = [
        "village",
        "base_points",
        "cut_off_day",
        "backdating_days",
        "notice_days",
        "ranked_places",
        "deduction_cell",
        "smallest_redemption",
        "redemption_first_day",
        "redemption_last_day",
        "leaving_months",
        "fen_a_point",
        "award_places",
        "award_group_places",
        "award_months",
        "award_notice_days",
        "repair_check_days",
        "honor_points",
        "star_scores",
        "full_names_decision",
    ]


@admin.register(VillagerGroup)
class VillagerGroupAdmin(VillageScopedAdmin):
    list_display = ["name", "number", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["village"]
    ordering = ["village__position", "village", "number", "pk"]
    fields = ["village", "number", "name"]
    fixed_fields = ("number",)
