"""Every address of the site, from the resolver: a new one is here by itself."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import admin
from django.urls import URLPattern, get_resolver, reverse

MISSING = {
    "int": 987654,
    "uuid": UUID(int=987654),
    "path": "987654",
    "string": "987654",
}
# The model and field that an address outside the registry names.
NAMED = {
    "admin:auth_user_password_change": "user.pk",
    "cards:reissue": "household.pk",
    "households:roster-import-batch": "importbatch.pk",
    "households:roster-import-confirm": "importbatch.pk",
    "households:roster-import-undo": "importbatch.pk",
    "ledger_desk:import-batch": "deedsheet.pk",
    "ledger_desk:import-confirm": "deedsheet.pk",
    "ledger_desk:import-refused": "deedsheet.pk",
    "ledger_desk:import-stop": "deedsheet.pk",
    "ledger_desk:import-seen": "deedsheet.pk",
    "ledger_desk:entry-result": "operation.key",
    "ledger_desk:entry-change": "operation.key",
    "ledger_desk:entry-undo": "operation.key",
    "ledger_desk:review-deed": "deed.pk",
    "ledger_desk:declaration-accept": "deed.pk",
    "ledger_desk:declaration-decline": "deed.pk",
    "ledger_desk:declaration-undo": "deed.pk",
    "ledger_desk:filed-accept": "declaration.pk",
    "ledger_desk:filed-decline": "declaration.pk",
    "ledger_desk:filed-undo": "declaration.pk",
    "ledger_desk:filed-photo": "declaration.pk",
    "ledger_desk:correction": "correction.pk",
    "ledger_desk:correction-propose": "entry.pk",
    "ledger_desk:objection-pass-on": "objection.pk",
    "ledger_desk:objection": "objection.pk",
    "ledger_desk:home": "household.pk",
    "ledger_desk:home-head": "household.pk",
    "ledger_desk:home-pledge": "household.pk",
    "ledger_desk:home-pledge-take-back": "household.pk",
    "ledger_desk:home-split": "household.pk",
    "ledger_desk:home-merge": "household.pk",
    "ledger_desk:home-move-out": "household.pk",
    "ledger_desk:home-away": "household.pk",
    "ledger_desk:home-back": "household.pk",
    "ledger_desk:home-change": "changenote.pk",
    "ledger_desk:home-change-confirm": "changenote.pk",
    "ledger_desk:home-change-refuse": "changenote.pk",
    "ledger_desk:home-change-take-back": "changenote.pk",
    "ledger_desk:home-change-sheet": "changenote.pk",
    "ledger_desk:evidence": "evidencephoto.pk",
    "ledger_desk:repair-ask": "deduction.pk",
    "ledger_desk:repair": "repair.pk",
    "ledger_desk:repair-slip": "repair.pk",
    "ledger_desk:rules-version": "draft.pk",
    "ledger_desk:rules-compare": "draft.pk",
    "ledger_desk:rules-item-new": "draft.pk",
    "ledger_desk:rules-step": "draft.pk",
    "ledger_desk:rules-comment": "draft.pk",
    "ledger_desk:rules-vote": "draft.pk",
    "ledger_desk:rules-discard": "draft.pk",
    "ledger_desk:rules-item": "draftitem.pk",
    "ledger_desk:story": "story.pk",
    "ledger_desk:story-write": "deed.pk",
    "ledger_desk:story-change": "story.pk",
    "ledger_desk:story-hand-over": "story.pk",
    "ledger_desk:story-publish": "story.pk",
    "ledger_desk:story-withdraw": "story.pk",
    "ledger_desk:story-photo": "story.pk",
    "ledger_desk:round": "round.pk",
    "ledger_desk:round-close": "round.pk",
    "ledger_desk:finding-remind": "finding.pk",
    "ledger_desk:finding-recheck": "finding.pk",
    "ledger_desk:finding-slip": "finding.pk",
    "ledger_desk:activity": "activity.pk",
    "ledger_desk:activity-change": "activity.pk",
    "ledger_desk:activity-publish": "activity.pk",
    "ledger_desk:activity-cancel": "activity.pk",
    "ledger_desk:activity-sign-ins": "activity.pk",
    "ledger_desk:activity-close": "activity.pk",
    "ledger_desk:activity-sheet": "activity.pk",
    "ledger_desk:activity-code": "activity.pk",
    "rewards_desk:goods-change": "reward.pk",
    "rewards_desk:fund-take-back": "fundmovement.pk",
    "rewards_desk:fund-scan": "fundmovement.pk",
    "rewards_desk:gift-undo": "gifthandover.pk",
    "rewards_desk:slip": "redemption.pk",
    "rewards_desk:slip-cancel": "redemption.pk",
}
# What has the same value in every village.
SHARED = {"month": date(2026, 3, 1), "year": 2026}


@dataclass(frozen=True)
class Address:
    """One pattern below /admin/ and what its parameter names, if it has one."""

    name: str
    parameter: str = ""
    missing_value: object = None
    subject: str = ""

    @property
    def names_an_object(self):
        return bool(self.subject)

    def of(self, place):
        """Return the address of a village's own object, or the one address."""
        if self.parameter in SHARED:
            return self._reverse(SHARED[self.parameter])
        if not self.subject:
            return reverse(self.name)
        model, field = self.subject.split(".")
        return self._reverse(getattr(place.rows[model], field))

    def of_nothing(self):
        return self._reverse(self.missing_value)

    def _reverse(self, value):
        return reverse(self.name, kwargs={self.parameter: value})


def admin_addresses():
    """Yield every address under /admin/ but the catch-all.

    :raises AssertionError: for a parameter nobody told us the meaning of
    """
    for prefix, namespaces, pattern in walk(get_resolver().url_patterns):
        if not prefix.startswith("admin/") or pattern.name in {None, "app_list"}:
            continue
        name = ":".join([*namespaces, pattern.name])
        parameters = list(pattern.pattern.converters.items())
        if not parameters:
            yield Address(name)
            continue
        assert len(parameters) == 1, f"Teach tests/addresses.py to fill in {name}"
        (parameter, converter) = parameters[0]
        if parameter in SHARED:
            yield Address(name, parameter)
        else:
            missing = MISSING[type(converter).__name__.lower()[: -len("converter")]]
            yield Address(name, parameter, missing, subject(name))


def walk(patterns, prefix="", namespaces=()):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, namespaces, pattern
        else:
            names = [name for name in [pattern.namespace] if name]
            yield from walk(pattern.url_patterns, path, (*namespaces, *names))


def subject(name):
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if name == f"admin:{label}_change":
            return f"{model._meta.model_name}.pk"
    assert name in NAMED, f"Tell tests/addresses.py what {name} names"
    return NAMED[name]
