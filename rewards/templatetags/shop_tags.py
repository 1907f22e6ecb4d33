"""How money is written on the pages of the shop."""

from django import template
from django.utils.translation import gettext as _

from rewards.money import write_yuan

register = template.Library()


@register.filter
def money(fen):
    """Write an amount with its unit: 1,234.50元."""
    return _("%(amount)s yuan") % {"amount": write_yuan(fen)}


@register.filter
def yuan(fen):
    """Write an amount under a heading that names the unit: 1,234.50."""
    return write_yuan(fen)


@register.filter
def signed_yuan(fen):
    """Write money that came in or went out: +1,000, −42.50."""
    return f"+{write_yuan(fen)}" if fen > 0 else write_yuan(fen)
