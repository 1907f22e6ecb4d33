import pytest

from households.models import Household
from households.roles import Role
from tests.factories import HouseholdFactory, serve
from tests.rewards.counter import give, shelve
from tests.two_villages import visitor


@pytest.fixture
def luo(village):
    """罗青山, number 164, with 16 points to spend."""
    group = village.groups.get(number=2)
    household = HouseholdFactory(
        village=village,
        group=group,
        number="164",
        head_name="罗青山",
        head_initials="lqs",
        phone="13600136000",
    )
    give(household, 16)
    return Household.objects.select_related("village__policy").get(pk=household.pk)


@pytest.fixture
def keeper(village):
    return serve(village, Role.SHOPKEEPER, username="keeper")


@pytest.fixture
def counter(keeper):
    """A browser in which the shopkeeper is signed in."""
    return visitor(keeper)


@pytest.fixture
def shelf(village):
    """Salt for 2, sauce for 8, powder for 10 points, as in the mock-up."""
    return [
        shelve(village, "食盐", 2, stock=40, picture="salt", position=1),
        shelve(village, "酱油", 8, stock=3, unit="瓶", picture="sauce", position=2),
        shelve(village, "洗衣粉", 10, stock=5, picture="powder", position=3),
    ]
