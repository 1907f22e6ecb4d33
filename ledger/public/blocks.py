"""What other apps hang on a village's board beside the published month."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.module_loading import import_string

from households.models import Village


@dataclass(frozen=True)
class Block:
    """One block of the board: its template, and all that it shows.

    What it shows is what it depends on, so it belongs to the facts of the page.
    """

    template: str
    content: Hashable


def blocks_of(village: Village, month: date, *, at: datetime) -> tuple[Block, ...]:
    """Ask the apps named in the settings what they add to a month's board."""
    makers = map(import_string, settings.BOARD_BLOCKS)
    blocks = (make(village, month, at=at) for make in makers)
    return tuple(block for block in blocks if block is not None)
