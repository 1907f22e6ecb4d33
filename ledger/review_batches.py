"""Deeds that belong together on the review desk, and a reviewer's own last acts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Count, Exists, Min, OuterRef

from households.models import User
from ledger.models import Decision, Deed, Entry, Period
from ledger.review_rows import ReviewRow

ACTIONS_SHOWN = 8


@dataclass
class Batch:
    """Pending deeds alike in item, day, recorder, points and flags.

    `next` is the key of the batch that follows and can be decided.
    """

    rows: list[ReviewRow]
    next: int | None = None
    is_open: bool = False

    @property
    def first(self) -> Deed:
        return self.rows[0].deed

    @property
    def key(self) -> int:
        """Return what an address names the batch by: the id of its first deed."""
        return self.first.pk

    @property
    def flags(self) -> list[str]:
        return self.rows[0].flags

    @property
    def lock(self) -> str:
        return self.rows[0].lock

    @property
    def is_single(self) -> bool:
        return len(self.rows) == 1

    @property
    def is_clean(self) -> bool:
        """Tell whether it can be approved whole, without being opened."""
        return not self.flags and not self.lock

    @property
    def needs_opening(self) -> bool:
        """Tell whether each of its deeds must be looked at and decided by itself."""
        return bool(self.flags) and not self.lock

    @property
    def is_declared(self) -> bool:
        return any(row.deed.channel != Deed.Channel.RECORD for row in self.rows)

    @property
    def has_alike(self) -> bool:
        return any(row.alike for row in self.rows)

    @property
    def photos(self) -> int:
        return sum(len(row.deed.photos.all()) for row in self.rows)

    @property
    def deeds(self) -> str:
        """Return the ids as a form sends them: exactly what the reviewer saw."""
        return ",".join(str(row.deed.pk) for row in self.rows)

    def holds(self, pk: int) -> bool:
        return any(row.deed.pk == pk for row in self.rows)


def batches_of(rows: Iterable[ReviewRow]) -> list[Batch]:
    """Put rows together: flagged batches first, then the locked, then the largest.

    What differs from its companions stands by itself: of forty people at a
    meeting the one past the limit is looked at, the others go together.
    """
    together = defaultdict(list)
    for row in rows:
        deed = row.deed
        together[
            deed.item.code,
            deed.happened_on,
            deed.recorded_by_id,
            deed.points,
            tuple(row.flags),
            row.lock,
        ].append(row)
    batches = sorted(
        [Batch(rows) for rows in together.values()],
        key=lambda batch: (
            2 if batch.is_clean else 1 if batch.lock else 0,
            -len(batch.rows),
            batch.first.happened_on,
            batch.key,
        ),
    )
    for batch, after in pairwise(batch for batch in batches if not batch.lock):
        batch.next = after.key
    return batches


class Action(NamedTuple):
    """One act of a reviewer that still stands: one decision, or a batch at once."""

    key: int
    at: datetime
    outcome: str
    code: str
    title: str
    deeds: int
    number: str
    head_name: str

    @property
    def outcome_label(self):
        return Decision.Outcome(self.outcome).label


def last_actions(period: Period, *, by: User) -> list[Action]:
    """Return a person's last acts in a month that can still be undone."""
    # A deed has its entry before its month is published when a notice of that
    # month was withdrawn; then it is corrected.
    posted = Entry.objects.filter(village=OuterRef("village"), deed=OuterRef("deed"))
    acts = (
        _standing(period, by=by)
        .filter(~Exists(posted))
        .values_list("at", "outcome", "deed__item__code", "deed__item__title")
        .annotate(
            key=Min("pk"),
            deeds=Count("pk"),
            number=Min("deed__household__number"),
            head_name=Min("deed__household__head_name"),
        )
        .order_by("-at", "key")[:ACTIONS_SHOWN]
    )
    return [
        Action(key, at, outcome, code, title, deeds, number, head_name)
        for at, outcome, code, title, key, deeds, number, head_name in acts
    ]


def deeds_of_action(period: Period, key: int, *, by: User) -> list[Deed]:
    """Return the deeds one of a person's acts decided, as far as it still stands."""
    standing = _standing(period, by=by)
    act = standing.filter(pk=key).first()
    if act is None:
        return []
    decisions = standing.filter(at=act.at).select_related("deed__village")
    return [decision.deed for decision in decisions.order_by("pk")]


def _standing(period, *, by):
    later = Decision.objects.filter(
        village=OuterRef("village"),
        deed=OuterRef("deed"),
        number__gt=OuterRef("number"),
    )
    return (
        Decision.objects.filter(village=period.village_id, deed__period=period, by=by)
        .exclude(outcome=Decision.Outcome.REOPENED)
        .filter(~Exists(later))
    )
