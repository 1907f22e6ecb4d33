"""Read an uploaded spreadsheet into a table: what we keep, and what we left out."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from households.headings import Column, find_headings, heading, is_private, plain
from households.limited_child import ChildGaveUp, run_limited
from households.spreadsheet_reader import CELL_LENGTH
from households.spreadsheet_survey import COLUMNS, ROWS
from households.tables import Dropped, Row, Table

FILE_BYTES = 2 * 1024 * 1024
READING_SECONDS = 15

_TOTAL = re.compile(r".{0,10}(?:小计|合计|总计|共计)(?:[:(（\d].*)?")
_SIGNATURE = re.compile(
    r"(?:制表|填表|审核|复核|填报|经办|记录|负责|监督|评议|村民代表|村民小组组长|组长"
    r"|村主任|书记|会计)[人员]?(?:\(.*\))?(?:[:].*)?"
    r"|(?:评议|监督|审核)小组.*|.{0,12}\(?(?:签字|签名|盖章)\)?(?:[:].*)?"
    r"|(?:备注|注|说明|公示时间|填报时间|填表日期|填报日期|监督电话)[:].*"
)


class SpreadsheetRefused(Exception):
    """The file cannot be read as a table; the message can be shown to a steward."""


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """Read the sheet that holds the known columns.

    :raises SpreadsheetRefused: when the file is no table or breaks a limit
    """
    answer = _ask_reader(content, columns)
    rows = [
        (number, [_revived(cell) for cell in cells]) for number, cells in answer["rows"]
    ]
    found = find_headings(rows, columns)
    if not found:
        raise SpreadsheetRefused(_no_heading(rows))
    place, places = found
    heading_row, titles = rows[place]
    missing = [
        column.words.split()[0]
        for column in columns
        if column.required and column.key not in places
    ]
    if missing:
        raise SpreadsheetRefused(_missing_columns(missing, heading_row, titles))
    dropped, kept = _sort_rows(rows[place + 1 :], rows[:place], places, titles, columns)
    read = set(places.values())
    private = [place for place, title in enumerate(titles) if is_private(title)]
    return Table(
        sheet=answer["sheet"],
        heading_row=heading_row,
        headings={key: plain(titles[place]) for key, place in places.items()},
        rows=kept,
        dropped=dropped,
        private_headings=[plain(titles[place]) for place in private],
        unread_headings=[
            plain(title)[:20]
            for place, title in enumerate(titles)
            if place not in read and place not in private and plain(title)
        ],
        unreadable_cells=answer["unreadable"],
        hidden_rows=answer["hidden"],
        above=[plain(cell) for _, cells in rows[:place] for cell in cells],
    )


# The child process


def _ask_reader(content: bytes, columns: Sequence[Column]) -> dict:
    if len(content) > FILE_BYTES:
        raise SpreadsheetRefused(
            _("The file is larger than %(limit)s MB. Split it into smaller ones.")
            % {"limit": FILE_BYTES // 1024 // 1024}
        )
    request = json.dumps([asdict(column) for column in columns]).encode() + b"\n"
    try:
        read = run_limited(
            "households.spreadsheet_reader",
            request + content,
            seconds=READING_SECONDS,
        )
    except ChildGaveUp:
        raise SpreadsheetRefused(_too_much()) from None
    answer = json.loads(read)
    if "refused" in answer:
        raise SpreadsheetRefused(_reason(answer))
    return answer


def _too_much() -> str:
    return _(
        "This file takes too much time or memory to read. Copy the table into a "
        "new workbook and save it as .xlsx."
    )


def _reason(answer: dict) -> str:
    save_as = _("Open it in WPS or Excel, choose Save As, and pick .xlsx.")
    reasons = {
        "empty": _("The file is empty."),
        "bomb": _too_much(),
        "password": _("The file is protected by a password. Save it without one."),
        "old_format": _("This is an old .xls or .et file.") + " " + save_as,
        "other_format": _("This is a %(format)s file, not a spreadsheet.") % answer
        if "format" in answer
        else "",
        "other_zip": _("This is not an .xlsx workbook.") + " " + save_as,
        "not_a_table": _("This is neither an .xlsx workbook nor a text table.")
        + " "
        + save_as,
        "damaged": _("The workbook is damaged.") + " " + save_as,
        "far_cell": _(
            "Cell %(cell)s lies outside the %(rows)s rows and %(columns)s columns "
            "that are read. Delete what stands there, or split the file."
        )
        % {"cell": answer.get("cell"), "rows": f"{ROWS:,}", "columns": COLUMNS},
        "long_cell": _(
            "Cell %(cell)s holds more than %(limit)s characters. Shorten it."
        )
        % {"cell": answer.get("cell"), "limit": CELL_LENGTH},
    }
    return reasons[answer["refused"]]


def _revived(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    moment = datetime.fromisoformat(cell["date"])
    return moment if "T" in cell["date"] else moment.date()


# Headings


def _no_heading(rows: list[tuple[int, list]]) -> str:
    return _(
        "No heading row was found in the first ten rows. These cells stand there: "
        "%(seen)s"
    ) % {"seen": _seen(max((cells for _, cells in rows[:10]), key=len, default=[]))}


def _missing_columns(missing: list[str], row: int, titles: list) -> str:
    return _(
        "The column %(missing)s is missing. The headings in row %(row)s are: %(seen)s"
    ) % {"missing": "、".join(missing), "row": row, "seen": _seen(titles)}


def _seen(cells: list) -> str:
    texts = [
        plain(cell)[:12] for cell in cells[:20] if not re.search(r"\d{6}", plain(cell))
    ]
    return "、".join(text for text in texts if text)


# Rows


def _sort_rows(
    rows: list[tuple[int, list]],
    above: list[tuple[int, list]],
    places: dict[str, int],
    titles: list,
    columns: Sequence[Column],
) -> tuple[list[Dropped], list[Row]]:
    """Part the rows that count from totals, signatures and repeated headings."""
    above_texts = {plain(cell) for _, cells in above for cell in cells} - {""}
    labels = [
        places[c.key] for c in columns if c.required or c.telling if c.key in places
    ]
    telling = [places[c.key] for c in columns if c.telling and c.key in places]
    dropped, kept = [], []
    for number, values in rows:
        cells = values + [""] * (len(titles) - len(values))
        texts = [plain(cell) for cell in cells]
        first = next(text for text in texts if text)
        label = next(
            (
                text
                for text in (first, *(texts[i] for i in labels))
                if _TOTAL.fullmatch(text)
            ),
            "",
        )
        repeated = sum(
            heading(cells[place]) == heading(titles[place]) for place in places.values()
        )
        if label:
            dropped.append(Dropped(number, label[:20], _("a total")))
        elif _SIGNATURE.fullmatch(first):
            dropped.append(Dropped(number, first[:20], _("a line for signatures")))
        elif repeated >= 2 or set(texts) - {""} <= above_texts:
            dropped.append(Dropped(number, first[:20], _("the heading again")))
        elif not any(texts[place] for place in telling):
            dropped.append(Dropped(number, "", _("nothing but a running number")))
        else:
            kept.append(
                Row(number, {key: cells[place] for key, place in places.items()})
            )
    return dropped, kept
