"""Read the rows of a recorder's sheet: what each line says, and what is wrong in it."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from households.cells import CellProblem, day, household_number, points
from households.headings import plain
from households.models import Household, Village
from households.tables import Refusal, Row, Table, shown
from ledger.models import Deed, ScoringItem
from ledger.recording import OutOfRange, check_range
from ledger.rulebook_versions import Versions

NOTE_LENGTH = 200
ROWS_BETWEEN_NEWS = 250

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")

# The words of clerks, whatever language the page is in.
CHANNELS = {
    "": Deed.Channel.RECORD,
    "干部记录": Deed.Channel.RECORD,
    "干部登记": Deed.Channel.RECORD,
    "口头": Deed.Channel.ORAL,
    "口头申报": Deed.Channel.ORAL,
    "当面": Deed.Channel.ORAL,
    "电话": Deed.Channel.PHONE,
    "短信": Deed.Channel.SMS,
    "QQ": Deed.Channel.QQ,
    "微信": Deed.Channel.WECHAT,
    "网上": Deed.Channel.WEB,
}


@dataclass(frozen=True)
class DeedRow:
    """One deed as the sheet has it."""

    row: int
    household: int
    number: str
    head: str
    item: int
    code: str
    title: str
    day: date
    points: int
    is_deduction: bool
    channel: str
    note: str
    shown: dict[str, str]

    def as_json(self) -> dict:
        """Return what the batch keeps until the sheet is taken over."""
        kept = asdict(self)
        del kept["shown"]
        return kept | {"day": self.day.isoformat()}


@dataclass
class DeedsReading:
    """All deeds of a sheet, and every cell that stops its row."""

    rows: list[DeedRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read_deeds(
    table: Table,
    village: Village,
    *,
    on: date,
    progress: Callable[[int], None] | None = None,
) -> DeedsReading:
    """Read every row; a row with a problem joins the refusals and no other list.

    A day without a year is of the year in the title, else in the sheet's name,
    else of most other rows.
    """
    reader = _Reader(table, village, on)
    for done, row in enumerate(table.rows, start=1):
        reader.read(row)
        if progress and done % ROWS_BETWEEN_NEWS == 0:
            progress(done)
    return reader.reading


class _Reader:
    def __init__(self, table: Table, village: Village, on: date):
        self.table = table
        self.reading = DeedsReading()
        self.year = _year_of(table)
        self.households = {
            household.number: household
            for household in Household.objects.filter(village=village)
        }
        self.today = on
        self.versions = Versions(village)
        items = ScoringItem.objects.filter(rulebook__in=self.versions.known)
        self.items = {(item.rulebook_id, item.code): item for item in items}
        self.first_rows: dict[tuple, int] = {}

    def read(self, row: Row) -> None:
        """Read a whole row, so that a clerk sees all that is wrong with it at once."""
        happened_on = self._cell(
            row, "day", lambda cell: day(cell, default_year=self.year)
        )
        household = self._cell(row, "number", self._household)
        item = self._cell(row, "item", lambda cell: self._item(cell, happened_on))
        channel = self._cell(row, "channel", _channel)
        note = self._note(row)
        fits = self._is_head(row, household) if household else False
        magnitude = self._points(row, item) if item else None
        if item and item.is_deduction and not note:
            self._refuse(
                row,
                "title",
                _("A deduction needs its reason"),
                _("Write what happened; the household reads it"),
            )
            note = None
        if not (happened_on and household and item and fits and magnitude):
            return
        if channel is None or note is None:
            return
        same = (household.pk, item.code, happened_on)
        if same in self.first_rows:
            self._refuse(
                row,
                "item",
                _("Row %(row)s says the same") % {"row": self.first_rows[same]},
                _("Delete one of the two"),
            )
            return
        self.first_rows[same] = row.number
        self.reading.rows.append(
            DeedRow(
                row=row.number,
                household=household.pk,
                number=household.number,
                head=household.head_name,
                item=item.pk,
                code=item.code,
                title=item.title,
                day=happened_on,
                points=magnitude,
                is_deduction=item.is_deduction,
                channel=channel,
                note=note,
                shown={key: shown(row.cells.get(key)) for key in ("day", "item")},
            )
        )

    def _cell(self, row: Row, key: str, reader: Callable[[Any], Any]):
        return self.table.read_cell(row, key, reader, self.reading.refusals)

    def _refuse(self, row: Row, key: str, problem: str, remedy: str) -> None:
        self.reading.refusals.append(
            self.table.refuse(row, key, CellProblem(problem, remedy))
        )

    def _household(self, cell) -> Household:
        household = self.households.get(household_number(cell))
        if household is None:
            raise CellProblem(
                _("The village has no such household"),
                _("Look the number up in the roster"),
            )
        if household.status == Household.Status.LEFT:
            raise CellProblem(
                _("This household has moved out"),
                _("Delete the row, or write the number of the new household"),
            )
        return household

    def _is_head(self, row: Row, household: Household) -> bool:
        written = plain(row.cells.get("head"))
        if not written or written == plain(household.head_name):
            return True
        self._refuse(
            row,
            "head",
            _("Number %(number)s is another household") % {"number": household.number},
            _("Put the number or the name right"),
        )
        return False

    def _item(self, cell, happened_on: date | None) -> ScoringItem:
        """Find an item in the rules that were in force on the day of the deed."""
        rulebook = self.versions.on(happened_on or self.today)
        code = plain(cell).upper()
        item = self.items.get((rulebook.pk, code)) if rulebook else None
        if item is None:
            raise CellProblem(
                _("The rulebook has no such item"),
                _("Write the code as in the rules, such as Z01"),
            )
        return item

    def _points(self, row: Row, item: ScoringItem) -> int | None:
        """Read the points of the column that fits the item's direction."""
        right, wrong = ("minus", "plus") if item.is_deduction else ("plus", "minus")
        before = len(self.reading.refusals)
        given = {key: self._cell(row, key, points) for key in (right, wrong)}
        if len(self.reading.refusals) > before:
            return None
        if given[wrong] or (not item.is_deduction and (given[right] or 0) < 0):
            key = wrong if given[wrong] else right
            if item.is_deduction:
                problem = _("%(item)s takes points away") % {"item": item}
            else:
                problem = _("%(item)s adds points") % {"item": item}
            self._refuse(row, key, problem, _("Use the other column or another item"))
            return None
        if not given[right]:
            self._refuse(row, right, _("The points are missing"), _("Write the points"))
            return None
        magnitude = abs(given[right])
        try:
            check_range(item, magnitude)
        except OutOfRange as refused:
            self._refuse(
                row,
                right,
                str(refused).rstrip(".。"),
                _("Write points within the range"),
            )
            return None
        return magnitude

    def _note(self, row: Row) -> str | None:
        """Join what happened and the remark, as they were written."""
        texts = (str(row.cells.get(key) or "").strip() for key in ("title", "remark"))
        note = "；".join(text for text in texts if text)
        if len(note) <= NOTE_LENGTH:
            return note
        self._refuse(
            row,
            "title",
            _("The text has %(count)s characters") % {"count": len(note)},
            _("Write at most %(limit)s characters") % {"limit": NOTE_LENGTH},
        )
        return None


def _channel(cell) -> str:
    channel = CHANNELS.get(plain(cell).upper())
    if channel is None:
        raise CellProblem(
            _("This is no known way to declare"),
            _("Write one of: %(words)s")
            % {"words": "、".join(word for word in CHANNELS if word)},
        )
    return channel


def _year_of(table: Table) -> int | None:
    for text in [*table.above, table.sheet]:
        if match := _YEAR.search(text):
            return int(match[1])
    years: Counter[int] = Counter()
    for row in table.rows:
        try:
            years[day(row.cells.get("day")).year] += 1
        except CellProblem:
            continue
    return years.most_common(1)[0][0] if years else None
