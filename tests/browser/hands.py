"""Somebody's hands at a page: what they do is counted and takes an older person's time.

One interaction is a tap or click, a scan, a run of typing, or a key command.
"""

import os
import time

# The keystroke-level model for older people, in seconds.
TAP, KEY, DECISION = 1.6, 0.5, 1.35
# What a machine takes is held by `make bench`, where no other test runs beside.
TIMED = "TIMED" in os.environ


class OverBudget(AssertionError):
    """One interaction more than the task may cost; it was not begun."""


class Hands:
    """Do to a page what a person does, up to a number of interactions."""

    def __init__(self, page, most):
        self.page = page
        self.most = most
        self.interactions = 0
        self.seconds = 0.0
        self.waited = 0.0

    def takes_at_most(self, seconds):
        """Tell whether a person is done in so many seconds, with a timed machine's."""
        return self.seconds + (self.waited if TIMED else 0) <= seconds

    def tap(self, target, *, until=None):
        """Tap or click, and wait for what that leads to."""
        self._begin(TAP)
        self._do(lambda: target.first.click(), until)

    def type(self, text, *, until=None):
        """Type into the box that has the focus."""
        self._begin(KEY * len(text))
        self._do(lambda: self.page.keyboard.type(text), until)

    def scan(self, code, *, until=None):
        """Hold a card under the scanner, which types its code and Enter."""
        self._begin(TAP)
        self._do(lambda: scan(self.page, code), until)

    def choose(self, target, value):
        """Open a list and tap one of its lines: two interactions."""
        self._begin(TAP)
        self._begin(TAP)
        self._do(lambda: target.first.select_option(value), None)

    def press(self, keys, *, until=None):
        """Press a key, or some at once: Control+Enter."""
        self._begin(KEY * len(keys.split("+")))
        self._do(lambda: self.page.keyboard.press(keys), until)

    def _begin(self, seconds):
        if self.interactions == self.most:
            raise OverBudget(f"This takes more than {self.most} interactions.")
        self.interactions += 1
        self.seconds += DECISION + seconds

    def _do(self, act, until):
        started = time.perf_counter()
        act()
        if until is not None:
            until.first.wait_for()
            self.page.wait_for_load_state()
        self.waited += time.perf_counter() - started


def scan(page, code):
    """Type what a scanner types, as fast as it does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
