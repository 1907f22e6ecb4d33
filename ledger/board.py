"""Turn a publication's document into what its pages show.

Everything here is a pure function of the document, the month's state and the
day: no query, no clock, no request.
"""

import json
from datetime import date, datetime

from django.utils import timezone

from households.masking import HIDDEN

TOP_PLACES = 3
UPRIGHT_NAME = 4  # characters; a longer name lies flat on its slip
MOST_SLIPS = 12
FIRST_TABLE = 10
LARGE_VILLAGE = 250  # households; above this the full table moves to group pages
BAR_WIDTH = 1000
BAR_GAP = 6
PILLARS = ("law", "virtue", "self")


def read(text: str) -> dict:
    """Read a stored document and give it the dates that pages need."""
    document = json.loads(text)
    document["month"] = parse_month(document["month"])
    document["published_at"] = _moment(document["published_at"])
    document["notice_ends_at"] = _moment(document["notice_ends_at"])
    return document


def parse_month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def month_after(month: date) -> date:
    """Return the first day of the next month, when a month is due on the board."""
    if month.month == 12:
        return date(month.year + 1, 1, 1)
    return date(month.year, month.month + 1, 1)


def _moment(text: str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(text))


# The parts of a page


def red_sheet(document: dict) -> dict:
    """Choose the slips that hang on the red sheet, and how they hang.

    Ties share a place, so three places may be two slips or twenty. More than
    three slips hang in two columns, and more than a dozen are only counted.
    """
    slips = [row for row in ranked(document) if row["place"] <= TOP_PLACES]
    if len(slips) > MOST_SLIPS:
        return {"layout": "crowd", "households": len(slips)}
    if len(slips) > TOP_PLACES:
        return {"layout": "list", "slips": slips}
    layout = ["none", "one", "few", "three"][len(slips)]
    if len(slips) > 1 and slips[1]["place"] > 1:
        layout += " podium"
    return {"layout": layout, "slips": slips}


def ranking(document: dict) -> dict:
    """Split the ranked households into the table and what folds away below it."""
    rows = ranked(document)
    return {
        "first": [row for row in rows if row["place"] <= FIRST_TABLE],
        "rest": [row for row in rows if row["place"] > FIRST_TABLE],
        "moves": any(row["movement"] for row in rows),
    }


def ranked(document: dict) -> list[dict]:
    """Return the ranked rows by place, ties in the order of group and number."""
    rows = (row for row in document["rows"] if "place" in row)
    names = group_names(document)
    return [
        {
            **row,
            "group": names[row["group"]],
            "long": len(row["name"]) > UPRIGHT_NAME,
            "movement": _movement(row),
            "by": abs(row.get("moved", 0)),
        }
        for row in sorted(rows, key=lambda row: row["place"])
    ]


def _movement(row: dict) -> str:
    if "new" in row:
        return "new"
    if "moved" not in row:
        return ""
    if row["moved"] == 0:
        return "same"
    return "up" if row["moved"] > 0 else "down"


def figures(document: dict) -> dict:
    """Return the month's counts and the bar of the three pillars."""
    counts = document["counts"]
    deeds = {
        pillar: counts["pillars"].get(pillar, {}).get("deeds", 0) for pillar in PILLARS
    }
    return {**counts, "by_pillar": deeds, "bar": _bar(deeds)}


def _bar(deeds: dict[str, int]) -> list[dict]:
    """Lay the pillars end to end over the width of the bar, a gap between them."""
    shown = [pillar for pillar in PILLARS if deeds[pillar]]
    if not shown:
        return []
    room = BAR_WIDTH - BAR_GAP * (len(shown) - 1)
    total = sum(deeds.values())
    bar: list[dict] = []
    start = before = 0
    for pillar in shown:
        before += deeds[pillar]
        end = room * before // total + BAR_GAP * len(bar)
        bar.append({"pillar": pillar, "x": start, "width": end - start})
        start = end + BAR_GAP
    return bar


def groups(document: dict) -> list[dict]:
    """Return every group with its households in number order; nobody is ranked."""
    rows: dict[int, list] = {group["number"]: [] for group in document["groups"]}
    for row in document["rows"]:
        rows[row["group"]].append(row)
    return [{**group, "rows": rows[group["number"]]} for group in document["groups"]]


