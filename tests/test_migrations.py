import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parent.parent
NEWEST = max(path.stem for path in (PROJECT / "ledger/migrations").glob("0*.py"))
# An ordinary migration of a later day: on SQLite it builds the table anew.
ORDINARY = f"""
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "{NEWEST}")]
    operations = [
        migrations.AlterField(
            "entry", "kind", models.CharField(max_length=13, verbose_name="kind")
        ),
        migrations.AddField("deed", "weight", models.IntegerField(default=1)),
    ]
"""
SETTINGS = """
from config.settings import *
MIGRATION_MODULES = {"ledger": "later_migrations"}
"""


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def later(tmp_path):
    """The project some day later: one more migration, the same data."""
    modules = tmp_path / "later_migrations"
    shutil.copytree(PROJECT / "ledger" / "migrations", modules)
    (tmp_path / "later_settings.py").write_text(SETTINGS)

    def manage(*arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(tmp_path),
                "DATA_DIR": str(tmp_path / "data"),
                "DJANGO_SETTINGS_MODULE": "later_settings",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    small = ["--villages=1", "--households=10", "--months=1", "--password=try-this-1"]
    assert manage("migrate", "--verbosity=0").returncode == 0
    assert manage("load_demo", *small).returncode == 0
    (modules / "9999_ordinary.py").write_text(ORDINARY)
    return manage


@pytest.mark.sqlite
def test_the_guards_stand_again_after_an_ordinary_migration(later, tmp_path):
    migrated = later("migrate", "--verbosity=0")

    assert migrated.returncode == 0, migrated.stderr
    assert later("verify_ledger").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "ledger.sqlite3") as database:
        for refused in (
            "UPDATE ledger_entry SET points = 500",
            "DELETE FROM ledger_entry",
            "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1",
            "UPDATE ledger_publication SET document = ''",
            "DELETE FROM ledger_publication",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="I-"):
                database.execute(refused)
    database.close()
