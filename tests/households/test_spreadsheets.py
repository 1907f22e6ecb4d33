import io
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from households import spreadsheets
from households.headings import DEED_COLUMNS, ROSTER_COLUMNS
from households.spreadsheets import SpreadsheetRefused, read_table
from households.tables import shown
from tests.households.sheets import (
    HEADINGS,
    ZHOU,
    households,
    repacked,
    text,
    workbook,
)

SAMPLES = Path(__file__).parent.parent / "data"
SHEET = "xl/worksheets/sheet1.xml"


def read(content):
    return read_table(content, ROSTER_COLUMNS)


def refusal(content):
    with pytest.raises(SpreadsheetRefused) as refused:
        read(content)
    return str(refused.value)


def only(table):
    assert len(table.rows) == 1
    return table.rows[0].cells


# What villages send


def test_the_roster_of_a_wps_clerk_is_read_under_its_third_row():
    table = read((SAMPLES / "roster-wps.xlsx").read_bytes())

    assert table.sheet == "花名册"
    assert table.heading_row == 3
    assert len(table.rows) == 186
    assert table.rows[0].number == 4
    assert [dropped.row for dropped in table.dropped] == [
        35, 67, 99, 131, 163, 195, 197, 198
    ]  # fmt: skip
    assert table.private_headings == ["身份证号码"]
    assert {row.cells["group"] for row in table.rows} == {
        "1社", "二社", "3社", "四社", "5社", "六社"
    }  # fmt: skip


def test_no_cell_of_an_identity_column_leaves_the_reader():
    table = read((SAMPLES / "roster-wps.xlsx").read_bytes())

    assert "500112" not in repr(table)


