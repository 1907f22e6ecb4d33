"""The admin with a door for every role and no way around the village rule."""

from collections.abc import Iterator

from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from config.staff_sessions import unpack
from config.today import desk_of
from config.work_pages import TABS, has_desk, rooms_beside, work_pages
from households.audit import record_event
from households.scoped_admin import permissions_of, stewardships_of

# What keeps the system going; every other table is about the village itself.
SYSTEM_TABLES = {"AuditEvent", "ImportBatch", "Stewardship", "Township", "User"}


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
        """Let in who has a role, and every role allows something (I-41)."""
        user = request.user
        return user.is_active and user.is_staff and bool(permissions_of(request))

    def each_context(self, request):
        context = super().each_context(request)
        if context["has_permission"]:
            doors = list(work_pages(request))
            context["work_pages"] = doors
            context["rooms"] = rooms_beside(doors, request)
            context["has_desk"] = has_desk(request)
            context["phone_tabs"] = TABS + 1
            context["stewardships"] = stewardships_of(request)
        return context

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
        """Show 今天要办的事; the tables of data stand below it.

        A shopkeeper's day begins at the counter.
        """
        doors = list(work_pages(request))
        if doors and not has_desk(request):
            return redirect(doors[0].address)
        context = self.each_context(request)
        tables = context["available_apps"]
        context |= {
            "title": self.index_title,
            "app_list": tables,
            "tables": list(sorted_tables(tables)),
            **desk_of(request.user, request.GET.get("village"), now=timezone.now()),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """Log in; whoever sent a form too late is shown the way on with it."""
        carried = request.POST.get("carried", "")
        told = {"carried": carried, **(extra_context or {})}
        response = super().login(request, told)
        if not carried or response.status_code != 302:
            return response
        sent = unpack(carried, by=request.user)
        if sent is None:
            return redirect("admin:index")
        context = {**self.each_context(request), "sent": sent}
        return render(request, "admin/go_on.html", context)

    def sign_in_again(self, request, carried):
        """Show the login page to whoever sent a form too late, with the form in it."""
        context = {
            **self.each_context(request),
            "app_path": reverse("admin:login"),
            "next": reverse("admin:index"),
            "form": self.login_form(request),
            "carried": carried,
            "is_late": True,
        }
        return render(request, "admin/login.html", context)

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


def sorted_tables(apps) -> Iterator[tuple[str, list[dict]]]:
    """Yield the tables of data under two headings: the village's, the system's."""
    models = [model for app in apps for model in app["models"] if model["admin_url"]]
    for heading, is_system in ((_("Village records"), False), (_("System"), True)):
        chosen = [m for m in models if (m["object_name"] in SYSTEM_TABLES) is is_system]
        if chosen:
            yield str(heading), chosen
