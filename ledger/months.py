"""The months of a village: which one takes a record, when it is cut off, when final."""

import calendar
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.models import Objection, Period
from ledger.posting import post_base_points
from ledger.refusals import Refused

# The earliest day a village may choose as its cut-off (design, section 3).
EARLIEST_CUT_OFF = 20
# How far back a village may bring its paper book before its first publication.
PAPER_BOOK_DAYS = 366


class DayNotAccepted(Refused):
    """The day of a deed lies in the future or too far back."""


class NotYet(Refused):
    """A month's step was asked for before its time."""


class WrongState(Refused):
    """The month is not in the state that the step needs."""


def first_day(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return first_day(month + timedelta(days=31))


def cut_off_date(village: Village, month: date) -> date:
    """Return the day after which a month takes no more records by itself."""
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=min(village.policy.cut_off_day, last))


def period_for(village: Village, happened_on: date, *, at: datetime) -> Period:
    """Return the month that takes a deed of a day: its own while open, else the next.

    A deed may be recorded up to the policy's days late (60 by default), or at
    any time while its own month still takes records; it keeps its day. A
    village that has published nothing may bring up to a year of its paper
    book. Missing months are opened, so that months follow one another without
    a gap (I-30).

    :raises DayNotAccepted: if the day is in the future or too far back
    """
    lock_village(village)
    periods = check_recordable(village, happened_on, at=at)
    return _first_open(village, periods, first_day(happened_on))


def booking_month(village: Village, *, at: datetime) -> Period:
    """Return the month that takes what is put right today: this one, else the next.

    However late a village lets deeds be recorded: nothing is recorded here.
    """
    lock_village(village)
    periods = list(village.periods.order_by("month"))
    return _first_open(village, periods, first_day(timezone.localdate(at)))


def _first_open(village: Village, periods: Sequence[Period], month: date) -> Period:
    for period in periods:
        if period.month >= month and not period.cut_off_at:
            return period
    start = next_month(periods[-1].month) if periods else month
    return _open_months(village, start, max(start, month))


def check_recordable(
    village: Village, happened_on: date, *, at: datetime
) -> list[Period]:
    """Refuse a day whose deeds no month takes; return the months of the village.

    :raises DayNotAccepted: if the day is in the future or too far back
    """
    today = timezone.localdate(at)
    if happened_on > today:
        raise DayNotAccepted(_("The date cannot be later than today."))
    month = first_day(happened_on)
    periods = list(village.periods.order_by("month"))
    if any(period.month == month and not period.cut_off_at for period in periods):
        return periods
    is_new = not any(period.is_published for period in periods)
    days = PAPER_BOOK_DAYS if is_new else village.policy.backdating_days
    if happened_on < today - timedelta(days=days):
        raise DayNotAccepted(
            _("Only deeds of the last %(days)s days can be recorded.") % {"days": days}
        )
    return periods


def _open_months(village: Village, first: date, last: date) -> Period:
    month = first
    while True:
        period = Period.objects.create(village=village, month=month)
        if month >= last:
            return period
        month = next_month(month)


@transaction.atomic
def cut_off_month(period: Period, *, by: User | None, at: datetime) -> Period:
    """Stop recording into a month and open the next; review goes on from here.

    `by` is None when the timer does it on the cut-off day.

    :raises WrongState: if the month is cut off already
    :raises NotYet: if it is before the 20th of that month
    """
    lock_village(period.village)
    period = Period.objects.select_related("village__policy").get(pk=period.pk)
    if period.cut_off_at:
        raise WrongState(_("%(month)s is cut off already.") % {"month": period})
    earliest = period.month.replace(day=EARLIEST_CUT_OFF)
    if timezone.localdate(at) < earliest:
        raise NotYet(
            _("%(month)s can be cut off from %(day)s on.")
            % {"month": period, "day": date_format(earliest)}
        )
    period.cut_off_at = at
    period.cut_off_by = by
    period.save(update_fields=["cut_off_at", "cut_off_by"])
    if not period.village.periods.filter(month__gt=period.month).exists():
        _open_months(period.village, next_month(period.month), next_month(period.month))
    record_event("month.cut_off", village=period.village, by=by, at=at, subject=period)
    return period


@transaction.atomic
def finalize_month(period: Period, *, by: User | None, at: datetime) -> Period:
    """Make a published month final, so that its points can be spent (I-37).

    :raises WrongState: if the month is not on notice
    :raises NotYet: if the notice period runs or an objection is open
    """
    lock_village(period.village)
    period = Period.objects.select_related("village").get(pk=period.pk)
    ends_at = period.notice_ends_at
    if period.state != Period.State.ON_NOTICE or ends_at is None:
        raise WrongState(_("%(month)s is not on notice.") % {"month": period})
    if at < ends_at:
        raise NotYet(
            _("The notice period of %(month)s runs until %(moment)s.")
            % {
                "month": period,
                "moment": f"{timezone.localtime(ends_at):%Y-%m-%d %H:%M}",
            }
        )
    waiting = Objection.objects.filter(
        village=period.village, publication__period=period
    ).open()
    count = waiting.count()
    if count:
        raise NotYet(
            _("%(count)s objections have no answer yet, so it cannot be final.")
            % {"count": count}
        )
    period.finalized_at = at
    period.save(update_fields=["finalized_at"])
    record_event("month.finalize", village=period.village, by=by, at=at, subject=period)
    return period


@transaction.atomic
def advance_village(village: Village, *, at: datetime) -> list[str]:
    """Do what the calendar asks of one village today; safe to run again or late.

    Gives the base points of a new year, cuts off months past their cut-off
    day, and makes months final when their notice is over and no objection is
    open. Whatever was missed is made up for, month by month in its order: all
    of it or, when broken off, nothing. Returns what was done, one word and one
    month a line.
    """
    lock_village(village)
    done = []
    today = timezone.localdate(at)
    has_published = village.periods.published().exists()
    begun = village.periods.recording().filter(month__lte=today).order_by("month")
    while period := begun.first():
        if has_published and post_base_points(period, at=at):
            done.append(f"base {period}")
        if today <= cut_off_date(village, period.month):
            break
        cut_off_month(period, by=None, at=at)
        done.append(f"cut_off {period}")
    for period in village.periods.on_notice().order_by("month"):
        try:
            finalize_month(period, by=None, at=at)
        except NotYet:
            continue
        done.append(f"final {period}")
    return done
