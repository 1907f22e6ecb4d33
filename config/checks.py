"""What no admin of ours may do, refused before the server starts."""

from itertools import chain

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import ModelAdmin, RelatedOnlyFieldListFilter
from django.contrib.admin.utils import flatten_fieldsets
from django.core.checks import Error, Warning, register
from django.core.exceptions import FieldDoesNotExist

from households.cards import is_too_long_for_a_card
from households.scoped_admin import ReadOnlyVillageAdmin, VillageScopedAdmin

OUR_APPS = {"households", "ledger", "rewards"}
BANNED_MODELS = {"admin.logentry", "auth.permission", "auth.group"}
# States and actors are written by operations, powers by nobody.
NEVER_TYPED = {"state", "is_superuser", "groups", "user_permissions", "secret"}
CANARY = "phone-canary"


@register()
def check_admin_registry(app_configs, **kwargs):
    return site_errors(admin.site)


@register()
def check_village_querysets(app_configs, **kwargs):
    ours = [model for model in apps.get_models() if model._meta.app_label in OUR_APPS]
    return list(chain.from_iterable(queryset_errors(model) for model in ours))


@register()
def check_card_address(app_configs, **kwargs):
    if not is_too_long_for_a_card(settings.PUBLIC_URL):
        return []
    sentence = "PUBLIC_URL is too long for the codes on the households' cards."
    return [Warning(sentence, id="config.W001")]


def site_errors(site):
    """Return what is wrong with the admins registered on a site."""
    errors = []
    for model, model_admin in site._registry.items():
        if model._meta.label_lower in BANNED_MODELS:
            errors.append(wrong("E001", model, "is not for an admin page"))
        if not isinstance(model_admin, VillageScopedAdmin):
            errors.append(wrong("E002", model, "needs a VillageScopedAdmin"))
        errors += [
            wrong(code, model, sentence)
            for code, sentence in admin_faults(model, model_admin, site)
        ]
    return errors


def admin_faults(model, model_admin, site):
    """Yield the code and the sentence of each fault of one admin."""
    if model_admin.raw_id_fields:
        yield "E003", "has raw_id_fields, whose labels name any row"
    if model_admin.list_editable:
        yield "E004", "has list_editable, which asks no permission of a row"
    if model_admin.save_as:
        yield "E005", "has save_as"
    if model_admin.inlines:
        yield "E006", "has inlines, which no village rule reaches"
    for name in filters_naming_other_villages(model, model_admin):
        yield "E007", f"filters by {name} without RelatedOnlyFieldListFilter"
    for name in actions_for_everybody(model_admin, site):
        yield "E008", f"has the action {name}, which asks for no permission"
    if hasattr(model, "get_absolute_url"):
        yield "E009", "has get_absolute_url, which the admin hands to everybody"
    if tells_its_phone(model):
        yield "E010", "tells a phone in __str__"
    if type(model_admin).has_delete_permission is ModelAdmin.has_delete_permission:
        yield "E011", "can be deleted"
    for name in typed_fields(model_admin):
        yield "E012", f"lets {name} be typed"
    if not ends_in_something_unique(model, model_admin.ordering):
        yield "E013", "needs an ordering that ends in something unique"


def queryset_errors(model):
    names = {field.name for field in model._meta.local_fields}
    if "village" in names and not hasattr(model._default_manager, "visible_to"):
        return [wrong("E020", model, "has a village but no visible_to()")]
    return []


def wrong(code, model, sentence):
    return Error(f"{model._meta.label} {sentence}.", obj=model, id=f"config.{code}")


def filters_naming_other_villages(model, model_admin):
    for item in model_admin.list_filter:
        name, kind = item if isinstance(item, (list, tuple)) else (item, None)
        if not isinstance(name, str) or not names_a_relation(model, name):
            continue
        if kind is None or not issubclass(kind, RelatedOnlyFieldListFilter):
            yield name


def names_a_relation(model, path):
    field = None
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        model = field.related_model
    return field.is_relation


def actions_for_everybody(model_admin, site):
    named = [
        (action, getattr(model_admin, action, None))
        if isinstance(action, str)
        else (action.__name__, action)
        for action in model_admin.actions
    ]
    for name, action in [*named, *site.actions]:
        if not getattr(action, "allowed_permissions", None):
            yield name


def tells_its_phone(model):
    phones = {
        field.name: CANARY
        for field in model._meta.local_fields
        if "phone" in field.name
    }
    return bool(phones) and CANARY in str(model(**phones))


def typed_fields(model_admin):
    if isinstance(model_admin, ReadOnlyVillageAdmin):
        return set()
    shown = set(model_admin.fields or ())
    shown |= set(flatten_fieldsets(model_admin.fieldsets or ()))
    # Without either, the form is made of every field that can be edited.
    shown = shown or {field.name for field in model_admin.opts.fields if field.editable}
    actors = {name for name in shown if str(name).endswith(("_by", "_at"))}
    return (shown & NEVER_TYPED | actors) - set(model_admin.readonly_fields)


def ends_in_something_unique(model, ordering):
    if not ordering:
        return False
    last = str(ordering[-1]).removeprefix("-")
    return last == "pk" or model._meta.get_field(last).unique
