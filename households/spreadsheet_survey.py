"""Walk over a sheet before it is read: far cells, broken formulas, hidden rows."""

import re
from xml.parsers import expat

from households.headings import HEADING_WITHIN
from households.spreadsheet_archive import Refused, local_name, parse_xml

ROWS = 5_000
COLUMNS = 40
NAMED = 100
LAST_ROW = ROWS + HEADING_WITHIN


class Survey:
    """What calamine does not tell: far cells, broken formulas, hidden rows."""

    def __init__(self, member: bytes):
        self.hidden: list[int] = []
        self._formulas: list[tuple[int, int]] = []
        self._errors: list[tuple[int, int]] = []
        self._row = self._column = 0
        self._type = ""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parse_xml(member, parser)

    def _start(self, name: str, attributes: dict) -> None:
        name = local_name(name)
        if name == "c":
            self._type = attributes.get("t", "")
            self._row, self._column = _place(
                attributes.get("r"), self._row, self._column
            )
        elif name in ("v", "is"):
            if self._row > LAST_ROW or self._column > COLUMNS:
                raise Refused("far_cell", cell=cell_name(self._row, self._column))
            if self._type == "e":
                self._errors.append((self._row, self._column))
        elif name == "f":
            if self._type != "str":
                self._formulas.append((self._row, self._column))
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.hidden.append(self._row)

    def unreadable(self, grid: list[list]) -> list[str]:
        """Name the cells whose formula has no result, or an error for one."""
        empty = [
            cell_name(row, column)
            for row, column in sorted({*self._errors, *self._formulas})
            if row <= len(grid)
            and (column > len(grid[row - 1]) or grid[row - 1][column - 1] == "")
        ]
        return empty[:NAMED]


def _place(reference: str | None, row: int, column: int) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", reference or "")
    if not match:
        return row, column + 1
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def cell_name(row: int, column: int) -> str:
    """Name a cell as a spreadsheet does: 12, 2 is B12."""
    letters = ""
    while column > 0:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"
