"""How the households of a month hang on paper: sheets, columns, size of the letters.

Pure arithmetic in millimeters, as static/css/poster.css draws it. Whoever reads
stands a meter away, so the largest letters with which all households still hang
on one sheet are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

POINT_MM = 25.4 / 72
GAP_MM = 4.2
HEADING_MM = 7.0
# The title: a letter of 41 points with its space, and the margins of its red.
TITLE_MM = 41 * POINT_MM * 1.06
TITLE_MARGINS_MM = 14
# Widths in letters: a digit, a name of four, and what is left between them.
DIGIT, NAME, SPACES = 0.58, 4.05, 0.7
SCORE_DIGITS, MONTH_DIGITS = 3, 3
# A heading is never the last line of a column.
ROWS_UNDER_A_HEADING = 2


@dataclass(frozen=True)
class Letters:
    """One way to set the list: its columns, its letters in points, a row in mm."""

    columns: int
    points: float
    row: float

    @property
    def name(self) -> str:
        """Return the class under which the style sheet knows it: c6 p115 r52."""
        return f"c{self.columns} p{self.points * 10:.0f} r{self.row * 100:.0f}"

    def fit(self, column: float, digits: int) -> bool:
        """Tell whether a row with so many digits of its number fits a column."""
        widest = (digits + SCORE_DIGITS + MONTH_DIGITS) * DIGIT + NAME + SPACES
        return widest * self.points * POINT_MM <= column


@dataclass(frozen=True)
class Paper:
    """A sheet: the width of its list, the height of it there and on later sheets.

    The first sheet has no list when its height is 0.
    """

    width: float
    first: float
    later: float
    letters: tuple[Letters, ...]
    repeats_head: bool = False
    # What steps, headings and footings take more in English, on a first sheet.
    english: float = 0

    def column(self, columns: int) -> float:
        return (self.width - GAP_MM * (columns - 1)) / columns

    def wraps(self, title: str) -> bool:
        """Tell whether a title needs two lines, which are all that it ever needs."""
        width = sum(1.0 if ord(letter) > 0x2000 else 0.55 for letter in title)
        return width * TITLE_MM > self.width - TITLE_MARGINS_MM

    def worded(self, language: str | None) -> "Paper":
        """Return the paper with the room that a language leaves: English is longer."""
        if language != "en":
            return self
        return replace(self, first=max(self.first - self.english, 0))

    def under(self, title: str) -> "Paper":
        """Return the paper with the room that is left under a title of two lines."""
        if not self.wraps(title):
            return self
        return replace(
            self,
            first=max(self.first - TITLE_MM * 1.2, 0),
            later=self.later - (TITLE_MM * 1.2 if self.repeats_head else 0),
        )


A3 = Paper(
    width=273,
    first=196,
    later=304,
    repeats_head=True,
    english=11,
    letters=(
        Letters(4, 18, 8.1),
        Letters(5, 14, 6.3),
        Letters(6, 11.5, 5.5),
        Letters(6, 11.5, 5.2),
        Letters(6, 11.5, 4.95),
        Letters(5, 11.5, 5.2),
        Letters(4, 11.5, 5.2),
    ),
)
A4 = Paper(
    width=188,
    first=0,
    later=264,
    letters=(
        Letters(3, 16, 7.2),
        Letters(3, 14, 6.3),
        Letters(4, 11.5, 5.2),
        Letters(4, 11.5, 4.85),
        Letters(3, 11.5, 4.95),
    ),
)
# For a group's own notice point: 16 points, whatever the number of households.
GROUP = Paper(
    width=188,
    first=158,
    later=264,
    letters=(Letters(2, 16, 7.2), Letters(1, 16, 7.2)),
    english=32,
)


@dataclass
class Block:
    """Households of one group in one column; `is_headed` where a heading stands."""

    group: dict
    rows: list[dict] = field(default_factory=list)
    is_headed: bool = True
    is_continued: bool = False


Column = list[Block]


@dataclass(frozen=True)
class Sheet:
    """One sheet of paper with the part of the list that hangs on it."""

    number: int
    letters: Letters
    columns: list[Column]


def lay_out(groups: Sequence[dict], paper: Paper) -> list[Sheet]:
    """Hang the groups of a month on as few sheets and in as large letters as fit."""
    digits = digits_of([row for group in groups for row in group["rows"]])
    offset = 1 if paper.first else 2
    best: list[Sheet] = []
    for letters in paper.letters:
        width = paper.column(letters.columns)
        if not letters.fit(width, digits) and letters is not paper.letters[-1]:
            continue
        columns = _apart(groups, letters, paper) or _flowing(groups, letters, paper)
        sheets = [
            Sheet(number + offset, letters, columns[first : first + letters.columns])
            for number, first in enumerate(range(0, len(columns) or 1, letters.columns))
        ]
        if not best or len(sheets) < len(best):
            best = sheets
        if len(best) == 1:
            break
    if paper.first:
        return best
    return [Sheet(1, paper.letters[0], []), *best]


def digits_of(rows: Sequence[dict]) -> int:
    """Return how long the longest household number is."""
    return max((len(row["number"]) for row in rows), default=3)


def lines_of(row: dict) -> int:
    """Return how many lines a household takes: a long name goes on below itself."""
    room = 4 if "score" in row else 3
    return ceil(len(row["name"]) / room)


def _apart(groups, letters: Letters, paper: Paper) -> list[Column] | None:
    """Let every group begin a column of its own, if one sheet has room for that."""
    height = paper.first or paper.later
    columns: list[Column] = []
    for group in groups:
        parts = list(_flow([group], letters, lambda _column: height))
        rows = group["rows"]
        even = ceil(len(rows) / len(parts))
        cut = [rows[start : start + even] for start in range(0, len(rows), even)]
        if all(_height(part, letters) <= height for part in cut):
            columns += [
                [Block(group, part, is_continued=number > 0)]
                for number, part in enumerate(cut)
            ]
        else:
            columns += parts
    return columns if len(columns) <= letters.columns else None


def _flowing(groups, letters: Letters, paper: Paper) -> list[Column]:
    """Let the groups follow one another; on one sheet the columns are even."""

    def height(column: int) -> float:
        is_first = paper.first and column < letters.columns
        return paper.first if is_first else paper.later

    columns = list(_flow(groups, letters, height))
    whole = sum(_height(group["rows"], letters) for group in groups)
    even = whole / letters.columns
    while len(columns) <= letters.columns and even < height(0):
        tried = list(_flow(groups, letters, lambda _column, high=even: high))
        if len(tried) <= letters.columns:
            return tried
        even += letters.row
    return columns


def _flow(groups, letters: Letters, height) -> Iterator[Column]:
    """Fill one column after the other; a sheet begins with the name of its group."""
    column: Column = []
    number, left = 0, height(0)
    for group in groups:
        rows = group["rows"]
        first = rows[:ROWS_UNDER_A_HEADING]
        if column and left < HEADING_MM + sum(map(lines_of, first)) * letters.row:
            yield column
            column, number = [], number + 1
            left = height(number)
        column.append(Block(group))
        left -= HEADING_MM
        for row in rows:
            needed = lines_of(row) * letters.row
            if left < needed:
                yield column
                number += 1
                left = height(number)
                begins_sheet = number % letters.columns == 0
                column = [Block(group, is_headed=begins_sheet, is_continued=True)]
                left -= HEADING_MM if begins_sheet else 0
            column[-1].rows.append(row)
            left -= needed
    if column:
        yield column


def _height(rows, letters: Letters) -> float:
    return HEADING_MM + sum(map(lines_of, rows)) * letters.row
