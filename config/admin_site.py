"""The admin with a door for every role and no way around the village rule."""

from typing import NamedTuple

from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.audit import record_event


class WorkPage(NamedTuple):
    """A page of daily work, and the permission that opens it."""

    name: str
    permission: str
    label: Promise


WORK_PAGES = [
    WorkPage("ledger_desk:entry", "ledger.record_deed", _("Record")),
    WorkPage("ledger_desk:import", "ledger.import_deeds", _("Import from a sheet")),
    WorkPage("ledger_desk:review-list", "ledger.decide_deed", _("Review desk")),
    WorkPage("ledger_desk:publication-list", "ledger.publish_month", _("Publication")),
    WorkPage(
        "households:roster-import",
        "households.import_roster",
        _("Import the roster"),
    ),
]


def serves_somewhere(user):
    """Tell whether a person has anything to do here (I-41)."""
    return user.is_superuser or user.stewardships.current().exists()


class StaffLoginForm(AdminAuthenticationForm):
    """One answer to a wrong password, an unknown name and a person without a role."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _(
            "Wrong name or password. If you forgot it, ask the township's "
            "administrator."
        ),
    }

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if not serves_somewhere(user):
            raise self.get_invalid_login_error()


class VillageAutocompleteView(AutocompleteJsonView):
    """Answer only for fields that a form of this user really completes."""

    def get(self, request, *args, **kwargs):
        try:
            return super().get(request, *args, **kwargs)
        except PermissionDenied as error:
            raise Http404 from error

    def process_request(self, request):
        term, remote_admin, field, to_field = super().process_request(request)
        try:
            source = self.admin_site.get_model_admin(field.model)
        except NotRegistered as error:
            raise PermissionDenied from error
        if field.name not in source.get_autocomplete_fields(request):
            raise PermissionDenied
        if not (
            source.has_add_permission(request) or source.has_change_permission(request)
        ):
            raise PermissionDenied
        self.choices = source.get_field_queryset(None, field, request)
        return term, remote_admin, field, to_field

    def get_queryset(self):
        return super().get_queryset().filter(pk__in=self.choices.values("pk"))


class LedgerAdminSite(AdminSite):
    """The stock admin, open to people with a role and to superusers."""

    site_title = _("Points ledger")
    site_header = _("Good Deeds · points ledger")
    index_title = _("Today's tasks")
    login_form = StaffLoginForm
    enable_nav_sidebar = False

    def __init__(self, name="admin"):
        super().__init__(name)
        self.disable_action("delete_selected")

    def has_permission(self, request):
        user = request.user
        return user.is_active and user.is_staff and serves_somewhere(user)

    def get_urls(self):
        # "View on site" redirects to any object's address, whoever asks.
        return [
            page
            for page in super().get_urls()
            if getattr(page, "name", None) != "view_on_site"
        ]

    def autocomplete_view(self, request):
        return VillageAutocompleteView.as_view(admin_site=self)(request)

    def index(self, request, extra_context=None):
        context = {"work_pages": list(work_pages(request.user))}
        return super().index(request, {**context, **(extra_context or {})})

    def password_change(self, request, extra_context=None):
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == 302:
                record_event(
                    "password.change",
                    by=request.user,
                    at=timezone.now(),
                    subject=request.user,
                )
        return response


def work_pages(user):
    """Return the addresses and names of the pages that a user's roles open."""
    allowed = user.get_all_permissions()
    for page in WORK_PAGES:
        if page.permission not in allowed:
            continue
        try:
            yield reverse(page.name), page.label
        except NoReverseMatch:
            continue
