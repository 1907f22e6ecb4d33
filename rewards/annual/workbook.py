"""The annual report as one Excel workbook, for a village or a whole township."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from households.written_sheets import harmless
from rewards.annual.lines import VillageYear
from rewards.annual.one_table import dictionary_table, one_table
from rewards.annual.sheets import report
from rewards.annual.tables import Kind, Table

A4 = 9
FORMATS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"num_format": "@", "indent": 1},
    Kind.NUMBER: {"num_format": "#,##0", "align": "right"},
    Kind.SIGNED: {"num_format": "+#,##0;−#,##0;0", "align": "right"},
    Kind.YUAN: {"num_format": "#,##0.00", "align": "right"},
    Kind.PERCENT: {"num_format": "0%", "align": "right"},
    Kind.DAY: {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
}


@dataclass(frozen=True)
class Export:
    """Who took the report out, and when: printed at the foot of every page."""

    by: str
    at: datetime

    def __str__(self) -> str:
        moment = f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"
        return _("Exported by %(name)s, %(moment)s") % {
            "name": self.by,
            "moment": moment,
        }


def write_workbook(
    file: BinaryIO | Path, title: str, years: Iterable[VillageYear], *, export: Export
) -> None:
    """Write the sheets of one or more villages' year.

    `title` heads every sheet. The villages keep the order they come in.
    """
    years = list(years)
    # Written as a village's clerk would name it: strings are never formulas.
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": title, "author": export.by})
        formats = _Formats(workbook)
        sheets = [*report(title, years), one_table(title, years)]
        for table in [*sheets, dictionary_table(title)]:
            _write(workbook.add_worksheet(table.name), table, formats, str(export))


class _Formats:
    """The cell formats of one workbook."""

    def __init__(self, workbook: xlsxwriter.Workbook):
        plain: dict[str, Any] = {"valign": "vcenter", "font_size": 11}
        # A fine line, so that the eye keeps its row across a wide sheet.
        ruled = {**plain, "bottom": 7, "bottom_color": "#B8AB95"}
        self.title: Format = workbook.add_format({"bold": True, "font_size": 16})
        self.note: Format = workbook.add_format({"font_color": "#54473B"})
        self.head: Format = workbook.add_format(
            {
                **plain,
                "bold": True,
                "text_wrap": True,
                "align": "center",
                "bg_color": "#F1E9DA",
                "bottom": 1,
            }
        )
        self.cells: dict[Kind, Format] = {
            kind: workbook.add_format({**ruled, **form})
            for kind, form in FORMATS.items()
        }
        self.totals: dict[Kind, Format] = {
            kind: workbook.add_format({**plain, **form, "bold": True, "top": 1})
            for kind, form in FORMATS.items()
        }


def _write(sheet: Worksheet, table: Table, formats: _Formats, foot: str) -> None:
    """Write one table: a title, a line of explanation, the heads, rows, totals."""
    last = len(table.columns) - 1
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, column.width)
    sheet.write_string(0, 0, f"{table.title} · {table.name}", formats.title)
    sheet.set_row(0, 26)
    sheet.write_string(1, 0, table.note, formats.note)
    head = 2
    sheet.set_row(head, 32)
    for index, column in enumerate(table.columns):
        sheet.write_string(head, index, column.title, formats.head)
    row = head
    forms = [formats.cells[column.kind] for column in table.columns]
    for cells in table.rows:
        row += 1
        _write_row(sheet, row, cells, forms)
    if table.total:
        row += 1
        forms = [formats.totals[column.kind] for column in table.columns]
        _write_row(sheet, row, table.total, forms)
    sheet.freeze_panes(head + 1, table.frozen)
    sheet.repeat_rows(head)
    sheet.print_area(0, 0, row, last)
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    if table.is_wide:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{foot.replace('&', '&&')}&R&P / &N")


def _write_row(
    sheet: Worksheet, row: int, cells: Sequence, forms: Sequence[Format]
) -> None:
    for index, (cell, form) in enumerate(zip(cells, forms, strict=True)):
        if cell is None or cell == "":
            sheet.write_blank(row, index, None, form)
        elif isinstance(cell, str):
            sheet.write_string(row, index, str(harmless(cell)), form)
        elif isinstance(cell, date):
            sheet.write_datetime(row, index, cell, form)
        else:
            sheet.write_number(row, index, cell, form)
