"""The public side as residents meet it: on small phones, in large text, in the dark."""

import re

import pytest
from django.utils import timezone

from tests.browser.keyboard import Keyboard
from tests.browser.pages import OFFICE, PHONE, axe, expected, leads_on, sideways_scroll

SMALL_PHONE = (320, 640)
PAGES = [
    "/",
    "/v/taoxi/",
    "/v/taoxi/months/",
    "/v/taoxi/find/?q=001",
    "/v/taoxi/groups/1/",
    "/v/taoxi/rules/",
    "/v/taoxi/declare/",
    "/v/taoxi/objection/",
    "/v/taoxi/stories/",
    "/v/taoxi/stories/1/",
    "/v/taoxi/activities/",
    "/v/taoxi/redemptions/",
    "/v/taoxi/shop/",
    "/v/taoxi/fund/",
    "/v/taoxi/partners/",
    "/v/qingshi/",
    "/about/privacy/",
    "/about/accessibility/",
    "/about/verify/",
    "/v/taoxi/honours/2026/",
    f"/v/taoxi/honours/{timezone.localdate().year - 1}/",
]
LOOKS = [({}, "?big=0"), ({"color_scheme": "dark"}, "?big=0"), ({}, "?big=1")]
NO_SCRIPTS = {"java_script_enabled": False}
UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"
# What can have the focus: of a group of radio buttons one, of what is folded none.
CONTROLS = """() => {
  const kinds = 'a[href], button, input, textarea, summary';
  const seen = [...document.querySelectorAll(kinds)]
    .filter(box => box.tabIndex >= 0 && box.checkVisibility());
  const radios = seen.filter(box => box.type === 'radio');
  const groups = new Set(radios.map(box => box.name));
  return seen.length - radios.length + groups.size;
}"""
IS_ROUND = """() => [document.body, document.querySelector('a[href]')]
  .includes(document.activeElement)"""
# Sizes in CSS pixels; words for screen readers alone are not counted.
SMALLEST_TEXT = """() => {
  const sizes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, box = text.parentElement;
    if (!text.nodeValue.trim() || box.closest('svg, .vh, .skip')) continue;
    if (!box.getClientRects().length) continue;
    sizes.push(parseFloat(getComputedStyle(box).fontSize));
  }
  return Math.min(...sizes);
}"""
# A link in a sentence is as tall as its sentence and is not counted; of a choice
# the label is what one taps.
SMALL_TARGETS = """() =>
  [...document.querySelectorAll(
    'a, button, input:not([type=radio]), .choices > label, summary')]
    .filter(box => !box.matches('.skip, .vh, .foot b a'))
    .map(box => [box.textContent.trim(), box.getBoundingClientRect()])
    .filter(([, size]) => size.width && Math.min(size.width, size.height) < 43.9)
    .map(([text, size]) => `${text} ${size.width}x${size.height}`)
"""


@pytest.mark.parametrize(
    ("viewport", "context_options", "choice"),
    [(size, *look) for size in (SMALL_PHONE, PHONE, OFFICE) for look in LOOKS]
    + [(size, {}, "?lang=en") for size in (SMALL_PHONE, PHONE, OFFICE)]
    + [(SMALL_PHONE, {}, "?lang=en&big=1")],
    ids=str,
)
def test_every_page_is_accessible_fits_and_can_be_hit_with_a_thumb(
    page, viewport, choice
):
    page.goto(f"/v/taoxi/{choice}")

    for path in PAGES:
        page.goto(path)
        page.evaluate(UNFOLD)
        assert axe(page) == [], path
        assert sideways_scroll(page) == 0, path
        assert page.evaluate(SMALL_TARGETS) == [], path
        floor = 14 if viewport == SMALL_PHONE else 15
        assert page.evaluate(SMALLEST_TEXT) >= floor, path


def test_the_board_shows_sheet_strip_search_and_tabs_without_scrolling(page):
    page.goto("/v/taoxi/")

    for part in [".seal", ".slips", ".status", "#q", ".find .button", ".tabs"]:
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= PHONE[1], part
    assert page.locator(".tabs [aria-current=page]").inner_text() == "公示栏"


@pytest.mark.parametrize("viewport", [SMALL_PHONE], ids=str)
@pytest.mark.parametrize("choice", ["?big=1", "?lang=en", "?lang=en&big=1"])
def test_no_slip_is_cut_however_large_its_letters(page, choice):
    page.goto(f"/v/taoxi/{choice}")

    sheet = page.locator(".red-sheet").bounding_box()
    words = [box.bounding_box() for box in page.locator(".slip .score").all()]

    assert words
    for box in words:
        assert box["x"] >= sheet["x"]
        assert box["x"] + box["width"] <= sheet["x"] + sheet["width"]


