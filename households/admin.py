from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.household_form import HouseholdForm
from households.models import (
    AuditEvent,
    ChangeNote,
    Household,
    HouseholdChange,
    ImportBatch,
    Stewardship,
    Township,
    User,
    VillagePolicy,
    VillagerGroup,
)
from households.scoped_admin import ReadOnlyVillageAdmin, VillageScopedAdmin
from households.stewardship_form import StewardshipForm
from households.stewardships import (
    end_stewardship,
    may_give_or_end,
    roles_given_by,
)

# Roles come from stewardships and from nothing else.
admin.site.unregister(Group)

BY_VILLAGE = ("village", RelatedOnlyFieldListFilter)


@admin.register(Township)
class TownshipAdmin(VillageScopedAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    ordering = ["name", "pk"]
    fields = ["name", "slug"]
    fixed_fields = ("slug",)


@admin.register(VillagePolicy)
class VillagePolicyAdmin(VillageScopedAdmin):
    list_display = ["village", "base_points", "cut_off_day", "notice_days"]
    list_select_related = ["village"]
    ordering = ["village__position", "pk"]
    fields = [
        "village",
        "base_points",
        "cut_off_day",
        "backdating_days",
        "notice_days",
        "ranked_places",
        "deduction_cell",
        "smallest_redemption",
        "redemption_first_day",
        "redemption_last_day",
        "leaving_months",
        "fen_a_point",
        "award_places",
        "award_group_places",
        "award_months",
        "award_notice_days",
        "repair_check_days",
        "honor_points",
        "star_scores",
        "full_names_decision",
    ]


@admin.register(VillagerGroup)
class VillagerGroupAdmin(VillageScopedAdmin):
    list_display = ["name", "number", "village"]
    list_filter = [BY_VILLAGE]
    list_select_related = ["village"]
    ordering = ["village__position", "village", "number", "pk"]
    fields = ["village", "number", "name"]
    fixed_fields = ("number",)


@admin.register(Household)
class HouseholdAdmin(VillageScopedAdmin):
    form = HouseholdForm
    list_display = ["number", "head_name", "group", "status", "village"]
    list_display_links = ["number", "head_name"]
    list_filter = [BY_VILLAGE, ("group", RelatedOnlyFieldListFilter), "status"]
    list_select_related = ["group", "village"]
    search_fields = ["number", "head_name", "head_initials"]
    ordering = ["village__position", "village", "group__number", "number", "pk"]
    # Head and status change by the household's own page, with paper and a witness.
    fixed_fields = ("number", "head_name", "status")

    def get_fields(self, request, obj=None):
        fields = ["village", "group", "number", "head_name", "initials"]
        if obj:
            fields.append("status")
        if self.may_see_phone(request, obj):
            fields.append("phone")
        return [*fields, "full_name_consented_on"]

    def save_model(self, request, obj, form, change):
        obj.head_initials = form.head_initials
        super().save_model(request, obj, form, change)

    @admin.display(description=_("Initials of the head"))
    def initials(self, household):
        return household.head_initials

    def may_see_phone(self, request, household):
        """Phones are for those who keep the roster."""
        return self.has_change_permission(request, household)


@admin.register(ChangeNote)
class ChangeNoteAdmin(ReadOnlyVillageAdmin):
    list_display = ["noted_at", "kind", "household", "state", "noted_by", "village"]
    list_filter = [BY_VILLAGE, "kind", "state"]
    list_select_related = ["household", "noted_by", "village"]
    ordering = ["-noted_at", "-pk"]
    fields = [
        "village",
        "kind",
        "household",
        "other",
        "new_number",
        "head_name",
        "group",
        "takes_effect_on",
        "points",
        "paper",
        "signed_by",
        "signed_by_other",
        "state",
        "noted_by",
        "noted_at",
        "decided_by",
        "decided_at",
        "answer",
    ]


@admin.register(HouseholdChange)
class HouseholdChangeAdmin(ReadOnlyVillageAdmin):
    list_display = ["number", "takes_effect_on", "kind", "household", "village"]
    list_filter = [BY_VILLAGE, "kind"]
    list_select_related = ["household", "village"]
    ordering = ["village__position", "village", "-number", "pk"]
    fields = [
        "village",
        "number",
        "kind",
        "household",
        "other",
        "takes_effect_on",
        "head_before",
        "head_after",
        "status_before",
        "status_after",
        "points",
        "spendable_until",
        "paper",
        "signed_by",
        "signed_by_other",
        "noted_by",
        "decided_by",
        "at",
    ]


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
        return bool(roles_given_by(request.user))

    def has_change_permission(self, request, obj=None):
        """A role is given and ended; what it was stays as it is."""
        return False

    def has_end_permission(self, request):
        return bool(roles_given_by(request.user))

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

    def save_model(self, request, obj, form, change):
        # Every account is for staff; what it may do, its roles say.
        obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyVillageAdmin):
    list_display = ["uploaded_at", "kind", "state", "file_name", "uploaded_by"]
    list_filter = [BY_VILLAGE, "kind", "state"]
    list_select_related = ["uploaded_by"]
    ordering = ["-uploaded_at", "pk"]
    fields = [
        "village",
        "kind",
        "state",
        "file_name",
        "uploaded_by",
        "uploaded_at",
        "rows_total",
        "rows_done",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("rows", "report")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyVillageAdmin):
    list_display = ["at", "village", "by", "action", "subject", "outcome"]
    list_filter = [BY_VILLAGE, "outcome"]
    list_select_related = ["village", "by"]
    ordering = ["-at", "-pk"]
    fields = ["at", "village", "by", "action", "subject", "outcome", "facts"]
