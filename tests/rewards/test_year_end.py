"""Year end: what is left of last year's points is announced in March, then expires."""

from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from households.models import AuditEvent, Household
from households.passbooks import print_cards
from ledger.expiring import expire_points, spendable_points
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry
from rewards.invariants import SHOP_INVARIANTS
from tests.factories import (
    IN_MARCH,
    HouseholdFactory,
    VillageFactory,
    award,
    earn,
    exchange,
    finalize,
    offer,
    publish,
)
from tests.ledger.reading import read, text_of
from tests.rewards.april import SHANGHAI

DECEMBER = date(2026, 12, 1)
NOTICE = "去年没兑完的分3月31日前可以用，过后作废"


@pytest.fixture
def carried(household):
    """30 points earned in March 2026, none spent."""
    earn(household, 30)
    return household


@pytest.fixture
def elsewhere(db):
    """20 points of 2026 in a second village."""
    household = HouseholdFactory(village=VillageFactory(name="双河村"))
    earn(household, 20)
    return household


def advance(capsys, day):
    capsys.readouterr()
    call_command("advance_months", today=day)
    return capsys.readouterr().out


def expired(household):
    entries = Entry.objects.filter(household=household, kind=Entry.Kind.EXPIRY)
    return list(entries.in_order().values_list("year", "points"))


def told_of():
    events = AuditEvent.objects.filter(action="points.expire").order_by("pk")
    return list(events.values_list("village__name", flat=True))


def broken_promises():
    return [str(v) for v in violations(None, [*INVARIANTS, *SHOP_INVARIANTS])]


# The timer


def test_the_timer_expires_what_is_left_in_every_village_and_says_so(
    capsys, carried, elsewhere
):
    out = advance(capsys, "2027-04-01")

    assert (expired(carried), expired(elsewhere)) == ([(2027, -30)], [(2027, -20)])
    assert "桃溪村：往年没兑完的30分过了3月31日，已作废，共1户。" in out
    assert "双河村：往年没兑完的20分过了3月31日，已作废，共1户。" in out
    assert broken_promises() == []


def test_until_the_last_second_of_31_march_nothing_expires(capsys, carried):
    assert "作废" not in advance(capsys, "2027-03-31")
    last_minute = datetime(2027, 3, 31, 23, 59, tzinfo=SHANGHAI)

    assert expire_points(carried.village, at=last_minute) == []
    assert spendable_points(carried, at=last_minute) == 30


def test_the_timer_may_run_twice(capsys, carried):
    advance(capsys, "2027-04-01")

    assert "作废" not in advance(capsys, "2027-04-01")
    assert "作废" not in advance(capsys, "2027-04-02")
    assert expired(carried) == [(2027, -30)]


@pytest.mark.parametrize("day", ["2027-04-20", "2027-12-31", "2028-02-29"])
def test_a_missed_timer_makes_up_for_it(capsys, carried, day):
    out = advance(capsys, day)

    assert "30分" in out
    assert expired(carried) == [(2027, -30)]
    assert AuditEvent.objects.filter(action="points.expire").count() == 1


def test_whoever_shops_before_a_missed_timer_spends_nothing_that_had_expired(carried):
    salt = offer(carried.village)
    in_april = datetime(2027, 4, 3, 10, tzinfo=SHANGHAI)

    assert spendable_points(carried, at=in_april) == 0
    with pytest.raises(Exception, match="10"):
        exchange(carried, {salt: 5}, at=in_april)


@contextmanager
def power_cut(*, in_village, after_writing):
    """Break off an expiry in the n-th village, as a killed process would."""
    seen = 0

    def break_off(execute, sql, params, many, context):
        nonlocal seen
        result = execute(sql, params, many, context)
        if f'INSERT INTO "{after_writing}"' in sql and "expir" in str(params).lower():
            seen += 1
            if seen == in_village:
                raise KeyboardInterrupt
        return result

    with connection.execute_wrapper(break_off), pytest.raises(KeyboardInterrupt):
        yield


@pytest.mark.parametrize("table", ["households_auditevent", "ledger_entry"])
def test_a_timer_killed_in_the_middle_leaves_whole_villages_and_goes_on_later(
    capsys, carried, elsewhere, table
):
    with power_cut(in_village=2, after_writing=table):
        advance(capsys, "2027-04-01")
    assert (expired(carried), expired(elsewhere)) == ([(2027, -30)], [])
    assert told_of() == ["桃溪村"]
    assert broken_promises() == []

    out = advance(capsys, "2027-04-02")

    assert "桃溪村：往年" not in out
    assert "双河村：往年没兑完的20分" in out
    assert (expired(carried), expired(elsewhere)) == ([(2027, -30)], [(2027, -20)])
    assert told_of() == ["桃溪村", "双河村"]
    assert broken_promises() == []


