"""What the board makes of a document, without a database, a clock or a page."""

from datetime import date

import pytest

from households.written_sheets import harmless
from ledger import board
from ledger.public.finding import typed
from ledger.public.overview import overview_line, overview_sums
from ledger.public.standings_csv import standings_csv
from ledger.templatetags.ledger_tags import seal
from tests.ledger.documents import counts, document, row

FOURTH_OF_JULY = date(2025, 7, 4)


def read(*rows, **values):
    return board.read(document(*rows, **values))


def ranked(*places):
    return [
        row(number, 120 - place, place) for number, place in enumerate(places, start=1)
    ]


@pytest.mark.parametrize(
    ("places", "layout"),
    [
        ([], "none"),
        ([1], "one"),
        ([1, 2], "few podium"),
        ([1, 1], "few"),
        ([1, 2, 3], "three podium"),
        ([1, 2, 2], "three podium"),
        ([1, 1, 3], "three"),
        ([1, 1, 1], "three"),
        ([1, 2, 3, 3], "list"),
        ([1] * 12, "list"),
        ([1] * 13, "crowd"),
    ],
)
def test_slips_hang_by_how_many_stand_in_the_first_three_places(places, layout):
    sheet = board.red_sheet(read(*ranked(*places)))

    assert sheet["layout"] == layout


def test_a_tie_for_the_second_place_leaves_no_third():
    sheet = board.red_sheet(read(*ranked(1, 2, 2, 4)))

    assert [slip["place"] for slip in sheet["slips"]] == [1, 2, 2]


def test_only_a_name_of_more_than_four_characters_lies_flat():
    names = ["欧阳春晓", "阿依古丽·买买提"]
    rows = [
        row(place, 100 - place, place, name=name)
        for place, name in enumerate(names, start=1)
    ]

    sheet = board.red_sheet(read(*rows))

    assert [slip["long"] for slip in sheet["slips"]] == [False, True]


def test_places_after_the_tenth_fold_away():
    ranking = board.ranking(read(*ranked(*range(1, 21)), households=30))

    assert [row["place"] for row in ranking["first"]] == list(range(1, 11))
    assert [row["place"] for row in ranking["rest"]] == list(range(11, 21))


def test_households_of_one_place_stand_in_the_order_of_group_and_number():
    rows = [row(5, 90, 1, group=1), row(2, 90, 1, group=2), row(9, 95, 1, group=1)]

    ranking = board.ranking(read(*rows))

    assert [row["number"] for row in ranking["first"]] == ["005", "009", "002"]


def test_a_move_says_which_way_and_how_far():
    rows = [
        row(1, 99, 1, moved=2),
        row(2, 98, 2, moved=-1),
        row(3, 97, 3, moved=0),
        row(4, 96, 4, new=1),
    ]

    ranking = board.ranking(read(*rows))

    moves = [(row["movement"], row["by"]) for row in ranking["first"]]
    assert moves == [("up", 2), ("down", 1), ("same", 0), ("new", 0)]
    assert ranking["moves"]


def test_the_first_month_of_a_year_has_no_column_of_moves():
    assert not board.ranking(read(*ranked(1, 2)))["moves"]


def test_the_bar_is_filled_from_end_to_end_in_proportion():
    bar = board.figures(read(counts=counts(6, 38, 61, 44)))["bar"]

    assert [part["pillar"] for part in bar] == ["law", "virtue", "self"]
    assert bar[0]["x"] == 0
    assert bar[-1]["x"] + bar[-1]["width"] == board.BAR_WIDTH
    assert [part["width"] for part in bar] == [262, 422, 304]


def test_the_bar_leaves_out_a_pillar_without_deeds():
    bar = board.figures(read(counts=counts(6, 0, 5, 5)))["bar"]

    assert [part["pillar"] for part in bar] == ["virtue", "self"]


def test_a_month_without_deeds_has_no_bar():
    assert board.figures(read(counts=counts(6, 0, 0, 0)))["bar"] == []


@pytest.mark.parametrize(
    ("state", "day", "notice"),
    [
        ("on_notice", date(2025, 7, 4), {"kind": "on-notice", "days": 3}),
        ("on_notice", date(2025, 7, 6), {"kind": "on-notice", "days": 1}),
        ("on_notice", date(2025, 7, 7), {"kind": "last-day"}),
        ("on_notice", date(2025, 7, 8), {"kind": "over"}),
        ("final", date(2025, 7, 8), {"kind": "final"}),
    ],
)
def test_the_notice_counts_the_days_to_its_last_one(state, day, notice):
    assert board.notice(read(), state, day) == notice


