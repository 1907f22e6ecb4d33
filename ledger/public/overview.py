"""All villages at a glance: their states in a fixed order, never their scores."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from households.models import Village
from ledger.board import month_after, read
from ledger.models import Publication

MONTHS_SHOWN = 12
# The bars of the months, in units of the drawing.
BAR_STEP, BAR_HEIGHT = 10, 30


@dataclass(frozen=True)
class Overview:
    """All villages in the township's fixed order, with their newest publications."""

    villages: tuple[Village, ...]
    newest: dict[int, Publication]

    @classmethod
    def now(cls) -> "Overview":
        villages = Village.objects.select_related("township").order_by(
            "township__name", "position", "name", "pk"
        )
        newest = Publication.objects.newest().defer("document")
        return cls(tuple(villages), {p.village_id: p for p in newest})

    @property
    def only_village(self) -> Village | None:
        """Return the one village worth opening: published, or there at all."""
        published = [v for v in self.villages if v.pk in self.newest]
        worth_opening = published or self.villages
        return worth_opening[0] if len(worth_opening) == 1 else None

    def facts(self, day: date) -> tuple:
        """Return all that the overview depends on."""
        villages = tuple((v.slug, v.name, v.township.name) for v in self.villages)
        newest = tuple((p.digest, p.period.state) for p in self.newest.values())
        return day, villages, newest

    def page(self, day: date) -> dict:
        """Return each village's state, never ranked by score, and their sums."""
        months = _last_months([p.period.month for p in self.newest.values()])
        documents = self._documents(months)
        lines = []
        for village in self.villages:
            published = documents[village.pk]
            newest = self.newest.get(village.pk)
            state = newest.period.state if newest else ""
            line = overview_line(published[-1] if published else None, state, day)
            bars = sparkline(published, months)
            lines.append({"village": village, "bars": bars, **line})
        townships = list(dict.fromkeys(v.township.name for v in self.villages))
        return {
            "townships": townships,
            "lines": lines,
            "sums": overview_sums(lines),
        }

    def _documents(self, months: list[date]) -> dict[int, list[dict]]:
        """Return each village's documents of some months, and its newest, in order."""
        found: dict[int, list[dict]] = defaultdict(list)
        newest = [publication.pk for publication in self.newest.values()]
        asked = Q(period__month__in=months) | Q(pk__in=newest)
        publications = Publication.objects.standing().filter(asked).order_by("number")
        for village, text in publications.values_list("village", "document").iterator():
            found[village].append(read(text))
        return found


def _last_months(published: list[date]) -> list[date]:
    """Return the twelve months up to the newest published one, the earliest first."""
    if not published:
        return []
    month, months = max(published), []
    for _month in range(MONTHS_SHOWN):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months[::-1]


def sparkline(documents: list[dict], months: list[date]) -> list[dict]:
    """Return a bar for each month that a village published: its deeds, and its height.

    Each village has its own scale, so that no village is held against another.
    """
    deeds = {document["month"]: document["counts"]["deeds"] for document in documents}
    shown = [(index, month) for index, month in enumerate(months) if month in deeds]
    most = max((deeds[month] for _index, month in shown), default=0) or 1
    return [
        {
            "month": month,
            "deeds": deeds[month],
            "x": index * BAR_STEP,
            "height": max(1, BAR_HEIGHT * deeds[month] // most),
            "y": BAR_HEIGHT - max(1, BAR_HEIGHT * deeds[month] // most),
        }
        for index, month in shown
    ]


def overview_line(document: dict | None, state: str, day: date) -> dict:
    """Return one village's line in its township: its state, never its score."""
    if document is None:
        return {"state": "not-started"}
    counts = document["counts"]
    awaited = month_after(document["month"])
    due = month_after(awaited)
    return {
        "state": state,
        "month": document["month"],
        "households": counts["households"],
        "deeds": counts["deeds"],
        "rate": counts["participating"] * 100 // max(counts["households"], 1),
        "late": {"month": awaited, "due": due} if due < day else None,
    }


def overview_sums(lines: list[dict]) -> dict:
    """Add up the villages that have published, for the newest month among them."""
    published = [line for line in lines if "month" in line]
    newest = max((line["month"] for line in published), default=None)
    return {
        "households": sum(line["households"] for line in published),
        "month": newest,
        "deeds": sum(line["deeds"] for line in published if line["month"] == newest),
    }
