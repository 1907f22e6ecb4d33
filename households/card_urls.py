from django.urls import path

from households import cards

app_name = "cards"
urlpatterns = [
    path("", cards.cards, name="cards"),
    path("sheets/", cards.card_sheets, name="sheets"),
    path("<int:pk>/reissue/", cards.card_reissue, name="reissue"),
]
