import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.db import models

from config.admin_site import LedgerAdminSite
from config.checks import check_card_address, queryset_errors, site_errors
from households.models import Household, Village
from households.scoped_admin import VillageScopedAdmin


class Good(VillageScopedAdmin):
    list_display = ["number", "head_name", "phone"]
    list_filter = ["status", ("group", admin.RelatedOnlyFieldListFilter)]
    ordering = ["number", "pk"]
    fields = ["group", "number"]


class WithRawIds(Good):
    raw_id_fields = ["group"]


class WithListEditable(Good):
    list_editable = ["phone"]


class WithSaveAs(Good):
    save_as = True


class Line(admin.TabularInline):
    model = Household


class WithInlines(Good):
    inlines = [Line]


class WithBareFilter(Good):
    list_filter = ["group"]


class WithBareFilterFarAway(Good):
    list_filter = ["group__village"]


class WithOtherFilter(Good):
    list_filter = [("group", admin.RelatedFieldListFilter)]


@admin.action(description="anything")
def anything(model_admin, request, rows):
    pass


class WithOpenAction(Good):
    actions = [anything]


class WithOpenMethod(Good):
    actions = ["anything"]

    def anything(self, request, rows):
        pass


class WithDeleting(Good):
    has_delete_permission = admin.ModelAdmin.has_delete_permission


class WithTypedActor(Good):
    fields = ["number", "decided_by"]


class WithTypedSecret(Good):
    fields = None
    fieldsets = [(None, {"fields": ["number", "secret"]})]


class WithoutOrdering(Good):
    ordering = None


class WithLooseOrdering(Good):
    ordering = ["head_name"]


def errors(model, admin_class):
    site = LedgerAdminSite("probe")
    site.register(model, admin_class)
    return {error.id for error in site_errors(site)}


def test_what_stands_has_no_faults():
    assert [error for error in run_checks() if str(error.id).startswith("config")] == []
    assert errors(Household, Good) == set()


@pytest.mark.parametrize(
    ("admin_class", "code"),
    [
        (admin.ModelAdmin, "E002"),
        (WithRawIds, "E003"),
        (WithListEditable, "E004"),
        (WithSaveAs, "E005"),
        (WithInlines, "E006"),
        (WithBareFilter, "E007"),
        (WithBareFilterFarAway, "E007"),
        (WithOtherFilter, "E007"),
        (WithOpenAction, "E008"),
        (WithOpenMethod, "E008"),
        (WithDeleting, "E011"),
        (WithTypedActor, "E012"),
        (WithTypedSecret, "E012"),
        (WithoutOrdering, "E013"),
        (WithLooseOrdering, "E013"),
    ],
)
def test_each_ban_stops_a_bad_admin(admin_class, code):
    assert f"config.{code}" in errors(Household, admin_class)


@pytest.mark.parametrize("model", [LogEntry, Permission, Group])
def test_no_page_shows_django_s_history_or_permissions(model):
    assert "config.E001" in errors(model, VillageScopedAdmin)


def test_a_site_that_deletes_in_bulk_is_stopped():
    site = LedgerAdminSite("probe")
    site.register(Household, Good)

    site.add_action(anything, "anything")

    assert {error.id for error in site_errors(site)} == {"config.E008"}


def test_an_address_of_a_household_is_stopped(monkeypatch):
    monkeypatch.setattr(Household, "get_absolute_url", lambda self: "/", raising=False)

    assert errors(Household, Good) == {"config.E009"}


def test_a_phone_in_the_name_of_a_row_is_stopped(monkeypatch):
    monkeypatch.setattr(Household, "__str__", lambda self: f"1 {self.phone}")

    assert errors(Household, Good) == {"config.E010"}


def test_a_village_s_rows_without_the_village_rule_are_stopped(monkeypatch):
    monkeypatch.setattr(Household._meta, "default_manager", models.Manager())

    assert [error.id for error in queryset_errors(Household)] == ["config.E020"]
    assert queryset_errors(Village) == []


def test_an_address_too_long_for_a_card_is_warned_of(settings):
    ids = []
    for length in (78, 79):
        settings.PUBLIC_URL = f"https://{'a' * (length - 8)}"
        ids.append([warning.id for warning in check_card_address(None)])

    assert ids == [[], ["config.W001"]]
