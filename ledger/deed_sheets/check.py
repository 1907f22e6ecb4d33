"""Check a recorder's sheet of deeds: read it, compare it, record nothing."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.headings import DEED_COLUMNS
from households.import_batches import close_unread, open_batch
from households.models import ImportBatch, User, Village
from households.spreadsheets import SpreadsheetRefused, read_table
from households.tables import Refusal, Table
from ledger.deed_sheets.rows import DeedRow, DeedsReading, read_deeds
from ledger.models import Deed
from ledger.months import DayNotAccepted, period_for
from ledger.operations import operations_by_key

GOOD, KNOWN = "good", "known"


def check_deeds(
    village: Village, *, file_name: str, content: bytes, by: User, at: datetime
) -> ImportBatch:
    """Read a sheet of deeds and compare it with the village, recording nothing."""
    batch = open_batch(
        village,
        ImportBatch.Kind.DEEDS,
        file_name=file_name,
        content=content,
        by=by,
        at=at,
    )
    return finish_deeds_check(batch, content, at=at)


def finish_deeds_check(
    batch: ImportBatch,
    content: bytes,
    *,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> ImportBatch:
    """Read the file of an open batch and keep what was found in it."""
    try:
        table = read_table(content, DEED_COLUMNS)
    except SpreadsheetRefused as refused:
        return close_unread(batch, str(refused), at=at)
    total = len(table.rows)
    reading = read_deeds(
        table,
        batch.village,
        on=timezone.localdate(at),
        progress=progress and (lambda done: progress(done, total)),
    )
    return _keep_check(batch, table, reading, at=at)


@transaction.atomic
def _keep_check(
    batch: ImportBatch, table: Table, reading: DeedsReading, *, at: datetime
) -> ImportBatch:
    village = batch.village
    known = operations_by_key(village, (key_of(batch, row.row) for row in reading.rows))
    recorded = _recorded_already(village, reading.rows)
    days = _days_refused(village, {row.day for row in reading.rows}, at=at)
    rows, refusals = [], list(reading.refusals)
    for row in reading.rows:
        problem = None
        if key_of(batch, row.row) in known:
            rows.append({**row.as_json(), "kind": KNOWN})
            continue
        if row.day in days:
            problem = _refuse(table, row, "day", days[row.day], _other_day())
        elif (row.household, row.code, row.day) in recorded:
            problem = _refuse(
                table,
                row,
                "item",
                _("This household has this item on this day already"),
                _("Delete the row, or record it by hand if it happened twice"),
            )
        if problem:
            refusals.append(problem)
        else:
            rows.append({**row.as_json(), "kind": GOOD})
    batch.rows = rows
    batch.rows_total = batch.rows_done = len(table.rows)
    batch.state = ImportBatch.State.CHECKED
    batch.report = {
        "sheet": table.sheet,
        "heading_row": table.heading_row,
        "good": sum(row["kind"] == GOOD for row in rows),
        "known": sum(row["kind"] == KNOWN for row in rows),
        "refusals": [
            asdict(refusal) for refusal in sorted(refusals, key=lambda r: r.row)
        ],
        "dropped": [asdict(dropped) for dropped in table.dropped],
        "notes": [],
        "private_headings": table.private_headings,
        "unread_headings": table.unread_headings,
        "unreadable_cells": table.unreadable_cells,
        "hidden_rows": table.hidden_rows,
    }
    batch.save()
    record_event(
        "deeds.check",
        village=village,
        subject=batch,
        by=batch.uploaded_by,
        at=at,
        rows=len(rows),
        refusals=len(refusals),
    )
    return batch


def key_of(batch: ImportBatch, row: int) -> UUID:
    """Name the act of recording one row, the same whenever the same file arrives."""
    return uuid5(NAMESPACE_URL, f"deeds:{batch.village_id}:{batch.sha256}:{row}")


def _recorded_already(village: Village, rows: list[DeedRow]) -> set[tuple]:
    days = {row.day for row in rows}
    return set(
        Deed.objects.filter(village=village, happened_on__in=days)
        .standing()
        .values_list("household", "item__code", "happened_on")
    )


def _days_refused(
    village: Village, days: set[date], *, at: datetime
) -> dict[date, str]:
    """Return the days no month takes, by asking for each and undoing it all."""
    refused = {}
    with transaction.atomic():
        for day in sorted(days):
            try:
                period_for(village, day, at=at)
            except DayNotAccepted as reason:
                refused[day] = str(reason)
        transaction.set_rollback(True)
    return refused


def _refuse(table: Table, row: DeedRow, key: str, problem: str, remedy: str) -> Refusal:
    return Refusal(
        row=row.row,
        column=table.headings.get(key, key),
        value=row.shown[key],
        problem=problem.rstrip(".。"),
        remedy=remedy,
    )


def _other_day() -> str:
    return _("Write the day on which it happened")
