"""How many points the caps of an item still leave to a household."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from households.models import HouseholdChange
from ledger.models import Deed, Entry, ScoringItem


class PointsLeft:
    """What the caps leave for deeds of one village, approved one after another.

    Caps are points per household and item in a month and in a year. Everything
    is read at once; `take` counts what is approved since. Whoever took another
    household in begins to count on the day of the merge (domain 3.7).
    """

    def __init__(self, deeds: Sequence[Deed]):
        self._given: defaultdict[tuple, int] = defaultdict(int)
        capped = [deed for deed in deeds if is_capped(deed.item)]
        self._merged: dict[int, list[date]] = {}
        if not capped:
            return
        village = capped[0].village_id
        self._merged = merge_days(village, {deed.household_id for deed in capped})
        given = list(
            Deed.objects.filter(
                village=village,
                household__in={deed.household_id for deed in capped},
                item__code__in={deed.item.code for deed in capped},
                period__month__year__in={deed.period.month.year for deed in capped},
            )
            .exclude(pk__in=[deed.pk for deed in deeds])
            .approved()
            .values_list(
                "pk",
                "household",
                "item__code",
                "period__month",
                "happened_on",
                "points",
            )
        )
        # Asked apart: joined to it, PostgreSQL goes through the whole ledger for
        # each deed until it has gathered statistics.
        undone = Entry.objects.filter(
            village=village,
            deed__in=[pk for pk, *_rest in given],
            reversals__village=village,
        )
        reversed_deeds = set(undone.values_list("deed", flat=True))
        for pk, household, code, month, day, points in given:
            if pk not in reversed_deeds:
                self._add((household, self._since(household, day), code), month, points)

    def of(self, deed: Deed) -> int | None:
        """Return the points left for a deed; None without a cap."""
        month, place = deed.period.month, self._place(deed)
        return points_left(
            deed.item,
            of_month=self._given[*place, month],
            of_year=self._given[*place, month.year],
        )

    def take(self, deed: Deed) -> None:
        """Count a deed that has just been approved."""
        self._add(self._place(deed), deed.period.month, deed.points)

    def _place(self, deed: Deed) -> tuple:
        since = self._since(deed.household_id, deed.happened_on)
        return deed.household_id, since, deed.item.code

    def _since(self, household: int, day: date) -> date | None:
        return counted_since(self._merged.get(household, ()), day)

    def _add(self, place, month, points):
        self._given[*place, month] += abs(points)
        self._given[*place, month.year] += abs(points)


def merge_days(village: int, households: Iterable[int]) -> dict[int, list[date]]:
    """Return the days on which households took others in, by the id that stayed."""
    merges = HouseholdChange.objects.filter(
        village=village, kind=HouseholdChange.Kind.MERGE, other__in=list(households)
    )
    days: defaultdict[int, list[date]] = defaultdict(list)
    for household, day in merges.values_list("other", "takes_effect_on"):
        days[household].append(day)
    return days


def counted_since(merges: Iterable[date], day: date) -> date | None:
    """Return the day from which caps count for a deed of a day; None: from the first.

    Two households that became one had each their own caps until then.
    """
    return max((merge for merge in merges if merge <= day), default=None)


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
