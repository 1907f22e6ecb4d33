from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from households.audit import record_event
from households.models import Household
from households.passbooks import print_cards
from households.safeguards import expected_guards
from ledger.correcting import decide_correction, propose_correction
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry
from ledger.months import finalize_month
from ledger.objections import answer_objection, file_objection
from ledger.telling import withdraw_story
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    adopt,
    approve,
    award,
    draft,
    make_good,
    publish,
    record,
    serve,
    withdraw,
)
from tests.ledger.gatherings import arrive, close, invite
from tests.ledger.tales import tell
from tests.ledger.yards import find_untidy, remind, still_untidy

APRIL = date(2026, 4, 1)
JUNE = date(2026, 6, 1)
IN_APRIL = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 9, 2, 0, tzinfo=UTC)


@pytest.fixture
def two_months(village, household, recorder, reviewer, supervisor):
    """March final and corrected, April on notice again, an objection answered."""
    swept = award(household, "Z05", 5)
    saved = award(household, "D03", 20)
    approve(record(household, "N01", 3))
    march = publish(village)
    line = Entry.objects.get(points=5)
    other = Entry.objects.get(points=20)
    objection = file_objection(
        march, text="少了", channel="oral", entry=other, by=None, at=FIRST_OF_APRIL
    )
    answer_objection(
        objection, uphold=False, answer="核实过", by=supervisor, at=FIRST_OF_APRIL
    )
    finalize_month(march.period, by=None, at=AFTER_NOTICE)
    make_good(Entry.objects.get(points=-3), by=reviewer)
    tell(saved)
    withdraw_story(tell(swept), by=None, at=IN_APRIL)
    correction = propose_correction(line, reason="记错了户", by=recorder, at=IN_APRIL)
    decide_correction(correction, approve=True, by=reviewer, at=IN_APRIL)
    award(household, "Z01", 2, at=IN_APRIL)
    withdraw(publish(village, month=APRIL))
    publish(village, month=APRIL, at=datetime(2026, 5, 3, 2, 0, tzinfo=UTC))
    cleaning = invite(village, day=IN_MAY.date(), at=IN_MAY)
    arrive(cleaning, household, at=IN_MAY)
    close(cleaning, at=IN_MAY)
    approve(cleaning.sign_ins.get().deed, at=IN_MAY)
    untidy = find_untidy(household, by=recorder, day=date(2026, 5, 2), at=IN_MAY)
    days = {"told_on": date(2026, 5, 3), "recheck_on": date(2026, 5, 8)}
    remind(untidy, at=IN_MAY, **days)
    seen_on = date(2026, 5, 9)
    second = serve(village, "recorder")
    failed = still_untidy(untidy, second=second, seen_on=seen_on, at=IN_MAY)
    approve(failed.deduction, at=IN_MAY)
    adopt(draft(village), in_force_from=JUNE)
    connection.check_constraints()
    return village


@pytest.fixture
def unguarded(two_months):
    """The same months in a database that has lost its guards and checks."""
    with connection.cursor() as cursor:
        for guard in expected_guards():
            table = "" if connection.vendor == "sqlite" else f' ON "{guard.table}"'
            cursor.execute(f'DROP TRIGGER "{guard.name}"{table}')
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        cursor.execute("DROP INDEX ledger_entry_one_base_a_year")
    yield two_months
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints=OFF")


ENTRY = "UPDATE ledger_entry SET {} WHERE kind = 'addition' AND points = 20"
DEED = "UPDATE ledger_deed SET {} WHERE points = 20"
LAST = "(SELECT MAX(number) FROM ledger_entry)"
DOCUMENT = "UPDATE ledger_publication SET document = REPLACE(document, {}, {})"
REPAIR = "UPDATE ledger_repair SET {}"

NEW_RULES = "(SELECT id FROM ledger_rulebook WHERE version = 2)"
OF_NEW_RULES = f"code = 'D03' AND rulebook_id = {NEW_RULES}"
SECOND = "(SELECT id FROM ledger_publication WHERE number = 2)"
WITHDRAW = (
    "INSERT INTO ledger_withdrawal (village_id, publication_id, by_id, at, reason) "
    "SELECT village_id, id, published_by_id, published_at, 'x' "
    "FROM ledger_publication WHERE number = {}"
)
DOWNLOAD = (
    "INSERT INTO ledger_download (village_id, publication_id, at) "
    "SELECT village_id, id, published_at FROM ledger_publication WHERE number = 2"
)

