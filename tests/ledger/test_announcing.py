"""What is read out and passed on says no more than the board does."""

import re
from datetime import UTC, date, datetime

import pytest

from ledger.announcing import MOST_NAMES, broadcast, group_message, reading_seconds
from ledger.board import read
from ledger.naming import open_names, with_names
from ledger.preview import preview_of
from ledger.timeline import redeemable_from
from tests.factories import (
    END_OF_MARCH,
    HouseholdFactory,
    award,
    publish,
)
from tests.ledger.documents import counts, document, row

ADDRESS = "https://ledger.example/v/taoxi/"
THREE = [
    row(1, 112, 1, name="周兴禾"),
    row(2, 109, 2, name="吴○圆"),
    row(3, 107, 3, name="郑小满"),
]
DEDUCTION = {
    "item": "N02",
    "title": "乱倒垃圾",
    "points": 9,
    "group": 2,
    "households": 3,
}


def both(text, **values):
    content = read(text)
    return broadcast(content), group_message(content, address=ADDRESS, **values)


def test_the_month_is_said_with_its_names_its_counts_and_its_end():
    spoken, written = both(document(*THREE), phone="0000-000017")

    for text in (spoken, written):
        assert "桃溪村" in text
        assert "143" in text
        assert "周兴禾" in text
        assert "7" in text
    assert "290" in written
    assert ADDRESS in written
    assert "0000-000017" in written


def test_a_masked_name_is_shown_as_on_the_board_and_never_passed_on():
    spoken, written = both(document(*THREE))

    assert "吴○圆" in spoken
    assert "○" not in written


def test_no_deduction_and_no_negative_number_is_said():
    text = document(
        *THREE,
        row(4, name="李○明"),
        deductions=[DEDUCTION],
        totals={"deductions": 9, "reversals": -5},
    )

    for said in both(text):
        assert "乱倒垃圾" not in said
        assert "李○明" not in said
        assert not re.search(r"[-−]\s*\d", said.replace("0000-000017", ""))
        assert "9" not in said.replace("109", "").replace("290", "")


@pytest.mark.parametrize("ties", [3, 6, 12, 40])
def test_the_broadcast_reads_in_a_minute_however_many_share_a_place(ties):
    rows = [row(n, 112, 1, name="欧阳春晓", tied=1) for n in range(1, ties + 1)]

    spoken, _written = both(document(*rows, households=60))

    assert 10 <= reading_seconds(spoken) <= 60
    assert ("欧阳春晓" in spoken) is (ties <= MOST_NAMES)


def test_a_month_without_deeds_names_nobody():
    nothing = {**counts(6, 0, 0, 0), "participating": 0, "points": 0}

    spoken, written = both(document(counts=nothing))

    assert "王○田" not in spoken + written
    assert "0" not in spoken


def test_the_preview_ranks_as_the_publication_then_does(village):
    group = village.groups.get(number=1)
    for number, points in enumerate([5, 3, 3, 2, 0], start=1):
        household = HouseholdFactory(
            village=village,
            group=group,
            number=f"{number:03d}",
            full_name_consented_on=END_OF_MARCH.date() if number % 2 else None,
        )
        if points:
            award(household, "D02" if points > 2 else "Z01", points)
    HouseholdFactory(village=village, group=group, number="009", status="left")
    period = village.periods.get()

    preview = preview_of(period)
    content = with_names(read(publish(village).document), open_names(village))

    ranked = sorted(
        (line for line in content["rows"] if "place" in line),
        key=lambda line: (line["place"], line["number"]),
    )
    top = [line for line in ranked if line["place"] <= 3]
    assert [(slip.place, slip.name, slip.score) for slip in preview.top] == [
        (line["place"], line["name"], line["score"]) for line in top
    ]
    assert preview.ranked == len(ranked) == 4
    assert preview.named == 2


def test_the_preview_goes_on_from_what_is_published(village, household):
    award(household, "D02", 4)
    publish(village)
    deed = award(household, "D02", 3, at=datetime(2026, 4, 20, 2, 0, tzinfo=UTC))

    assert preview_of(deed.period).top[0].score == 60 + 4 + 3


def test_it_is_said_from_when_and_where_points_are_exchanged_and_for_what():
    content = read(document(*THREE))
    goods = ["食盐", "酱油", "洗衣粉", "毛巾"]

    said = broadcast(content, redeem_from=date(2025, 7, 8), goods=goods)

    assert said.endswith("分够了的，7月8日起到村里门市换食盐、酱油、洗衣粉。")
    assert "换" not in broadcast(content, redeem_from=date(2025, 7, 8))
    assert "换" not in broadcast(content, goods=goods)


def test_the_longest_broadcast_reads_in_a_minute():
    rows = [row(n, 112, 1, name="欧阳○春", tied=1) for n in range(1, 7)]
    goods = ["大桶洗衣液", "金龙鱼食用油", "加碘食用盐"]

    said = broadcast(
        read(document(*rows, households=60)), redeem_from=date(2025, 7, 8), goods=goods
    )

    assert reading_seconds(said) <= 60


@pytest.mark.parametrize(
    ("first", "last", "opens"),
    [(1, 31, date(2026, 4, 7)), (10, 20, date(2026, 4, 10)), (1, 5, date(2026, 5, 1))],
)
def test_points_are_exchanged_on_the_first_day_after_the_notice_that_the_village_has(
    village, first, last, opens
):
    village.policy.redemption_first_day = first
    village.policy.redemption_last_day = last

    assert redeemable_from(village.policy, date(2026, 4, 6)) == opens
