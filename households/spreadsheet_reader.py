"""Read one untrusted spreadsheet in a process of its own, inside hard limits.

Takes bytes on standard input and writes JSON on standard output. It needs
neither Django nor the database, and dies rather than taking the server with it.
"""

import csv
import io
import json
import re
import resource
import sys
from datetime import date, datetime, time

import python_calamine

from households.headings import HEADING_WITHIN, Column, find_headings, plain
from households.spreadsheet_archive import Refused, repack, sheet_members, unpack
from households.spreadsheet_survey import COLUMNS, LAST_ROW, Survey, cell_name

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10

CELL_LENGTH = 500
TEXT_LENGTH = 4_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_FORMATS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|head|meta|svg)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read(content: bytes, columns: list[Column]) -> dict:
    """Return the sheet that holds the table, as numbered rows of plain values."""
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf"):
        raise Refused("empty")
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, columns)
    if content.startswith(_OLE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise Refused("password" if is_encrypted else "old_format")
    for magic, name in _OTHER_FORMATS:
        if content.startswith(magic):
            raise Refused("other_format", format=name)
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")):
        raise Refused("other_format", format="HTML")
    return _read_text(content, columns)


# Text


def _read_text(content: bytes, columns: list[Column]) -> dict:
    text = _decode(content)
    if _CONTROL.search(text):
        raise Refused("not_a_table")
    csv.field_size_limit(len(text) + 1)
    best = None
    for delimiter in ",;\t":
        rows = _text_rows(text, delimiter)
        first = [row for row in rows if row[0] <= HEADING_WITHIN]
        found = find_headings(first, columns)
        known = len(found[1]) if found else 0
        width = max((len(cells) for _, cells in first), default=0)
        if best is None or (known, width) > best[0]:
            best = (known, width), rows
    rows = best[1] if best else []
    for number, cells in rows:
        if len(cells) > COLUMNS:
            raise Refused("far_cell", cell=cell_name(number, len(cells)))
    return _sheet_answer("", rows)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("not_a_table")


def _text_rows(text: str, delimiter: str) -> list[tuple[int, list]]:
    rows = []
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, record in enumerate(records, start=1):
            cells = [_unquoted(cell) for cell in record]
            while cells and not plain(cells[-1]):
                cells.pop()
            if cells and number > LAST_ROW:
                raise Refused("far_cell", cell=cell_name(number, len(cells)))
            if cells:
                rows.append((number, cells))
    except csv.Error:
        raise Refused("not_a_table") from None
    return rows


def _unquoted(cell: str) -> str:
    """Read ="001", which keeps the zeros of a number in a text file."""
    match = re.fullmatch(r'="(.*)"', cell)
    return match[1] if match else cell


# Workbooks


def _read_workbook(content: bytes, columns: list[Column]) -> dict:
    members = unpack(content)
    sheets = sheet_members(members)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(repack(members))
        return _read_best_sheet(workbook, sheets, columns)
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Refused("damaged") from None


def _read_best_sheet(workbook, sheets: dict[str, bytes], columns: list[Column]) -> dict:
    """Read the first visible sheet with a full heading, or else the nearest to it."""
    required = {column.key for column in columns if column.required}
    best, problem = None, None
    for metadata in workbook.sheets_metadata:
        if (
            metadata.visible != python_calamine.SheetVisibleEnum.Visible
            or metadata.typ != python_calamine.SheetTypeEnum.WorkSheet
            or not sheets.get(metadata.name)
        ):
            continue
        try:
            answer = _read_sheet(workbook, metadata.name, sheets[metadata.name])
        except Refused as refused:
            problem = problem or refused
            continue
        found = find_headings(answer["rows"], columns)
        known = len(found[1]) if found else 0
        if found and required <= found[1].keys():
            return answer
        if answer["rows"] and (best is None or known > best[0]):
            best = known, answer
    if problem and (best is None or not best[0]):
        raise problem
    if best is None:
        raise Refused("empty")
    return best[1]


def _read_sheet(workbook, name: str, member: bytes) -> dict:
    survey = Survey(member)
    sheet = workbook.get_sheet_by_name(name)
    grid = sheet.to_python(skip_empty_area=False, nrows=LAST_ROW + 1)
    spans = sheet.merged_cell_ranges or []
    # Before filling, which would make a blank row look like one with a group.
    shown = [any(plain(cell) for cell in cells) for cells in grid]
    for (top, left), (bottom, _) in spans:
        _fill_down(grid, top, min(bottom, len(grid) - 1), left)
    rows = []
    for number, cells in enumerate(grid, start=1):
        if shown[number - 1]:
            values = [_value(cell) for cell in cells]
            while values and values[-1] in ("", None):
                values.pop()
            rows.append((number, values))
    return {
        **_sheet_answer(name, rows),
        "unreadable": survey.unreadable(grid),
        "hidden": sum(number <= len(shown) for number in survey.hidden),
    }


def _fill_down(grid: list[list], top: int, bottom: int, left: int) -> None:
    """Repeat a merged cell downwards, never sideways."""
    if top < len(grid) and left < len(grid[top]):
        for place in range(top + 1, bottom + 1):
            grid[place][left] = grid[top][left]


# The answer


def _value(cell):
    """Keep text, whole numbers and fractions; tag dates so that they survive."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, (datetime, date)):
        return {"date": cell.isoformat()}
    if isinstance(cell, (str, int)):
        return cell
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell)


def _sheet_answer(name: str, rows: list[tuple[int, list]]) -> dict:
    length = 0
    for number, cells in rows:
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                if len(cell) > CELL_LENGTH:
                    raise Refused("long_cell", cell=cell_name(number, column))
                length += len(cell)
    if length > TEXT_LENGTH:
        raise Refused("bomb")
    return {"sheet": name, "rows": rows, "unreadable": [], "hidden": 0}


def main() -> None:
    """Answer one request: a line of JSON with the known columns, then the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.loads(sys.stdin.buffer.readline())
    columns = [Column(**column) for column in request]
    try:
        answer = read(sys.stdin.buffer.read(), columns)
    except Refused as refused:
        answer = refused.answer
    except MemoryError:
        answer = {"refused": "bomb"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
