"""How many points the caps of an item still leave to a household."""

from collections import defaultdict
from collections.abc import Sequence

from ledger.models import Deed, Entry, ScoringItem


class PointsLeft:
    """What the caps leave for deeds of one village, approved one after another.

    Caps are points per household and item in a month and in a year. Everything
    is read at once; `take` counts what is approved since.
    """

    def __init__(self, deeds: Sequence[Deed]):
        self._given: defaultdict[tuple, int] = defaultdict(int)
        capped = [deed for deed in deeds if is_capped(deed.item)]
        if not capped:
            return
        village = capped[0].village_id
        given = list(
            Deed.objects.filter(
                village=village,
                household__in={deed.household_id for deed in capped},
                item__code__in={deed.item.code for deed in capped},
                period__month__year__in={deed.period.month.year for deed in capped},
            )
            .exclude(pk__in=[deed.pk for deed in deeds])
            .approved()
            .values_list("pk", "household", "item__code", "period__month", "points")
        )
        # Asked apart: joined to it, PostgreSQL goes through the whole ledger for
        # each deed until it has gathered statistics.
        undone = Entry.objects.filter(
            village=village,
            deed__in=[pk for pk, *_rest in given],
            reversals__village=village,
        )
        reversed_deeds = set(undone.values_list("deed", flat=True))
        for pk, household, code, month, points in given:
            if pk not in reversed_deeds:
                self._add(household, code, month, points)

    def of(self, deed: Deed) -> int | None:
        """Return the points left for a deed; None without a cap."""
        month = deed.period.month
        return points_left(
            deed.item,
            of_month=self._given[deed.household_id, deed.item.code, month],
            of_year=self._given[deed.household_id, deed.item.code, month.year],
        )

    def take(self, deed: Deed) -> None:
        """Count a deed that has just been approved."""
        self._add(
            deed.household_id, deed.item.code, deed.period.month, abs(deed.points)
        )

    def _add(self, household, code, month, points):
        self._given[household, code, month] += abs(points)
        self._given[household, code, month.year] += abs(points)


def remaining_points(deed: Deed) -> int | None:
    """Return the points the caps still leave for a deed; None without a cap."""
    return PointsLeft([deed]).of(deed)


def is_capped(item: ScoringItem) -> bool:
    return item.month_cap is not None or item.year_cap is not None


def points_left(item: ScoringItem, *, of_month: int, of_year: int) -> int | None:
    """Return what an item's caps leave of points already given, without a sign."""
    caps = [(item.month_cap, of_month), (item.year_cap, of_year)]
    left = [cap - given for cap, given in caps if cap is not None]
    return max(0, min(left)) if left else None
