from django.contrib import admin
from django.urls import include, path

from config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("admin/cards/", include("households.card_urls")),
    path("admin/roster/import/", include("households.urls")),
    path("admin/", include("ledger.desk_urls")),
    path("admin/", include("rewards.desk_urls")),
    path("admin/", admin.site.urls),
    path("", include("ledger.urls")),
    path("", include("rewards.urls")),
]
