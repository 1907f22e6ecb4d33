"""What of a deduction can come back, and until when, as its item says."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError

from ledger.models import ScoringItem
from tests.factories import VillageFactory

pytestmark = pytest.mark.django_db
SAMPLE = {
    "N01": (100, 7),
    "N02": (100, 31),
    "N03": (50, None),
    "N04": (100, None),
    "N05": (50, None),
    "N06": (50, None),
    "N07": (50, None),
    "N08": (100, None),
    "N09": (0, None),
}


@pytest.fixture
def items():
    return ScoringItem.objects.filter(village=VillageFactory())


def test_the_sample_says_what_comes_back_and_until_when(items):
    terms = {item.code: (item.repair_percent, item.repair_days) for item in items}

    assert {code: terms[code] for code in SAMPLE} == SAMPLE
    assert {terms[code] for code in terms.keys() - SAMPLE.keys()} == {(0, None)}


def test_items_from_before_get_the_terms_of_their_sentence(items):
    items.update(repair_percent=0, repair_days=None)
    items.filter(code="N08").update(repair="可：由村民小组另行商定")

    migration = import_module("ledger.migrations.0006_repair_terms")
    migration.say_what_comes_back(apps, None)

    found = {item.code: (item.repair_percent, item.repair_days) for item in items.all()}
    assert {code: found[code] for code in SAMPLE} == SAMPLE | {"N08": (0, None)}


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("N01", {"repair_percent": 75}),
        ("N01", {"repair_days": 0}),
        ("N01", {"repair_days": 367}),
        ("Z01", {"repair_percent": 100}),
    ],
)
def test_terms_that_mean_nothing_are_refused(items, code, terms):
    with pytest.raises(IntegrityError):
        items.filter(code=code).update(**terms)