def test_a_text_table_of_chinese_windows_is_read():
    table = read((SAMPLES / "roster-gbk.csv").read_bytes())

    assert len(table.rows) == 40
    assert table.rows[0].cells["head"] == "龚小满"
    assert table.headings["phone"] == "手机号码"
    assert [(dropped.row, dropped.text) for dropped in table.dropped] == [(43, "合计")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_table_is_read_in_any_usual_encoding(encoding, delimiter):
    content = text(HEADINGS, ZHOU, delimiter=delimiter, encoding=encoding)

    assert list(only(read(content)).values()) == ZHOU


def test_a_text_table_may_keep_its_zeros_with_an_equals_sign():
    content = '户号,户主,组别\n"=""007""",周兴禾,1社\n'.encode()

    assert only(read(content))["number"] == "007"


def test_the_content_decides_not_the_name():
    assert only(read(workbook(HEADINGS, ZHOU)))["head"] == "周兴禾"
    assert only(read(text(HEADINGS, ZHOU)))["head"] == "周兴禾"


def test_dates_and_numbers_survive_the_journey():
    content = workbook(
        ["日期", "户号", "项目编号", "加分"],
        [date(2026, 3, 2), 7, "Z01", 2.5],
    )

    cells = read_table(content, DEED_COLUMNS).rows[0].cells

    assert cells == {"day": date(2026, 3, 2), "number": 7, "item": "Z01", "plus": 2.5}


# Headings


def test_line_breaks_spaces_and_brackets_in_headings_do_not_matter():
    table = read(workbook(["户 号*", "户 主\n姓 名", "村民小组(社)", "手机"], ZHOU))

    assert list(only(table).values()) == ZHOU
    assert table.headings["head"] == "户主姓名"


def test_a_plain_name_column_counts_only_where_no_head_column_stands():
    both = read(workbook(["户号", "姓名", "户主姓名", "社"], ["001", "甲", "乙", "1"]))
    alone = read(workbook(["户号", "姓名", "社"], ["001", "甲", "1"]))

    assert only(both)["head"] == "乙"
    assert only(alone)["head"] == "甲"


def test_the_lower_half_of_a_heading_in_two_lines_counts():
    content = workbook(
        ["花名册"],
        ["户号", "户主", None, "组别"],
        [None, "姓名", "电话", None],
        ["001", "周兴禾", "13900000001", "1社"],
        merged=["A2:A3", "B2:C2", "D2:D3"],
    )

    table = read(content)

    assert table.heading_row == 3
    assert only(table)["phone"] == "13900000001"


def test_a_column_of_identity_numbers_is_never_taken_for_another():
    content = workbook(
        ["户号", "户主(身份证号)", "户主", "组别"],
        ["001", "500112000000000001", "周兴禾", "1社"],
    )

    table = read(content)

    assert only(table)["head"] == "周兴禾"
    assert table.private_headings == ["户主(身份证号)"]


def test_a_missing_column_is_named_with_the_headings_that_were_seen():
    message = refusal(workbook(["序号", "户号", "户主", "住址"], [1, "001", "周", ""]))

    assert "组别" in message
    assert "序号、户号、户主、住址" in message


def test_a_file_without_any_heading_says_what_it_saw():
    message = refusal(workbook(["姓", "分数", "500112000000000001"], ["周", 3]))

    assert "姓、分数" in message
    assert "500112" not in message


def test_a_heading_below_the_tenth_row_is_not_found():
    assert refusal(workbook(*[["说明"]] * 10, HEADINGS, ZHOU))


def test_the_first_sheet_with_a_heading_is_read_whichever_is_active():
    def open_the_notes(book):
        book.active = 0

    content = workbook(
        sheets={"说明": [["户号为三位数"]], "名册": [HEADINGS, ZHOU]},
        edit=open_the_notes,
    )

    assert read(content).sheet == "名册"


def test_a_hidden_sheet_is_not_read():
    def hide_the_old_one(book):
        book["旧"].sheet_state = "hidden"
        book.active = 1

    old = ["999", "旧户主", "9社", ""]
    content = workbook(
        sheets={"旧": [HEADINGS, old], "新": [HEADINGS, ZHOU]}, edit=hide_the_old_one
    )

    assert only(read(content))["number"] == "001"


def test_a_sheet_that_breaks_a_limit_does_not_spoil_a_good_one():
    def put_a_far_cell(book):
        book["草稿"]["A9000"] = "x"

    content = workbook(
        sheets={"草稿": [["x"]], "名册": [HEADINGS, ZHOU]}, edit=put_a_far_cell
    )

    assert read(content).sheet == "名册"


# Rows


def test_merged_groups_fill_down_and_titles_do_not_fill_sideways():
    content = workbook(
        ["户号户主组别", None, None],
        ["组别", "户号", "户主"],
        ["1社", "001", "甲"],
        [None, "002", "乙"],
        [None, None, None],
        [None, "003", "丙"],
        merged=["A1:C1", "A3:A6"],
    )

    table = read(content)

    assert table.heading_row == 2
    assert [(row.number, row.cells["group"]) for row in table.rows] == [
        (3, "1社"),
        (4, "1社"),
        (6, "1社"),
    ]
    assert table.dropped == []


def test_row_numbers_are_those_of_the_sheet():
    table = read(workbook([], [], HEADINGS, [], ZHOU))

    assert table.heading_row == 3
    assert table.rows[0].number == 5


@pytest.mark.parametrize(
    "line",
    [
        ["小计", None, None, 5],
        [None, "小计", None, 5],
        ["1社小计", None, None, None],
        ["合 计", "186户", None, None],
        ["本页合计：", None, None, None],
        ["总计(186户)", None, None, None],
        ["制表人：王芳", None, None, "审核人："],
        ["审核人", None, None, None],
        ["评议小组（签字）", None, None, None],
        ["村民代表签字：", None, None, None],
        ["备注：户号为三位数", None, None, None],
        ["户号", "户主", "组别", "电话"],
        ["花名册", None, None, None],
        [None, None, "1社", None],
    ],
)
def test_totals_signatures_and_repeated_headings_are_dropped_and_listed(line):
    table = read(workbook(["花名册"], HEADINGS, ZHOU, line, ["002", "乙", "1社", ""]))

    assert [row.number for row in table.rows] == [3, 5]
    assert [dropped.row for dropped in table.dropped] == [4]
    assert table.dropped[0].reason


@pytest.mark.parametrize("head", ["计小满", "注云飞", "签福田", "合欢"])
def test_a_household_is_not_dropped_for_its_name(head):
    table = read(workbook(HEADINGS, ["001", head, "1社", ""]))

    assert only(table)["head"] == head


def test_formulas_without_a_result_are_empty_and_reported():
    content = workbook(HEADINGS, ["=A1", "周兴禾", "1社", "#REF!"])

    table = read(content)

    assert only(table)["number"] == ""
    assert table.unreadable_cells == ["A2", "D2"]


def test_formulas_give_the_result_that_was_saved():
    def save_results(name, member):
        return member.replace(b"<v/>", b"<v>12</v>").replace(b"<v />", b"<v>12</v>")

    content = repacked(workbook(HEADINGS, ["=6+6", "周", "1社", ""]), save_results)

    table = read(content)

    assert only(table)["number"] == 12
    assert table.unreadable_cells == []


def test_hidden_rows_are_read_and_counted():
    def hide(book):
        book.active.row_dimensions[2].hidden = True

    table = read(workbook(HEADINGS, ZHOU, edit=hide))

    assert table.hidden_rows == 1
    assert only(table)["head"] == "周兴禾"


def test_a_report_shows_a_cell_on_one_short_line():
    assert shown("王\x00芳\n二") == "王 芳 二"
    assert shown("王" * 500) == "王" * 79 + "…"
    assert shown(date(2026, 3, 12)) == "2026-03-12"
    assert shown(None) == ""


# Files that are no table


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty|空"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty|空"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"\xff\xd8\xff\xe0....", "JPEG"),
        (b"Rar!\x1a\x07....", "RAR"),
        (b"<html><table><tr><td>x", "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls"),
        (b"BM" + bytes(600), r"\.xlsx"),
        (bytes(range(256)) * 4, r"\.xlsx"),
        (b"PK\x03\x04" + bytes(600), r"\.xlsx"),
    ],
)
def test_other_files_are_refused_with_one_sentence(content, word):
    with pytest.raises(SpreadsheetRefused, match=word):
        read(content)


