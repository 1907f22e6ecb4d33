"""How dates, digests and seals are written on pages."""

from django import template
from django.utils import formats, timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def month_title(month):
    """Write a month as on a heading: 六月, June."""
    return MONTHS[month.month]


@register.filter
def month_name(month):
    """Write a month as in a sentence: 6月, June."""
    return formats.date_format(month, _("F"))


@register.filter
def month_year(month):
    """Write a month with its year: 2025年6月, June 2025."""
    return formats.date_format(month, _("F Y"))


@register.filter
def day_month(day):
    """Write a day: 7月7日, 7 July."""
    return formats.date_format(_local(day), _("j F"))


@register.filter
def full_day(day):
    """Write a day with its year: 2025年7月7日, 7 July 2025."""
    return formats.date_format(_local(day), _("j F Y"))


@register.filter
def day_time(moment):
    """Write a day and the time on it: 7月7日17:00, 7 July 17:00."""
    return formats.date_format(_local(moment), _("j F H:i"))


@register.filter
def clock(moment):
    """Write only the time of a moment: 17:00."""
    return formats.date_format(_local(moment), "H:i")


@register.filter
def days_until(moment):
    """Count the days from today to a moment's day."""
    return (timezone.localtime(moment).date() - timezone.localdate()).days


def _local(moment):
    return timezone.localtime(moment) if hasattr(moment, "hour") else moment


@register.filter
def minus_sign(points):
    """Write points that may lie below 0: 8, −1."""
    return f"{points}".replace("-", "−")


@register.filter
def in_thousands(number):
    """Write a large number so that it can be read: 4,126."""
    return f"{number:,}"


@register.filter
def short_digest(digest):
    """Write what is printed on paper: 16 hex digits in 4 groups."""
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


@register.filter
def seal(name):
    """Choose the four characters of a seal, read down and then to the left.

    桃溪村 gives 桃溪公示, 李村 gives 李村公示, 青石桥村 stands as it is.
    """
    if len(name) == 4:
        return name
    return f"{_stem(name)}公示"


@register.filter
def desk_seal(name):
    """Choose the four characters of the staff's pages: 桃溪台账."""
    return name if len(name) == 4 else f"{_stem(name)}台账"


@register.filter
def passbook_seal(name):
    """Choose the four characters of a passbook's stamp: 桃溪存折."""
    return f"{_stem(name)}存折"


def _stem(name):
    stem = name[:-1] if len(name) == 3 else name
    return f"{stem[:2]:　<2}"


@register.filter
def tel(phone):
    """Keep of a phone number what can be dialed."""
    return "".join(c for c in phone if c in "+0123456789")
