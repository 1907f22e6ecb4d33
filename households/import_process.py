"""Work through a long sheet beside the server, so that nobody's page waits for it."""

import math
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from households.models import ImportBatch

# A check reports only now and then; recording gives a sign of life with every
# few rows, and is judged by the last one.
PATIENCE = timedelta(seconds=90)
QUIET = timedelta(seconds=15)


class Progress(NamedTuple):
    """How far a sheet has come; seconds left are None before the first rows."""

    seconds_left: int | None
    has_stopped: bool


def check_in_background(batch: ImportBatch, content: bytes) -> None:
    """Start `manage.py run_import` and hand it the file, which has no name on disk."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        _start(batch, stdin=file)


def record_in_background(batch: ImportBatch) -> None:
    """Start `manage.py run_import` on a checked sheet that is being recorded."""
    _start(batch, stdin=subprocess.DEVNULL)


def _start(batch: ImportBatch, *, stdin) -> None:
    subprocess.Popen(
        [sys.executable, "manage.py", "run_import", str(batch.pk)],
        cwd=settings.BASE_DIR,
        env=os.environ,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def progress_of(batch: ImportBatch, *, at: datetime) -> Progress:
    """Judge an open check, or a recording under way, by the clock."""
    since = batch.started_at or batch.uploaded_at
    rows = batch.rows_done - batch.rows_before
    seconds_left = None
    if rows:
        pace = (at - since).total_seconds() / rows
        seconds_left = math.ceil(pace * (batch.rows_total - batch.rows_done))
    return Progress(seconds_left, _has_stopped(batch, at))


def _has_stopped(batch: ImportBatch, at: datetime) -> bool:
    if batch.heard_at is None:
        return at - batch.uploaded_at > PATIENCE
    return batch.state == ImportBatch.State.STOPPED or at - batch.heard_at > QUIET
