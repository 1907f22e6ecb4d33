"""The two lists of the first page: what somebody recorded today, and the villages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count
from django.utils import timezone

from households.models import User, Village
from ledger.changing import changeable
from ledger.models import Deed, Objection, Operation, Period

RECORDS_READ = 500


@dataclass(frozen=True)
class Noted:
    """What one saved form recorded today."""

    operation: Operation
    deeds: list[Deed]

    @property
    def first(self) -> Deed:
        return self.deeds[0]

    @property
    def points(self) -> int:
        return sum(deed.points for deed in self.standing)

    @property
    def standing(self) -> list[Deed]:
        return [deed for deed in self.deeds if deed.state != Deed.State.WITHDRAWN]

    @property
    def can_be_undone(self) -> bool:
        return any(deed.state == Deed.State.PENDING for deed in self.deeds)

    @property
    def can_be_changed(self) -> bool:
        return bool(changeable(self.deeds, by=self.operation.by))


@dataclass(frozen=True)
class VillageState:
    """One village in its township's list: its months, never its scores."""

    village: Village
    periods: list[Period]
    objections: int


def village_states(user: User) -> list[VillageState]:
    """Return the villages a person looks after, in the township's fixed order."""
    villages = list(
        Village.objects.visible_to(user).order_by("township_id", "position", "pk")
    )
    periods: dict[int, list[Period]] = {}
    for period in Period.objects.filter(
        village__in=villages, finalized_at=None
    ).order_by("month"):
        periods.setdefault(period.village_id, []).append(period)
    waiting = dict(
        Objection.objects.filter(village__in=villages)
        .open()
        .values_list("village")
        .annotate(count=Count("pk"))
    )
    return [
        VillageState(village, periods.get(village.pk, []), waiting.get(village.pk, 0))
        for village in villages
    ]


def noted_on(village: Village, user: User, today: date) -> Iterator[Noted]:
    """Group what a person recorded today by the form it was saved with.

    Of a long sheet only the newest rows are read: nobody undoes it here.
    """
    deeds = (
        _recorded_on(village, user, today)
        .select_related("operation__by", "household", "item", "period")
        .order_by("-recorded_at", "-operation", "pk")[:RECORDS_READ]
    )
    for operation, rows in groupby(deeds, key=lambda deed: deed.operation):
        yield Noted(operation, list(rows))


def count_noted_on(
    village: Village, user: User, today: date, *, read: Sequence[Noted]
) -> int:
    """Count the deeds a person recorded today and did not undo.

    `read` is what `noted_on` found; only where that was cut off they are asked for.
    """
    if sum(len(one.deeds) for one in read) < RECORDS_READ:
        return sum(len(one.standing) for one in read)
    recorded = _recorded_on(village, user, today)
    return recorded.exclude(state=Deed.State.WITHDRAWN).count()


def _recorded_on(village: Village, user: User, today: date):
    since = timezone.make_aware(datetime.combine(today, datetime.min.time()))
    return Deed.objects.filter(
        village=village,
        recorded_by=user,
        recorded_at__gte=since,
        recorded_at__lt=since + timedelta(days=1),
        operation__kind="record",
    )
