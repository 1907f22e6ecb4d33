from django.contrib import admin
from django.urls import path

from households import views

app_name = "households"
urlpatterns = [
    path("", admin.site.admin_view(views.roster_import), name="roster-import"),
    path(
        "template/",
        admin.site.admin_view(views.roster_template),
        name="roster-template",
    ),
    path(
        "<uuid:batch_id>/",
        admin.site.admin_view(views.roster_import_batch),
        name="roster-import-batch",
    ),
    path(
        "<uuid:batch_id>/import/",
        admin.site.admin_view(views.roster_import_confirm),
        name="roster-import-confirm",
    ),
    path(
        "<uuid:batch_id>/undo/",
        admin.site.admin_view(views.roster_import_undo),
        name="roster-import-undo",
    ),
]
