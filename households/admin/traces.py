"""Uploads, and the log of what was done: looked up."""

from django.contrib import admin

from households.admin.filters import BY_VILLAGE
from households.models import AuditEvent, ImportBatch
from households.scoped_admin import ReadOnlyVillageAdmin


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyVillageAdmin):
    list_display = ["uploaded_at", "kind", "state", "file_name", "uploaded_by"]
    list_filter = [BY_VILLAGE, "kind", "state"]
    list_select_related = ["uploaded_by"]
    ordering = ["-uploaded_at", "pk"]
    fields = [
        "village",
        "kind",
        "state",
        "file_name",
        "uploaded_by",
        "uploaded_at",
        "rows_total",
        "rows_done",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("rows", "report")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyVillageAdmin):
    list_display = ["at", "village", "by", "action", "subject", "outcome"]
    list_filter = [BY_VILLAGE, "outcome"]
    list_select_related = ["village", "by"]
    ordering = ["-at", "-pk"]
    fields = ["at", "village", "by", "action", "subject", "outcome", "facts"]
