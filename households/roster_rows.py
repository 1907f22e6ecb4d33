"""Read the rows of a roster: what each household line says, and what it lacks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from households.cells import (
    CellProblem,
    group_name,
    group_number,
    household_number,
    person_name,
    phone,
    plain,
)
from households.tables import Dropped, Note, Refusal, Row, Table

HEAD_RELATIONS = {"", "户主", "本人", "户主本人"}


@dataclass(frozen=True)
class RosterRow:
    """One household as the sheet has it."""

    row: int
    number: str
    head: str
    group: str
    phone: str


@dataclass
class RosterReading:
    """All households of a sheet, and every reason not to take it over."""

    rows: list[RosterRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    relatives: list[Dropped] = field(default_factory=list)


def read_roster(
    table: Table, *, progress: Callable[[int], None] | None = None
) -> RosterReading:
    """Read every row; a row with a problem joins the refusals and no other list."""
    reading = RosterReading()
    unit = "社" if "社" in table.headings["group"] else "组"
    first_rows: dict[str, int] = {}
    spelled: dict[int, str] = {}
    for done, row in enumerate(table.rows, start=1):
        if progress and done % 500 == 0:
            progress(done)
        if plain(row.cells.get("relation")) not in HEAD_RELATIONS:
            reading.relatives.append(
                Dropped(row.number, "", _("a member of the household, not its head"))
            )
            continue
        number = table.read_cell(row, "number", household_number, reading.refusals)
        head = table.read_cell(row, "head", person_name, reading.refusals)
        group = table.read_cell(
            row, "group", lambda cell: group_name(cell, unit=unit), reading.refusals
        )
        if number and number in first_rows:
            reading.refusals.append(_taken(table, row, first_rows[number]))
            continue
        if number:
            first_rows[number] = row.number
        if number and head and group:
            ordinal = group_number(group)
            if ordinal:
                group = spelled.setdefault(ordinal, group)
            reading.rows.append(
                RosterRow(
                    row.number, number, head, group, _phone(table, row, reading.notes)
                )
            )
    return reading


def _taken(table: Table, row: Row, first_row: int) -> Refusal:
    return table.refuse(
        row,
        "number",
        CellProblem(
            _("Row %(row)s has the same household number") % {"row": first_row},
            _("Give one of the two another number, or delete the row that is wrong"),
        ),
    )


def _phone(table: Table, row: Row, notes: list[Note]) -> str:
    try:
        found = phone(row.cells.get("phone"))
    except CellProblem as problem:
        text = _("Left out: %(problem)s") % {"problem": problem.problem}
        notes.append(Note(row.number, table.headings["phone"], text))
        return ""
    if found.had_others:
        text = _("More than one number; the first one is kept")
        notes.append(Note(row.number, table.headings["phone"], text))
    return found.number