TAMPERING = [
    ("I-03", f"UPDATE ledger_entry SET number = number + 7 WHERE number = {LAST}"),
    ("I-04", "UPDATE ledger_deed SET village_id = {other}"),
    (
        "I-06",
        ENTRY.format("points = 20") + ";UPDATE ledger_deed SET "
        "recorded_by_id = (SELECT by_id FROM ledger_decision d "
        "WHERE d.deed_id = ledger_deed.id)",
    ),
    ("I-06", "UPDATE households_stewardship SET ended_at = started_at"),
    ("I-06", "UPDATE ledger_decision SET outcome = 'rejected'"),
    ("I-07", "UPDATE households_user SET household_id = {household}"),
    (
        "I-08",
        "UPDATE ledger_entry SET kind = 'base', deed_id = NULL WHERE kind = 'addition'",
    ),
    ("I-09", "UPDATE ledger_entry SET points = -4 WHERE kind = 'reversal'"),
    ("I-10", DEED.format("points = 30")),
    ("I-10", DEED.format("state = 'rejected'")),
    ("I-11", "UPDATE ledger_scoringitem SET month_cap = 19 WHERE code = 'D03'"),
    ("I-11", "UPDATE ledger_scoringitem SET year_cap = 2 WHERE code = 'N01'"),
    ("I-14", ENTRY.format("points = 21")),
    (
        "I-30",
        "UPDATE ledger_period SET month = '2026-08-01' WHERE month = '2026-04-01'",
    ),
    ("I-30", "UPDATE ledger_publication SET revision = 3 WHERE number = 3"),
    ("I-30", "DELETE FROM ledger_withdrawal"),
    ("I-31", f"UPDATE ledger_entry SET number = number + 7 WHERE number = {LAST}"),
    ("I-32", f"UPDATE ledger_entry SET posted_at = '2020-01-01' WHERE number = {LAST}"),
    ("I-33", ENTRY.format("points = 21")),
    ("I-33", DEED.format("happened_on = '2026-03-01'")),
    ("I-33", "UPDATE ledger_standing SET place = 7"),
    (
        "I-34",
        DOCUMENT.format("'D03'", "'D04'") + ";"
        "UPDATE ledger_publication SET digest = 'f' || substr(digest, 2)",
    ),
    ("I-34", "DELETE FROM ledger_withdrawal"),
    ("I-34", WITHDRAW.format(1)),
    ("I-36", ENTRY.format("points = 21")),
    (
        "I-37",
        "UPDATE ledger_period SET finalized_at = '2026-04-02' "
        "WHERE finalized_at IS NOT NULL",
    ),
    ("I-37", "UPDATE ledger_objection SET state = 'open', decided_at = NULL"),
    (
        "I-38",
        "UPDATE ledger_objection SET decided_by_id = "
        "(SELECT recorded_by_id FROM ledger_deed WHERE points = 20)",
    ),
    ("I-39", "UPDATE ledger_correction SET state = 'refused'"),
    ("I-39", "UPDATE ledger_correction SET proposed_by_id = decided_by_id"),
    ("I-39", "UPDATE ledger_withdrawal SET at = '2026-05-01 02:10:00+00:00'"),
    ("I-39", "UPDATE ledger_withdrawal SET reason = ''"),
    ("I-39", DOWNLOAD),
    ("I-39", "UPDATE ledger_objection SET publication_id = " + SECOND),
    ("I-39", WITHDRAW.format(3)),
    (
        "I-39",
        "UPDATE ledger_period SET published_at = NULL, notice_ends_at = NULL "
        "WHERE month = '2026-04-01'",
    ),
    ("I-39", "UPDATE ledger_publication SET revision = 3 WHERE number = 3"),
    ("I-45", DOCUMENT.format("'○'", "'13900001111'")),
    ("I-52", REPAIR.format("state = 'lapsed', points = 0")),
    ("I-52", REPAIR.format("points = 2")),
    ("I-52", REPAIR.format("checked_by_id = decided_by_id")),
    ("I-52", REPAIR.format("asked_by_id = decided_by_id")),
    (
        "I-52",
        "UPDATE ledger_deed SET second_recorder_id = "
        "(SELECT decided_by_id FROM ledger_repair) WHERE points = -3",
    ),
    (
        "I-52",
        "UPDATE households_user SET household_id = {household} "
        "WHERE id = (SELECT checked_by_id FROM ledger_repair)",
    ),
    (
        "I-52",
        "UPDATE households_stewardship SET role = 'admin' "
        "WHERE user_id = (SELECT decided_by_id FROM ledger_repair)",
    ),
    ("I-52", "DELETE FROM ledger_repair"),
    ("I-53", "UPDATE ledger_entry SET points = 4 WHERE kind = 'repair'"),
    (
        "I-53",
        "UPDATE ledger_entry SET points = 3, "
        "reverses_id = (SELECT id FROM ledger_entry WHERE points = -3) "
        "WHERE kind = 'reversal'",
    ),
    (
        "I-48",
        "UPDATE ledger_story SET deed_id = (SELECT id FROM ledger_deed "
        "WHERE points = -3) WHERE withdrawn_at IS NULL",
    ),
    ("I-55", "UPDATE ledger_signin SET deed_id = NULL"),
    ("I-55", "UPDATE ledger_signin SET at = '2026-06-01 02:00:00+00:00'"),
    ("I-55", "UPDATE ledger_signin SET household_id = household_id + 1"),
    ("I-55", "UPDATE ledger_activity SET day = '2026-05-08'"),
    ("I-55", "UPDATE ledger_activity SET closed_at = NULL"),
    ("I-56", "UPDATE ledger_finding SET household_id = household_id + 1"),
    ("I-56", "UPDATE ledger_finding SET is_sorted = (1 = 1)"),
    ("I-56", "UPDATE ledger_round SET closed_at = NULL"),
    ("I-56", "UPDATE ledger_deed SET second_recorder_id = NULL WHERE points = -1"),
    ("I-49", f"UPDATE ledger_scoringitem SET points_max = 60 WHERE {OF_NEW_RULES}"),
    ("I-49", f"DELETE FROM ledger_scoringitem WHERE {OF_NEW_RULES}"),
    ("I-49", "UPDATE ledger_rulebook SET adopted_on = '2026-05-01' WHERE version = 2"),
    ("I-50", "DELETE FROM ledger_rulebookvote"),
    ("I-50", "UPDATE ledger_rulebook SET in_force_from = '2026-03-01' WHERE version=2"),
    (
        "I-50",
        "UPDATE ledger_rulebook SET in_force_from = NULL, adopted_on = NULL "
        "WHERE version = 2",
    ),
    (
        "I-50",
        DEED.format(
            f"item_id = (SELECT id FROM ledger_scoringitem WHERE {OF_NEW_RULES})"
        ),
    ),
    ("I-50", DEED.format("happened_on = '2026-06-01'")),
]


