"""Accounts, and the roles that stewardships give them."""

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.admin.filters import BY_VILLAGE
from households.models import Stewardship, User
from households.scoped_admin import VillageScopedAdmin, permissions_of
from households.stewardship_form import StewardshipForm
from households.stewardships import (
    GIVING_ROLES,
    end_stewardship,
    may_give_or_end,
)
from households.typed_numbers import whole_number

# Roles come from stewardships and from nothing else.
admin.site.unregister(Group)


@admin.register(Stewardship)
class StewardshipAdmin(VillageScopedAdmin):
    form = StewardshipForm
    list_display = ["user", "role", "village", "township", "started_at", "ended_at"]
    list_filter = [BY_VILLAGE, "role", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "village", "township"]
    search_fields = ["user__username", "user__last_name", "user__first_name"]
    ordering = ["ended_at", "village__position", "village", "role", "pk"]
    actions = ["end_selected"]
    readonly_fields = ["started_at", "ended_at"]

    def get_fields(self, request, obj=None):
        if obj:
            return ["user", "role", "village", "township", "started_at", "ended_at"]
        place = ["village", "township"] if request.user.is_superuser else ["village"]
        return ["username", "role", *place]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def get_field_queryset(self, db, db_field, request):
        choices = super().get_field_queryset(db, db_field, request)
        if db_field.name != "village" or request.user.is_superuser:
            return choices
        invited = db_field.related_model.objects.where_allowed(
            request.user, "households.invite_village_admin"
        )
        return choices | invited.order_by(*choices.query.order_by)

    def has_add_permission(self, request):
        return not GIVING_ROLES.isdisjoint(permissions_of(request))

    def has_change_permission(self, request, obj=None):
        """A role is given and ended; what it was stays as it is."""
        return False

    def has_end_permission(self, request):
        return self.has_add_permission(request)

    def may_save(self, request, obj, change):
        return not change and may_give_or_end(obj, by=request.user)

    def log_addition(self, request, obj, message):
        self.record(request, "add", obj, role=obj.role, user=obj.user_id)

    @admin.action(permissions=["end"], description=_("End the selected roles"))
    def end_selected(self, request, stewardships):
        chosen = list(stewardships)
        ended = [
            stewardship
            for stewardship in chosen
            if not stewardship.ended_at
            and may_give_or_end(stewardship, by=request.user)
        ]
        for stewardship in ended:
            end_stewardship(stewardship, by=request.user, at=timezone.now())
        self.message_user(request, _("Ended: %(n)s.") % {"n": len(ended)})
        if len(ended) < len(chosen):
            left = _("Left as they were: %(n)s.") % {"n": len(chosen) - len(ended)}
            self.message_user(request, left, messages.WARNING)


class NumberedAutocomplete(AutocompleteSelect):
    """A search for a row; what is not the number of one is no row's."""

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return value if not value or whole_number(value) else "0"


class AccountCreationForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)


class AccountChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class AccountAdmin(VillageScopedAdmin, UserAdmin):
    pages = (*VillageScopedAdmin.pages, "_password_change")
    form = AccountChangeForm
    add_form = AccountCreationForm
    list_display = ["username", "last_name", "first_name", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    list_select_related = False
    search_fields = ["username", "last_name", "first_name"]
    autocomplete_fields = ["household"]
    ordering = ["username", "pk"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "household"]}),
        (_("Access"), {"fields": ["is_active", "is_superuser", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "password1", "password2"]}),
        (_("Person"), {"fields": ["last_name", "first_name"]}),
    ]
    # A superuser is made on the server's own command line.
    readonly_fields = ["is_superuser", "last_login"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["widget"] = NumberedAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        # Every account is for staff; what it may do, its roles say.
        obj.is_staff = True
        super().save_model(request, obj, form, change)
