from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from households.append_only import AppendOnlyError, AppendOnlyModel
from households.roles import Role
from households.safeguards import (
    expected_guards,
    install_guards,
    missing_guards,
    require_guards,
)
from ledger.models import Entry, Publication
from ledger.months import period_for
from ledger.withdrawing import note_download
from rewards.canceling import cancel_redemption
from rewards.fund import record_fund_movement
from tests.factories import (
    FIRST_OF_APRIL,
    HouseholdFactory,
    adopt,
    award,
    change,
    draft,
    earn,
    exchange,
    offer,
    publish,
    serve,
    withdraw,
)
from tests.ledger.papers import sign
from tests.rewards.roll import write_roll

KEPT = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


@pytest.fixture
def entry(household):
    award(household, "Z05", 5)
    withdraw(publish(household.village))
    publication = publish(household.village, at=FIRST_OF_APRIL + timedelta(hours=1))
    note_download(publication, at=publication.published_at)
    fill_a_shop()
    change_a_village()
    # PostgreSQL checks foreign keys at commit, and until then refuses to alter
    # or empty the table for that reason instead of ours.
    connection.check_constraints()
    return Entry.objects.get(kind=Entry.Kind.ADDITION, household=household)


def fill_a_shop():
    """Write one row into every table of another village's shop."""
    household = HouseholdFactory()
    earn(household, 20)
    salt = offer(household.village)
    slip = exchange(household, {salt: 5})
    keeper = {"by": slip.redeemed_by, "at": slip.redeemed_at}
    cancel_redemption(slip, reason="x", key=uuid4(), **keeper)
    record_fund_movement(
        household.village,
        kind="grant",
        fen=100,
        happened_on=slip.handed_over_on,
        party="x",
        voucher="1",
        key=uuid4(),
        **keeper,
    )
    admin = serve(household.village, Role.ADMIN)
    write_roll(
        household,
        salt,
        year=2025,
        by=admin,
        keeper=slip.redeemed_by,
        at=slip.redeemed_at,
    )


def change_a_village():
    """Let another village vote on its rules, and a household get a new head."""
    household = HouseholdFactory()
    adopt(draft(household.village), in_force_from=date(2026, 5, 1))
    change(household.village, "head", household=household, head_name="陈大春")
    sign(household, signed_on=date(2026, 4, 7))


def refused(sql, *params):
    with (
        pytest.raises(IntegrityError, match="I-"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params)


def test_the_ledger_keeps_its_rows_by_name():
    assert {model.__name__ for model in KEPT} == {
        "AuditEvent",
        "Award",
        "Cancellation",
        "Decision",
        "Download",
        "Entry",
        "FundMovement",
        "GiftHandover",
        "GiftReturn",
        "HouseholdChange",
        "HouseholdConsent",
        "Operation",
        "Pledge",
        "Price",
        "Publication",
        "Redemption",
        "RedemptionLine",
        "RulebookComment",
        "RulebookVote",
        "Standing",
        "StockMovement",
        "Withdrawal",
    }


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_i01_the_model_and_its_querysets_refuse_every_change(model, entry):
    row = model.objects.first()

    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()
    with pytest.raises(AppendOnlyError):
        model.objects.update(village=None)
    with pytest.raises(AppendOnlyError):
        model.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        model.objects.bulk_update([row], ["village"])
    with pytest.raises(AppendOnlyError):
        model.objects.bulk_create([row], ignore_conflicts=True)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_i01_the_database_refuses_update_and_delete(model, entry):
    table = model._meta.db_table

    refused(f"UPDATE {table} SET village_id = village_id")
    refused(f"DELETE FROM {table}")


@pytest.mark.sqlite
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_i01_sqlite_refuses_insert_or_replace(model, recursive, entry):
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers={recursive}")

    refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")


@pytest.mark.sqlite
def test_i01_sqlite_refuses_a_replacement_by_another_unique_value(entry):
    columns = [field.column for field in Entry._meta.local_fields]
    values = ", ".join("NULL" if name == "id" else name for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")

    refused(
        f"INSERT OR REPLACE INTO ledger_entry ({', '.join(columns)}) "
        f"SELECT {values} FROM ledger_entry WHERE id = %s",
        entry.pk,
    )
    assert Entry.objects.get(pk=entry.pk) == entry


@pytest.mark.postgres
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_i01_postgresql_refuses_truncate_and_replica_mode(model, entry):
    table = model._meta.db_table

    refused(f"TRUNCATE {table} CASCADE")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        refused(f"UPDATE {table} SET village_id = village_id")
    with transaction.atomic(), connection.cursor() as cursor:
        refused(
            f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1 "
            "ON CONFLICT (id) DO UPDATE SET village_id = excluded.village_id"
        )


def test_i04_a_row_cannot_move_to_another_village(entry, village):
    stranger = HouseholdFactory()

    refused(
        "UPDATE households_household SET village_id = %s WHERE id = %s",
        stranger.village_id,
        entry.household_id,
    )
    refused(
        "UPDATE households_household SET group_id = %s WHERE id = %s",
        stranger.group_id,
        entry.household_id,
    )


def test_i31_a_published_month_refuses_entries_and_changes_to_its_deeds(entry):
    refused("UPDATE ledger_deed SET note = 'x' WHERE id = %s", entry.deed_id)
    refused("DELETE FROM ledger_deed WHERE id = %s", entry.deed_id)
    refused(
        "UPDATE ledger_period SET published_at = NULL WHERE id = %s", entry.period_id
    )
    reversal = Entry(
        village=entry.village,
        household=entry.household,
        year=2026,
        number=entry.village.entries.count() + 1,
        kind=Entry.Kind.REVERSAL,
        points=-5,
        period=entry.period,
        reverses=entry,
        posted_at=entry.posted_at,
        posted_by=entry.posted_by,
    )
    with pytest.raises(IntegrityError, match="I-31"), transaction.atomic():
        reversal.save()


def test_i02_every_guard_stands_after_migrate(db):
    assert len(expected_guards()) > 60
    assert missing_guards() == []


@pytest.mark.sqlite
def test_i02_a_lost_guard_is_noticed_and_put_back(entry):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_entry_kept_update")
    assert missing_guards() == ["ledger_entry_kept_update"]
    with pytest.raises(ImproperlyConfigured, match="ledger_entry_kept_update"):
        require_guards()

    install_guards()

    assert missing_guards() == []
    refused("UPDATE ledger_entry SET points = 500")


@pytest.mark.postgres
def test_i02_a_disabled_guard_is_noticed_and_put_back(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_kept_update"
        )
    assert missing_guards() == ["ledger_entry_kept_update"]

    install_guards()

    assert missing_guards() == []


def test_i02_migrate_puts_the_guards_back_after_a_table_was_rebuilt(entry):
    name = "ledger_entry_kept_delete"
    with connection.cursor() as cursor:
        on = ' ON "ledger_entry"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER "{name}"{on}')

    call_command("migrate", verbosity=0)

    refused("DELETE FROM ledger_entry")


def test_i30_months_are_published_in_order(entry, village):
    may = period_for(village, date(2026, 5, 1), at=datetime(2026, 5, 2, tzinfo=UTC))
    later = Publication(
        village=entry.village,
        period=may,
        number=3,
        document="{}",
        digest="0" * 64,
        previous_digest=village.publications.standing().get().digest,
        last_entry=1,
        published_at=entry.posted_at,
        published_by=entry.posted_by,
    )

    with pytest.raises(IntegrityError, match="I-30"), transaction.atomic():
        later.save()
