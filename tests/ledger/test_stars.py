"""户星级: the year's score earns stars by the thresholds of the village."""

import pytest
from django.core.exceptions import ValidationError

from households.models import VillagePolicy
from households.models.places import rising_scores
from ledger.stars import stars_of


@pytest.mark.parametrize(
    ("score", "count", "missing"),
    [(59, 0, 1), (60, 1, 10), (69, 1, 1), (70, 2, 10), (119, 4, 1), (120, 5, None)],
)
def test_a_threshold_is_reached_with_its_very_number(score, count, missing):
    stars = stars_of(score, VillagePolicy())

    assert (stars.count, stars.missing) == (count, missing)


def test_a_village_may_have_fewer_stars():
    stars = stars_of(85, VillagePolicy(star_scores="80，90"))

    assert stars.drawn == "★☆"
    assert stars.name == "一星户"


def test_a_village_may_have_none():
    assert stars_of(85, VillagePolicy(star_scores="")) is None


@pytest.mark.parametrize(
    "written", ["70,60", "60,60", "sixty", "1,2,3,4,5,6", "60;70", ","]
)
def test_thresholds_rise(written):
    with pytest.raises(ValidationError) as refused:
        rising_scores(written)

    assert "60,70,80,100,120" in str(refused.value)
