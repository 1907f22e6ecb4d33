import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PYTHON = {name: os.environ[name] for name in os.environ if "COVERAGE" in name}


def start(code, data_dir, **variables):
    """Run Python with the project's real settings and return how it ended."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), **PYTHON}
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def settings(name):
    return f"from config import settings; print(settings.{name})"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("SECRET_KEY", "short"),
        ("PASSBOOK_KEY", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("PUBLIC_URL", "ledger.example"),
        ("DATABASE_URL", "mysql://root@localhost/ledger"),
        ("DATABASE_URL", "nonsense"),
        ("PORT", "eight"),
    ],
)
def test_a_malformed_value_stops_the_process_and_is_named(tmp_path, name, value):
    ended = start(settings("DEBUG"), tmp_path, **{name: value})

    assert ended.returncode != 0
    assert name in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["SECRET_KEY", "PASSBOOK_KEY"])
def test_a_key_is_made_once_and_readable_by_nobody_else(tmp_path, name):
    first = start(settings(name), tmp_path)
    second = start(settings(name), tmp_path)

    path = tmp_path / name.lower()
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.stdout == second.stdout == path.read_text() + "\n"
    assert len(path.read_text()) >= 50


def test_the_two_keys_are_different_and_the_environment_comes_first(tmp_path):
    both = "SECRET_KEY, settings.PASSBOOK_KEY"
    made = start(settings(both), tmp_path).stdout.split()
    given = start(settings(both), tmp_path, PASSBOOK_KEY="p" * 40).stdout.split()

    assert made[0] == given[0] != made[1]
    assert given[1] == "p" * 40


def test_debug_is_off_and_an_https_address_turns_every_tls_setting_on(tmp_path):
    plain = start(settings("DEBUG, settings.SESSION_COOKIE_SECURE"), tmp_path)
    secure = start(
        settings("SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE"),
        tmp_path,
        PUBLIC_URL="https://ledger.example",
        DEBUG="1",
    )

    assert plain.stdout == "False False\n"
    assert secure.stdout == "True True\n"


def test_postgresql_is_one_address_away(tmp_path):
    named = start(
        settings("DATABASES['default']['ENGINE']"),
        tmp_path,
        DATABASE_URL="postgres://ledger:secret@127.0.0.1/ledger",
    )

    assert named.stdout == "django.db.backends.postgresql\n"


def test_the_server_refuses_a_database_without_its_safeguards(tmp_path):
    empty = start("import config.wsgi", tmp_path)
    assert empty.returncode != 0

    migrated = start(
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings';"
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'migrate', '-v0']); import config.wsgi; print('ready')",
        tmp_path,
    )
    assert migrated.stdout == "ready\n", migrated.stderr