def test_a_workbook_under_a_password_is_refused_as_that():
    stream = "EncryptedPackage".encode("utf-16-le")
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + stream

    with pytest.raises(SpreadsheetRefused, match=r"password|密码"):
        read(content)


def test_a_zip_under_a_password_is_refused_as_that():
    content = workbook(HEADINGS, ZHOU)
    headers = rb"(PK\x01\x02.{4})."
    locked = re.sub(
        headers, lambda header: header[1] + b"\x01", content, flags=re.DOTALL
    )

    with pytest.raises(SpreadsheetRefused, match=r"password|密码"):
        read(locked)


def test_other_zips_are_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    assert "xlsx" in refusal(packed.getvalue())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_torn_workbook_is_refused(share):
    content = workbook(HEADINGS, ZHOU)

    assert refusal(content[: int(len(content) * share)])


def test_a_workbook_with_a_document_type_is_refused():
    def declare(name, member):
        if name != SHEET:
            return member
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + member

    assert refusal(repacked(workbook(HEADINGS, ZHOU), declare))


# Files that want the server


def test_a_file_over_two_megabytes_is_not_even_opened():
    assert "2" in refusal(b"x" * (spreadsheets.FILE_BYTES + 1))


@pytest.mark.parametrize("cell", ["A200000", "XFD1048576", "AZ2", "A5011"])
def test_a_far_cell_is_refused_by_name(cell):
    def put(book):
        book.active[cell] = "x"

    assert cell in refusal(workbook(HEADINGS, ZHOU, edit=put))


def test_blank_cells_with_a_style_may_lie_anywhere():
    def style(book):
        book.active["XFD9000"].number_format = "0.00"

    assert read(workbook(HEADINGS, ZHOU, edit=style)).rows


def test_a_false_dimension_changes_nothing():
    def claim(name, member):
        return member.replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"')

    assert read(repacked(workbook(HEADINGS, ZHOU), claim)).rows


def test_a_cell_of_more_than_five_hundred_characters_is_refused_by_name():
    assert "B2" in refusal(workbook(HEADINGS, ["001", "王" * 501, "1社", ""]))
    assert "B2" in refusal(text(HEADINGS, ["001", "王" * 501, "1社", ""]))


def test_a_text_table_that_is_too_long_or_too_wide_is_refused():
    assert "A5011" in refusal(text(HEADINGS, *[["1"]] * 5010))
    assert "AO2" in refusal(text(HEADINGS, ["1"] * 41))


def test_five_thousand_households_are_read():
    assert len(read(workbook(HEADINGS, *households(5000))).rows) == 5000


def test_a_huge_shared_string_is_refused():
    def inflate(name, member):
        if name != SHEET:
            return member
        return member.replace("周兴禾".encode(), b"x" * 30_000_000)

    content = repacked(
        repacked(workbook(HEADINGS, ZHOU), lambda name, member: member), inflate
    )

    assert len(content) < spreadsheets.FILE_BYTES
    assert refusal(content)


def test_a_zip_bomb_is_refused():
    packed = io.BytesIO(workbook(HEADINGS, ZHOU))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(100_000_000))

    assert refusal(packed.getvalue())


def test_a_zip_that_lies_about_its_sizes_is_refused():
    packed = io.BytesIO(workbook(HEADINGS, ZHOU))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(50_000_000))
    size = (50_000_000).to_bytes(4, "little")
    content = packed.getvalue().replace(size, (10).to_bytes(4, "little"))

    assert refusal(content)


def test_a_zip_of_too_many_members_is_refused():
    packed = io.BytesIO(workbook(HEADINGS, ZHOU))
    with zipfile.ZipFile(packed, "a") as archive:
        for number in range(64):
            archive.writestr(f"xl/media/{number}.png", b"")

    assert refusal(packed.getvalue())


def test_many_small_cells_without_end_are_refused_in_time():
    row = b'<row><c t="n"><v>1</v></c></row>'

    def flood(name, member):
        if name != SHEET:
            return member
        return member.replace(b"</sheetData>", row * 500_000 + b"</sheetData>")

    assert refusal(repacked(workbook(HEADINGS, ZHOU), flood))


def test_a_reader_that_does_not_answer_is_one_sentence(monkeypatch):
    monkeypatch.setattr(spreadsheets, "READING_SECONDS", 0.001)

    assert ".xlsx" in refusal(workbook(HEADINGS, ZHOU))


def test_the_reader_dies_alone_when_it_wants_too_much_memory():
    greedy = (
        "import resource, households.spreadsheet_reader as reader\n"
        "reader.read = lambda content, columns: bytearray(reader.MEMORY_BYTES)\n"
        "reader.main()\n"
    )

    child = subprocess.run(
        [sys.executable, "-c", greedy],
        input=b"[]\n",
        capture_output=True,
        check=False,
    )

    assert child.stdout == b'{"refused": "bomb"}'


def test_the_reader_needs_no_django():
    question = (
        "import sys, households.spreadsheet_reader; print('django' in sys.modules)"
    )

    child = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, check=True
    )

    assert child.stdout.strip() == b"False"
