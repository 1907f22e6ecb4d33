"""How points and counts are written on the staff's pages."""

from django import template

register = template.Library()


@register.filter
def signed(points):
    """Write points with their sign: +5, −2."""
    return f"{points:+d}".replace("-", "−")


@register.filter
def thousands(count):
    """Write a count with its thousands apart: 2,976."""
    return f"{count:,}"
