from django.urls import path

from rewards.public import views

app_name = "rewards"

urlpatterns = [
    path("v/<slug:slug>/redemptions/", views.redemptions, name="redemptions"),
    path("v/<slug:slug>/shop/", views.shop, name="shop"),
    path("v/<slug:slug>/fund/", views.fund, name="fund"),
    path("v/<slug:slug>/partners/", views.partners, name="partners"),
]
