"""Where a month stands on its way: recording → review → notice → final."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from households.models import Village, VillagePolicy
from ledger.models import Period
from ledger.months import cut_off_date

# How long a review usually takes; only for days that are still ahead.
REVIEW_DAYS = 4
# From any day on, a village that exchanges at all does so within two months.
DAYS_AHEAD = 62


@dataclass(frozen=True)
class Step:
    """One step of a month, from a day to a day, both included."""

    state: Period.State
    starts_on: date
    ends_on: date
    is_now: bool

    @property
    def days_left(self) -> int | None:
        """Return the whole days until the step ends, for the step of today."""
        today = timezone.localdate()
        return max(0, (self.ends_on - today).days) if self.is_now else None


def months_now(village: Village, *, today: date) -> list[Period]:
    """Return the months that have begun and are not final, the newest first."""
    return list(
        village.periods.filter(finalized_at=None, month__lte=today).order_by("-month")
    )


def steps_of(period: Period, *, today: date) -> list[Step]:
    """Return the four steps of a month; days that are ahead are the usual ones.

    The village's policy must be at hand: the cut-off day and the days on notice
    come from it.
    """
    village = period.village
    cut_off = cut_off_date(village, period.month)
    if period.cut_off_at:
        cut_off = min(cut_off, timezone.localdate(period.cut_off_at))
    published = cut_off + timedelta(days=REVIEW_DAYS + 1)
    if period.published_at:
        published = timezone.localdate(period.published_at)
    elif period.cut_off_at:
        published = max(published, today)
    notice_ends = published + timedelta(days=village.policy.notice_days)
    if period.notice_ends_at:
        notice_ends = timezone.localdate(period.notice_ends_at)
    days = [
        (period.month, cut_off),
        (cut_off + timedelta(days=1), published - timedelta(days=1)),
        (published, notice_ends),
        (notice_ends, notice_ends),
    ]
    return [
        Step(state, starts, max(starts, ends), state == period.state)
        for state, (starts, ends) in zip(Period.State, days, strict=True)
    ]


def redeemable_from(policy: VillagePolicy, notice_ends_on: date) -> date | None:
    """Return the first day on which the points of a month can be exchanged.

    That is the day after its notice, if nobody objects, or the next one on which
    the village exchanges at all.
    """
    first, last = policy.redemption_first_day, policy.redemption_last_day
    days = (notice_ends_on + timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD))
    return next((day for day in days if first <= day.day <= last), None)
