from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from households.roles import Role
from ledger.models import Entry, Publication
from ledger.months import next_month
from tests.factories import VillageFactory, approve, publish, serve
from tests.ledger.desk import LAST_MONTH, record_last_month

NOT_YET_OVER = LAST_MONTH.replace(day=28)


@pytest.fixture
def reviewed(household):
    deed = approve(record_last_month(household))
    return deed.period


def publish_last_month(by="reviewer", month=f"{LAST_MONTH:%Y-%m}"):
    call_command("publish_month", "taoxi", month, by=by)


def advance(day=None):
    call_command("advance_months", today=day and day.isoformat())


def test_a_reviewed_month_is_published_from_the_console(capsys, reviewed, reviewer):
    publish_last_month()

    publication = Publication.objects.get()
    out = capsys.readouterr().out
    assert publication.published_by == reviewer
    assert f"{LAST_MONTH:%Y-%m}" in out
    assert publication.short_digest in out


def test_publishing_from_the_console_twice_is_refused(reviewed, reviewer):
    publish_last_month()

    with pytest.raises(CommandError):
        publish_last_month()

    assert Publication.objects.count() == 1


def test_publishing_from_the_console_needs_the_role_in_that_village(
    village, reviewed, recorder, reviewer
):
    serve(VillageFactory(), Role.REVIEWER, username="stranger")

    for by in ("recorder", "stranger", "nobody"):
        with pytest.raises(CommandError, match=by):
            publish_last_month(by=by)
    for month in ("2026-13", "march", "1999-01"):
        with pytest.raises(CommandError, match=month):
            publish_last_month(month=month)
    with pytest.raises(CommandError, match="nowhere"):
        call_command("publish_month", "nowhere", f"{LAST_MONTH:%Y-%m}", by="reviewer")
    assert Publication.objects.count() == 0


def test_a_month_with_undecided_deeds_is_refused_with_the_sentence(
    household, reviewed, reviewer
):
    record_last_month(household, "Z01")

    with pytest.raises(CommandError, match="1"):
        publish_last_month()

    assert Publication.objects.count() == 0


def test_months_past_their_day_are_cut_off_once(capsys, reviewed):
    advance()
    first = capsys.readouterr().out
    advance()

    reviewed.refresh_from_db()
    assert reviewed.cut_off_at
    assert f"{LAST_MONTH:%Y-%m}" in first
    assert "桃溪村" in first
    assert capsys.readouterr().out == ""


def test_the_day_can_be_told(reviewed):
    advance(NOT_YET_OVER)

    reviewed.refresh_from_db()
    assert reviewed.cut_off_at is None


def test_a_month_is_final_at_the_end_of_its_last_day_of_notice(village, reviewed):
    publication = publish(village, month=LAST_MONTH, at=timezone.now())
    ends = timezone.localdate(publication.period.notice_ends_at)

    advance(ends - timedelta(days=1))
    reviewed.refresh_from_db()
    assert reviewed.finalized_at is None
    advance(ends)

    reviewed.refresh_from_db()
    assert reviewed.finalized_at


def test_a_new_year_begins_with_base_points_in_every_village(
    capsys, village, household, reviewed
):
    publish(village, month=LAST_MONTH, at=timezone.now())
    month = LAST_MONTH
    while month.year == LAST_MONTH.year:
        month = next_month(month)
    day = LAST_MONTH
    while day <= month:
        advance(day)
        day = next_month(day)
    capsys.readouterr()

    advance(month)

    years = Entry.objects.filter(kind="base").values_list("year", flat=True)
    assert sorted(years) == [LAST_MONTH.year, LAST_MONTH.year + 1]
    assert capsys.readouterr().out == ""


def test_a_day_that_is_none_is_refused(db):
    with pytest.raises(CommandError, match="someday"):
        call_command("advance_months", today="someday")
