"""Publishing a month: post its approved deeds, freeze the standings, seal the page."""

import json
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Stewardship, User, Village
from households.roles import Role
from ledger.document import (
    FRAME,
    build_document,
    canonical,
    frame_of,
    genesis_digest,
    shown_names,
)
from ledger.models import Deed, Entry, Period, Publication, Rulebook, Standing
from ledger.months import cut_off_date, cut_off_month
from ledger.posting import post_base_points, post_entries
from ledger.querysets import with_standings
from ledger.refusals import Refused

NOTICE_ENDS = time(17, 0)
LIVING_HERE = Household.Status.ACTIVE


class NotReadyToPublish(Refused):
    """Something must be done before the month can be published."""


class AlreadyPublished(Refused):
    """The month is published; it never changes again."""


class NeedsAnotherPerson(Refused):
    """Whoever publishes must not be the only one who looked at the month."""


@transaction.atomic
def publish_month(period: Period, *, by: User, at: datetime) -> Publication:
    """Publish a reviewed month (I-30 to I-37).

    Posts one entry for each approved deed and the year's missing base points,
    writes one standing for each household, and puts the sealed document on the
    board. The notice runs the policy's days (5 by default), the day of
    publication not counted, until 17:00.

    :raises AlreadyPublished: if the month is published
    :raises NotReadyToPublish: naming what is missing
    :raises NeedsAnotherPerson: if a village admin would publish alone
    """
    village = lock_village(period.village)
    period = Period.objects.select_related("village__policy").get(pk=period.pk)
    if period.is_published:
        raise AlreadyPublished(_("%(month)s is published already.") % {"month": period})
    if period.cut_off_at is None:
        if timezone.localdate(at) <= cut_off_date(period.village, period.month):
            raise NotReadyToPublish(
                _("%(month)s still takes records; cut it off first.")
                % {"month": period}
            )
        period = cut_off_month(period, by=by, at=at)
    missing = what_is_missing(period)
    if missing:
        raise NotReadyToPublish(" ".join(missing))
    _check_publisher(period, by=by)

    post_base_points(period, at=at)
    _post_approved_deeds(period, by=by, at=at)
    publication = _freeze(period, by=by, at=at)
    period.published_at = at
    period.notice_ends_at = notice_end(period.village, at)
    period.save(update_fields=["published_at", "notice_ends_at"])
    record_event(
        "month.publish",
        village=village,
        by=by,
        at=at,
        subject=publication,
        month=str(period),
        digest=publication.digest,
    )
    return publication


def what_is_missing(period: Period) -> list[str]:
    """Return the sentences that stand between a month and its publication."""
    sentences = []
    earlier = period.village.periods.unpublished().filter(month__lt=period.month)
    before = earlier.order_by("month").first()
    if before:
        sentences.append(_("%(month)s must be published first.") % {"month": before})
    undecided = Deed.objects.filter(village=period.village, period=period).undecided()
    count = undecided.count()
    if count:
        sentences.append(_("%(count)s deeds wait for a decision.") % {"count": count})
    if not _rulebook(period):
        sentences.append(_("The village has no rulebook yet."))
    if not Household.objects.filter(village=period.village).listed().exists():
        sentences.append(_("The village has no households yet."))
    return sentences


def notice_end(village: Village, published_at: datetime) -> datetime:
    """Return when the notice ends: 17:00 local time after the policy's days."""
    day = timezone.localdate(published_at) + timedelta(days=village.policy.notice_days)
    return datetime.combine(day, NOTICE_ENDS, timezone.get_current_timezone())


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
        {key: stored[key] for key in FRAME},
        names={s.household_id: shown.get(s.household.number, "") for s in standings},
        standings=standings,
        **_figures(
            publication.period,
            previous=_previous(publication.village, publication.number),
            last_entry=publication.last_entry,
        ),
    )
    return canonical(content).decode()


def _check_publisher(period, *, by):
    """A village admin may publish only what another person approved (I-37)."""
    roles = set(
        Stewardship.objects.current()
        .filter(user=by, village=period.village)
        .values_list("role", flat=True)
    )
    if Role.REVIEWER in roles:
        return
    approved = Deed.objects.filter(village=period.village, period=period).approved()
    by_others = approved.filter(
        decisions__outcome__in=["approved", "adjusted"]
    ).exclude(decisions__by=by)
    if approved.exists() and not by_others.exists():
        raise NeedsAnotherPerson(
            _("Another person must have approved at least one deed of this month.")
        )


def _post_approved_deeds(period, *, by, at):
    deeds = (
        Deed.objects.filter(village=period.village, period=period)
        .approved()
        .select_related("household")
        .order_by("happened_on", "pk")
    )
    kinds = {True: Entry.Kind.DEDUCTION, False: Entry.Kind.ADDITION}
    post_entries(
        period.village,
        [
            Entry(
                household=deed.household,
                year=period.month.year,
                period=period,
                kind=kinds[deed.is_deduction],
                points=deed.points,
                deed=deed,
            )
            for deed in deeds
        ],
        by=by,
        at=at,
    )


def _freeze(period, *, by, at):
    """Store the document and one standing for each listed household.

    The standings are ranked once, in Python's memory for the document and by
    one INSERT … SELECT for the table, from the same query.
    """
    village = period.village
    previous = _previous(village)
    ranking = _ranking(period)
    last_entry = village.entries.order_by("-number").values_list("number", flat=True)
    issue = village.publications.filter(period__month__year=period.month.year).count()
    publication = Publication(
        village=village,
        period=period,
        number=(previous.number if previous else 0) + 1,
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
        issue=issue + 1,
        rulebook=_rulebook(period),
        published_at=at,
        notice_ends_at=notice_end(village, at),
    )
    content = build_document(
        frame,
        names=shown_names(village, standings),
        standings=standings,
        **_figures(period, previous=previous, last_entry=publication.last_entry),
    )
    publication.document = canonical(content).decode()
    publication.digest = content["digest"]
    publication.save()
    _insert_standings(publication, ranking)
    return publication


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
    households = Household.objects.filter(village=period.village).listed()
    return with_standings(
        households, year=period.month.year, period=period, entry_model=Entry
    )


def _previous(village, number: int | None = None) -> Publication | None:
    earlier = village.publications.select_related("period").order_by("-number")
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


def _rulebook(period: Period) -> Rulebook | None:
    """Return the rules of a month: those in force at its end, else the first.

    A village that brings its paper book has months older than its rulebook.
    """
    rulebooks = period.village.rulebooks
    last_day = cut_off_date(period.village, period.month)
    return rulebooks.in_force(last_day).first() or rulebooks.order_by("version").first()