def test_the_first_slip_hangs_in_the_middle_and_is_read_first(page):
    page.goto("/v/taoxi/")

    first, second, third = page.locator(".podium .slip").all()

    left, middle, right = (s.bounding_box() for s in (second, first, third))
    assert left["x"] < middle["x"] < right["x"]
    assert middle["height"] > max(left["height"], right["height"])
    assert first.inner_text().startswith("第一名")


@pytest.mark.parametrize("context_options", [NO_SCRIPTS], ids=["no scripts"])
def test_a_resident_finds_the_own_row_in_two_taps_without_scripts(page):
    page.goto("/v/taoxi/")

    page.get_by_label("找我家").fill("007")
    with leads_on(page):
        page.get_by_role("button", name="查一查").click()

    assert "1社 · 007号" in page.locator(".found").inner_text()
    assert page.locator(".households .here").count() == 1


@pytest.mark.parametrize("context_options", [NO_SCRIPTS], ids=["no scripts"])
def test_the_other_ten_ranks_unfold_without_scripts(page):
    page.goto("/v/taoxi/")
    rest = page.get_by_role("table", name="第11至20名")
    assert not rest.is_visible()

    page.get_by_text("再看第11至20名").click()

    expected(rest).to_be_visible()


def test_large_text_is_one_tap_away_and_stays(page):
    page.goto("/v/taoxi/")

    with leads_on(page):
        page.get_by_role("link", name="大字版").click()
    with leads_on(page):
        page.get_by_role("link", name="我要申报").first.click()

    assert page.evaluate("getComputedStyle(document.body).fontSize") == "24px"
    assert page.url.endswith("/v/taoxi/declare/")


def test_the_first_stop_of_the_keyboard_leads_to_the_content(page):
    page.goto("/v/taoxi/")

    page.keyboard.press("Tab")
    skip = page.locator(".skip")

    assert skip.evaluate("box => box === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main")


def test_the_rank_table_is_read_out_with_its_columns_and_moves(page):
    page.goto("/v/taoxi/")

    table = page.get_by_role("table", name=re.compile("积分榜前十名"))

    heads = table.get_by_role("columnheader").all_inner_texts()
    assert heads == ["名次", "户主", "变化", "本月", "积分"]
    assert re.search("比上月(上升|下降)[0-9]+名|名次不变", table.inner_text())


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_three_requests_and_less_than_30_kilobytes(page, path):
    taken = []
    page.on("requestfinished", lambda request: taken.append(request))

    page.goto(path, wait_until="networkidle")

    sizes = [request.sizes() for request in taken]
    total = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    assert len(taken) <= 3
    assert total <= 30_000
    assert page.evaluate("document.querySelectorAll('*').length") <= 2_000


def test_everything_can_be_read_without_the_style_sheet(page, browser_errors):
    page.route("**/*.css", lambda route: route.abort())

    page.goto("/v/taoxi/")
    page.evaluate(UNFOLD)

    assert sideways_scroll(page) == 0
    assert re.search(r"第一名 \S+ \d+分 \d社 本月 [+—]", page.inner_text(".slips"))
    assert re.search(r"001 \S+ \d+ 分，本月 [+—]", page.inner_text(".households"))
    browser_errors.clear()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_can_be_read_with_styles_off(page, path, browser_errors):
    page.route("**/*.css", lambda route: route.abort())

    page.goto(path)
    page.evaluate(UNFOLD)

    assert sideways_scroll(page) == 0
    assert page.locator("h1, .title").first.is_visible()
    assert len(page.inner_text("main")) > 60
    browser_errors.clear()


@pytest.mark.parametrize("viewport", [PHONE, OFFICE], ids=["phone", "office"])
@pytest.mark.parametrize("path", PAGES)
def test_every_control_has_its_turn_by_keyboard_and_shows_it(page, path, viewport):
    page.goto(path)
    controls = page.evaluate(CONTROLS)
    walk = Keyboard(page)

    for _stop in range(controls):
        walk.press("Tab")

    page.keyboard.press("Tab")
    assert page.evaluate(IS_ROUND), "one more control than there are"


def test_the_board_prints_on_paper_without_what_only_a_screen_needs(page):
    page.goto("/v/taoxi/")

    page.emulate_media(media="print")

    for part in [".tabs", ".find", ".size-choice", ".every-household"]:
        assert not page.locator(part).first.is_visible(), part
    assert page.locator(".red-sheet").is_visible()
