"""All villages at a glance: their states in a fixed order, never their scores."""

from dataclasses import dataclass
from datetime import date

from households.models import Village
from ledger.board import month_after, read
from ledger.models import Publication


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
        lines = []
        for village in self.villages:
            publication = self.newest.get(village.pk)
            document = read(publication.document) if publication else None
            state = publication.period.state if publication else ""
            line = overview_line(document, state, day)
            lines.append({"village": village, **line})
        townships = list(dict.fromkeys(v.township.name for v in self.villages))
        return {
            "townships": townships,
            "lines": lines,
            "sums": overview_sums(lines),
        }


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
