"""Villages; one that is added gets its rules, its policy and its first month."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils import timezone

from households.models import Village
from households.scoped_admin import VillageScopedAdmin
from ledger.opening import open_village


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
