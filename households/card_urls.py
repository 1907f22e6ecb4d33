from django.contrib import admin
from django.urls import path

from households import cards

app_name = "cards"
urlpatterns = [
    path("", admin.site.admin_view(cards.cards), name="cards"),
    path("sheets/", admin.site.admin_view(cards.card_sheets), name="sheets"),
    path(
        "<int:pk>/reissue/", admin.site.admin_view(cards.card_reissue), name="reissue"
    ),
]
