"""礼包: decided in the round, handed over once from the shelf, for no points."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.models import Entry
from rewards.gifts import (
    GiftRefused,
    TooFewGoods,
    decide_gift,
    hand_over_gifts,
    take_gift_back,
)
from rewards.models import (
    Award,
    AwardGift,
    GiftHandover,
    GiftReturn,
    Reward,
    StockMovement,
)
from tests.factories import VillageFactory, offer
from tests.rewards.roll import (
    CONFIRMED,
    GIVEN,
    IN_DECEMBER,
    OPENED,
    confirmed,
    draft,
    hand_over,
    hang_out,
    settle,
    with_gift,
)


@pytest.fixture
def homes(village):
    return settle(village)


def on_hand(reward):
    return Reward.objects.with_on_hand().get(pk=reward.pk).on_hand


def waiting(round):
    awards = Award.objects.filter(round=round).with_gift().in_order()
    return [a.household.number for a in awards if a.handed_at is None]


def take_back(handover, *, by, at=GIVEN + timedelta(hours=1)):
    return take_gift_back(handover, key=uuid4(), by=by, at=at)


def test_a_gift_is_handed_over_from_the_shelf_and_costs_no_points(village, homes):
    round, rice = with_gift(village, stock=40, quantity=2)
    entries = Entry.objects.count()

    hand_over(round, "001", "003")

    assert on_hand(rice) == 36
    assert waiting(round) == ["002", "004"]
    assert Entry.objects.count() == entries
    movements = StockMovement.objects.filter(kind="gift").order_by("number")
    assert [(m.handover.award.household.number, m.quantity) for m in movements] == [
        ("001", -2),
        ("003", -2),
    ]


def test_nobody_gets_a_gift_twice(village, homes, shopkeeper):
    round, rice = with_gift(village)
    hand_over(round, "001", by=shopkeeper)

    with pytest.raises(GiftRefused, match="001"):
        hand_over(round, "001", "002", by=shopkeeper)

    assert on_hand(rice) == 38
    again = GiftHandover(
        village=village,
        award=Award.objects.get(household=homes["001"]),
        attempt=2,
        operation=GiftHandover.objects.get().operation,
        handed_at=GIVEN,
        handed_by=shopkeeper,
    )
    with pytest.raises(DatabaseError, match="I-28"), transaction.atomic():
        again.save()


def test_the_same_form_twice_hands_over_once(village, homes, shopkeeper):
    round, rice = with_gift(village)
    key = uuid4()

    first = hand_over(round, "001", by=shopkeeper, key=key)

    assert hand_over(round, "001", by=shopkeeper, key=key) == first
    assert on_hand(rice) == 38


def test_what_is_not_there_is_handed_to_nobody(village, homes):
    round, rice = with_gift(village, stock=7, quantity=2)

    with pytest.raises(TooFewGoods, match="要8袋，只有7袋"):
        hand_over(round)

    assert on_hand(rice) == 7
    hand_over(round, "001", "002", "003")
    assert on_hand(rice) == 1


def test_a_hand_over_is_undone_on_its_own_day_and_can_be_done_again(
    village, homes, shopkeeper
):
    round, rice = with_gift(village)
    [handover] = hand_over(round, "001", by=shopkeeper)

    take_back(handover, by=shopkeeper)

    assert on_hand(rice) == 40
    assert "001" in waiting(round)
    [again] = hand_over(round, "001", by=shopkeeper)
    assert again.attempt == 2
    assert on_hand(rice) == 38


def test_a_hand_over_is_undone_once_and_never_the_next_day(village, homes, shopkeeper):
    round, rice = with_gift(village)
    first, second = hand_over(round, "001", "002", by=shopkeeper)
    act = {"key": uuid4(), "by": shopkeeper, "at": GIVEN}

    assert take_gift_back(first, **act) == take_gift_back(first, **act)
    with pytest.raises(GiftRefused, match="已经撤销"):
        take_back(first, by=shopkeeper)
    with pytest.raises(GiftRefused, match="当天"):
        take_back(second, by=shopkeeper, at=GIVEN + timedelta(days=1))

    assert GiftReturn.objects.count() == 1
    assert on_hand(rice) == 38


def test_there_is_no_gift_before_the_list_is_confirmed(village, homes, shopkeeper):
    round = hang_out(village)
    rice = offer(village, "大米", 20, at=IN_DECEMBER)
    decide_gift(round, {rice: 1}, by=round.opened_by, at=OPENED)

    with pytest.raises(GiftRefused, match="还没确认"):
        hand_over(round, by=shopkeeper)


def test_nothing_is_handed_over_where_no_gift_was_decided(village, homes):
    with pytest.raises(GiftRefused, match="没有定礼包"):
        hand_over(confirmed(village))


def test_households_of_another_list_get_nothing(village, homes, shopkeeper):
    round, _rice = with_gift(village)

    with pytest.raises(GiftRefused, match="请勾选"):
        hand_over_gifts(round, [], key=uuid4(), by=shopkeeper, at=GIVEN)
    stranger = Award(pk=987654)
    with pytest.raises(GiftRefused, match="请勾选"):
        hand_over_gifts(round, [stranger], key=uuid4(), by=shopkeeper, at=GIVEN)


def test_the_gift_can_be_changed_until_the_list_is_confirmed(
    village, homes, village_admin
):
    round = draft(village, by=village_admin)
    rice, oil = (offer(village, name, 20, at=IN_DECEMBER) for name in ("大米", "菜油"))
    act = {"by": village_admin, "at": OPENED}
    decide_gift(round, {rice: 1, oil: 1}, **act)

    decide_gift(round, {rice: 2, oil: 0}, **act)

    assert list(AwardGift.objects.values_list("reward", "quantity")) == [(rice.pk, 2)]
    for wrong in ({rice: 101}, {offer(VillageFactory()): 1}):
        with pytest.raises(GiftRefused):
            decide_gift(round, wrong, **act)


def test_a_confirmed_list_keeps_its_gift(village, homes, village_admin):
    round, rice = with_gift(village)

    with pytest.raises(GiftRefused, match="已经定了"):
        decide_gift(round, {rice: 3}, by=village_admin, at=CONFIRMED)


def test_goods_move_only_as_the_gift_was_decided(village, homes):
    round, rice = with_gift(village)
    hand_over(round, "001")
    [movement] = StockMovement.objects.filter(kind="gift")
    number = movement.number + 1

    for kind, quantity in (("gift", -5), ("gift_back", 2)):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(
                "INSERT INTO rewards_stockmovement (village_id, number, reward_id, "
                "kind, quantity, handover_id, donor, reason, voucher, operation_id, "
                "moved_at, moved_by_id) SELECT village_id, %s, reward_id, %s, %s, "
                "handover_id, '', '', '', operation_id, moved_at, moved_by_id "
                "FROM rewards_stockmovement WHERE id = %s",
                [number, kind, quantity, movement.pk],
            )

    assert on_hand(rice) == 38
