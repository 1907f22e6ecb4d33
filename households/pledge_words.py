"""The pledge that ships with the product, to begin from; a village writes its own."""

from django.utils.translation import gettext as _


def sample_pledge() -> dict[str, str]:
    """Return title, lines, what is kept and whom to ask, in the reader's language."""
    return {
        "title": _("Household pledge and consent"),
        "lines": "\n".join(
            [
                _("We keep the law and the village rules, and pay what we owe."),
                _("We keep house, yard and the lane before it clean; waste is sorted."),
                _("We honor the old, raise our children well and help our neighbors."),
                _("We keep weddings and funerals simple, and do not gamble."),
                _("We take part in what the village decides and does together."),
                _("We tell the truth about our deeds, and accept the village's check."),
            ]
        ),
        "kept": "\n".join(
            [
                _("Household number, group and head: to know whose points they are."),
                _("What we did, on which day, and its points: to add up the year."),
                _("What we redeemed: so that the sums are right."),
                _("A phone number if we give one: to reach us; only staff see it."),
                _("No identity numbers, no bank cards, no addresses beyond the group."),
            ]
        ),
        "contact": _("Village committee office, in working hours"),
    }
