"""Photos of forms that are filled in but not submitted yet, kept for a day.

A browser gives a chosen file once. So that nobody has to choose it again on the
check page or after a mistake, it waits under the random key of the form, in no
folder that is served, and no address hands it out.
"""

import time
from pathlib import Path
from uuid import UUID

from django.conf import settings

from ledger.public.form_tokens import GOOD_FOR

# A re-encoded photo has some 300 KB, so that a flood of them fills no disk.
MOST_DRAFTS = 300


def keep_draft(key: UUID, photo: bytes) -> bool:
    """Keep a photo under the key of its form; tell whether there was room."""
    path = _path(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(path.parent)
    if not path.exists() and sum(1 for _draft in path.parent.iterdir()) >= MOST_DRAFTS:
        return False
    path.touch(mode=0o600)
    path.write_bytes(photo)
    return True


def draft_of(key: UUID) -> bytes | None:
    """Return the photo that waits under a key."""
    try:
        return _path(key).read_bytes()
    except FileNotFoundError:
        return None


def has_draft(key: UUID) -> bool:
    return _path(key).exists()


def move_draft(old: UUID, new: UUID) -> None:
    """Let a photo wait for the same form opened anew."""
    if has_draft(old):
        _path(old).replace(_path(new))


def drop_draft(key: UUID) -> None:
    _path(key).unlink(missing_ok=True)


def _path(key: UUID) -> Path:
    return Path(settings.DATA_DIR, "drafts", f"{key.hex}.jpg")


def _forget_old(drafts: Path) -> None:
    oldest_kept = time.time() - GOOD_FOR.total_seconds()
    for draft in drafts.iterdir():
        if draft.stat().st_mtime < oldest_kept:
            draft.unlink(missing_ok=True)
