from datetime import date, datetime

import pytest

from households import cells
from households.cells import CellProblem, Phone


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" 周\u3000兴\u00a0禾 ", "周兴禾"),
        ("\ufeff户\u200b主\n姓 名", "户主姓名"),
        ("１２３（甲）", "123(甲)"),
        (7.0, "7"),
        (None, ""),
        ("", ""),
        (2.5, "2.5"),
    ],
)
def test_a_cell_is_read_without_spaces_and_full_width_forms(typed, meant):
    assert cells.plain(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("苏\u3000芳", "苏芳"),
        ("陶冬至（户主）", "陶冬至"),
        ("陶冬至(户主)", "陶冬至"),
        ("户主：陶冬至", "陶冬至"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("欧阳𬱖", "欧阳𬱖"),
        ("王" * 30, "王" * 30),
    ],
)
def test_a_name_loses_its_padding_and_keeps_its_inner_dot(typed, meant):
    assert cells.person_name(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", None, "\u3000", "（户主）", "王" * 31, "123", "—", date(2026, 3, 12)],
)
def test_what_is_not_a_name_is_refused(typed):
    with pytest.raises(CellProblem) as refused:
        cells.person_name(typed)

    assert refused.value.remedy


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("001", "001"),
        ("０１３", "013"),
        (7, "007"),
        (7.0, "007"),
        ("7.0", "007"),
        (1234, "1234"),
        ("0012", "012"),
        (" 0 3 1", "031"),
        ("3-12", "3-12"),
        ("A12", "A12"),
        ("012号", "012"),
        ("'005", "005"),
    ],
)
def test_a_household_number_is_text_of_three_digits(typed, meant):
    assert cells.household_number(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        date(2026, 3, 12),
        datetime.fromisoformat("2026-03-12T08:00"),
        "3月12日",
        "2026-03-12",
        "12-Mar",
    ],
)
def test_a_number_that_excel_turned_into_a_date_is_refused_as_that(typed):
    with pytest.raises(CellProblem, match=r"Excel|日期"):
        cells.household_number(typed)


@pytest.mark.parametrize(
    "typed",
    [None, "", "0", "000", -3, 2.5, "1/2", "<b>", "1234567", True, "x" * 13, "=A1"],
)
def test_what_is_not_a_household_number_is_refused(typed):
    with pytest.raises(CellProblem):
        cells.household_number(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1社", "1社"),
        ("一社", "1社"),
        ("十二组", "12组"),
        ("二十社", "20社"),
        ("二十三组", "23组"),
        ("第三村民小组", "3组"),
        ("４ 社", "4社"),
        ("5小组", "5组"),
        ("桃溪村六社", "6社"),
        (7, "7组"),
        (7.0, "7组"),
        ("河东", "河东"),
    ],
)
def test_a_group_is_its_number_and_its_unit(typed, meant):
    assert cells.group_name(typed) == meant


def test_a_bare_group_number_takes_the_unit_of_its_column():
    assert cells.group_name("三", unit="社") == "3社"


@pytest.mark.parametrize("typed", ["", None, "0社", "—", "河" * 21, date(2026, 3, 1)])
def test_what_is_not_a_group_is_refused(typed):
    with pytest.raises(CellProblem):
        cells.group_name(typed)


def test_a_group_number_is_what_the_name_begins_with():
    assert cells.group_number("12组") == 12
    assert cells.group_number("河东") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (13912345678.0, Phone("13912345678", False)),
        ("139 1234 5678", Phone("13912345678", False)),
        ("１３９１２３４５６７８", Phone("13912345678", False)),
        ("＋86 139-1234-5678", Phone("13912345678", False)),
        ("13912345678/023-00000001", Phone("13912345678", True)),
        ("13912345678\n13812345678", Phone("13912345678", True)),
        ("13912345678 13812345678", Phone("13912345678", True)),
        ("无/13912345678", Phone("13912345678", False)),
        ("02368001234", Phone("023-68001234", False)),
        ("(0830)6800123", Phone("0830-6800123", False)),
        ("68001234", Phone("68001234", False)),
        ("", Phone("", False)),
        (None, Phone("", False)),
        ("无", Phone("", False)),
    ],
)
def test_the_first_telephone_number_is_kept(typed, meant):
    assert cells.phone(typed) == meant


@pytest.mark.parametrize("typed", ["明天问", "1391234567", 5.00112e17, "1" * 18])
def test_what_is_not_a_telephone_number_is_refused(typed):
    with pytest.raises(CellProblem):
        cells.phone(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (2, 2),
        (2.0, 2),
        ("＋５", 5),
        ("+2", 2),
        ("-2", -2),
        ("－２", -2),
        ("−2分", -2),
        ("10分", 10),
        ("两分", 2),
        ("十分", 10),
        ("扣2分", -2),
        ("０", 0),
        ("—", None),
        ("/", None),
        ("", None),
        (None, None),
    ],
)
def test_points_are_read_as_a_signed_number(typed, meant):
    assert cells.points(typed) == meant


@pytest.mark.parametrize(
    "typed", ["很多", 2.5, "2.5", "3-5", True, date(2026, 3, 2), "1234567", "++2"]
)
def test_points_that_are_no_number_are_refused(typed):
    with pytest.raises(CellProblem):
        cells.points(typed)


@pytest.mark.parametrize(
    "typed",
    [
        datetime.fromisoformat("2026-03-02T08:30"),
        date(2026, 3, 2),
        46083,
        46083.0,
        46083.35,
        "46083",
        "2026.3.2",
        "2026-03-02",
        "2026-03-02 08:30:00",
        "2026/3/2",
        "2026年3月2日",
        " 2026 年 3 月 2 号",
        "20260302",
        20260302,
        "２０２６－３－２",
        "26.3.2",
        "3月2日",
        "３/２",
    ],
)
def test_a_day_is_read_however_it_is_written(typed):
    assert cells.day(typed, default_year=2026) == date(2026, 3, 2)


def test_a_day_without_a_year_is_refused_when_none_is_given():
    with pytest.raises(CellProblem):
        cells.day("3月2日")


@pytest.mark.parametrize(
    "typed",
    ["2026-13-40", "2026-02-30", "", None, "昨天", "2026年3月", 7, 3.2, 70000, True],
)
def test_an_impossible_day_is_refused(typed):
    with pytest.raises(CellProblem):
        cells.day(typed, default_year=2026)


@pytest.mark.parametrize(
    "typed",
    [
        "500112000000000001",
        "50011200000000000X",
        "500112 00000000 0001",
        "５００１１２０００００００００００１",
        "500112000000001",
        "证号500112000000000001",
        5.00112e17,
        "5.00112E+17",
    ],
)
def test_an_identity_number_is_known_whole_or_damaged(typed):
    assert cells.looks_like_identity_number(typed)
    for reader in (cells.household_number, cells.person_name, cells.group_name):
        with pytest.raises(CellProblem):
            reader(typed)


@pytest.mark.parametrize("typed", ["13912345678", 13912345678.0, "001", "王芳", None])
def test_other_numbers_are_no_identity_numbers(typed):
    assert not cells.looks_like_identity_number(typed)
