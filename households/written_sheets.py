"""Tables we write for spreadsheets: no cell of them is ever taken for a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

# What a spreadsheet takes for the beginning of a formula, in either width.
FORMULA_STARTS = frozenset("=+-@＝＋－＠\t\r\n\0")
BYTE_ORDER_MARK = "\ufeff"


def harmless(cell: str | int) -> str | int:
    """Keep a cell from being read as a formula; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    starts_formula = cell[:1] in FORMULA_STARTS or cell.lstrip()[:1] in FORMULA_STARTS
    # Most cells hold nothing but what is printed, and there are many of them.
    shown = cell if cell.isprintable() else _without_controls(cell)
    return f"'{shown}" if starts_formula and cell else shown


def _without_controls(cell: str) -> str:
    return "".join(c for c in cell if unicodedata.category(c) != "Cc")


def csv_table(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Write rows as CSV that Excel and WPS read: UTF-8 with its mark, all quoted."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode()


def blank_sheet(
    title: str,
    headings: Sequence[str],
    *,
    notes: Sequence[Sequence[str | int]] = (),
    notes_title: str = "",
) -> bytes:
    """Write an empty workbook to fill in, every column as text, with a page of notes.

    Text columns keep 001 from becoming 1 and a number from becoming a date.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        # The same sheet is the same file, whenever it is asked for.
        workbook.set_properties({"created": datetime(2020, 1, 1)})  # noqa: DTZ001
        text = workbook.add_format({"num_format": "@"})
        bold = workbook.add_format({"bold": True, "num_format": "@", "bottom": 1})
        sheet = workbook.add_worksheet(title)
        sheet.set_column(0, len(headings) - 1, 14, text)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        if notes:
            page = workbook.add_worksheet(notes_title)
            page.set_column(0, 0, 8, text)
            page.set_column(1, 1, 28, text)
            for row, note in enumerate(notes):
                for column, cell in enumerate(note):
                    page.write_string(row, column, str(cell), text)
    return file.getvalue()
