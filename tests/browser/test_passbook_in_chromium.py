"""The passbook as its household meets it: every state, size and look, and on paper."""

import json

import pytest

from tests.browser.pages import OFFICE, PHONE, axe, sideways_scroll
from tests.browser.test_cards_in_chromium import TOKENS
from tests.browser.test_public_pages_in_chromium import (
    SMALL_PHONE,
    SMALL_TARGETS,
    SMALLEST_TEXT,
    UNFOLD,
)

PAGES = ["/my/", "/my/print/", "/my/data/", "/my/data/name/"]
LOOKS = [({}, "?big=0"), ({"color_scheme": "dark"}, "?big=0"), ({}, "?big=1")]
# How large the letters of the chart come out, in CSS pixels.
CHART_LETTERS = """() => Math.min(...[...document.querySelectorAll('.year svg')]
  .map(half => half.getBoundingClientRect().width / 168 * 18.5))"""
LIGHT_ON_PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def tokens(server):
    """Print every card once; return the codes by household number."""
    server.seed("every_card")
    return json.loads(server.manage("shell", "--no-imports", "-c", TOKENS))


@pytest.mark.parametrize(
    ("viewport", "context_options", "choice"),
    [(size, *look) for size in (SMALL_PHONE, PHONE, OFFICE) for look in LOOKS]
    + [(SMALL_PHONE, {}, "?lang=en"), (OFFICE, {}, "?lang=en")],
    ids=str,
)
def test_every_page_is_accessible_fits_and_can_be_hit_with_a_thumb(
    page, tokens, viewport, choice
):
    page.goto(f"/p/{tokens['164']}/")
    page.goto(f"/my/{choice}")

    for path in PAGES:
        page.goto(path)
        page.evaluate(UNFOLD)
        assert axe(page) == [], path
        assert sideways_scroll(page) == 0, path
        assert page.evaluate(SMALL_TARGETS) == [], path
        floor = 14 if viewport == SMALL_PHONE else 15
        assert page.evaluate(SMALLEST_TEXT) >= floor, path
    page.goto("/my/")
    assert page.evaluate(CHART_LETTERS) >= floor


def bottom_of(page, part):
    box = page.locator(part).first.bounding_box()
    return box["y"] + box["height"]


def test_a_phone_shows_cover_tiles_code_buttons_and_equation_at_once(page, tokens):
    page.goto(f"/p/{tokens['164']}/")

    above_the_tabs = PHONE[1] - page.locator(".tabs").bounding_box()["height"]
    for part in [
        ".cover .kind",
        ".cover h1",
        ".cover .score",
        ".tile",
        ".tile.waiting",
        ".counter summary",
        ".actions .button.plain",
        ".equation",
    ]:
        assert bottom_of(page, part) <= above_the_tabs, part
    assert page.locator(".equation").bounding_box()["height"] <= 40


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_an_office_shows_the_chart_and_the_newest_lines_at_once(page, tokens):
    page.goto(f"/p/{tokens['164']}/")

    for part in [
        ".cover",
        ".tiles",
        ".counter summary",
        ".actions",
        "#spent",
        ".equation",
        ".bar",
        ".year",
        "#entries",
        ".lines-of caption",
    ]:
        assert bottom_of(page, part) <= OFFICE[1], part
    assert page.locator(".equation").bounding_box()["height"] <= 40
    assert page.locator(".year .waits").count() == 1


def test_it_takes_three_requests_weighs_little_and_runs_nothing(page, tokens):
    taken = []
    page.on("requestfinished", lambda request: taken.append(request))

    page.goto(f"/p/{tokens['164']}/", wait_until="networkidle")

    own = [request for request in taken if "/p/" not in request.url]
    sizes = [request.sizes() for request in own]
    total = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    assert len(own) <= 3
    assert total <= 30_000
    assert page.locator("script").count() == 0
    assert page.evaluate("document.querySelectorAll('*').length") <= 2_000


@pytest.mark.parametrize("context_options", [{"color_scheme": "dark"}], ids=["dark"])
def test_paper_is_light_whatever_the_screen_is(page, tokens):
    page.goto(f"/p/{tokens['164']}/")
    page.goto("/my/print/")
    assert page.evaluate(LIGHT_ON_PAPER) != "rgb(255, 255, 255)"

    page.emulate_media(media="print", color_scheme="dark")

    assert page.evaluate(LIGHT_ON_PAPER) == "rgb(255, 255, 255)"
    assert not page.locator(".tabs").is_visible()
    sheet = page.pdf(prefer_css_page_size=True)
    # A5 in points, as Chromium rounds it.
    assert b"/MediaBox [0 0 420" in sheet or b"/MediaBox [0 0 419" in sheet
