"""The shelf is counted: every line of the count is taken over, or none."""

from uuid import uuid4

import pytest

from households.models import AuditEvent
from households.roles import Role
from rewards.counting import Counted, CountRefused, count_shelf
from rewards.models import Reward, StockMovement
from tests.factories import AFTER_NOTICE, offer, serve


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER, username="shop")


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=40)


@pytest.fixture
def sauce(village):
    return offer(village, "酱油", 8, stock=6)


@pytest.fixture
def count(village, shopkeeper):
    def count(*lines, key=None):
        return count_shelf(
            village,
            [Counted(*line) for line in lines],
            key=key or uuid4(),
            by=shopkeeper,
            at=AFTER_NOTICE,
        )

    return count


def shelf():
    return {reward.name: reward.on_hand for reward in Reward.objects.with_on_hand()}


def test_a_count_that_agrees_moves_nothing_and_leaves_a_trace(salt, count):
    assert count((salt, 40, 40)) == []
    assert shelf() == {"食盐": 40}
    assert AuditEvent.objects.get(action="stock.count").facts == {
        "counted": {str(salt.pk): 40},
        "differences": {},
    }


def test_what_differs_is_written_down_with_its_reason(salt, sauce, count):
    adjustments = count((salt, 40, 38, " 破了两袋 "), (sauce, 6, 7, "上次漏数"))

    assert shelf() == {"食盐": 38, "酱油": 7}
    assert [(m.quantity, m.reason, m.kind) for m in adjustments] == [
        (-2, "破了两袋", "adjustment"),
        (1, "上次漏数", "adjustment"),
    ]


def test_the_same_count_form_counts_once(salt, count):
    key = uuid4()

    first, again = (count((salt, 40, 38, "破了"), key=key) for _ in range(2))

    assert first == again
    assert shelf() == {"食盐": 38}


def test_one_wrong_line_keeps_all_others_from_being_saved(salt, sauce, count):
    with pytest.raises(CountRefused) as refused:
        count((salt, 40, 38, "破了两袋"), (sauce, 6, 5))

    assert list(refused.value.sentences) == [sauce.pk]
    assert "-1" in refused.value.sentences[sauce.pk]
    assert shelf() == {"食盐": 40, "酱油": 6}
    assert not StockMovement.objects.filter(kind="adjustment").exists()


def test_each_wrong_line_has_its_own_sentence(salt, sauce, count):
    powder = offer(salt.village, "洗衣粉", 10, stock=5)
    towel = offer(salt.village, "毛巾", 5, stock=3)

    with pytest.raises(CountRefused) as refused:
        count(
            (salt, 39, 39),
            (sauce, 6, -1),
            (powder, 5, 4, "  "),
            (towel, 3, 2, "长" * 101),
        )

    sentences = refused.value.sentences
    assert "40" in sentences[salt.pk]
    assert "100,000" in sentences[sauce.pk]
    assert "-1" in sentences[powder.pk]
    assert "100" in sentences[towel.pk]


def test_a_count_of_nothing_is_refused(village, count):
    with pytest.raises(CountRefused):
        count()


@pytest.mark.parametrize("counted", [-1, 100_001])
def test_an_impossible_count_is_refused(salt, count, counted):
    with pytest.raises(CountRefused):
        count((salt, 40, counted, "点过"))
