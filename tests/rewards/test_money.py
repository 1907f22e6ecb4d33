"""Amounts of money are read and written to the last fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.money import NotAnAmount, read_yuan, write_yuan


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1,234.5", 123_450),
        ("1234.50", 123_450),
        ("１２３４．５０", 123_450),
        ("1，234。5元", 123_450),
        ("￥1,234,567.89", 123_456_789),
        (" 12 ", 1_200),
        ("0.29", 29),
        ("0.07", 7),
        ("1.15", 115),
        ("1234567", 123_456_700),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed, fen):
    assert read_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "元",
        "-5",
        "+5",
        "1.234",
        "12,34",
        "1,2345",
        "1.2.3",
        "1e3",
        ".5",
        "5.",
        "五元",
        "٣",
        "NaN",
        "9" * 13,
    ],
)
def test_anything_else_is_refused(typed):
    with pytest.raises(NotAnAmount):
        read_yuan(typed)


@pytest.mark.parametrize(
    ("fen", "written"),
    [(0, "0"), (100, "1"), (123_450, "1,234.50"), (-5, "−0.05"), (-420_000, "−4,200")],
)
def test_decimals_are_written_where_there_are_any(fen, written):
    assert write_yuan(fen) == written


@given(st.integers(0, 10**13))
def test_what_is_written_is_read_back(fen):
    assert read_yuan(write_yuan(fen)) == fen
