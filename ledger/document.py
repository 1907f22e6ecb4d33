"""The published month as one document: what it says, and what it leaves out.

The format is a promise to everyone who keeps a copy. A key that has nothing to
say is absent.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from households.masking import mask_name
from ledger.models import Entry, Period, Rulebook, ScoringItem, Standing
from ledger.sealing import commitment, seal

FORMAT = "good-deeds-month/1"
FRAME = (
    "format",
    "village",
    "month",
    "issue",
    "revision",
    "rulebook",
    "published_at",
    "notice_ends_at",
    "base",
    "ranked_places",
    "deduction_cell",
)


def frame_of(
    period: Period,
    *,
    issue: int,
    revision: int,
    rulebook: Rulebook,
    published_at: datetime,
    notice_ends_at: datetime,
) -> dict:
    """Return what a document says of the month, the rules and the village itself.

    `issue` counts the months of the year, `revision` the notices of this month:
    a withdrawn one came before it when it is above 1.
    """
    village = period.village
    return {
        **({"revision": revision} if revision > 1 else {}),
        "format": FORMAT,
        "village": {"slug": village.slug, "name": village.name},
        "month": str(period),
        "issue": issue,
        "rulebook": {
            "version": rulebook.version,
            "adopted": 0 if rulebook.is_sample else 1,
        },
        "published_at": _moment(published_at),
        "notice_ends_at": _moment(notice_ends_at),
        "base": village.policy.base_points,
        "ranked_places": village.policy.ranked_places,
        "deduction_cell": village.policy.deduction_cell,
    }


def build_document(
    frame: dict,
    *,
    names: dict[int, str],
    standings: Sequence[Standing],
    previous_places: dict[int, int],
    entries: Sequence[Entry],
    new_entries: Sequence[Entry],
    previous_digest: str,
    last_entry: int,
) -> dict:
    """Put a month together from its standings and entries; a pure function.

    `entries` are those that count in the month, `new_entries` those posted
    since the last publication; `names` are masked names by household id. Points
    are whole points. The document of design section 6.
    """
    entries = _without_what_cancels(entries)
    groups = {standing.household_id: standing.group for standing in standings}
    additions = [entry for entry in entries if entry.kind == Entry.Kind.ADDITION]
    return seal(
        {
            **frame,
            "last_entry": last_entry,
            "counts": _counts(standings, additions),
            "groups": _groups(standings),
            "rows": _rows(frame, standings, previous_places, names),
            "deductions": _deductions(entries, groups, frame["deduction_cell"]),
            "corrections": _corrections(entries),
            "totals": _totals(entries),
            "commitments": [commitment(entry) for entry in new_entries],
            "previous_digest": previous_digest,
        }
    )


def masked_names(standings: Sequence[Standing]) -> dict[int, str]:
    """Return heads' names as they may stay for ever, by household id (PIPL 25)."""
    return {s.household_id: mask_name(s.household.head_name) for s in standings}


def _is_ranked(standing: Standing, base: int, places: int) -> bool:
    """Only the first places are ranked, and only above the base points."""
    return (
        standing.place is not None
        and standing.place <= places
        and standing.score > base
    )


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _without_what_cancels(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out an entry and its reversal when both count in this month.

    That happens only when a withdrawn notice was put right: residents never
    read of the entry, so there is nothing to correct before them. The sum of
    the month stays, and both entries keep their commitments.
    """
    present = {entry.pk for entry in entries}
    reversed_here = {
        entry.reverses_id for entry in entries if entry.reverses_id in present
    }
    return [
        entry
        for entry in entries
        if entry.pk not in reversed_here and entry.reverses_id not in reversed_here
    ]


def _counts(standings, additions) -> dict:
    pillars = {
        pillar.value: {
            "deeds": sum(e.deed.item.pillar == pillar for e in additions),
            "points": sum(e.points for e in additions if e.deed.item.pillar == pillar),
        }
        for pillar in ScoringItem.Pillar
        if pillar != ScoringItem.Pillar.DEDUCTION
    }
    return {
        "households": len(standings),
        "deeds": len(additions),
        "participating": len({entry.household_id for entry in additions}),
        "points": sum(entry.points for entry in additions),
        "pillars": pillars,
    }


def _groups(standings) -> list[dict]:
    groups = {standing.group_id: standing.group for standing in standings}
    sizes = dict.fromkeys(groups, 0)
    for standing in standings:
        sizes[standing.group_id] += 1
    return [
        {"number": group.number, "name": group.name, "households": sizes[group.pk]}
        for group in sorted(groups.values(), key=lambda group: group.number)
    ]


def _rows(frame, standings, previous_places, names) -> list[dict]:
    base, limit = frame["base"], frame["ranked_places"]
    ranked = [s for s in standings if _is_ranked(s, base, limit)]
    shared = Counter(standing.place for standing in ranked)
    rows = []
    for standing in standings:
        row = {
            "group": standing.group.number,
            "number": standing.household.number,
            "name": names[standing.household_id],
        }
        if standing.score >= base:
            row["score"] = standing.score
        if standing.month_points > 0:
            row["month"] = standing.month_points
        if _is_ranked(standing, base, limit):
            row["place"] = standing.place
            if shared[standing.place] > 1:
                row["tied"] = 1
            row.update(_movement(standing, previous_places, limit))
        rows.append(row)
    return sorted(rows, key=lambda row: (row["group"], row["number"]))


def _movement(standing, previous_places, limit) -> dict:
    if not previous_places:
        return {}
    before = previous_places.get(standing.household_id)
    if before is None or before > limit:
        return {"new": 1}
    return {"moved": before - standing.place}


def _deductions(entries, groups, smallest_cell):
    """Group deductions by item and group; a small cell would name a household."""
    cells = {}
    for entry in entries:
        if entry.kind == Entry.Kind.DEDUCTION:
            group = groups.get(entry.household_id, entry.household.group)
            cells.setdefault((entry.deed.item.code, group.number), []).append(entry)
    lines = []
    for (code, group), cell in sorted(cells.items()):
        households = len({entry.household_id for entry in cell})
        if households >= smallest_cell:
            lines.append(
                {
                    "item": code,
                    "title": cell[0].deed.item.title,
                    "group": group,
                    "points": -sum(entry.points for entry in cell),
                    "households": households,
                }
            )
    return lines


def _corrections(entries):
    """List the reversals booked this month, of earlier months.

    A reversed deduction says nothing of its item: the line must not tell who
    had lost points.
    """
    lines = []
    for entry in entries:
        if entry.kind != Entry.Kind.REVERSAL:
            continue
        original = entry.reverses
        line = {"entry": original.number, "month": str(original.period)}
        if original.kind == Entry.Kind.ADDITION:
            line["item"] = original.deed.item.code
            line["title"] = original.deed.item.title
        lines.append(line)
    return lines


def _totals(entries) -> dict:
    sums = dict.fromkeys(Entry.SCORING, 0)
    for entry in entries:
        sums[Entry.Kind(entry.kind)] += entry.points
    return {
        "base": sums[Entry.Kind.BASE],
        "additions": sums[Entry.Kind.ADDITION],
        "deductions": -sums[Entry.Kind.DEDUCTION],
        "repairs": sums[Entry.Kind.REPAIR],
        "reversals": sums[Entry.Kind.REVERSAL],
    }
