"""A month frozen: its document, its standings, its place in the chain."""

import json
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from households.models import Household, User, Village
from ledger.document import FRAME, build_document, frame_of, masked_names
from ledger.models import Entry, Period, Publication, Rulebook, Standing
from ledger.months import cut_off_date
from ledger.querysets import with_standings
from ledger.sealing import canonical, genesis_digest

NOTICE_ENDS = time(17, 0)
LIVING_HERE = Household.Status.ACTIVE


def freeze_month(period: Period, *, by: User, at: datetime) -> Publication:
    """Store the document and one standing for each listed household.

    The standings are ranked once, in Python's memory for the document and by
    one INSERT … SELECT for the table, from the same query.
    """
    village = period.village
    previous = _previous(village)
    ranking = _ranking(period)
    last_entry = village.entries.order_by("-number").values_list("number", flat=True)
    publication = Publication(
        village=village,
        period=period,
        number=village.publications.count() + 1,
        revision=period.publications.count() + 1,
        previous_digest=previous.digest if previous else genesis_digest(village),
        last_entry=last_entry.first() or 0,
        published_at=at,
        published_by=by,
    )
    standings = [
        Standing(
            household=household,
            group=household.group,
            score=household.score,
            month_points=household.month_points,
            place=household.place if household.status == LIVING_HERE else None,
        )
        for household in ranking.select_related("group")
    ]
    frame = frame_of(
        period,
        issue=_months_published(period) + 1,
        revision=publication.revision,
        rulebook=_rulebook(period),
        published_at=at,
        notice_ends_at=notice_end(village, at),
    )
    content = build_document(
        frame,
        names=masked_names(standings),
        standings=standings,
        **_figures(period, previous=previous, last_entry=publication.last_entry),
    )
    publication.document = canonical(content).decode()
    publication.digest = content["digest"]
    publication.save()
    _insert_standings(publication, ranking)
    return publication


def rebuild_document(publication: Publication) -> str:
    """Put a published document together again from the ledger (I-33).

    What the month said of itself and the names it showed are taken from the
    document, the only place that keeps them; every number is added up anew.
    """
    stored = json.loads(publication.document)
    standings = list(publication.standings.select_related("household", "group"))
    shown = {row["number"]: row["name"] for row in stored["rows"]}
    group_names = {group["number"]: group["name"] for group in stored["groups"]}
    for standing in standings:
        standing.group.name = group_names.get(standing.group.number, "")
    content = build_document(
        {key: stored[key] for key in FRAME if key in stored},
        names={s.household_id: shown.get(s.household.number, "") for s in standings},
        standings=standings,
        **_figures(
            publication.period,
            previous=_previous(publication.village, publication.number),
            last_entry=publication.last_entry,
        ),
    )
    return canonical(content).decode()


def notice_end(village: Village, published_at: datetime) -> datetime:
    """Return when the notice ends: 17:00 local time after the policy's days."""
    return end_of_notice(published_at, village.policy.notice_days)


def end_of_notice(began_at: datetime, days: int) -> datetime:
    """Return 17:00 local time after so many days; the first is not counted."""
    day = timezone.localdate(began_at) + timedelta(days=days)
    return datetime.combine(day, NOTICE_ENDS, timezone.get_current_timezone())


def _insert_standings(publication, ranking) -> None:
    """Write the standings by one statement, whatever the number of households."""
    query = ranking.values_list(
        "pk", "group_id", "score", "month_points", "place", "status"
    )
    sql, params = query.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH ranked (household, grp, score, points, place, status) AS ({sql}) "
            "INSERT INTO ledger_standing (village_id, publication_id, household_id, "
            "group_id, score, month_points, place) "
            "SELECT %s, %s, household, grp, score, points, "
            "CASE WHEN status = %s THEN place END FROM ranked",
            [*params, publication.village_id, publication.pk, LIVING_HERE],
        )


def _figures(period, *, previous, last_entry) -> dict:
    """Return the numbers of a month up to its last entry."""
    of_village = Entry.objects.filter(village=period.village).select_related(
        "household__group",
        "period",
        "deed__item",
        "reverses__period",
        "reverses__deed__item",
    )
    since = previous.last_entry if previous else 0
    of_month = of_village.filter(period=period, number__lte=last_entry)
    new = of_village.filter(number__gt=since, number__lte=last_entry)
    return {
        "previous_places": _places(previous, period.month),
        "entries": list(of_month.scoring().in_order()),
        "new_entries": list(new.in_order()),
        "previous_digest": (
            previous.digest if previous else genesis_digest(period.village)
        ),
        "last_entry": last_entry,
    }


def _ranking(period):
    year = period.month.year
    households = Household.objects.filter(village=period.village).listed_in(year)
    return with_standings(households, year=year, period=period, entry_model=Entry)


def _months_published(period) -> int:
    """Count the months of the year on the board, not what was withdrawn."""
    standing = period.village.publications.standing()
    return standing.filter(period__month__year=period.month.year).count()


def _previous(village, number: int | None = None) -> Publication | None:
    """Return the publication that stands before another one, or the newest.

    Only the newest is ever withdrawn, so what stood before a publication when
    it was written stands before it still.
    """
    earlier = Publication.objects.of(village)
    return (earlier.filter(number__lt=number) if number else earlier).first()


def _places(previous: Publication | None, month: date):
    """Return last month's places by household; a new year starts without any.

    A household that stood at its base had no place to move from.
    """
    if previous is None or previous.period.month.year != month.year:
        return {}
    base = json.loads(previous.document)["base"]
    ranked = previous.standings.filter(
        village=previous.village_id, score__gt=base, place__isnull=False
    )
    return dict(ranked.values_list("household_id", "place"))


def _rulebook(period: Period) -> Rulebook:
    """Return the rules of a month: those in force at its end, else the first.

    A village that brings its paper book has months older than its rulebook.
    """
    rulebooks = period.village.rulebooks
    last_day = cut_off_date(period.village, period.month)
    return rulebooks.in_force(last_day).first() or rulebooks.earliest("version")
