"""The road to many machines stays open: every row knows its village (design, 7)."""

import pytest
from django.apps import apps
from django.db.models import UniqueConstraint

PLACES = {"Township", "Village"}
PEOPLE = {"User"}
MODELS = [
    model
    for name in ("households", "ledger", "rewards")
    for model in apps.get_app_config(name).get_models()
]
VILLAGE_MODELS = [model for model in MODELS if model.__name__ not in PLACES | PEOPLE]


def label(model):
    return model._meta.label


@pytest.mark.parametrize("model", VILLAGE_MODELS, ids=label)
def test_every_row_carries_its_village(model):
    village = model._meta.get_field("village")

    assert village.related_model.__name__ == "Village"


@pytest.mark.parametrize("model", VILLAGE_MODELS, ids=label)
def test_unique_constraints_and_indexes_begin_with_the_village(model):
    constraints = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]

    astray = [
        rule.name
        for rule in [*constraints, *model._meta.indexes]
        if next(iter(rule.fields)).lstrip("-") != "village"
        # One person serves a township once, and a township is in no village.
        and rule.name != "households_stewardship_once_in_township"
    ]

    assert astray == []


@pytest.mark.parametrize("model", VILLAGE_MODELS, ids=label)
def test_no_single_field_is_unique_across_villages(model):
    alone = [
        field.name
        for field in model._meta.local_fields
        if field.unique and not field.primary_key and field.name != "village"
    ]

    assert alone == []


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_no_table_is_ordered_by_its_ids(model):
    assert model._meta.ordering == []
