"""Rules that the database itself keeps, whoever writes to it.

Each guard refuses one kind of statement on one table. They are written from
the models, installed after every migrate (a table rebuilt by a migration on
SQLite loses its triggers without a word) and compared with the database at
start and by `verify_ledger` (I-01, I-02).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models, router, transaction
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Guard:
    """One statement that is refused on one table when a condition holds.

    The condition is SQL that both databases read, over NEW and OLD; the
    message names the invariant for the log, people meet a sentence before it.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str

    def sqlite(self) -> str:
        return (
            f'CREATE TRIGGER "{self.name}" BEFORE {self.event} ON "{self.table}" '
            f"WHEN {self.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def postgresql_body(self) -> str:
        row = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(self.event, "NEW")
        return (
            f"BEGIN IF {self.condition} THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = '23514'; "
            f"END IF; RETURN {row}; END"
        )

    def postgresql(self) -> str:
        level = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        return (
            f'CREATE OR REPLACE FUNCTION "{self.name}"() RETURNS trigger '
            f"LANGUAGE plpgsql AS $guard${self.postgresql_body()}$guard$; "
            f'CREATE TRIGGER "{self.name}" BEFORE {self.event} ON "{self.table}" '
            f'FOR EACH {level} EXECUTE FUNCTION "{self.name}"(); '
            f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER "{self.name}"'
        )


def expected_guards(using: str = "default") -> list[Guard]:
    """Return every guard that the tables now in the database must have."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    guards = [*_append_only_guards(connection), *_village_fence()]
    for app in apps.get_app_configs():
        guards += getattr(app, "guards", tuple)()
    if connection.vendor == "sqlite":
        guards = [guard for guard in guards if guard.event != "TRUNCATE"]
    return [guard for guard in guards if guard.table in tables]


def missing_guards(using: str = "default") -> list[str]:
    """Return the names of guards that are absent, disabled or altered (I-02)."""
    standing = _standing_guards(using)
    vendor = connections[using].vendor
    return [
        guard.name
        for guard in expected_guards(using)
        if standing.get(guard.name) != _fingerprint(guard, vendor)
    ]


def install_guards(using: str = "default") -> None:
    """Put back every guard that is missing or differs."""
    missing = set(missing_guards(using))
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for guard in expected_guards(using):
            if guard.name not in missing:
                continue
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{guard.name}"')
                cursor.execute(guard.sqlite())
            else:
                cursor.execute(
                    f'DROP TRIGGER IF EXISTS "{guard.name}" ON "{guard.table}"'
                )
                cursor.execute(guard.postgresql())


def lift_before_migrate(using: str = "default", plan=(), **kwargs) -> None:
    """Take the guards away while migrations run on SQLite.

    SQLite changes a table by building it anew under its name, and refuses that
    while a trigger elsewhere speaks of it. They are put back right after; until
    then the server does not start.
    """
    connection = connections[using]
    if not plan or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in _standing_guards(using):
            cursor.execute(f'DROP TRIGGER "{name}"')


def install_after_migrate(using: str = "default", **kwargs) -> None:
    if router.allow_migrate(using, "households"):
        install_guards(using)


def require_guards(using: str = "default") -> None:
    """Refuse to start on a database without its safeguards.

    :raises ImproperlyConfigured: naming the command that puts them back
    """
    missing = missing_guards(using)
    if missing or not expected_guards(using):
        raise ImproperlyConfigured(
            _("The database lacks its safeguards (%(names)s). Run: manage.py migrate")
            % {"names": ", ".join(missing[:3]) or _("all of them")}
        )


def _append_only_guards(connection) -> Iterator[Guard]:
    for model in apps.get_models():
        if not _is_append_only(model):
            continue
        table = model._meta.db_table
        message = f"I-01 {table} is append-only"
        for event in ("UPDATE", "DELETE", "TRUNCATE"):
            yield Guard(f"{table}_kept_{event.lower()}", table, event, "TRUE", message)
        yield Guard(
            f"{table}_kept_insert",
            table,
            "INSERT",
            " OR ".join(_conflicts(model, connection)),
            message,
        )


def _village_fence() -> Iterator[Guard]:
    """Keep every row in the village of what it points at, for good (I-04)."""
    for model in apps.get_models():
        if not _has_village(model):
            continue
        table = model._meta.db_table
        message = f"I-04 {table} stays within one village"
        events = ["INSERT"] if _is_append_only(model) else ["INSERT", "UPDATE"]
        if "UPDATE" in events:
            moved = "NEW.village_id <> OLD.village_id"
            yield Guard(f"{table}_i04_moved", table, "UPDATE", moved, message)
        for field in model._meta.local_fields:
            target = field.related_model
            if not field.many_to_one or target is None or not _has_village(target):
                continue
            other = target._meta.db_table
            strays = (
                f"NEW.{field.column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} "
                f"o WHERE o.id = NEW.{field.column} AND o.village_id = NEW.village_id)"
            )
            for event in events:
                name = f"{table}_i04_{field.name}_{event.lower()}"
                yield Guard(name, table, event, strays, message)


def _is_append_only(model: type[models.Model]) -> bool:
    return getattr(model, "is_append_only", False)


def _has_village(model: type[models.Model]) -> bool:
    return any(field.name == "village" for field in model._meta.local_fields)


def _conflicts(model: type[models.Model], connection) -> Iterator[str]:
    """Say in SQL that a row with one of NEW's unique values already stands.

    INSERT OR REPLACE removes such a row without firing the delete trigger
    unless the connection asked for recursive triggers.
    """
    table = model._meta.db_table
    for columns, condition in _unique_sets(model, connection):
        clauses = [f'"{table}"."{column}" = NEW."{column}"' for column in columns]
        if condition:
            clauses += [
                re.sub(r'(?<![\w.])"(\w+)"', rf'"{table}"."\1"', condition),
                re.sub(r'(?<![\w.])"(\w+)"', r'NEW."\1"', condition),
            ]
        yield f'EXISTS (SELECT 1 FROM "{table}" WHERE {" AND ".join(clauses)})'


def _unique_sets(model, connection) -> Iterator[tuple[list[str], str]]:
    for field in model._meta.local_fields:
        if field.unique:
            yield [field.column], ""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            columns = [model._meta.get_field(name).column for name in constraint.fields]
            # The editor is only asked to quote; entering it would open a
            # schema change, which SQLite refuses inside a transaction.
            editor = connection.schema_editor(collect_sql=True)
            # Django's own way to the text of a conditional index.
            condition = constraint._get_condition_sql(  # type: ignore[attr-defined]
                model, editor
            )
            yield columns, condition or ""


def _standing_guards(using: str) -> dict[str, str]:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT t.tgname, CAST(t.tgenabled AS text) || p.prosrc || c.relname "
                "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
            )
        return dict(cursor.fetchall())


def _fingerprint(guard: Guard, vendor: str) -> str:
    if vendor == "sqlite":
        return guard.sqlite()
    return f"A{guard.postgresql_body()}{guard.table}"
