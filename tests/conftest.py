import os

import pytest
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from households.roles import Role
from ledger.public.pages import shelf
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    VillagerGroupFactory,
    serve,
)

VENDORS = {"postgres": "postgresql", "sqlite": "sqlite"}
# Each is left out by name where its database is not the one: make test, make
# test-postgres. What is skipped all the same was asked of the wrong database.
OTHER_DATABASE = pytest.mark.skip(reason="a promise of another database")


def pytest_collection_modifyitems(items):
    for item in items:
        for marker, vendor in VENDORS.items():
            if item.get_closest_marker(marker) and connection.vendor != vendor:
                item.add_marker(OTHER_DATABASE)


def pytest_sessionfinish(session):
    if os.environ.get("FORBID_SKIPS") and skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if os.environ.get("FORBID_SKIPS") and skipped(config):
        terminalreporter.write_line("FORBID_SKIPS is set: a skip is a failure.")


def skipped(config):
    # Whoever runs tests for another process has nobody to report to.
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter and reporter.stats.get("skipped")


@pytest.fixture(autouse=True)
def _empty_shelf():
    """Let no test see a page that another one has rendered."""
    shelf.clear()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment, django_db_modify_db_settings, django_db_blocker
):
    """Make the test database, also for tests that only ask for a copy of it."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def own_database(django_db_setup, django_db_blocker, tmp_path):
    """A database of the test's own, where every transaction really ends.

    For what happens between two connections. It is a copy of the empty test
    database, and gone afterwards.
    """
    with django_db_blocker.unblock():
        shared = connections["default"]
        settings = connections.settings["default"]
        home, own = settings["NAME"], f"own_{os.getpid()}_{tmp_path.name}"
        if shared.vendor == "sqlite":
            own = str(tmp_path / "own.sqlite3")
            with shared.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [own])
        else:
            shared.close()
            with shared._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{home}"')
        del connections["default"]
        settings["NAME"] = own
        yield
        connections["default"].close()
        settings["NAME"] = home
        connections["default"] = shared
        if shared.vendor == "postgresql":
            with shared._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{own}"')


@pytest.fixture
def village(db):
    """桃溪村: two groups, the sample rulebook, nobody in it yet."""
    village = VillageFactory(name="桃溪村", slug="taoxi")
    VillagerGroupFactory(village=village, number=1)
    VillagerGroupFactory(village=village, number=2)
    return village


@pytest.fixture
def household(village):
    return HouseholdFactory(
        village=village, group=village.groups.get(number=1), number="001"
    )


@pytest.fixture
def recorder(village):
    return serve(village, Role.RECORDER, username="recorder")


@pytest.fixture
def reviewer(village):
    return serve(village, Role.REVIEWER, username="reviewer")


@pytest.fixture
def supervisor(village):
    return serve(village, Role.SUPERVISOR, username="supervisor")


@pytest.fixture
def village_admin(village):
    return serve(village, Role.ADMIN, username="village-admin")
