import csv
import io
import time

import pytest
from openpyxl import load_workbook

from households.headings import DEED_COLUMNS, ROSTER_COLUMNS
from households.spreadsheets import read_table
from households.written_sheets import blank_sheet, csv_table, harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "==1+1", "+86", "-5", "@sum", "＝1", " =1", "\t=1", "\0=1"]
)
def test_no_text_is_taken_for_a_formula(cell):
    assert str(harmless(cell)).startswith("'")


@pytest.mark.parametrize("cell", ["陈小春", "1-2", "", 5, -5])
def test_plain_text_and_numbers_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_a_csv_is_read_back_as_written():
    content = csv_table([["户主", "分"], ["陈,小\n春", 5], ["=坏", 0]])

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [["户主", "分"], ["陈,小春", "5"], ["'=坏", "0"]]


def test_a_blank_sheet_has_text_columns_and_its_notes():
    content = blank_sheet("表", ["户号"], notes=[("Z01", "=开会")], notes_title="项目")

    workbook = load_workbook(io.BytesIO(content))
    assert workbook.sheetnames == ["表", "项目"]
    assert workbook["表"]["A1"].value == "户号"
    assert workbook["表"].column_dimensions["A"].width > 10
    assert workbook["项目"]["B1"].data_type == "s"


@pytest.mark.parametrize("columns", [ROSTER_COLUMNS, DEED_COLUMNS])
def test_the_import_knows_the_headings_of_its_own_template(columns):
    headings = [column.words.split()[0] for column in columns]

    table = read_table(blank_sheet("表", headings), columns)

    assert table.heading_row == 1
    assert table.unread_headings == []


def test_a_blank_sheet_is_the_same_file_at_any_time():
    first = blank_sheet("表", ["户号"])
    time.sleep(1.1)

    assert blank_sheet("表", ["户号"]) == first
