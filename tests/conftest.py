import os

import pytest
from django.db import connection

VENDORS = {"postgres": "postgresql", "sqlite": "sqlite"}


def pytest_collection_modifyitems(items):
    for item in items:
        for marker, vendor in VENDORS.items():
            if item.get_closest_marker(marker) and connection.vendor != vendor:
                reason = f"needs {vendor}, but DATABASE_URL names {connection.vendor}"
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_sessionfinish(session):
    if os.environ.get("FORBID_SKIPS") and skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if os.environ.get("FORBID_SKIPS") and skipped(config):
        terminalreporter.write_line("FORBID_SKIPS is set: a skip is a failure.")


def skipped(config):
    return config.pluginmanager.get_plugin("terminalreporter").stats.get("skipped")
