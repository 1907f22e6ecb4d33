from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/roster/import/", include("households.urls")),
    path("admin/", admin.site.urls),
    path("", include("ledger.urls")),
]
