"""How points and counts are written on the staff's pages."""

from django import template
from django.utils import timezone

from ledger.timeline import months_now

register = template.Library()


@register.filter
def signed(points):
    """Write points with their sign: +5, −2."""
    return f"{points:+d}".replace("-", "−")


@register.filter
def thousands(count):
    """Write a count with its thousands apart: 2,976."""
    return f"{count:,}"


@register.simple_tag
def months_of(village):
    """Return the months of a village that the head of every page names."""
    return months_now(village, today=timezone.localdate())
