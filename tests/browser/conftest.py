import os
import shutil
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, flock
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.browser.pages import PHONE, sign_in
from tests.browser.server import make_demo, serving

# Longer than a busy machine takes: no test measures by waiting.
PATIENCE = 30_000  # milliseconds
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NO_BACKGROUND_TRAFFIC = [
    "--no-sandbox",
    "--disable-gpu",
    # Some machines give shared memory of 64 MiB, which is less than a page may want.
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing():
    """Say what this machine lacks to drive a browser, if anything."""
    if find_spec("playwright") is None:
        return "needs requirements/browser.txt: make test-browser"
    if shutil.which(CHROMIUM) is None:
        return f"needs Chromium at {CHROMIUM}: apt install chromium"
    return None


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    lack = missing()
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if lack:
                # In CI a skip is a failure: there the browser has to be.
                item.add_marker(pytest.mark.skip(reason=f"CI has a browser; {lack}"))


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory, worker_id):
    """Make the demo township once for all processes; every file gets a copy of it."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    made = shared / "demo"
    with (shared / "demo.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            unfinished = tmp_path_factory.mktemp("demo") / "data"
            make_demo(unfinished)
            unfinished.rename(made)
    return made


@pytest.fixture(scope="module")
def server(demo_data, tmp_path_factory):
    """Serve a fresh copy of the demo township to the tests of one file."""
    data_dir = tmp_path_factory.mktemp("server") / "data"
    with serving(demo_data, data_dir) as server:
        yield server


# Playwright keeps an event loop running in this thread, where Django refuses
# to touch the database, so it ends with the last browser test.
@pytest.fixture(scope="package")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=NO_BACKGROUND_TRAFFIC
        )
        yield browser
        browser.close()


@pytest.fixture
def viewport():
    """Look from a phone, unless the test is parametrized with another size."""
    return PHONE


@pytest.fixture
def context_options():
    """Open an ordinary browser; parametrize it to take away scripts, say."""
    return {}


@pytest.fixture
def blank_page(browser, viewport):
    """Open a page that knows no server."""
    width, height = viewport
    context = browser.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


@pytest.fixture
def browser_errors():
    """Collect what the browser complains of; clear it where a test expects that."""
    return []


@contextmanager
def opened(browser, server, viewport, browser_errors, **options):
    """Open a page on the server that must stay free of errors and strangers."""
    width, height = viewport
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        **options,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    strangers = []

    def note_error(message):
        if message.type == "error":
            browser_errors.append(f"{message.text} {message.location['url']}")

    def note_stranger(request):
        if not request.url.startswith((server.url, "data:", "blob:")):
            strangers.append(request.url)

    page.on("pageerror", lambda error: browser_errors.append(str(error)))
    page.on("console", note_error)
    page.on("request", note_stranger)
    yield page
    context.close()
    assert browser_errors == []
    assert strangers == []


@pytest.fixture
def page(browser, server, viewport, context_options, browser_errors):
    """Open a page for somebody who has not signed in."""
    with opened(browser, server, viewport, browser_errors, **context_options) as page:
        yield page


@pytest.fixture(scope="module")
def signed_in(browser, server):
    """Return a function that signs people in once for all tests of a file."""

    def sign_in_once(*people):
        kept = {}
        for person in people:
            context = browser.new_context(base_url=server.url, locale="zh-CN")
            sign_in(context.new_page(), person)
            kept[person] = context.storage_state()
            context.close()
        return kept

    return sign_in_once


@pytest.fixture
def open_as(browser, server, browser_errors, context_options):
    """Return a function that opens a page with somebody's cookies."""
    with ExitStack() as stack:

        def open_page(cookies, viewport):
            return stack.enter_context(
                opened(
                    browser,
                    server,
                    viewport,
                    browser_errors,
                    storage_state=cookies,
                    **context_options,
                )
            )

        yield open_page
