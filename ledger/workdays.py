"""Working days by the Chinese calendar, swapped weekends included."""

from datetime import date, timedelta

import chinese_calendar

FIRST_KNOWN_YEAR = min(chinese_calendar.holidays).year
LAST_KNOWN_YEAR = max(chinese_calendar.holidays).year


def is_workday(day: date) -> bool:
    """Tell whether offices are open on a day.

    The State Council publishes each year's holidays the autumn before. For a
    year that the library does not know yet, Monday to Friday must do: a due
    date then falls a little early, never late.
    """
    if FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        return chinese_calendar.is_workday(day)
    return day.weekday() < 5


def workdays_after(day: date, count: int) -> date:
    """Return the day that lies so many working days after a day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day
