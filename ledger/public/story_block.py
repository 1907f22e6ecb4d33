"""The newest stories on the village's board."""

from datetime import date, datetime

from households.models import Village
from ledger.public.blocks import Block
from ledger.public.stories import (
    as_read,
    marks_of,
    month_is_told,
    stories_of,
    with_what_is_shown,
)

SHOWN = 3


def stories_block(village: Village, month: date, *, at: datetime) -> Block:
    """Return the three newest stories; nothing where none is told."""
    newest = stories_of(village)[:SHOWN]
    return Block(
        "ledger/_board_stories.html",
        marks_of(newest),
        lambda: _content(newest, month),
        is_wide=True,
    )


def _content(newest, month: date) -> dict:
    stories = [as_read(story) for story in with_what_is_shown(newest)]
    return {"stories": stories, "of_month": month_is_told(stories, month)}