def test_a_month_is_due_on_the_first_of_the_next_one_until_that_day_has_come():
    december = date(2025, 12, 1)

    before = board.upcoming(december, date(2025, 12, 31))
    after = board.upcoming(december, date(2026, 1, 1), cut_off=True)

    assert before == {"month": december, "cut_off": False, "due": date(2026, 1, 1)}
    assert after == {"month": december, "cut_off": True, "due": None}


def test_the_red_sheet_is_bare_from_new_year_until_a_month_of_it_is_published():
    december = read(*ranked(1, 2, 3), month="2025-12")

    on_notice = board.board_page(december, "on_notice", date(2026, 1, 3))
    january = board.board_page(december, "final", date(2026, 1, 9))

    assert on_notice["sheet"]["layout"] == "three podium"
    assert january["sheet"]["layout"] == "new-year"
    assert january["ranking"]["first"]


def test_the_full_table_moves_to_the_group_pages_above_250_households():
    fits = board.month_page(read(households=250), "final", FOURTH_OF_JULY)
    too_long = board.month_page(read(households=251), "final", FOURTH_OF_JULY)

    assert not fits["by_group"]
    assert too_long["by_group"]


def test_corrections_are_counted_by_the_month_they_put_right():
    lines = [
        {"month": "2025-05", "entry": 201, "item": "Z05", "title": "参加公共清洁"},
        {"month": "2025-04", "entry": 90},
        {"month": "2025-05", "entry": 202},
    ]
    june = read(corrections=lines)

    assert board.correction_counts(june) == [
        {"month": date(2025, 4, 1), "places": 1},
        {"month": date(2025, 5, 1), "places": 2},
    ]
    assert board.corrected_later(date(2025, 5, 1), [june, read()]) == [
        {"booked": date(2025, 6, 1), "places": 2}
    ]


def test_a_deduction_line_keeps_its_words_when_its_group_is_gone():
    line = {
        "item": "N02",
        "title": "庭院脏乱",
        "points": 6,
        "group": 9,
        "households": 3,
    }

    assert board.deductions(read(deductions=[line]))[0]["group"] == ""


def test_a_group_is_found_by_its_number_and_no_other_is():
    document = read(row(1, 60, group=1), row(2, 60, group=2))

    assert board.group_page(document, 2)["group"]["name"] == "2社"
    assert board.group_page(document, 3) is None


def test_a_village_is_late_once_the_next_month_is_past_due():
    june = read()

    in_time = overview_line(june, "final", date(2025, 8, 1))
    late = overview_line(june, "final", date(2025, 8, 2))

    assert in_time["late"] is None
    assert late["late"] == {"month": date(2025, 7, 1), "due": date(2025, 8, 1)}


def test_the_township_adds_up_the_deeds_of_the_newest_month_only():
    lines = [
        overview_line(read(households=10), "final", FOURTH_OF_JULY),
        overview_line(read(households=5, month="2025-05"), "final", FOURTH_OF_JULY),
        overview_line(None, "", FOURTH_OF_JULY),
    ]

    sums = overview_sums(lines)

    assert sums == {"households": 15, "month": date(2025, 6, 1), "deeds": 143}


def test_the_table_for_spreadsheets_is_marked_and_quotes_every_field():
    rows = [row(1, 70, 1, name="=○○禾", month=3), row(2, name="许○")]

    table = standings_csv(read(*rows, households=2)).decode()

    assert table.startswith('\ufeff"')
    assert table.splitlines()[1:] == [
        '"1社","001","\'=○○禾","70","3","1"',
        '"1社","002","许○","60以下","",""',
    ]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\t"]
)
def test_no_cell_can_be_read_as_a_formula(start):
    assert harmless(f"{start}1+1").startswith("'")


@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("桃溪村", "桃溪公示"),
        ("李村", "李村公示"),
        ("青石桥村", "青石桥村"),
        ("太阳沟社区", "太阳公示"),
    ],
)
def test_the_seal_is_cut_from_the_village_name(name, characters):
    assert seal(name) == characters


def test_what_is_typed_is_read_in_half_width_and_without_spaces_around():
    assert typed("　１６４ ") == "164"
