"""Hold a roster against the village as it is: what is new, what differs."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict

from households.cells import group_number, plain
from households.models import Household, Village
from households.roster_rows import RosterReading, RosterRow
from households.tables import Table

NEW, UNCHANGED, DETAILS, CONFLICT = "new", "unchanged", "details", "conflict"


def compare(
    village: Village, table: Table, reading: RosterReading
) -> tuple[list[dict], dict]:
    """Return the rows to take over and the report on the whole sheet."""
    known = households_by_number(village)
    groups = groups_by_number(village)
    rows = [_compared(row, known.get(row.number), groups) for row in reading.rows]
    kinds = Counter(row["kind"] for row in rows)
    report = {
        "sheet": table.sheet,
        "heading_row": table.heading_row,
        **{kind: kinds[kind] for kind in (NEW, UNCHANGED, DETAILS, CONFLICT)},
        "groups": _group_counts(rows),
        "refusals": _in_order(reading.refusals),
        "dropped": _in_order([*table.dropped, *reading.relatives]),
        "notes": _in_order(reading.notes),
        "private_headings": table.private_headings,
        "unread_headings": table.unread_headings,
        "unreadable_cells": table.unreadable_cells,
        "hidden_rows": table.hidden_rows,
        "village_then": fingerprint(known, groups),
    }
    return rows, report


def _compared(
    row: RosterRow, known: Household | None, groups: dict[int, str]
) -> dict[str, str | int]:
    # A village has one group of each number, whether it says 1社 or 1组.
    group = groups.get(group_number(row.group) or 0, row.group)
    if known is None:
        kind = NEW
    elif plain(known.head_name) != row.head:
        kind = CONFLICT
    elif known.status == Household.Status.LEFT:
        # What a sheet still says of who left is written nowhere.
        kind = UNCHANGED
    elif known.group.name == group and row.phone in ("", known.phone):
        kind = UNCHANGED
    else:
        kind = DETAILS
    known_head = known.head_name if known else ""
    return {**asdict(row), "group": group, "kind": kind, "known": known_head}


def _group_counts(rows: list[dict]) -> list[tuple[str, int]]:
    counts = Counter(row["group"] for row in rows)
    return sorted(counts.items(), key=lambda group: group_number(group[0]) or 1000)


def _in_order(lines: list) -> list[dict]:
    return [asdict(line) for line in sorted(lines, key=lambda line: line.row)]


def households_by_number(village: Village) -> dict[str, Household]:
    """Return every household of a village with its group."""
    households = village.households.select_related("group").defer("secret")
    return {household.number: household for household in households}


def groups_by_number(village: Village) -> dict[int, str]:
    """Return the names of a village's groups."""
    return dict(village.groups.values_list("number", "name"))


def fingerprint(known: dict[str, Household], groups: dict[int, str]) -> str:
    """Return a digest that changes with any household or group of the village."""
    households = [
        [found.pk, number, found.head_name, found.group_id, found.phone, found.status]
        for number, found in sorted(known.items())
    ]
    text = json.dumps([households, sorted(groups.items())])
    return hashlib.sha256(text.encode()).hexdigest()
