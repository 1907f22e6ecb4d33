"""Run what reads a stranger's file in a child process that cannot hurt the server."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SECRETS = ("SECRET_KEY", "DATABASE_URL")


class ChildGaveUp(Exception):
    """The child ran out of time or memory, or died on the file."""


def run_limited(
    module: str, content: bytes, *, seconds: float, arguments: tuple[str, ...] = ()
) -> bytes:
    """Hand bytes to a module of ours in a child process and return its answer.

    The child sets its own limits on memory and computing time before it looks
    at the content and is given none of our secrets; here it
    is held to `seconds` by the clock.

    :raises ChildGaveUp: if it did not end well and in time
    """
    environment = {
        name: value for name, value in os.environ.items() if name not in SECRETS
    }
    try:
        child = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            input=content,
            capture_output=True,
            cwd=PROJECT,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ChildGaveUp from None
    if child.returncode != 0:
        raise ChildGaveUp
    return child.stdout
