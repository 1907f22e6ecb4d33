"""Who acts beside the browser: the server's own child process, and other clerks."""

import os
import re
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from tests.browser.server import DEMO_PASSWORD

HOLD_WITHIN = 60  # seconds


class Child:
    """The server's own `run_import`, looked for twenty times a second."""

    def __init__(self, server):
        self.data_dir = server.data_dir
        self.peak = 0.0  # MiB
        self.pid = None
        self._named = b"run_import"
        self._held_above = None  # deeds
        self._is_held = Event()
        self._over = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()

    @contextmanager
    def held(self, batch=""):
        """Hold it as soon as what is done in this block has recorded some rows.

        However slow the page is, the test then finds the work half done. Of
        several at work, `batch` says which one.
        """
        self._named = b"run_import\0" + batch.encode()
        self._is_held.clear()
        self._held_above = self._deeds()
        yield
        assert self._is_held.wait(HOLD_WITHIN), "It was over, or never began."

    def release(self):
        os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def end(self):
        self._over.set()
        self._thread.join()
        if self.pid is not None:
            with suppress(ProcessLookupError):
                self.release()

    def _hold(self):
        """Let it wait between two transactions, where it locks out nobody."""
        while True:
            os.kill(self.pid, signal.SIGSTOP)
            try:
                with closing(self._connect()) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                self.release()
                time.sleep(0.02)

    def _connect(self, timeout=0.1):
        return sqlite3.connect(self.data_dir / "ledger.sqlite3", timeout=timeout)

    def _deeds(self):
        with closing(self._connect(timeout=30)) as connection:
            return connection.execute("SELECT COUNT(*) FROM ledger_deed").fetchone()[0]

    def _watch(self):
        while not self._over.wait(0.05):
            places = Path("/proc").glob("[0-9]*")
            self.pid = next(filter(None, map(self._number, places)), None)
            if self.pid is None or self._held_above is None:
                continue
            if self._deeds() > self._held_above:
                self._held_above = None
                self._hold()
                self._is_held.set()

    def _number(self, place):
        """Return the number of a process that is the child, and note its memory."""
        try:
            if self._named not in (place / "cmdline").read_bytes():
                return None
            if bytes(self.data_dir) not in (place / "environ").read_bytes():
                return None
            status = (place / "status").read_text()
        except OSError:
            return None  # It has just ended, or is somebody else's.
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        if peak is None:
            return None
        self.peak = max(self.peak, int(peak[1]) / 1024)
        return int(place.name)


class Clerk:
    """Somebody at the desk without a browser, so that several can act at once."""

    def __init__(self, server, username):
        self.url = server.url
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))
        self.get("/admin/login/")
        self.post("/admin/login/", username=username, password=DEMO_PASSWORD)

    def get(self, path):
        return self._ask(path, None)

    def post(self, path, **fields):
        token = next(c.value for c in self.jar if c.name == "csrftoken")
        data = {"csrfmiddlewaretoken": token, **fields}
        return self._ask(path, urlencode(data).encode())

    def _ask(self, path, data):
        """Return the status, the address it led to, the words, and the seconds."""
        begun = time.monotonic()
        try:
            answer = self.opener.open(f"{self.url}{path}", data, timeout=60)
        except HTTPError as error:
            answer = error
        with answer:
            words = answer.read().decode()
            return answer.status, answer.url, words, time.monotonic() - begun
