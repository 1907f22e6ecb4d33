"""How far an export has come, for the page that waits for its file.

Each step is one byte added to a small file named by the form's key, which every
process of the machine sees at once; the file goes when the export is done.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

# Who was killed half-way leaves a file, which is swept by a later export.
SWEPT_AFTER = 24 * 60 * 60


@contextmanager
def counted(key: UUID) -> Iterator[Callable[[], None]]:
    """Give a function to call after each step of an export."""
    mark = _mark(key)
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(mark.parent)
    mark.write_bytes(b"")

    def step() -> None:
        with mark.open("ab", buffering=0) as marks:
            marks.write(b".")

    try:
        yield step
    finally:
        mark.unlink(missing_ok=True)


def steps_done(key: UUID) -> int | None:
    """Return how many steps an export has done; None when none is under way."""
    try:
        return _mark(key).stat().st_size
    except FileNotFoundError:
        return None


def _mark(key: UUID) -> Path:
    return Path(settings.DATA_DIR, "exports", key.hex)


def _sweep(marks: Path) -> None:
    for mark in marks.iterdir():
        if mark.stat().st_mtime < time.time() - SWEPT_AFTER:
            mark.unlink(missing_ok=True)
