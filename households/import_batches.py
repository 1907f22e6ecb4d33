"""An uploaded sheet, before anybody has looked into it."""

import hashlib
from datetime import datetime

from django.db import transaction

from households.audit import record_event
from households.models import ImportBatch, User, Village
from households.tables import shown


def open_batch(
    village: Village,
    kind: str,
    *,
    file_name: str,
    content: bytes,
    by: User | None,
    at: datetime,
) -> ImportBatch:
    """Note that a sheet has arrived; the file itself is never kept."""
    return ImportBatch.objects.create(
        village=village,
        kind=kind,
        file_name=shown(file_name),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        uploaded_at=at,
    )


@transaction.atomic
def close_unread(batch: ImportBatch, problem: str, *, at: datetime) -> ImportBatch:
    """Close a batch whose file cannot be read, with the sentence that says why."""
    batch.state = ImportBatch.State.FAILED
    batch.report = {"problem": problem}
    batch.save(update_fields=["state", "report"])
    record_event(
        f"{batch.kind}.check",
        village=batch.village,
        subject=batch,
        by=batch.uploaded_by,
        at=at,
        refused=True,
    )
    return batch