def group_names(document: dict) -> dict[int, str]:
    return {group["number"]: group["name"] for group in document["groups"]}


def masks_names(document: dict) -> bool:
    return any(HIDDEN in row["name"] for row in document["rows"])


def deductions(document: dict) -> list[dict]:
    """Return the unnamed deductions, each only as item, points and group."""
    names = group_names(document)
    # A household may have left a group since, and nobody else be listed in it.
    return [
        {**line, "group": names.get(line["group"], "")}
        for line in document["deductions"]
    ]


def corrections(document: dict) -> list[dict]:
    """Return what this month put right in earlier months."""
    return [
        {**line, "month": parse_month(line["month"])}
        for line in document["corrections"]
    ]


def correction_counts(document: dict) -> list[dict]:
    """Count this month's corrections by the month they put right."""
    counts: dict[date, int] = {}
    for line in corrections(document):
        counts[line["month"]] = counts.get(line["month"], 0) + 1
    return [{"month": month, "places": counts[month]} for month in sorted(counts)]


def corrected_later(month: date, later: list[dict]) -> list[dict]:
    """Count the corrections of a month in each later document that books some."""
    found = []
    for document in later:
        places = sum(line["month"] == month for line in corrections(document))
        if places:
            found.append({"booked": document["month"], "places": places})
    return found


def notice(document: dict, state: str, day: date) -> dict:
    """Say where a published month stands on a day."""
    if state == "final":
        return {"kind": "final"}
    left = (document["notice_ends_at"].date() - day).days
    if left > 0:
        return {"kind": "on-notice", "days": left}
    return {"kind": "last-day" if left == 0 else "over"}


def upcoming(month: date | None, day: date, *, cut_off: bool = False) -> dict | None:
    """Say which month is being kept now and, unless that is past, when it is due."""
    if month is None:
        return None
    due = month_after(month)
    return {"month": month, "cut_off": cut_off, "due": due if due > day else None}


def first_place(document: dict) -> dict | None:
    """Name whoever stands first, and how many share the place."""
    first = [row for row in document["rows"] if row.get("place") == 1]
    return {"name": first[0]["name"], "households": len(first)} if first else None


# Whole pages


def month_page(document: dict, state: str, day: date) -> dict:
    """Return what both the board and the archive show of a published month."""
    households = document["counts"]["households"]
    return {
        "document": document,
        "month": document["month"],
        "published_on": document["published_at"].date(),
        "sheet": red_sheet(document),
        "ranking": ranking(document),
        "figures": figures(document),
        "groups": groups(document),
        "by_group": households > LARGE_VILLAGE,
        "masked": masks_names(document),
        "deductions": deductions(document),
        "corrections": corrections(document),
        "correction_counts": correction_counts(document),
        "notice": notice(document, state, day),
    }


def board_page(document: dict, state: str, day: date) -> dict:
    """Return the board: a published month, and a bare sheet when a year begins."""
    page = month_page(document, state, day)
    if state == "final" and day.year > document["month"].year:
        page["sheet"] = {"layout": "new-year"}
    return page


def group_page(document: dict, number: int) -> dict | None:
    """Return one group's households, or nothing when there is no such group."""
    found = [group for group in groups(document) if group["number"] == number]
    if not found:
        return None
    return {**_lists(document), "group": found[0]}


def find_page(document: dict, numbers: frozenset[str]) -> dict:
    """Return the households found by number, with the groups they live in."""
    found = [row for row in document["rows"] if row["number"] in numbers]
    theirs = {row["group"] for row in found}
    names = group_names(document)
    return {
        **_lists(document),
        "found": [{**row, "group": names[row["group"]]} for row in found],
        "found_groups": [g for g in groups(document) if g["number"] in theirs],
    }


def _lists(document: dict) -> dict:
    return {
        "document": document,
        "month": document["month"],
        "published_on": document["published_at"].date(),
        "groups": document["groups"],
        "masked": masks_names(document),
    }


def archive_page(published: list[tuple[dict, str]]) -> list[dict]:
    """Return the years, newest first, each with its months, newest first."""
    years: dict[int, list] = {}
    for document, state in published:
        line = {
            "month": document["month"],
            "state": state,
            "deeds": document["counts"]["deeds"],
            "first": first_place(document),
        }
        years.setdefault(document["month"].year, []).append(line)
    return [{"year": year, "months": years[year]} for year in years]
