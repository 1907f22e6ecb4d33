"""How points are written on the staff's pages."""

from django import template

register = template.Library()


@register.filter
def signed(points):
    """Write points with their sign: +5, −2."""
    return f"{points:+d}".replace("-", "−")
