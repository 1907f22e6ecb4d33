"""What a recorder should look at twice before saving: repeats and full limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from households.models import Household
from ledger.limits import counted_since, merge_days
from ledger.models import Deed, ScoringItem
from ledger.months import first_day


@dataclass(frozen=True)
class Caution:
    """One household, and why it should not be recorded without a second look.

    `why` is one word for the reason: repeated, month, year.
    """

    household: Household
    sentence: str
    why: str


def cautions(
    households: Sequence[Household],
    item: ScoringItem,
    *,
    happened_on: date,
    magnitude: int,
    key: UUID,
    replaced: Sequence[Deed] = (),
) -> list[Caution]:
    """Return the households recorded already or past a limit, with the reason.

    Limits begin anew on the day on which a household took another one in, as they
    do for the reviewer. Deeds that wait for a decision count as if approved. What
    the form `key` itself has saved before does not count, so that a double submit
    is judged like the first; nor does what is being replaced.
    """
    village = item.village
    period = (
        village.periods.recording()
        .filter(month__gte=first_day(happened_on))
        .order_by("month")
        .first()
    )
    year = period.month.year if period else happened_on.year
    found = (
        Deed.objects.filter(
            village=village,
            household__in=[household.pk for household in households],
            item__code=item.code,
        )
        .standing()
        .exclude(operation__key=key)
        .exclude(pk__in=[deed.pk for deed in replaced])
        .not_reversed()
        .select_related("period")
    )
    earlier: dict[int, list[Deed]] = {}
    for deed in found:
        earlier.setdefault(deed.household_id, []).append(deed)
    merges = _merge_days_if_it_matters(item, earlier, magnitude)
    raised = []
    for household in households:
        deeds = earlier.get(household.pk, [])
        same_day = [deed for deed in deeds if deed.happened_on == happened_on]
        merged = merges.get(household.pk, ())
        since = counted_since(merged, happened_on)
        of_year = [
            deed
            for deed in deeds
            if deed.period.month.year == year
            and counted_since(merged, deed.happened_on) == since
        ]
        of_month = [deed for deed in of_year if period and deed.period == period]
        if same_day:
            why = "repeated"
            sentence = _("%(household)s: “%(item)s” is already recorded for this day.")
        elif _is_past(item.month_cap, of_month, magnitude):
            why = "month"
            sentence = _(
                "%(household)s: “%(item)s” gives at most %(month)s points a month, "
                "and this would be more."
            )
        elif _is_past(item.year_cap, of_year, magnitude):
            why = "year"
            sentence = _(
                "%(household)s: “%(item)s” gives at most %(year)s points a year, "
                "and this would be more."
            )
        else:
            continue
        facts = {
            "household": household,
            "item": item.title,
            "month": item.month_cap,
            "year": item.year_cap,
        }
        raised.append(Caution(household, sentence % facts, why))
    return raised


def _merge_days_if_it_matters(
    item: ScoringItem, earlier: dict[int, list[Deed]], magnitude: int
) -> dict[int, list[date]]:
    """Ask for merges only where all deeds together would go past a limit."""
    near = [
        household
        for household, deeds in earlier.items()
        if any(
            _is_past(cap, deeds, magnitude) for cap in (item.month_cap, item.year_cap)
        )
    ]
    return merge_days(item.village_id, near) if near else {}


def _is_past(cap: int | None, deeds: Sequence[Deed], magnitude: int) -> bool:
    if cap is None:
        return False
    return sum(abs(deed.points) for deed in deeds) + magnitude > cap