def test_the_story_keeps_every_promise(two_months):
    assert list(violations()) == []
    call_command("verify_ledger", verbosity=0)


def test_a_number_after_a_chinese_word_is_no_phone(village, household):
    village.name = "桃溪村173"
    village.save()
    award(household)
    publish(village)

    assert list(violations()) == []


@pytest.mark.parametrize(
    ("id", "sql"), TAMPERING, ids=[f"{id}-{n}" for n, (id, _) in enumerate(TAMPERING)]
)
def test_tampering_behind_the_guards_is_found(unguarded, household, id, sql):
    other = HouseholdFactory().village_id
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(
                statement.replace("{other}", str(other)).replace(
                    "{household}", str(household.pk)
                )
            )

    found = {violation.id for violation in violations()}

    assert id in found


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "change",
    [
        "published_by_id = written_by_id WHERE withdrawn_at IS NULL",
        "consent_on = NULL",
        "consent_how = ''",
        "text = 'x' WHERE withdrawn_at IS NOT NULL",
        "masked_name = 'x' WHERE withdrawn_at IS NOT NULL",
    ],
)
def test_i48_a_story_without_consent_or_erasure_is_found(unguarded, change):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_story SET {change}")

    assert "I-48" in {violation.id for violation in violations()}


def test_missing_guards_are_found(unguarded):
    assert "I-02" in {violation.id for violation in violations()}


@pytest.mark.sqlite
@pytest.mark.parametrize("points", [0, -5, 20_000])
def test_i05_a_wrong_sign_is_found(unguarded, points):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_entry SET points = {points} WHERE kind = 'base'")

    assert "I-05" in {violation.id for violation in violations()}


@pytest.mark.postgres
def test_i13_an_operation_key_used_twice_is_found(unguarded):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE ledger_operation "
            "DROP CONSTRAINT ledger_operation_once_in_village"
        )
        cursor.execute(
            "UPDATE ledger_operation SET key = (SELECT key FROM ledger_operation "
            "ORDER BY id LIMIT 1)"
        )

    assert "I-13" in {violation.id for violation in violations()}


@pytest.mark.parametrize("around", ["", "X"])
def test_i47_a_code_that_somebody_kept_is_found(two_months, household, around):
    (card, *_others) = print_cards(
        household.village, Household.objects.all(), by=None, at=IN_MARCH
    )
    assert list(violations()) == []

    note = f"卡号{around}{card.token}{around}"
    record_event("x", village=household.village, by=None, at=IN_MARCH, note=note)

    assert "I-47" in {violation.id for violation in violations()}


def test_every_invariant_was_seen_broken():
    seen = {id for id, _ in TAMPERING} | {"I-02", "I-05", "I-13", "I-47"}
    # Of households that change, in test_change_invariants.py.
    seen |= {"I-60", "I-61", "I-62", "I-63"}
    # Of what households agree to, in test_pledge_invariants.py.
    seen |= {"I-64"}

    assert {invariant.id for invariant in INVARIANTS} == seen


def test_verify_ledger_names_what_is_broken_and_fails(unguarded, capsys):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET points = 21 WHERE points = 20")

    with pytest.raises(CommandError):
        call_command("verify_ledger", village=unguarded.slug)

    assert "I-33 taoxi 2026-03" in capsys.readouterr().out


def test_verify_ledger_knows_its_villages(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("verify_ledger", village="nowhere")
