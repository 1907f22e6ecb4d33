"""The notice after a withdrawn one: what was wrong is right, and the sums agree."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.correcting import decide_correction, propose_correction
from ledger.freezing import rebuild_document
from ledger.invariants import violations
from ledger.models import Deed, Entry, Publication
from ledger.months import finalize_month
from ledger.preview import preview_of
from ledger.publishing import NotReadyToPublish
from ledger.review import AlreadyPosted, MonthClosed, reject_deed, reopen_deed
from ledger.sealing import genesis_digest
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
    withdraw,
)

APRIL = date(2026, 4, 1)
IN_TIME = FIRST_OF_APRIL + timedelta(minutes=4)
AGAIN = FIRST_OF_APRIL + timedelta(hours=1)


@pytest.fixture
def neighbors(village):
    group = village.groups.get(number=1)
    return [
        HouseholdFactory(village=village, group=group, number=number)
        for number in ("001", "002", "003")
    ]


@pytest.fixture
def published(village, neighbors):
    """March: 001 has 20 points for a deed, 002 has 5, 003 has none."""
    award(neighbors[0], "D03", 20)
    award(neighbors[1], "Z05", 5)
    return publish(village)


def document_of(publication):
    return json.loads(publication.document)


def row_of(publication, number):
    rows = document_of(publication)["rows"]
    return next(row for row in rows if row["number"] == number)


def correct(entry, *, by, decided_by, at):
    correction = propose_correction(entry, reason="不是这家做的", by=by, at=at)
    return decide_correction(correction, approve=True, by=decided_by, at=at)


def test_a_head_written_wrong_is_put_right_in_the_second_notice(village, neighbors):
    shown = neighbors[0]
    shown.head_name = "欧阳小春"
    shown.save()
    award(shown, "D03", 20)
    first = publish(village)
    withdraw(first)
    shown.head_name = "欧阳小夏"
    shown.save()

    second = publish(village, at=AGAIN)

    assert row_of(first, "001")["name"] == "欧阳○春"
    assert row_of(second, "001")["name"] == "欧阳○夏"
    assert (second.number, second.revision) == (2, 2)
    assert "revision" not in document_of(first)
    assert document_of(second)["revision"] == 2
    assert document_of(second)["issue"] == document_of(first)["issue"] == 1
    assert document_of(second)["commitments"] == document_of(first)["commitments"]
    assert Entry.objects.filter(kind="addition").count() == 1
    assert second.period.notice_ends_at.date() == date(2026, 4, 6)
    assert list(violations()) == []


def test_a_wrong_deed_nets_out_before_the_second_notice(
    village, neighbors, recorder, reviewer
):
    wrong = award(neighbors[0], "D03", 20, by=recorder)
    award(neighbors[1], "Z05", 5)
    first = publish(village)
    withdraw(first, by=reviewer)
    entry = Entry.objects.get(deed=wrong)
    correct(entry, by=recorder, decided_by=reviewer, at=IN_TIME)

    second = publish(village, at=AGAIN)

    reversal = Entry.objects.get(kind="reversal")
    assert (reversal.period, reversal.year, reversal.points) == (
        wrong.period,
        2026,
        -20,
    )
    # By hand: three times 60 base points, and the 5 points of 002.
    document = document_of(second)
    assert [(row["number"], row["score"]) for row in document["rows"]] == [
        ("001", 60),
        ("002", 65),
        ("003", 60),
    ]
    assert row_of(second, "002")["place"] == 1
    assert [row.get("month") for row in document["rows"]] == [None, 5, None]
    assert document["totals"] == {
        "base": 180,
        "additions": 5,
        "deductions": 0,
        "repairs": 0,
        "reversals": 0,
    }
    counts = document["counts"]
    assert (counts["deeds"], counts["points"], counts["participating"]) == (1, 5, 1)
    assert document["corrections"] == []
    # Three base points, two deeds and the reversal; the first notice had five.
    assert len(document["commitments"]) == document["last_entry"] == 6
    assert document["commitments"][:5] == document_of(first)["commitments"]
    assert document_of(first)["totals"]["additions"] == 25
    assert rebuild_document(first) == first.document
    assert Entry.objects.score(2026) == 185
    assert list(violations()) == []


def test_a_deduction_made_by_mistake_leaves_no_trace_in_the_second_notice(
    village, neighbors, recorder, reviewer
):
    """Three households share the cell; without the wrong one it is too small."""
    for household in neighbors:
        approve(record(household, "N02", 2, by=recorder))
    first = publish(village)
    withdraw(first)
    entry = Entry.objects.get(deed__household=neighbors[0])
    correct(entry, by=recorder, decided_by=reviewer, at=IN_TIME)

    second = publish(village, at=AGAIN)

    assert document_of(first)["deductions"][0]["households"] == 3
    assert document_of(second)["deductions"] == []
    assert document_of(second)["totals"]["deductions"] == 4
    assert row_of(second, "001")["score"] == 60
    assert list(violations()) == []


def test_the_chain_goes_on_from_what_stands(village, published, neighbors):
    withdraw(published)
    march = publish(village, at=AGAIN)
    award(neighbors[2], "D03", 30, at=FIRST_OF_APRIL + timedelta(days=9))
    tried = publish(village, month=APRIL, at=AGAIN + timedelta(days=30))
    withdraw(tried)

    april = publish(village, month=APRIL, at=AGAIN + timedelta(days=31))

    genesis = genesis_digest(village)
    assert (published.previous_digest, march.previous_digest) == (genesis, genesis)
    assert tried.previous_digest == april.previous_digest == march.digest
    assert [p.number for p in (published, march, tried, april)] == [1, 2, 3, 4]
    assert document_of(april)["issue"] == 2
    assert row_of(april, "001")["moved"] == -1
    assert len(document_of(april)["commitments"]) == 1
    assert list(violations()) == []


def test_a_month_can_be_withdrawn_twice(village, published):
    withdraw(published)
    second = publish(village, at=AGAIN)
    withdraw(second)

    third = publish(village, at=AGAIN + timedelta(hours=1))

    assert (third.number, third.revision) == (3, 3)
    assert list(Publication.objects.of(village)) == [third]
    assert list(Publication.objects.newest()) == [third]
    assert list(violations()) == []


# What can be put right in between


def test_a_deed_that_has_its_entry_is_corrected_and_not_reopened(published, reviewer):
    deed = Deed.objects.get(points=20)
    with pytest.raises(MonthClosed):
        reopen_deed(deed, by=reviewer, at=IN_TIME)
    withdraw(published)

    with pytest.raises(AlreadyPosted, match="已经入账，请走“更正”"):
        reopen_deed(deed, by=reviewer, at=IN_TIME)
    with (
        pytest.raises(IntegrityError, match="I-10"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_deed SET note = 'x' WHERE id = %s", [deed.pk])


def test_a_deed_refused_by_mistake_is_decided_again_and_posted(
    village, neighbors, reviewer
):
    award(neighbors[0], "Z05", 5)
    refused = record(neighbors[1], "D03", 20)
    reject_deed(refused, by=reviewer, at=END_OF_MARCH, reason="证明不够")
    withdraw(publish(village))

    reopen_deed(refused, by=reviewer, at=IN_TIME)
    approve(refused, by=reviewer, at=IN_TIME)
    second = publish(village, at=AGAIN)

    assert row_of(second, "002")["score"] == 80
    assert document_of(second)["counts"]["deeds"] == 2
    assert Entry.objects.filter(kind="addition").count() == 2
    assert list(violations()) == []


def test_a_known_mistake_is_decided_before_the_second_notice(
    village, published, recorder
):
    entry = Entry.objects.get(points=20)
    withdraw(published)
    propose_correction(entry, reason="记错了户", by=recorder, at=IN_TIME)

    with pytest.raises(NotReadyToPublish, match="还有1条更正没有定"):
        publish(village, at=AGAIN)


def test_the_preview_of_a_withdrawn_month_counts_no_deed_twice(village, published):
    withdraw(published)

    top = preview_of(village.periods.get(month=published.period.month)).top

    assert [(slip.place, slip.score) for slip in top] == [(1, 80), (2, 65)]


def test_what_is_recorded_now_counts_in_the_next_month(village, published, neighbors):
    withdraw(published)

    deed = record(neighbors[2], at=IN_TIME, happened_on=date(2026, 3, 30))

    assert str(deed.period) == "2026-04"


def test_a_correction_of_an_older_month_is_booked_where_it_always_is(
    village, published, recorder, reviewer
):
    finalize_month(published.period, by=None, at=AFTER_NOTICE)
    at = FIRST_OF_APRIL + timedelta(days=30)
    withdraw(publish(village, month=APRIL, at=at))
    entry = Entry.objects.get(points=20)

    correct(entry, by=recorder, decided_by=reviewer, at=at + timedelta(minutes=5))

    assert str(Entry.objects.get(kind="reversal").period) == "2026-05"


def test_a_second_notice_takes_hardly_more_queries_than_the_first(
    village, published, django_assert_max_num_queries
):
    withdraw(published)

    with django_assert_max_num_queries(60):
        publish(village, at=AGAIN)


def test_the_moment_of_the_first_notice_does_not_move_the_second(village, published):
    withdraw(published)

    second = publish(village, at=AGAIN + timedelta(days=1))

    ends = datetime.fromisoformat(document_of(second)["notice_ends_at"])
    assert ends.date() == date(2026, 4, 7)
    assert village.periods.get(month=second.period.month).notice_ends_at == ends
