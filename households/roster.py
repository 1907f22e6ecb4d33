"""Take over a village's roster: check it, import it whole or not at all, undo it."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.cells import group_number
from households.changes import change_household
from households.consent import wants_no_file
from households.headings import ROSTER_COLUMNS
from households.import_batches import close_unread, open_batch
from households.locking import lock_village
from households.models import (
    Household,
    HouseholdChange,
    ImportBatch,
    User,
    Village,
    VillagerGroup,
)
from households.pinyin import initials_of_name
from households.roster_comparison import (
    CONFLICT,
    DETAILS,
    NEW,
    compare,
    fingerprint,
    groups_by_number,
    households_by_number,
)
from households.roster_rows import RosterReading, read_roster
from households.spreadsheets import SpreadsheetRefused, read_table
from households.tables import Table

REPLACED = ["head_name", "head_initials", "group", "phone", "full_name_consented_on"]


class RosterNotImported(Exception):
    """The roster stays as it was; the message can be shown to a steward."""


# Check


def check_roster(
    village: Village, *, file_name: str, content: bytes, by: User | None, at: datetime
) -> ImportBatch:
    """Read a roster and compare it with the village, changing no household."""
    batch = open_batch(
        village,
        ImportBatch.Kind.ROSTER,
        file_name=file_name,
        content=content,
        by=by,
        at=at,
    )
    return finish_check(batch, content, at=at)


def finish_check(
    batch: ImportBatch,
    content: bytes,
    *,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> ImportBatch:
    """Read the file of an open batch and keep what was found in it."""
    try:
        table = read_table(content, ROSTER_COLUMNS)
    except SpreadsheetRefused as refused:
        return close_unread(batch, str(refused), at=at)
    total = len(table.rows)
    reading = read_roster(
        table, progress=progress and (lambda done: progress(done, total))
    )
    return _keep_check(batch, table, reading, at=at)


@transaction.atomic
def _keep_check(
    batch: ImportBatch, table: Table, reading: RosterReading, *, at: datetime
) -> ImportBatch:
    batch.rows, batch.report = compare(batch.village, table, reading)
    batch.rows_total = batch.rows_done = len(table.rows)
    batch.state = ImportBatch.State.CHECKED
    batch.save()
    record(
        "check",
        batch,
        by=batch.uploaded_by,
        at=at,
        rows=len(batch.rows),
        refusals=len(reading.refusals),
    )
    return batch


# Import


@transaction.atomic
def import_roster(
    batch: ImportBatch, *, by: User | None, at: datetime, update: bool = False
) -> ImportBatch:
    """Take over every household of a checked roster, or none.

    A known number with another head is taken over only with `update`, and so
    are another group and another phone. An imported batch is left as it is.

    :raises RosterNotImported: when a row was refused, a head differs, or the
        village has changed since the check
    """
    village = lock_village(batch.village)
    batch = ImportBatch.objects.select_related("village").get(pk=batch.pk)
    if batch.state == ImportBatch.State.IMPORTED:
        return batch
    known = _require_importable(batch, village, update=update)
    groups, new_groups = _groups_for(batch, village)
    created = _create_households(batch, village, groups)
    replaced = _replace_details(batch, known, groups, by=by, at=at) if update else []
    batch.state = ImportBatch.State.IMPORTED
    batch.imported_at = at
    batch.report |= {
        "created": created,
        "created_groups": new_groups,
        "replaced": replaced,
    }
    batch.save(update_fields=["state", "imported_at", "report"])
    record(
        "import",
        batch,
        by=by,
        at=at,
        created=len(created),
        replaced=len(replaced),
        groups=len(new_groups),
    )
    return batch


def require_good(batch: ImportBatch, *, update: bool) -> None:
    """Stop unless a checked roster could be imported as it stands.

    :raises RosterNotImported: saying what stands in the way
    """
    if batch.state == ImportBatch.State.FAILED:
        raise RosterNotImported(batch.report["problem"])
    if batch.state != ImportBatch.State.CHECKED:
        raise RosterNotImported(_("This upload is closed. Upload the file again."))
    if batch.report["refusals"]:
        raise RosterNotImported(
            _("Nothing was imported: put the refused rows right and upload again.")
        )
    if not batch.rows:
        raise RosterNotImported(_("Nothing was imported: the file has no households."))
    if batch.report[CONFLICT] and not update:
        raise RosterNotImported(
            _("Nothing was imported: %(count)s numbers belong to other heads.")
            % {"count": batch.report[CONFLICT]}
        )


def _require_importable(
    batch: ImportBatch, village: Village, *, update: bool
) -> dict[str, Household]:
    require_good(batch, update=update)
    known = households_by_number(village)
    if fingerprint(known, groups_by_number(village)) != batch.report["village_then"]:
        raise RosterNotImported(
            _("The village's roster has changed since the check. Upload it again.")
        )
    return known


def _groups_for(
    batch: ImportBatch, village: Village
) -> tuple[dict[str, VillagerGroup], list[int]]:
    groups = {group.name: group for group in village.groups.all()}
    wanted = dict.fromkeys(row["group"] for row in batch.rows)
    missing = [name for name in wanted if name not in groups]
    numbers = {name: group_number(name) for name in missing}
    highest = max(
        [*(group.number for group in groups.values())]
        + [number for number in numbers.values() if number],
        default=0,
    )
    added = []
    for name in missing:
        number = numbers[name]
        if not number:
            highest += 1
            number = highest
        added.append(VillagerGroup(village=village, number=number, name=name))
    created = VillagerGroup.objects.bulk_create(added)
    groups |= {group.name: group for group in created}
    return groups, [group.pk for group in created]


def _create_households(
    batch: ImportBatch, village: Village, groups: dict[str, VillagerGroup]
) -> list[int]:
    try:
        created = Household.objects.bulk_create(
            Household(
                village=village,
                group=groups[row["group"]],
                number=row["number"],
                head_name=row["head"],
                head_initials=initials_of_name(row["head"]),
                phone=row["phone"],
            )
            for row in batch.rows
            if row["kind"] == NEW
        )
    except IntegrityError:
        # Only another writer between the comparison and this statement.
        raise RosterNotImported(
            _("The village's roster has changed since the check. Upload it again.")
        ) from None
    return [household.pk for household in created]


def _replace_details(
    batch: ImportBatch,
    known: dict[str, Household],
    groups: dict[str, VillagerGroup],
    *,
    by: User | None,
    at: datetime,
) -> list[dict]:
    replaced, changed = [], []
    unkept = wants_no_file(batch.village_id)
    for row in batch.rows:
        if row["kind"] not in (CONFLICT, DETAILS):
            continue
        household = known[row["number"]]
        before, initials = details(household), household.head_initials
        if row["kind"] == CONFLICT:
            _require_living_here(household)
            # Of the same head initials stay: somebody may have corrected them.
            change_household(
                household,
                HouseholdChange.Kind.HEAD,
                head_name=row["head"],
                takes_effect_on=timezone.localdate(at),
                paper=_("Roster “%(file)s”, row %(row)s")
                % {"file": batch.file_name[:120], "row": row["row"]},
                signed_by=str(by or ""),
                noted_by=by,
                decided_by=None,
                at=at,
            )
            unkept.discard(household.pk)
        household.group = groups[row["group"]]
        if household.pk not in unkept:
            household.phone = row["phone"] or household.phone
        changed.append(household)
        replaced.append(
            {
                "id": household.pk,
                "before": before,
                "after": details(household),
                "initials": initials,
            }
        )
    Household.objects.bulk_update(changed, REPLACED)
    return replaced


def _require_living_here(household: Household) -> None:
    if household.status == Household.Status.LEFT:
        raise RosterNotImported(
            _(
                "Nothing was imported: number %(number)s was a household's that has "
                "left, and is given to nobody else. Use another number."
            )
            % {"number": household.number}
        )


def details(household: Household) -> dict:
    """Return what a roster may change, to compare it later or put it back."""
    consented_on = household.full_name_consented_on
    return {
        "head_name": household.head_name,
        "group_id": household.group_id,
        "phone": household.phone,
        "full_name_consented_on": consented_on and consented_on.isoformat(),
    }


def record(action: str, batch: ImportBatch, **facts) -> None:
    """Leave the trace of one step of a batch."""
    record_event(f"roster.{action}", village=batch.village, subject=batch, **facts)
