"""The review desk: paints before it is answered, by keys, touch and without scripts."""

import re

import pytest

from tests.browser.pages import (
    OFFICE,
    PHONE,
    expected,
    open_month,
)
from tests.browser.seeding import BATCHES, FLAGGED, RECORDS, UNPROVEN

IN_OFFICE = pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
NO_SCRIPTS = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no scripts"]
)
DONE = re.compile("is-done")


@pytest.fixture(scope="module")
def reviewer(server, signed_in):
    """Let two hundred records wait for a reviewer; return the reviewer's cookies."""
    server.seed("full_review_desk")
    cookies = signed_in("taoxi-reviewer")
    server.remember()
    return cookies["taoxi-reviewer"]


@pytest.fixture
def desk(server, reviewer, open_as, viewport):
    """Open the review desk, with nothing decided yet."""
    server.go_back()
    page = open_as(reviewer, viewport)
    page.goto(open_month("taoxi"))
    return page


def number(page, name):
    """Return what the head of the desk counts, as a place to watch."""
    return page.locator(f"[data-count={name}]")


def waiting(page):
    return int(number(page, "pending").inner_text())


@IN_OFFICE
@pytest.mark.parametrize("keys", ["a", "l", "r Space Enter"])
def test_a_decision_is_painted_and_the_next_one_ready_before_the_answer(desk, keys):
    held = []

    def hold(route):
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    first, second = desk.locator(".rv-batch").all()[:2]
    desk.route("**/admin/review/**", hold)
    for key in keys.split():
        desk.keyboard.press(key)

    expected(first).to_have_class(DONE)
    expected(second).to_be_focused()
    second.locator(".rv-decide").wait_for()
    assert len(held) == 1
    expected(first.locator(".rv-done button")).to_be_disabled()
    assert waiting(desk) == RECORDS
    held[0].continue_()
    expected(first.locator(".rv-done button")).to_be_enabled()


@IN_OFFICE
def test_the_head_counts_along_without_a_reload(desk):
    def counted():
        names = ["pending", "batches", "reviewed"]
        tabs = desk.locator("[data-tab]").all_inner_texts()
        return [number(desk, name).inner_text() for name in names] + tabs

    before = counted()
    later = desk.locator("[data-later]")
    assert later.is_hidden()

    desk.keyboard.press("l")
    expected(later).to_have_text(re.compile("1"))
    # What is put aside waits all the same, and stands behind no tab.
    assert number(desk, "batches").inner_text() == str(BATCHES)
    assert desk.locator("[data-tab]").first.inner_text() == str(FLAGGED - 1)
    desk.keyboard.press("l")
    expected(number(desk, "later")).to_have_text("2")
    desk.keyboard.press("u")
    expected(number(desk, "later")).to_have_text("1")
    desk.keyboard.press("u")
    expected(later).to_be_hidden()
    assert counted() == before

    desk.keyboard.press("a")
    expected(number(desk, "pending")).to_have_text(str(RECORDS - 1))
    pending, batches, reviewed, flagged, *others = map(int, counted())
    assert (batches, flagged) == (BATCHES - 1, FLAGGED - 1)
    assert reviewed == int(before[2]) + 1
    desk.reload()
    assert counted() == [str(n) for n in (pending, batches, reviewed, flagged, *others)]


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
@NO_SCRIPTS
def test_a_month_is_reviewed_by_touch_without_scripts(desk):
    assert desk.locator(".rv-keys").is_hidden()

    before = waiting(desk)
    clicks = 0
    while before:
        inside = desk.locator("form[data-act=approve] button")
        line = desk.locator("form[data-act=whole] button")
        (inside if inside.count() else line).first.click()
        expected(number(desk, "pending")).not_to_have_text(str(before))
        before = waiting(desk)
        clicks += 1

    assert clicks == BATCHES


@IN_OFFICE
@NO_SCRIPTS
def test_without_scripts_a_deed_is_refused_put_aside_and_the_last_act_undone(desk):
    first = desk.locator(".rv-batch.is-open").get_attribute("id")

    desk.locator(".rv-batch.is-open summary", has_text="R").click()
    desk.locator(".rv-batch.is-open input[type=radio]").first.check()
    desk.locator("form[data-act=reject] button").click()
    expected(number(desk, "pending")).to_have_text(str(RECORDS - 1))
    second = desk.locator(".rv-batch.is-open").get_attribute("id")
    assert second != first
    desk.locator("form[data-act=later] button").click()
    expected(number(desk, "later")).to_have_text("1")
    assert waiting(desk) == RECORDS - 1
    assert desk.locator(f"#{second}").count() == 0
    desk.locator(".rv-actions button").first.click()

    expected(number(desk, "pending")).to_have_text(str(RECORDS))
    assert desk.locator(f"#{first}").count() == 1


@IN_OFFICE
def test_the_keys_undo_put_aside_and_keep_quiet_while_one_types(desk):
    batch = desk.locator(".rv-batch").first
    desk.keyboard.press("l")
    expected(batch).to_have_class(DONE)
    desk.keyboard.press("u")
    expected(batch).not_to_have_class(DONE)
    assert waiting(desk) == RECORDS

    desk.keyboard.press("a")
    expected(number(desk, "pending")).to_have_text(str(RECORDS - 1))
    desk.keyboard.press("u")
    expected(number(desk, "pending")).to_have_text(str(RECORDS))

    desk.keyboard.press("r")
    desk.locator(".is-open input[name=reject-words]").click()
    desk.keyboard.type("alu")
    desk.keyboard.press("Escape")
    desk.evaluate(
        """() => ["a", "l"].forEach(key => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", {key, isComposing: true, bubbles: true})))"""
    )
    assert desk.locator(".is-done").count() == 0

    desk.locator(".rv-switch").click()
    desk.reload()
    desk.keyboard.press("a")
    assert desk.locator(".is-done").count() == 0
    assert waiting(desk) == RECORDS


@IN_OFFICE
def test_space_ticks_and_a_approves_only_what_is_ticked(desk):
    desk.locator(".rv-batch:not([data-flagged])").first.focus()
    desk.keyboard.press("Enter")
    desk.locator(".is-open .rv-row").first.wait_for()
    for key in ["ArrowDown", "Space", "ArrowDown", "ArrowDown", "Space", "a"]:
        desk.keyboard.press(key)

    expected(number(desk, "pending")).to_have_text(str(RECORDS - 2))
    expected(desk.locator(".rv-row.is-done")).to_have_count(2)
    desk.keyboard.press("u")
    expected(number(desk, "pending")).to_have_text(str(RECORDS))
    expected(desk.locator(".rv-row.is-done")).to_have_count(0)


@IN_OFFICE
def test_whoever_comes_second_reads_who_decided_and_the_paint_goes_back(desk, server):
    server.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.utils import timezone; from households.models import User;"
        "from ledger.models import Deed; from ledger.review import approve_deed;"
        "by = User.objects.get(username='taoxi-supervisor');"
        "pending = Deed.objects.filter(village__slug='taoxi', state='pending');"
        "[approve_deed(d, by=by, at=timezone.now()) for d in pending.filter(note='')]",
    )

    desk.keyboard.press("a")

    told = desk.locator(".rv-batch > .rv-refusal")
    told.wait_for()
    assert "陈守正" in told.inner_text()
    expected(desk.locator(".is-done")).to_have_count(0)
    expected(number(desk, "pending")).to_have_text(str(RECORDS - UNPROVEN))
