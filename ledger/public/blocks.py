"""What other apps hang on a village's board and write into its passbooks."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.module_loading import import_string

from households.models import Household, Village
from ledger.naming import OpenNames


@dataclass(frozen=True)
class Block:
    """One block of the board: its template, what it depends on, what it shows.

    The facts are asked for every visitor and must be cheap; the content is made
    only when the page has to be rendered. A wide one has a row of its own.
    """

    template: str
    facts: Hashable
    content: Callable[[], dict]
    is_wide: bool = False


def blocks_of(village: Village, month: date, *, at: datetime) -> list[Block]:
    """Ask the apps named in the settings what they add to a month's board."""
    makers = map(import_string, settings.BOARD_BLOCKS)
    return [make(village, month, at=at) for make in makers]


def roll_of(
    village: Village, year: int, names: OpenNames, *, at: datetime
) -> Block | None:
    """Ask the app named in the settings for a year's honor roll, if there is one."""
    return import_string(settings.HONOR_ROLL)(village, year, names, at=at)


@dataclass(frozen=True)
class Slip:
    """What a household had for its points at the counter, and the paper about it."""

    number: str
    goods: str


@dataclass(frozen=True)
class Goods:
    """What a household's points buy now, and what they have bought, by entry id."""

    enough_for: str
    needed: int
    slips: Mapping[int, Slip]


@dataclass(frozen=True)
class Honor:
    """One list of a year's awards that a household stood on, and what it got.

    `state` is "on_notice", "confirmed", "withdrawn" or "struck": left off at the
    village's or its own wish.
    """

    year: int
    state: str
    state_label: str
    place: int | None = None
    score: int | None = None
    citation: str = ""
    notice_ends_at: datetime | None = None
    gift: str = ""
    given_on: date | None = None


def honors_of(household: Household) -> list[Honor]:
    """Ask the app named in the settings for all of a household's awards."""
    return import_string(settings.OWN_AWARDS)(household)


def honor_of(household: Household, year: int | None) -> Honor | None:
    """Ask the app named in the settings for a household's award of one year."""
    return import_string(settings.PASSBOOK_AWARD)(household, year)


def goods_of(household: Household, points: int, *, at: datetime) -> Goods:
    """Ask the app named in the settings what so many points buy and have bought."""
    return import_string(settings.PASSBOOK_GOODS)(household, points, at=at)