def test_29_february_is_an_ordinary_day(capsys, household, client, stop_the_clock):
    village, march = household.village, date(2027, 3, 1)
    award(household, "D03", 30, at=datetime(2027, 3, 20, tzinfo=UTC))
    publish(village, month=march)
    finalize(village, month=march, at=datetime(2027, 4, 10, tzinfo=UTC))
    stop_the_clock(2028, 2, 29, 12)

    assert "作废" not in advance(capsys, "2028-02-29")
    assert NOTICE not in read(client, "/v/taoxi/")
    stop_the_clock(2028, 3, 1, 0, 1)
    assert NOTICE in read(client, "/v/taoxi/")
    assert "30分" in advance(capsys, "2028-04-01")


def test_points_that_became_final_too_late_live_until_the_next_31_march(household):
    village = household.village
    award(household, "D03", 30, at=datetime(2026, 12, 20, tzinfo=UTC))
    publish(village, month=DECEMBER, at=datetime(2027, 3, 28, tzinfo=UTC))
    finalize(village, month=DECEMBER, at=datetime(2027, 4, 5, tzinfo=UTC))

    first = expire_points(village, at=datetime(2027, 4, 6, tzinfo=UTC))
    still = spendable_points(household, at=datetime(2028, 3, 31, tzinfo=UTC))
    expire_points(village, at=datetime(2028, 4, 1, tzinfo=UTC))

    assert (first, still) == ([], 30)
    assert expired(household) == [(2028, -30)]


def test_a_paper_book_of_last_year_does_not_expire_on_the_day_it_is_final(household):
    """A new village brings the months before it joined and may still spend them."""
    award(household, "D03", 30, at=datetime(2025, 12, 20, tzinfo=UTC))
    publish(
        household.village, month=date(2025, 12, 1), at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    finalize(
        household.village, month=date(2025, 12, 1), at=datetime(2026, 6, 10, tzinfo=UTC)
    )

    assert expire_points(household.village, at=datetime(2026, 6, 11, tzinfo=UTC)) == []


# The announcement


@pytest.mark.parametrize("path", ["/v/taoxi/", "/v/taoxi/shop/"])
@pytest.mark.parametrize(
    ("moment", "announced"),
    [
        ((2027, 2, 28, 23, 59), False),
        ((2027, 3, 1, 0, 0), True),
        ((2027, 3, 31, 23, 59), True),
        ((2027, 4, 1, 0, 0), False),
        ((2026, 12, 31, 12, 0), False),
    ],
)
def test_board_and_shop_announce_it_throughout_march(
    carried, client, stop_the_clock, path, moment, announced
):
    stop_the_clock(*moment)

    assert (NOTICE in read(client, path)) is announced


def test_the_kept_page_changes_with_the_day(carried, client, stop_the_clock):
    stop_the_clock(2027, 3, 31, 23, 59)
    before = client.get("/v/taoxi/").headers["ETag"]

    stop_the_clock(2027, 4, 1, 0, 0)

    assert client.get("/v/taoxi/").headers["ETag"] != before


@pytest.mark.parametrize("path", ["/v/taoxi/", "/v/taoxi/shop/"])
def test_a_village_without_a_past_year_announces_nothing(
    carried, client, stop_the_clock, path
):
    stop_the_clock(2026, 3, 20, 12)

    assert "过后作废" not in read(client, path).replace(
        "第二年3月31日前可以用，过后作废", ""
    )


@pytest.fixture
def passbook(carried, client, settings, tmp_path):
    """The household's passbook, opened by its card."""
    settings.DATA_DIR = tmp_path
    salt = offer(carried.village)
    chosen = Household.objects.filter(pk=carried.pk)
    [card] = print_cards(carried.village, chosen, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")
    exchange(carried, {salt: 6}, at=datetime(2027, 2, 20, tzinfo=UTC))

    def passbook():
        return text_of(client.get("/my/"))

    return passbook


def test_the_passbook_says_how_many_points_of_this_household_expire(
    passbook, stop_the_clock
):
    stop_the_clock(2027, 3, 31, 23, 59)

    assert "现在能兑换 18分 够换：食盐9袋 其中18分3月31日后作废" in passbook()


@pytest.mark.parametrize("moment", [(2027, 2, 28, 12), (2027, 4, 1, 0)])
def test_outside_march_the_passbook_says_nothing_of_it(
    passbook, stop_the_clock, moment
):
    stop_the_clock(*moment)

    assert "日后作废" not in passbook()


def test_whose_points_are_all_of_this_year_reads_nothing_of_it(
    passbook, carried, stop_the_clock
):
    salt = carried.village.rewards.get()
    exchange(carried, {salt: 9}, at=datetime(2027, 3, 2, tzinfo=UTC))
    stop_the_clock(2027, 3, 20, 12)

    assert "日后作废" not in passbook()
