"""The project's settings with a fast password hasher and plain static files."""

import os
from pathlib import Path

os.environ.setdefault(
    "DATA_DIR", str(Path(__file__).resolve().parent.parent / ".venv" / "tests")
)
# Tests that run side by side keep their files apart.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["DATA_DIR"] += f"-{os.environ['PYTEST_XDIST_WORKER']}"
os.environ["SECRET_KEY"] = "tests-only-" + "0123456789abcdef" * 3
os.environ["PASSBOOK_KEY"] = "tests-only-" + "fedcba9876543210" * 3

from config.settings import *  # noqa: F403

# Serves static files without a collected build, and warns of nothing.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
