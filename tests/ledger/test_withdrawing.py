"""Taking a publication back: within ten minutes, before anybody used it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from households.models import AuditEvent
from ledger.invariants import violations
from ledger.models import Download, Entry, Objection, Publication, Withdrawal
from ledger.months import WrongState, advance_village, finalize_month
from ledger.objections import NotObjectable, file_objection
from ledger.operations import KeyUsedForSomethingElse
from ledger.withdrawing import (
    AlreadyWithdrawn,
    NotWithdrawable,
    note_download,
    withdraw_publication,
)
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    award,
    publish,
    withdraw,
)

APRIL = date(2026, 4, 1)
MINUTE = timedelta(minutes=1)
IN_TIME = FIRST_OF_APRIL + 4 * MINUTE
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


def object_to(publication, *, at=IN_TIME):
    return file_objection(publication, text="少了", channel="oral", by=None, at=at)


# It works


def test_a_withdrawn_month_is_under_review_again_and_all_rows_are_kept(
    village, published, reviewer
):
    entries = Entry.objects.count()

    withdrawal = withdraw(published, by=reviewer, reason=" 公开了姓名 ")

    period = village.periods.get(month=published.period.month)
    assert period.state == period.State.REVIEWING
    assert (period.published_at, period.notice_ends_at) == (None, None)
    assert (withdrawal.by, withdrawal.reason) == (reviewer, "公开了姓名")
    assert Publication.objects.get() == published
    assert not Publication.objects.standing().exists()
    assert Entry.objects.count() == entries
    assert list(violations()) == []


def test_a_withdrawal_leaves_a_trace_without_its_words(published, reviewer):
    withdraw(published, by=reviewer, reason="王二婶家不同意")

    event = AuditEvent.objects.get(action="month.withdraw")
    assert (event.by, event.at) == (reviewer, IN_TIME)
    assert event.facts == {
        "month": "2026-03",
        "revision": 1,
        "digest": published.digest,
    }


def test_the_same_form_twice_withdraws_once(village, published, reviewer):
    key = uuid4()

    def send(reason="记错了户"):
        return withdraw_publication(
            published, by=reviewer, at=IN_TIME, reason=reason, key=key
        )

    first, second = send(), send()

    assert first == second
    assert Withdrawal.objects.count() == 1
    with pytest.raises(KeyUsedForSomethingElse):
        send("别的原因")


def test_the_timer_does_not_touch_a_withdrawn_month(village, published):
    withdraw(published)

    assert advance_village(village, at=AFTER_NOTICE) == []
    with pytest.raises(WrongState):
        finalize_month(published.period, by=None, at=AFTER_NOTICE)


# It is refused


TOO_LATE = "发布已超过10分钟，不能撤回；有错请走“更正”。"


def refused(publication, reviewer, sentence, *, at=IN_TIME, reason="记错了"):
    """Try to withdraw, and tell whether the publication stands as before."""
    with pytest.raises(NotWithdrawable, match=f"^{sentence}$"):
        withdraw_publication(
            publication, by=reviewer, at=at, reason=reason, key=uuid4()
        )
    publication.period.refresh_from_db()
    return publication.period.is_published and not Withdrawal.objects.exists()


def test_after_ten_minutes_it_stays(published, reviewer):
    just_in_time = FIRST_OF_APRIL + 10 * MINUTE - timedelta(seconds=1)

    assert refused(published, reviewer, TOO_LATE, at=FIRST_OF_APRIL + 10 * MINUTE)
    withdraw_publication(
        published, by=reviewer, at=just_in_time, reason="记错了", key=uuid4()
    )

    assert list(violations()) == []


def test_after_a_download_it_stays(published, reviewer):
    note_download(published, at=FIRST_OF_APRIL + MINUTE)

    assert refused(published, reviewer, "已经有人下载过，不能撤回；有错请走“更正”。")


@pytest.mark.parametrize("state", [Objection.State.OPEN, Objection.State.DISMISSED])
def test_after_an_objection_it_stays_whatever_became_of_that(
    published, reviewer, state
):
    objection = object_to(published, at=FIRST_OF_APRIL + MINUTE)
    if state != Objection.State.OPEN:
        Objection.objects.filter(pk=objection.pk).update(
            state=state, decided_at=IN_TIME
        )

    assert refused(
        published, reviewer, "已经有人提了异议，不能撤回；请答复异议，有错走“更正”。"
    )


def test_a_final_month_stays(published, reviewer):
    finalize_month(published.period, by=None, at=AFTER_NOTICE)

    assert refused(
        published,
        reviewer,
        "2026-03已定榜，不能撤回；有错请走“更正”。",
        at=AFTER_NOTICE,
    )


def test_a_month_before_another_published_one_stays(village, published, reviewer):
    publish(village, month=APRIL, at=FIRST_OF_APRIL + timedelta(days=30))

    assert refused(
        published, reviewer, "后面的月份已经公示，不能撤回；有错请走“更正”。"
    )


def test_a_withdrawal_without_a_reason_is_refused(published, reviewer):
    assert refused(
        published, reviewer, "请写明原因，会留在这个月的记录里。", reason="  "
    )


def test_what_is_withdrawn_is_not_withdrawn_again(published, reviewer):
    withdraw(published, by=reviewer)

    with pytest.raises(AlreadyWithdrawn, match="2026-04-01 10:04"):
        withdraw(published, by=reviewer, minutes=5)
    assert Withdrawal.objects.count() == 1


def test_nobody_objects_to_what_was_withdrawn(published):
    withdraw(published)

    with pytest.raises(NotObjectable):
        object_to(published)
    assert not Objection.objects.exists()


# Downloads


def test_only_the_first_download_is_noted(published):
    note_download(published, at=FIRST_OF_APRIL + MINUTE)
    note_download(published, at=FIRST_OF_APRIL + 2 * MINUTE)

    assert Download.objects.get().at == FIRST_OF_APRIL + MINUTE


def test_a_download_is_noted_until_no_withdrawal_can_be_under_way(published):
    note_download(published, at=FIRST_OF_APRIL + 11 * MINUTE)
    assert not Download.objects.exists()

    note_download(published, at=FIRST_OF_APRIL + 10 * MINUTE + timedelta(seconds=30))
    assert Download.objects.exists()


def test_noting_costs_nothing_once_the_time_is_over(
    published, django_assert_num_queries
):
    with django_assert_num_queries(0):
        note_download(published, at=AFTER_NOTICE)


def test_what_was_withdrawn_is_not_handed_out(published):
    withdraw(published)

    with pytest.raises(AlreadyWithdrawn):
        note_download(published, at=IN_TIME)
    assert not Download.objects.exists()


# What the database itself refuses


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "UPDATE ledger_period SET published_at = NULL, notice_ends_at = NULL",
            "I-39",
        ),
        (
            "INSERT INTO ledger_publication (village_id, period_id, number, revision, "
            "document, digest, previous_digest, last_entry, published_at, "
            "published_by_id) SELECT village_id, period_id, 2, 2, document, 'x', "
            "previous_digest, last_entry, published_at, published_by_id "
            "FROM ledger_publication",
            "I-3",
        ),
    ],
)
def test_i39_a_month_that_stands_stays_published(published, sql, message):
    with (
        pytest.raises(IntegrityError, match=message),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        "month = '2026-01-01'",
        "cut_off_at = '2020-01-01'",
        "published_at = '2020-01-01'",
        "notice_ends_at = '2030-01-01'",
    ],
)
def test_i39_a_withdrawal_gives_way_to_nothing_but_review(published, reviewer, change):
    """Between the two writes of a withdrawal the month may only lose its notice."""
    Withdrawal.objects.create(
        village=published.village,
        publication=published,
        by=reviewer,
        at=IN_TIME,
        reason="x",
    )

    with (
        pytest.raises(IntegrityError, match="I-39"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE ledger_period SET {change} WHERE cut_off_at IS NOT NULL"
        )


@pytest.mark.parametrize("first", ["download", "objection"])
def test_i39_the_database_keeps_a_used_publication(published, reviewer, first):
    if first == "download":
        note_download(published, at=IN_TIME)
    else:
        object_to(published)

    with pytest.raises(IntegrityError, match="I-39"), transaction.atomic():
        Withdrawal.objects.create(
            village=published.village,
            publication=published,
            by=reviewer,
            at=IN_TIME,
            reason="x",
        )


def test_i39_the_database_hands_out_nothing_withdrawn(village, published):
    objection = Objection(
        village=village,
        publication=published,
        number="260401-01",
        text="x",
        filed_at=IN_TIME,
    )
    download = Download(village=village, publication=published, at=IN_TIME)
    withdraw(published)

    for row in (objection, download):
        with pytest.raises(IntegrityError, match="I-39"), transaction.atomic():
            row.save()


def test_i34_the_database_chains_to_what_stands(village, published):
    withdraw(published)
    second = publish(village, at=AGAIN)
    withdraw(second)
    values = {
        field.attname: getattr(second, field.attname)
        for field in Publication._meta.local_fields
        if field.name not in {"id", "number", "revision", "digest", "previous_digest"}
    }

    for previous in (published.digest, second.digest):
        with pytest.raises(IntegrityError, match="I-34"), transaction.atomic():
            Publication.objects.create(
                **values,
                number=3,
                revision=3,
                digest="0" * 64,
                previous_digest=previous,
            )
