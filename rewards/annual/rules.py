"""The rules of a village's year: the versions in force in it, and their items."""

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import prefetch_related_objects

from households.models import Village
from ledger.models import Rulebook, ScoringItem
from ledger.rulebook_versions import Versions


class RulesOfYear:
    """The versions of which one day at least lies in a year.

    A village that brings its paper book has years older than its rulebook; they
    go by the first one.
    """

    def __init__(self, village: Village, year: int):
        versions = Versions(village)
        until = [v for v in versions.known if _begun(v, date(year, 12, 31))]
        self.until = until or versions.known[:1]
        since = date(year, 1, 1)
        self.versions = [
            one
            for one in self.until
            if (versions.ends_on(one) or date.max) > since or one == self.until[-1]
        ]
        prefetch_related_objects(self.versions, "votes")

    def items(self, used: Collection[str]) -> Iterator[ScoringItem]:
        """Yield the items of the year as its newest rules have them, and `used` ones.

        What was dropped before the year is left out, unless it was used in it.
        """
        of_year = {rulebook.pk for rulebook in self.versions}
        newest: dict[str, ScoringItem] = {}
        for item in ScoringItem.objects.filter(rulebook__in=self.until).order_by(
            "rulebook__version", "position"
        ):
            if item.rulebook_id in of_year or item.code in used:
                newest[item.code] = item
        yield from newest.values()


def _begun(rulebook: Rulebook, day: date) -> bool:
    since = rulebook.in_force_from
    return since is not None and since <= day
