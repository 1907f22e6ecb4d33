"""Spreadsheets built on the spot, the good and the hostile."""

import io
import zipfile

import openpyxl

HEADINGS = ["户号", "户主", "组别", "电话"]
ZHOU = ["001", "周兴禾", "1社", "13900000001"]


def workbook(*rows, sheets=None, merged=(), edit=None) -> bytes:
    """Build an .xlsx from rows, or from several sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in (sheets or {"花名册": rows}).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
        for span in merged:
            sheet.merge_cells(span)
    if edit:
        edit(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, change) -> bytes:
    """Pack a workbook again with some members changed."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return packed.getvalue()


def households(count: int, *, group: str = "1社") -> list[list]:
    """Make as many good roster lines as asked for."""
    return [
        [f"{number:03}", f"周禾{chr(0x4E00 + number)}", group, f"139{number:08}"]
        for number in range(1, count + 1)
    ]


def text(*rows, delimiter=",", encoding="utf-8", end="\r\n") -> bytes:
    """Write rows as a text table."""
    return end.join(delimiter.join(row) for row in rows).encode(encoding)
