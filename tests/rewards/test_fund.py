"""Money in and out of the exchange fund, and whether it covers what was promised."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from ledger.models import Period
from rewards.budget import promise_of
from rewards.fund import FundRefused, correct_fund_movement, record_fund_movement
from rewards.models import FundMovement
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    award,
    earn,
    exchange,
    finalize,
    offer,
    publish,
)


@pytest.fixture
def money(village, village_admin):
    def money(kind, yuan, **values):
        values = {
            "happened_on": date(2026, 4, 1),
            "party": "镇财政所",
            "voucher": "收-001",
            "key": uuid4(),
            "by": village_admin,
            "at": AFTER_NOTICE,
            **values,
        }
        return record_fund_movement(village, kind=kind, fen=round(yuan * 100), **values)

    return money


def test_income_adds_and_a_purchase_takes_away(money):
    money("grant", 1000)
    money("donation", 250.5, party="周老板")
    money("purchase", 420.25, party="供销社", voucher="付-001")

    assert FundMovement.objects.all().balance() == 83_025
    assert [m.number for m in FundMovement.objects.in_order()] == [1, 2, 3]


def test_the_same_form_counts_once(money):
    key = uuid4()

    movements = {money("grant", 1000, key=key).pk for _ in range(2)}

    assert len(movements) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": " "},
        {"voucher": ""},
        {"happened_on": date(2026, 4, 8)},
        {"kind": "correction"},
        {"yuan": 0},
        {"yuan": 2_000_000},
    ],
)
def test_what_is_missing_or_impossible_is_refused(money, wrong):
    values = {"kind": "grant", "yuan": 10, **wrong}

    with pytest.raises(FundRefused):
        money(values.pop("kind"), values.pop("yuan"), **values)


def test_a_wrong_line_is_taken_back_whole_and_once(money, village_admin):
    wrong = money("grant", 1000)
    key = uuid4()

    for _ in range(2):
        correct_fund_movement(
            wrong, reason="多写了一个零", key=key, by=village_admin, at=AFTER_NOTICE
        )

    assert FundMovement.objects.all().balance() == 0
    assert not FundMovement.objects.standing().exists()
    with pytest.raises(FundRefused):
        correct_fund_movement(
            wrong, reason="再来", key=uuid4(), by=village_admin, at=AFTER_NOTICE
        )


def test_a_correction_says_why_and_is_not_corrected(money, village_admin):
    wrong = money("grant", 1000)
    facts = {"by": village_admin, "at": AFTER_NOTICE}

    with pytest.raises(FundRefused):
        correct_fund_movement(wrong, reason=" ", key=uuid4(), **facts)
    taken_back = correct_fund_movement(wrong, reason="写错", key=uuid4(), **facts)
    with pytest.raises(FundRefused):
        correct_fund_movement(taken_back, reason="写错", key=uuid4(), **facts)


def test_the_database_refuses_a_correction_of_another_amount(money):
    wrong = money("grant", 1000)

    with pytest.raises(DatabaseError, match="whole"), transaction.atomic():
        FundMovement.objects.create(
            village=wrong.village,
            number=2,
            kind="correction",
            fen=-1,
            happened_on=wrong.happened_on,
            party=wrong.party,
            note="少退",
            voucher=wrong.voucher,
            corrects=wrong,
            operation=wrong.operation,
            recorded_at=AFTER_NOTICE,
            recorded_by=wrong.recorded_by,
        )


def test_a_promise_is_points_times_what_a_point_is_worth(household, money):
    earn(household, 30)
    salt = offer(household.village, "食盐", 2, stock=10, fen=150)
    money("grant", 10)
    exchange(household, {salt: 5})

    promise = promise_of(household.village, at=AFTER_NOTICE)

    assert (promise.spendable_points, promise.coming_points) == (20, 0)
    assert promise.promised_fen == 2_000
    assert (promise.fund_fen, promise.shelf_fen) == (1_000, 750)
    assert promise.missing_fen == 250
    assert not promise.is_kept


def test_points_on_notice_and_about_to_be_published_are_promised_too(household, money):
    award(household, "D03", 20)
    period = Period.objects.get()
    village = household.village

    before = promise_of(village, at=END_OF_MARCH)
    about_to = promise_of(village, at=END_OF_MARCH, publishing=period)
    publish(village)
    on_notice = promise_of(village, at=AFTER_NOTICE)
    finalize(village)
    final = promise_of(village, at=AFTER_NOTICE + timedelta(days=1))

    assert [before.coming_points, about_to.coming_points] == [0, 20]
    assert [on_notice.coming_points, on_notice.spendable_points] == [20, 0]
    assert [final.coming_points, final.spendable_points] == [0, 20]
