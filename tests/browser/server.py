"""A real server with demo data, for browsers to visit."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

PROJECT = Path(__file__).resolve().parents[2]
DEMO_PASSWORD = "demo-for-browsers-only"


@dataclass(frozen=True)
class Server:
    """A running server: its address, and the directory of its data."""

    url: str
    data_dir: Path

    def manage(self, *arguments):
        """Run a management command on the server's data and return what it printed."""
        return manage(self.data_dir, *arguments)

    def seed(self, *names):
        """Run functions of tests.browser.seeding on the server's data."""
        calls = "; ".join(f"seeding.{name}()" for name in names)
        script = f"from tests.browser import seeding; {calls}"
        return self.manage("shell", "--no-imports", "-c", script)

    def remember(self):
        """Keep what the database holds now, for `go_back`."""
        self._copy("ledger.sqlite3", "remembered.sqlite3")

    def go_back(self):
        """Let the database hold again what was remembered, under the running server."""
        self._copy("remembered.sqlite3", "ledger.sqlite3")

    def _copy(self, source, target):
        with (
            closing(sqlite3.connect(self.data_dir / source)) as source,
            closing(sqlite3.connect(self.data_dir / target, timeout=30)) as target,
        ):
            source.backup(target)


def environment(data_dir, **more):
    """Return an environment that owes nothing to the settings of the tests."""
    kept = {name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "DATA_DIR": str(data_dir),
        **more,
    }


def manage(data_dir, *arguments):
    """Run a management command on a directory of data and return what it printed."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def make_demo(data_dir):
    """Fill a directory with a migrated database, the demo township, static files."""
    manage(data_dir, "migrate", "--verbosity", "0")
    manage(data_dir, "load_demo", "--password", DEMO_PASSWORD)
    manage(data_dir, "collectstatic", "--no-input", "--verbosity", "0")


@contextmanager
def serving(template, data_dir):
    """Serve a copy of the template's data on a free port until the block ends."""
    shutil.copytree(template, data_dir)
    with (
        # The socket is opened here and handed over, so nobody can take the
        # port in between, and the first request simply waits for the server.
        socket.create_server(("127.0.0.1", 0)) as listener,
        open(data_dir / "server.log", "w+") as log,
    ):
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        handle = listener.fileno()
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "gunicorn", "config.wsgi"],
                *["--bind", f"fd://{handle}", "--threads", "4"],
                *["--no-control-socket", "--log-level", "warning"],
            ],
            cwd=PROJECT,
            env=environment(data_dir, PUBLIC_URL=url, PORT=str(port)),
            pass_fds=[handle],
            stdout=log,
            stderr=log,
        )
        # With our end closed, a server that dies is a refused connection at once.
        listener.close()
        try:
            with urlopen(f"{url}/health/", timeout=30) as answer:
                assert answer.status == 200
            yield Server(url, data_dir)
        except OSError as error:
            log.seek(0)
            raise AssertionError(f"The server did not answer:\n{log.read()}") from error
        finally:
            process.terminate()
            process.wait(timeout=30)
