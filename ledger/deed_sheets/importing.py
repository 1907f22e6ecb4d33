"""Record the good rows of a checked sheet, some at a time, until done or stopped."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.import_process import progress_of
from households.locking import lock_village
from households.models import Household, ImportBatch, User
from ledger.deed_sheets.check import GOOD, key_of
from ledger.models import ScoringItem
from ledger.operations import operations_by_key
from ledger.recording import Act, NotOfThisVillage, record_acts
from ledger.refusals import Refused

# One transaction records so many rows: others wait a moment for their turn, and
# a process that is killed loses no more than these.
ROWS_AT_ONCE = 100

State = ImportBatch.State


class DeedsNotImported(Refused):
    """Nothing was recorded; the message can be shown to a steward."""


def import_deeds(batch: ImportBatch, *, by: User, at: datetime) -> ImportBatch:
    """Record every good row of a checked sheet, pending until somebody decides.

    Each row is an act of its own, named by the file and the row, so that the
    same file changes nothing when it comes again. A row refused now (recorded
    by hand since the check) is added to the refusals; the others stand.

    :raises DeedsNotImported: if the sheet was not checked or has no good row
    """
    if begin_import(batch, by=by, at=at):
        begun = ImportBatch.objects.get(pk=batch.pk)
        while record_rows(begun, at=at):
            pass
    return ImportBatch.objects.get(pk=batch.pk)


@transaction.atomic
def begin_import(batch: ImportBatch, *, by: User, at: datetime) -> bool:
    """Open a checked sheet for recording, or go on where it has stopped.

    Tell whether this call did: when two people ask, one of them does.

    :raises DeedsNotImported: if the sheet was not checked or has no good row
    """
    lock_village(batch.village)
    batch = ImportBatch.objects.select_related("village").get(pk=batch.pk)
    if batch.state == State.CHECKED:
        good = _good_rows(batch)
        if len(operations_by_key(batch.village, _keys(batch, good))) == len(good):
            raise DeedsNotImported(
                _("Nothing was imported: no row is new and in order.")
            )
        batch.rows_total, batch.rows_done = len(good), 0
    elif batch.state == State.IMPORTED:
        return False
    elif batch.state not in (State.IMPORTING, State.STOPPED):
        raise DeedsNotImported(_("This upload is closed. Upload the file again."))
    elif not progress_of(batch, at=at).has_stopped:
        return False
    batch.state = State.IMPORTING
    batch.started_by = by
    batch.started_at = batch.heard_at = at
    batch.rows_before = batch.rows_done
    batch.seen_at = None
    batch.save()
    _record("begin", batch, by=by, at=at, rows=batch.rows_total - batch.rows_done)
    return True


@transaction.atomic
def record_rows(begun: ImportBatch, *, at: datetime) -> bool:
    """Record the next rows of a sheet that was begun; tell whether more are left.

    The place is kept with the rows, so that each is met once, whoever goes on.
    """
    village = lock_village(begun.village)
    batch = (
        ImportBatch.objects.defer("rows")
        .select_related("village", "started_by")
        .get(pk=begun.pk)
    )
    by = batch.started_by
    if batch.state != State.IMPORTING or by is None:
        return False
    if not by.has_perm("ledger.import_deeds", village):
        _stop(batch, by=by, at=at)
        return False
    rows = _good_rows(begun)[batch.rows_done :][:ROWS_AT_ONCE]
    known = operations_by_key(village, _keys(batch, rows))
    new = [row for row in rows if key_of(batch, row["row"]) not in known]
    late = _record_new(batch, new, by=by, at=at)
    batch.report["refusals"] += late
    batch.heard_at = at
    batch.rows_done += len(rows)
    batch.rows_recorded += len(new) - len(late)
    if batch.rows_done >= batch.rows_total:
        batch.state = State.IMPORTED
        batch.imported_at = at
        batch.report["recorded"] = batch.rows_recorded
        _record("import", batch, by=by, at=at, recorded=batch.rows_recorded)
    batch.save()
    return batch.state == State.IMPORTING


@transaction.atomic
def stop_import(batch: ImportBatch, *, by: User, at: datetime) -> None:
    """Stop recording a sheet; what is recorded stays, and the rest can follow.

    Rows being written this moment are waited for, by the village's lock.
    """
    lock_village(batch.village)
    batch = ImportBatch.objects.defer("rows", "report").get(pk=batch.pk)
    if batch.state == State.IMPORTING:
        _stop(batch, by=by, at=at)


def _stop(batch: ImportBatch, *, by: User, at: datetime) -> None:
    batch.state = State.STOPPED
    batch.save(update_fields=["state"])
    _record("stop", batch, by=by, at=at, rows_left=batch.rows_total - batch.rows_done)


def note_seen(batch: ImportBatch, *, at: datetime) -> None:
    """Keep that whoever began an import knows how it ended."""
    ImportBatch.objects.filter(pk=batch.pk, seen_at=None).update(seen_at=at)


def _good_rows(batch: ImportBatch) -> list[dict]:
    return [row for row in batch.rows if row["kind"] == GOOD]


def _keys(batch: ImportBatch, rows: Sequence[dict]) -> list[UUID]:
    return [key_of(batch, row["row"]) for row in rows]


def _record_new(
    batch: ImportBatch, rows: Sequence[dict], *, by: User, at: datetime
) -> list[dict]:
    """Record rows and return the refusals of those that no longer fit."""
    households = Household.objects.in_bulk({row["household"] for row in rows})
    items = ScoringItem.objects.in_bulk({row["item"] for row in rows})
    # A roster can be taken back between the check and the import.
    here = [row for row in rows if row["household"] in households]
    acts = [
        Act(
            key=key_of(batch, row["row"]),
            households=[households[row["household"]]],
            item=items[row["item"]],
            happened_on=date.fromisoformat(row["day"]),
            magnitude=row["points"],
            channel=row["channel"],
            note=row["note"],
        )
        for row in here
    ]
    outcomes = record_acts(batch.village, acts, by=by, at=at)
    gone = NotOfThisVillage(_("The village has no such household"))
    answers = {row["row"]: outcome for row, outcome in zip(here, outcomes, strict=True)}
    refused = ((row, answers.get(row["row"], gone)) for row in rows)
    return [_late(row, why) for row, why in refused if isinstance(why, Refused)]


def _late(row: dict, refused: Refused) -> dict:
    return {
        "row": row["row"],
        "column": "",
        "value": row["number"],
        "problem": str(refused).rstrip(".。"),
        "remedy": _("Record it by hand if it is still missing"),
    }


def _record(action: str, batch: ImportBatch, **facts) -> None:
    record_event(f"deeds.{action}", village=batch.village, subject=batch, **facts)
