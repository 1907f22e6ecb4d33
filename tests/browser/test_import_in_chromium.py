"""B16: 3,000 rows go in from a sheet: followed, stopped, left alone, come back to."""

import json
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.browser.beside import Child, Clerk
from tests.browser.hands import TIMED
from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    leads_on,
    sideways_scroll,
    sign_in,
)
from tests.browser.server import PROJECT
from tests.ledger.deed_sheets import long_sheet

DATA = Path(__file__).resolve().parent.parent / "data"
SCREENS = PROJECT / ".venv" / "screens"
SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
NO_SCRIPT = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
NUMBERS = [f"{number:03d}" for number in range(1, 187)]
ROWS = 3000
# Days that one sheet covers, so that the next begins before it.
DAYS = timedelta(days=ROWS // len(NUMBERS) + 1)
# B16, in seconds, and MiB of the process beside the server.
CHECKED, IMPORTED, FIRST_NEWS, BETWEEN_NEWS, MEMORY = 10, 60, 1, 2, 256
# As long as anybody else may wait for their turn meanwhile, in seconds.
WAITED = 10
UPLOAD = "/admin/entry/import/"
MORE_TABS = 60
PATIENCE = 60_000  # milliseconds, where no budget is measured


@pytest.fixture(scope="module", autouse=True)
def roster(server):
    """Give the village that has just joined its 186 households."""
    server.manage("import_households", DATA / "roster-wps.xlsx", "--village", "qingshi")


@pytest.fixture(scope="module")
def new_sheet(tmp_path_factory):
    """Return a function that writes a sheet of 3,000 rows nobody has seen."""
    last_days = [timezone.localdate()]

    def write():
        path = tmp_path_factory.mktemp("sheets") / "登记表.xlsx"
        path.write_bytes(long_sheet(NUMBERS, ROWS, last_day=last_days[-1]))
        last_days.append(last_days[-1] - DAYS)
        return path

    return write


@pytest.fixture
def sheet(new_sheet):
    return new_sheet()


@pytest.fixture
def child(server):
    """Watch the process beside the server, and have it at hand."""
    child = Child(server)
    yield child
    child.end()


def count(server):
    """Return how many deeds and how many acts of recording the village has."""
    village = "village_id = (SELECT id FROM households_village WHERE slug = 'qingshi')"
    with closing(sqlite3.connect(server.data_dir / "ledger.sqlite3")) as connection:
        return connection.execute(
            f"SELECT (SELECT COUNT(*) FROM ledger_deed WHERE {village}), "
            f"(SELECT COUNT(*) FROM ledger_operation "
            f"WHERE kind = 'record' AND {village})"
        ).fetchone()


def tab_to(page, target):
    """Go to a control by the keyboard alone, and press it."""
    for _ in range(MORE_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("The keyboard does not get there.")


def shoot(page, name):
    """Keep a picture beside the tests' other files, for people to look at."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}-{page.viewport_size['width']}.png")


def keep(name, viewport, figures):
    """Keep what was measured beside the pictures."""
    rounded = {what: round(figure, 2) for what, figure in figures.items()}
    (SCREENS / f"{name}-{viewport[0]}.json").write_text(json.dumps(rounded))


def hand_in(page, path):
    """Choose a file and have it checked; the page then offers to import it."""
    page.goto(f"{UPLOAD}?village=qingshi")
    page.locator("input[type=file]").set_input_files(path)
    tab_to(page, page.locator("form.desk-form button[type=submit]"))
    page.keyboard.press("Enter")
    confirm = page.locator("form[action*='/confirm/'] button")
    confirm.wait_for(timeout=PATIENCE)
    return confirm


def said(page):
    """Return the sentence of the progress page; None while another one comes."""
    from playwright.sync_api import Error

    try:
        return (page.locator("[data-said]").all_inner_texts() or [None])[0]
    except Error:
        return None


def rows_said(page):
    """Return the rows that the progress page says are done, if it is there."""
    sentence = said(page)
    return sentence and int(re.search(r"([\d,]+) /", sentence)[1].replace(",", ""))


def wait_for_rows(page, *, above=0):
    """Wait until the page says that more rows than these are done; return how many."""
    until = time.monotonic() + PATIENCE / 1000
    while (rows := rows_said(page) or 0) <= above:
        assert time.monotonic() < until, "The page stands still."
        page.wait_for_timeout(50)
    return rows


def tab_to_stop(page):
    """Go to the button of a page that loads itself anew every other second.

    Each time the keyboard is right before it.
    """
    from playwright.sync_api import Error

    button = page.locator("form[action*='/stop/'] button:focus")
    for _load in range(MORE_TABS):
        with leads_on(page):
            pass
        page.keyboard.press("Tab")
        with suppress(Error):  # It may have gone on already.
            if button.count():
                return
    raise AssertionError("The keyboard does not get there.")


@SIZES
def test_a_long_sheet_goes_in_by_keyboard_within_its_budgets(
    page, viewport, server, sheet, child
):
    before, _acts = count(server)
    sign_in(page, "qingshi-recorder")
    page.goto(UPLOAD)
    barriers = {"upload": (axe(page), sideways_scroll(page))}
    begun = time.monotonic()
    confirm = hand_in(page, sheet)
    seconds = {"check": time.monotonic() - begun}
    assert "可以导入3,000行" in page.locator(".counts").inner_text()
    shoot(page, "import-check")
    barriers["check"] = axe(page), sideways_scroll(page)

    tab_to(page, confirm)
    begun = time.monotonic()
    page.keyboard.press("Enter")
    page.locator("#progress").wait_for()
    seconds["first news"] = time.monotonic() - begun
    shoot(page, "import-progress")
    news = follow(page)
    expected(page.locator(".counts")).to_have_text("已导入3,000笔")
    seconds |= {"import": time.monotonic() - begun, "between news": max(news)}
    shoot(page, "import-result")
    barriers["result"] = axe(page), sideways_scroll(page)

    keep("import", viewport, {**seconds, "MiB": child.peak})
    assert barriers == {name: ([], 0) for name in barriers}
    if TIMED:
        assert seconds["check"] <= CHECKED
        assert seconds["first news"] <= FIRST_NEWS
        assert seconds["between news"] <= BETWEEN_NEWS
        assert seconds["import"] <= IMPORTED
    assert 0 < child.peak <= MEMORY
    assert count(server)[0] == before + ROWS

    place = urlsplit(page.url).path
    page.goto("/admin/")
    shoot(page, "import-on-the-desk")
    line = page.locator(f".task a[href*='{place}']")
    assert "份登记表导入完成" in line.inner_text()
    tab_to(page, line)
    with leads_on(page):
        page.keyboard.press("Enter")
    tab_to(page, page.locator("form[action*='/seen/'] button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/?village=qingshi")
    assert line.count() == 0


def follow(page):
    """Return the seconds between one sentence of the progress page and the next."""
    last, shown, gaps = time.monotonic(), said(page), [0.0]
    while page.locator("#progress").count():
        assert time.monotonic() - last < IMPORTED, "The page stands still."
        now = said(page)
        if now != shown:
            gaps.append(time.monotonic() - last)
            last, shown = time.monotonic(), now
        page.wait_for_timeout(50)
    return gaps


@SIZES
def test_a_long_sheet_is_stopped_and_goes_on_by_keyboard(
    page, viewport, server, sheet, child
):
    before, _acts = count(server)
    sign_in(page, "qingshi-recorder")
    confirm = hand_in(page, sheet)
    tab_to(page, confirm)
    with child.held(), leads_on(page):
        page.keyboard.press("Enter")
    stop = page.locator("form[action*='/stop/'] button")
    tab_to(page, stop)
    first = wait_for_rows(page)
    with child.held():
        child.release()
    wait_for_rows(page, above=first)
    expected(stop).to_be_focused()
    assert (axe(page), sideways_scroll(page)) == ([], 0)
    page.keyboard.press("Enter")

    counts = page.locator(".counts")
    expected(counts).to_contain_text("没记", timeout=PATIENCE)
    child.release()
    shoot(page, "import-stopped")
    recorded, left = (
        int(said.replace(",", ""))
        for said in re.findall(r"[\d,]*\d", counts.inner_text())
    )
    assert (axe(page), sideways_scroll(page)) == ([], 0)
    assert recorded + left == ROWS
    assert 0 < recorded < ROWS
    assert count(server)[0] == before + recorded

    tab_to(page, page.locator("form[action*='/confirm/'] button"))
    page.keyboard.press("Enter")
    expected(counts).to_have_text("已导入3,000笔", timeout=PATIENCE)
    assert count(server) == (before + ROWS, before + ROWS)


@SIZES
@NO_SCRIPT
def test_without_scripts_the_keyboard_follows_stops_and_goes_on(
    page, viewport, server, sheet, child
):
    before, _acts = count(server)
    sign_in(page, "qingshi-recorder")
    confirm = hand_in(page, sheet)
    tab_to(page, confirm)
    with child.held():
        page.keyboard.press("Enter")
    page.locator("#progress").wait_for()
    wait_for_rows(page)
    tab_to_stop(page)
    page.keyboard.press("Enter")
    counts = page.locator(".counts")
    expected(counts).to_contain_text("没记", timeout=PATIENCE)
    child.release()
    assert before < count(server)[0] < before + ROWS

    tab_to(page, page.locator("form[action*='/confirm/'] button"))
    page.keyboard.press("Enter")
    expected(counts).to_have_text("已导入3,000笔", timeout=PATIENCE)
    assert count(server) == (before + ROWS, before + ROWS)


def test_a_killed_import_leaves_whole_chunks_and_goes_on(page, server, sheet, child):
    before, _acts = count(server)
    sign_in(page, "qingshi-recorder")
    confirm = hand_in(page, sheet)
    with child.held(), leads_on(page):
        confirm.click()
    wait_for_rows(page)
    with child.held():
        child.release()
    child.release()
    time.sleep(0.05)  # In the middle of the next rows, as likely as not.
    child.kill()

    recorded = count(server)[0] - before
    assert recorded % 100 == 0
    expected(page.locator(".hd")).to_contain_text("中断了", timeout=PATIENCE)
    shoot(page, "import-broken-off")
    assert f"已记{recorded:,}行" in page.locator(".counts").inner_text()
    page.get_by_role("button", name="继续").click()
    expected(page.locator(".counts")).to_have_text("已导入3,000笔", timeout=PATIENCE)

    assert count(server) == (before + ROWS, before + ROWS)
    assert "承诺" in server.manage("verify_ledger")


# Several people at once


def test_confirms_stops_records_and_imports_at_once_never_fail(
    page, server, new_sheet, child
):
    before, _acts = count(server)
    sign_in(page, "qingshi-recorder")
    ways = []
    for path in (new_sheet(), new_sheet()):
        confirm = hand_in(page, path)
        way = confirm.locator("xpath=..").get_attribute("action")
        ways.append(way.removesuffix("confirm/"))
    mine, theirs = ways
    recorder = Clerk(server, "qingshi-recorder")
    admin, other = (Clerk(server, "qingshi-admin") for _ in range(2))
    item = re.search(
        r'name="item"[^>]* value="(\d+)"[^>]*data-codes="Z05',
        recorder.get("/admin/entry/?village=qingshi")[2],
    )[1]

    def record(place):
        day = timezone.localdate().isoformat()
        return recorder.post(
            "/admin/entry/",
            village="qingshi",
            key=uuid4(),
            item=item,
            households=NUMBERS[place],
            day=day,
            points="5",
            channel="record",
            note="清扫公路",
        )

    with ThreadPoolExecutor(4) as pool:
        with child.held(theirs.split("/")[-2]):
            answers = list(
                pool.map(
                    lambda act: act(),
                    [
                        lambda: recorder.post(f"{mine}confirm/"),
                        lambda: admin.post(f"{mine}confirm/"),
                        lambda: other.post(f"{theirs}confirm/"),
                    ],
                )
            )
        answers += [recorder.post(f"{UPLOAD}{uuid4()}/stop/")]
        assert answers.pop()[0] == 404
        saved = list(pool.map(record, range(10)))
        answers += [admin.post(f"{theirs}stop/"), admin.get(theirs)]
        assert "已停止" in answers[-1][2]
        child.release()
        answers += [admin.post(f"{theirs}confirm/"), *saved]
        while "已导入" not in (answer := admin.get(mine))[2]:
            answers.append(answer)
        while "已导入" not in (answer := admin.get(theirs))[2]:
            answers.append(answer)

    assert {status for status, *_rest in answers} == {200}
    assert not any("locked" in words for _s, _u, words, _t in answers)
    waited = max(seconds for *_rest, seconds in saved)
    keep("import-together", OFFICE, {"longest wait of a record": waited})
    if TIMED:
        assert waited <= WAITED
    deeds = before + 2 * ROWS + 10
    assert count(server) == (deeds, deeds)
    assert "locked" not in (server.data_dir / "server.log").read_text()
