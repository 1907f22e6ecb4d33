"""The addresses of the shop's working pages, below /admin/."""

from django.urls import URLPattern

app_name = "rewards_desk"

urlpatterns: list[URLPattern] = []
