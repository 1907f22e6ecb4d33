"""Check a large roster beside the server, so that nobody's page waits for it."""

import math
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from households.models import ImportBatch

PATIENCE = timedelta(seconds=90)


class Progress(NamedTuple):
    """How far a check has come; seconds left are None before the first rows."""

    seconds_left: int | None
    has_stopped: bool


def check_in_background(batch: ImportBatch, content: bytes) -> None:
    """Start `manage.py run_import` and hand it the file, which has no name on disk."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        subprocess.Popen(
            [sys.executable, "manage.py", "run_import", str(batch.pk)],
            cwd=settings.BASE_DIR,
            env=os.environ,
            stdin=file,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


def progress_of(batch: ImportBatch, *, at: datetime) -> Progress:
    """Judge an open check by the clock."""
    elapsed = at - batch.uploaded_at
    seconds_left = None
    if batch.rows_done:
        rows_left = batch.rows_total - batch.rows_done
        seconds_left = math.ceil(elapsed.total_seconds() / batch.rows_done * rows_left)
    return Progress(seconds_left, has_stopped=elapsed > PATIENCE)
