"""Which version of the rules speaks about a day, and its item of a code."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import Village
from ledger.models import Rulebook, ScoringItem
from ledger.refusals import Refused


class NotInThatVersion(Refused):
    """The rules that were in force on the day have no such item."""


class Versions:
    """The versions of a village that are, were or will be in force; read once."""

    def __init__(self, village: Village):
        self.village = village
        self.known = list(
            Rulebook.objects.filter(village=village).settled().order_by("version")
        )

    def on(self, day: date) -> Rulebook | None:
        """Return the version of a day: the newest in force, before all the first.

        A village that brings its paper book has days older than its rulebook.
        """
        in_force = [one for one in self.known if one.in_force_from <= day]
        return (in_force or self.known[:1] or [None])[-1]

    def ends_on(self, rulebook: Rulebook) -> date | None:
        """Return the first day on which a version is in force no more."""
        later = [one for one in self.known if one.version > rulebook.version]
        return later[0].in_force_from if later else None


def recordable_items(versions: Versions, *, today: date) -> list[ScoringItem]:
    """Return the items that a deed recorded today can have, in their order.

    Those of today's rules, then what only earlier rules have, as far as one of
    their days can still be recorded; these know, as `until`, their last day.
    """
    now = versions.on(today)
    if now is None:
        return []
    village = versions.village
    last_days: dict[int, date | None] = {now.pk: None}
    for one in versions.known:
        ends_on = versions.ends_on(one) if one.version < now.version else None
        days = village.policy.backdating_days if ends_on else 0
        if ends_on and ends_on > today - timedelta(days=days):
            last_days[one.pk] = ends_on - timedelta(days=1)
    found = ScoringItem.objects.filter(village=village, rulebook__in=last_days)
    items: dict[str, ScoringItem] = {}
    for item in found.select_related("village").order_by(
        "-rulebook__version", "position", "pk"
    ):
        item.until = last_days[item.rulebook_id]
        items.setdefault(item.code, item)
    return list(items.values())


def item_of_day(item: ScoringItem, day: date, versions: Versions) -> ScoringItem:
    """Return an item as the rules of a day have it, by its code.

    :raises NotInThatVersion: if it was dropped by then, or not yet there
    """
    rulebook = versions.on(day)
    if rulebook is None or item.rulebook_id == rulebook.pk:
        return item
    found = rulebook.items.filter(code=item.code).first()
    if found is None:
        raise NotInThatVersion(
            _("“%(item)s” is not in the rules of %(day)s (version %(version)s).")
            % {"item": item, "day": date_format(day), "version": rulebook.version}
        )
    return found
