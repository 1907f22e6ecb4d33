"""The exchange at the counter: enough points, enough goods, both or neither."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from households.models import AuditEvent
from households.roles import Role
from ledger.models import Entry
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from rewards.canceling import NotCancelable, cancel_redemption
from rewards.models import Redemption, StockMovement
from rewards.redeeming import (
    HouseholdGone,
    NothingChosen,
    NotOfThisShop,
    OutOfStock,
    PaperSlipRefused,
    ShopClosed,
    TooFewPoints,
    redeem,
)
from rewards.stock import set_price
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    VillageFactory,
    award,
    earn,
    exchange,
    offer,
    publish,
    serve,
)


@pytest.fixture
def shopkeeper(village):
    return serve(village, Role.SHOPKEEPER, username="shop")


@pytest.fixture
def salt(village):
    return offer(village, "食盐", 2, stock=40)


@pytest.fixture
def sauce(village):
    return offer(village, "酱油", 8, stock=3, unit="瓶")


@pytest.fixture
def earned(household):
    """A household with 20 points to spend."""
    earn(household, 20)
    return household


def balance(household):
    return Entry.objects.filter(household=household).balance()


def on_hand(reward):
    return StockMovement.objects.filter(reward=reward).on_hand()


def test_points_and_goods_go_together(earned, salt, sauce, shopkeeper):
    slip = exchange(earned, {salt: 2, sauce: 1}, by=shopkeeper, collected_by="罗小山")

    assert (balance(earned), on_hand(salt), on_hand(sauce)) == (8, 38, 2)
    assert slip.number == 1
    assert (slip.points, slip.balance_after) == (12, 8)
    assert slip.handed_over_on == date(2026, 4, 7)
    assert list(slip.lines.values_list("reward__name", "quantity", "points")) == [
        ("食盐", 2, 4),
        ("酱油", 1, 8),
    ]
    assert AuditEvent.objects.filter(action="shop.redeem").count() == 1


def test_spending_never_lowers_the_score(earned, salt):
    exchange(earned, {salt: 5})

    assert Entry.objects.filter(household=earned).score(2026) == 80


def test_the_same_form_makes_one_slip(earned, salt, shopkeeper):
    key = uuid4()

    slips = [exchange(earned, {salt: 5}, by=shopkeeper, key=key) for _ in range(3)]

    assert {slip.pk for slip in slips} == {Redemption.objects.get().pk}
    assert (balance(earned), on_hand(salt)) == (10, 35)


def test_the_same_form_with_other_goods_is_refused(earned, salt, shopkeeper):
    key = uuid4()
    exchange(earned, {salt: 5}, by=shopkeeper, key=key)

    with pytest.raises(KeyUsedForSomethingElse):
        exchange(earned, {salt: 6}, by=shopkeeper, key=key)


def test_more_points_than_there_are_is_refused_whole(earned, salt, sauce):
    with pytest.raises(TooFewPoints, match="4"):
        exchange(earned, {sauce: 3})

    assert (balance(earned), on_hand(sauce)) == (20, 3)
    assert not Redemption.objects.exists()


def test_base_points_and_points_on_notice_are_not_spent(household, salt):
    award(household, "D03", 20)
    publish(household.village)

    with pytest.raises(TooFewPoints):
        exchange(household, {salt: 5})


def test_more_than_is_in_stock_is_refused_whole(household, salt, sauce):
    earn(household, 50)

    with pytest.raises(OutOfStock, match="3"):
        exchange(household, {salt: 1, sauce: 4})

    assert (balance(household), on_hand(salt), on_hand(sauce)) == (50, 40, 3)


def test_less_than_the_smallest_redemption_is_refused(earned, salt):
    with pytest.raises(TooFewPoints, match="10"):
        exchange(earned, {salt: 4})


def test_nothing_chosen_is_refused(earned, salt):
    with pytest.raises(NothingChosen):
        exchange(earned, {salt: 0})


def test_goods_of_another_village_are_refused(earned):
    elsewhere = offer(VillageFactory(), "食盐", 2)

    with pytest.raises(NotOfThisShop):
        exchange(earned, {elsewhere: 5})


def test_goods_no_longer_offered_are_refused(earned, salt):
    salt.is_active = False
    salt.save()

    with pytest.raises(NotOfThisShop):
        exchange(earned, {salt: 5})


def test_a_household_that_moved_out_spends_nothing(earned, salt):
    earned.status = earned.Status.LEFT
    earned.save()

    with pytest.raises(HouseholdGone):
        exchange(earned, {salt: 5})


def test_outside_the_days_of_exchange_the_shop_is_closed(earned, salt):
    policy = earned.village.policy
    policy.redemption_first_day, policy.redemption_last_day = 10, 20
    policy.save()

    with pytest.raises(ShopClosed, match="10"):
        exchange(earned, {salt: 5})


def test_a_new_price_counts_from_now_on(earned, salt, shopkeeper):
    set_price(salt, points=4, fen=300, by=shopkeeper, at=AFTER_NOTICE)

    slip = exchange(earned, {salt: 5}, at=AFTER_NOTICE + timedelta(hours=1))

    assert slip.points == 20


def test_a_paper_slip_keeps_its_day_number_and_price(earned, salt, shopkeeper):
    set_price(salt, points=4, fen=300, by=shopkeeper, at=AFTER_NOTICE)
    the_day_before = date(2026, 4, 6)

    slip = exchange(earned, {salt: 5}, handed_over_on=the_day_before, paper_number="A7")

    assert (slip.handed_over_on, slip.paper_number) == (the_day_before, "A7")
    assert slip.points == 10


@pytest.mark.parametrize("day", [date(2026, 4, 8), date(2026, 3, 6)])
def test_a_paper_slip_of_an_impossible_day_is_refused(earned, salt, day):
    with pytest.raises(PaperSlipRefused):
        exchange(earned, {salt: 5}, handed_over_on=day)


def test_a_paper_slip_is_entered_once(earned, salt):
    exchange(earned, {salt: 5}, paper_number="A7")

    with pytest.raises(PaperSlipRefused, match="A7"):
        exchange(earned, {salt: 5}, paper_number="A7")


def test_canceling_gives_back_points_and_goods_once(earned, salt, sauce, shopkeeper):
    slip = exchange(earned, {salt: 2, sauce: 1}, by=shopkeeper)
    key = uuid4()

    for _ in range(2):
        cancel_redemption(
            slip, reason="拿错了", key=key, by=shopkeeper, at=AFTER_NOTICE
        )

    assert (balance(earned), on_hand(salt), on_hand(sauce)) == (20, 40, 3)
    assert list(Redemption.objects.standing()) == []
    with pytest.raises(NotCancelable):
        cancel_redemption(
            slip, reason="拿错了", key=uuid4(), by=shopkeeper, at=AFTER_NOTICE
        )


@pytest.mark.parametrize(
    ("reason", "later"), [("", timedelta()), ("拿错了", timedelta(days=1))]
)
def test_canceling_needs_a_reason_and_the_same_day(
    earned, salt, shopkeeper, reason, later
):
    slip = exchange(earned, {salt: 5}, by=shopkeeper)

    with pytest.raises(NotCancelable):
        cancel_redemption(
            slip, reason=reason, key=uuid4(), by=shopkeeper, at=AFTER_NOTICE + later
        )

    assert balance(earned) == 10


def test_numbers_run_on_in_each_village(earned, salt, shopkeeper):
    exchange(earned, {salt: 5}, by=shopkeeper)
    elsewhere = HouseholdFactory(village=VillageFactory())
    earn(elsewhere, 20)
    other_salt = offer(elsewhere.village)

    numbers = [
        exchange(earned, {salt: 5}, by=shopkeeper).number,
        exchange(elsewhere, {other_salt: 5}).number,
    ]

    assert numbers == [2, 1]


def test_every_refusal_is_one_sentence(earned, salt, sauce):
    for wanted in [{}, {sauce: 3}, {salt: 4}, {sauce: 4}]:
        with pytest.raises(Refused) as refused:
            exchange(earned, wanted)
        assert str(refused.value).strip()


def test_the_database_refuses_an_overdrawn_redemption(earned):
    last = Entry.objects.order_by("-number").first()

    with pytest.raises(DatabaseError, match="I-20"), transaction.atomic():
        Entry.objects.create(
            village=earned.village,
            number=last.number + 1,
            household=earned,
            year=2026,
            kind=Entry.Kind.REDEMPTION,
            points=-21,
            posted_at=AFTER_NOTICE,
            posted_by=last.posted_by,
        )


def test_the_database_refuses_goods_that_are_not_there(salt, sauce, shopkeeper):
    movement = StockMovement.objects.get(reward=sauce)

    with pytest.raises(DatabaseError, match="I-21"), transaction.atomic():
        StockMovement.objects.create(
            village=sauce.village,
            number=3,
            reward=sauce,
            kind=StockMovement.Kind.ADJUSTMENT,
            quantity=-4,
            reason="少了",
            operation=movement.operation,
            moved_at=AFTER_NOTICE,
            moved_by=shopkeeper,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rewards_redemption SET balance_after = 99",
        "DELETE FROM rewards_redemptionline",
        "UPDATE rewards_stockmovement SET quantity = 1",
        "UPDATE rewards_price SET points = 1",
    ],
)
def test_the_database_keeps_what_the_shop_wrote(earned, salt, statement):
    exchange(earned, {salt: 5})

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_points_of_past_years_are_expired_before_april_spends_them(household, salt):
    earn(household, 20)
    a_year_later = datetime(2027, 4, 2, 2, tzinfo=UTC)

    with pytest.raises(TooFewPoints):
        redeem(
            household,
            {salt: 5},
            key=uuid4(),
            by=serve(household.village, Role.SHOPKEEPER),
            at=a_year_later,
        )
