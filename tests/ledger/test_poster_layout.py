"""How many sheets a month takes, and that every household hangs on one of them once."""

import pytest

from ledger.public.poster_layout import A3, A4, GROUP, lay_out, lines_of


def groups(*sizes, name="陈○麦", digits=3):
    """Return groups of so many households, numbered through the village."""
    made, number = [], 0
    for index, size in enumerate(sizes, start=1):
        rows = [
            {"number": f"{number + n:0{digits}d}", "name": name, "score": 70}
            for n in range(1, size + 1)
        ]
        number += size
        made.append(
            {"number": index, "name": f"{index}社", "households": size, "rows": rows}
        )
    return made


def numbers_on(sheets):
    return [
        row["number"]
        for sheet in sheets
        for column in sheet.columns
        for block in column
        for row in block.rows
    ]


def height_of(column, letters):
    lines = sum(lines_of(row) for block in column for row in block.rows)
    return lines * letters.row + 7 * sum(block.is_headed for block in column)


TAOXI = (34, 31, 33, 28, 30, 30)
VILLAGES = [TAOXI, (34,) * 6, (204,), (102, 102), (29,) * 6 + (30,), (17,) * 12]


@pytest.mark.parametrize("sizes", VILLAGES, ids=str)
def test_up_to_204_households_hang_on_one_a3(sizes):
    (sheet,) = lay_out(groups(*sizes), A3)

    assert len(sheet.columns) <= sheet.letters.columns
    assert sheet.letters.points >= 11.5


def test_above_204_households_a_second_a3_goes_on_with_the_groups_name():
    sheets = lay_out(groups(60, 60, 60, 60), A3)

    assert [sheet.number for sheet in sheets] == [1, 2]
    first = sheets[1].columns[0][0]
    assert first.is_headed


def test_on_a4_the_list_has_a_sheet_of_its_own_in_four_columns():
    first, second = lay_out(groups(*TAOXI), A4)

    assert first.columns == []
    assert (second.number, second.letters.columns) == (2, 4)


def test_one_group_is_written_in_16_points():
    (sheet,) = lay_out(groups(33), GROUP)
    more = lay_out(groups(80), GROUP)

    assert sheet.letters.points == 16
    assert {sheet.letters.points for sheet in more} == {16}
    assert len(more) == 2


def test_few_households_are_written_larger():
    (sheet,) = lay_out(groups(12, 10, 14), A3)

    assert sheet.letters.points == 18


@pytest.mark.parametrize("paper", [A3, A4, GROUP], ids=["a3", "a4", "group"])
@pytest.mark.parametrize(
    "sizes", [*VILLAGES, (1,), (90, 3, 200), (7,) * 40, ()], ids=str
)
@pytest.mark.parametrize("name", ["陈○麦", "阿卜杜拉·热合曼江·买买提"])
def test_everybody_hangs_once_and_nothing_over_the_edge(paper, sizes, name):
    listed = groups(*sizes, name=name)

    sheets = lay_out(listed, paper)

    assert numbers_on(sheets) == [row["number"] for g in listed for row in g["rows"]]
    for sheet in sheets:
        assert len(sheet.columns) <= sheet.letters.columns
        room = paper.first if sheet.number == 1 else paper.later
        for column in sheet.columns:
            assert height_of(column, sheet.letters) <= room + 0.001


def test_a_long_name_takes_two_lines_and_below_the_base_three_letters_fill_one():
    assert lines_of({"name": "欧阳○春", "score": 70}) == 1
    assert lines_of({"name": "欧阳○春"}) == 2
    assert lines_of({"name": "陈○麦"}) == 1


def test_long_numbers_leave_room_for_fewer_columns():
    (sheet, *_more) = lay_out(groups(*TAOXI, digits=6), A3)

    assert sheet.letters.columns < 6


def test_english_takes_its_room_from_the_list_and_a3_is_still_one_sheet():
    assert A3.worded("zh-hans") == A3
    assert len(lay_out(groups(*TAOXI), A3.worded("en"))) == 1
    assert GROUP.worded("en").first < GROUP.first


def test_a_title_of_two_lines_takes_its_room_from_the_list():
    short, long = (
        A3.under("桃溪村六月好人好事公示"),
        A3.under("移" * 12 + "六月好人好事公示"),
    )

    assert short == A3
    assert long.first < A3.first
    assert long.later < A3.later
