"""One list of households recorded at once: whoever is in the way is told apart."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from households.models import Household, User
from ledger.cautions import cautions
from ledger.models import Deed, ScoringItem, SignIn
from ledger.recording import DuplicateDeed, record_deeds

LeftOut = SignIn.LeftOut


def who_is_left_out(
    households: Sequence[Household], item: ScoringItem, *, day: date, magnitude: int
) -> dict[int, str]:
    """Return by household id why somebody would have no deed of an item on a day."""
    moved = {
        home.pk: str(LeftOut.MOVED)
        for home in households
        if home.status == Household.Status.LEFT
    }
    raised = cautions(
        [home for home in households if home.pk not in moved],
        item,
        happened_on=day,
        magnitude=magnitude,
        # Nothing has been saved with it: every deed on file counts.
        key=uuid4(),
    )
    return moved | {caution.household.pk: caution.why for caution in raised}


def record_batch(
    households: Sequence[Household],
    item: ScoringItem,
    *,
    day: date,
    magnitude: int,
    note: str,
    key: UUID,
    by: User,
    at: datetime,
) -> tuple[Mapping[int, Deed], Mapping[int, str]]:
    """Record a deed for all who can have it, by the one door.

    Returns the deeds, and why somebody has none, both by household id.

    :raises Refused: if the day, the item or the points can be recorded for nobody
    """
    left_out = who_is_left_out(households, item, day=day, magnitude=magnitude)
    while homes := [home for home in households if home.pk not in left_out]:
        try:
            recorded = record_deeds(
                homes,
                item,
                happened_on=day,
                magnitude=magnitude,
                channel=Deed.Channel.RECORD,
                note=note,
                key=key,
                by=by,
                at=at,
            )
        except DuplicateDeed as twice:
            # A reversed deed still holds its day; no caution tells of it.
            left_out |= {home.pk: str(LeftOut.REPEATED) for home in twice.households}
            continue
        return {deed.household_id: deed for deed in recorded.deeds}, left_out
    return {}, left_out
