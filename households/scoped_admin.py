"""The village rule in the admin: which rows, which choices, who may, and the trace.

A scoped `get_queryset` alone isolates nothing: choices, prefilled forms, filters,
lookups, autocomplete and the admin's own history all read past it.
"""

from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.audit import record_event
from households.models import Stewardship, Village
from households.roles import permissions_of_roles
from households.typed_numbers import MOST_DIGITS

# What may follow the name of a declared filter in an address. Anything else
# (?phone__startswith=, ?village__genesis__gt=) would answer questions about
# columns that the page does not show.
FILTER_ENDINGS = {"exact", "id__exact", "isnull", "isempty", "gte", "lt"}


def stewardships_of(request):
    """Return the roles the user holds now and where, asked once a request (I-42)."""
    if not hasattr(request, "stewardships"):
        held = Stewardship.objects.current().filter(user=request.user.pk)
        request.stewardships = list(held) if request.user.is_active else []
    return request.stewardships


def permissions_of(request):
    """Return what the user's roles allow anywhere, asked once a request."""
    if request.user.is_superuser:
        return request.user.get_all_permissions()
    return permissions_of_roles(held.role for held in stewardships_of(request))


def rows_where_allowed(rows, user, permissions):
    """Keep the rows of villages where a role grants one of the permissions.

    Narrower than `visible_to` alone: who records in one village and keeps the
    shop of another sees the households of the first only.
    """
    if not hasattr(rows, "visible_to"):
        return rows if user.is_superuser else rows.none()
    rows = rows.visible_to(user)
    if user.is_superuser:
        return rows
    villages = Village.objects.none()
    for permission in permissions:
        villages = villages | Village.objects.where_allowed(user, permission)
    return rows.filter(**{f"{rows.village_lookup}__in": villages.values("pk")})


@dataclass(frozen=True)
class RelatedName:
    """A column of a page that names a related row without leading to it."""

    name: str
    short_description: str

    def __call__(self, obj):
        return str(getattr(obj, self.name))

    @property
    def __name__(self):
        """Return what Django calls the field by, in its class and its help text."""
        return self.name


class VillageForm(forms.ModelForm):
    """Refuse a row that points at the things of another village (I-04)."""

    def clean(self):
        cleaned = super().clean()
        village = cleaned.get("village") or getattr(self.instance, "village", None)
        for name, value in list(cleaned.items()):
            other = getattr(value, "village_id", None)
            if village and other and other != village.pk:
                self.add_error(name, _("This belongs to another village."))
        return cleaned


class VillageScopedAdmin(admin.ModelAdmin):
    """Show and accept only what belongs to the villages the user serves.

    Nothing is deleted here, and the admin's own history, which keeps names for
    ever, is replaced by audit events.
    """

    form: type[forms.ModelForm] = VillageForm
    # The addresses that are kept, by the end of their names.
    pages: tuple[str, ...] = ("_changelist", "_add", "_change")
    # Given once, when the row is added; read-only from then on.
    fixed_fields: tuple[str, ...] = ()
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False

    def permission(self, action):
        codename = get_permission_codename(action, self.opts)
        return f"{self.opts.app_label}.{codename}"

    def is_allowed(self, request, action, obj=None):
        if obj is None:
            return self.permission(action) in permissions_of(request)
        return request.user.has_perm(self.permission(action), obj)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return self.is_allowed(request, "add")

    def has_change_permission(self, request, obj=None):
        return self.is_allowed(request, "change", obj)

    def has_view_permission(self, request, obj=None):
        return self.is_allowed(request, "view", obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        return [
            page for page in super().get_urls() if str(page.name).endswith(self.pages)
        ]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows_where_allowed(rows, request.user, [self.permission("view")])

    def get_object(self, request, object_id, from_field=None):
        """Answer alike for what is another village's and what is nowhere.

        :raises Http404: before any permission is asked about
        """
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404
        return obj

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # Django reads this name even when save_as is off, and then forgets
        # which row the address named.
        if "_saveasnew" in request.POST:
            raise Http404
        return super().changeform_view(request, object_id, form_url, extra_context)

    def lookup_allowed(self, lookup, value, request=None):
        if len(value) > MOST_DIGITS and value.isdecimal():
            return False
        filters = [
            item[0] if isinstance(item, (list, tuple)) else item
            for item in self.get_list_filter(request)
        ]
        return any(
            lookup == name or lookup in {f"{name}__{end}" for end in FILTER_ENDINGS}
            for name in filters
        )

    def get_field_queryset(self, db, db_field, request):
        choices = super().get_field_queryset(db, db_field, request)
        if choices is None:
            choices = db_field.remote_field.model._default_manager.using(db)
        written = [self.permission("add"), self.permission("change")]
        return rows_where_allowed(choices, request.user, written)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # The pop-up links beside a choice are doors nobody asked for.
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def get_readonly_fields(self, request, obj=None):
        readonly = [*super().get_readonly_fields(request, obj)]
        if obj is None:
            return readonly
        if any(field.name == "village" for field in self.opts.fields):
            readonly.append("village")
        return [*readonly, *self.fixed_fields]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                heading,
                {
                    **options,
                    "fields": [
                        self.as_read(request, obj, name) for name in options["fields"]
                    ],
                },
            )
            for heading, options in fieldsets
        ]

    def as_read(self, request, obj, name):
        """Return a field, or the mere name of what the reader cannot open."""
        fields = {field.name: field for field in self.opts.fields if field.many_to_one}
        related = getattr(obj, name) if name in fields else None
        if related is None or self.leads_to(request, related):
            return name
        return RelatedName(name, fields[name].verbose_name)

    def leads_to(self, request, related):
        """Tell whether a related row has a page that opens for the reader."""
        try:
            source = self.admin_site.get_model_admin(type(related))
        except NotRegistered:
            return False
        return source.has_view_permission(request, related)

    def save_model(self, request, obj, form, change):
        if not self.may_save(request, obj, change):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def may_save(self, request, obj, change):
        return self.is_allowed(request, "change" if change else "add", obj)

    def construct_change_message(self, request, form, formsets, add=False):
        return list(form.changed_data)

    def log_addition(self, request, obj, message):
        self.record(request, "add", obj, fields=message)

    def log_change(self, request, obj, message):
        self.record(request, "change", obj, fields=message)

    def record(self, request, verb, obj, **facts):
        """Leave a trace in the transaction of the change (I-44)."""
        village = obj if isinstance(obj, Village) else getattr(obj, "village", None)
        record_event(
            f"{self.opts.model_name}.{verb}",
            village=village,
            by=request.user,
            at=timezone.now(),
            subject=obj,
            **facts,
        )


class ReadOnlyVillageAdmin(VillageScopedAdmin):
    """Show rows that only operations write."""

    pages = ("_changelist", "_change")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
