"""What the browser tests do on every page: sign in, look, ask axe."""

from datetime import timedelta

from django.utils import timezone

from tests.browser.server import DEMO_PASSWORD

PHONE = (390, 844)
OFFICE = (1366, 768)
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {
        "color-contrast-enhanced": {"enabled": True},
        "target-size": {"enabled": True},
    },
}


def axe(page):
    """Return what axe finds wrong with the page, one line for each element."""
    # Imported late, so that without it the tests are skipped and say why.
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()
    violations = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}"
        for violation in violations
        for node in violation["nodes"]
    ]


def expected(locator):
    """Wait for what the page should show, without a script that its policy forbids."""
    # Imported late, for the same reason.
    from playwright.sync_api import expect

    return expect(locator)


def leads_on(page):
    """Wait until what is done in this block has led to the next page, all of it.

    A form is sent a moment after the click that sends it, and until then the page
    before would answer for the next one, and its scripts would miss a key.
    """
    return page.expect_navigation()


def sideways_scroll(page):
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def sign_in(page, username):
    """Sign in to the desk with a demo account."""
    page.goto("/admin/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    with leads_on(page):
        page.locator("[type=submit]").first.click()
    assert "/login/" not in page.url


def month_before(day):
    """Return the first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def open_month(slug):
    """Return the address of the review desk of the month that is recorded today."""
    return f"/admin/review/{timezone.localdate():%Y-%m}/?village={slug}"


# Sizes in CSS pixels; words for screen readers alone are not counted.
SMALL_TEXT = """floor => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, box = text.parentElement;
    if (!text.nodeValue.trim() || box.closest('svg, .vh, .visually-hidden')) continue;
    if (!box.getClientRects().length) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    if (size < floor) found.push(`${text.nodeValue.trim()} ${size}px`);
  }
  return found;
}"""
# A box to tick is as large as its label; a link in a sentence as tall as its line.
SMALL_TARGETS = """() => {
  const isInSentence = link => link.matches('a') &&
    getComputedStyle(link).display === 'inline' &&
    [...link.parentElement.childNodes].some(
      node => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim());
  const areaOf = target => {
    const label = target.matches('input') && target.labels && target.labels[0];
    const isTicked = target.matches('[type=radio], [type=checkbox], [type=file]');
    return (label && isTicked ? label : target).getBoundingClientRect();
  };
  const targets = 'a[href], button, summary, select, textarea, input';
  return [...document.querySelectorAll(targets)]
    .filter(target => !target.matches('.skip-to-content-link, .vh[tabindex="-1"]'))
    .filter(target => target.getClientRects().length && !isInSentence(target))
    .map(target => [target, areaOf(target)])
    .filter(([, area]) => Math.min(area.width, area.height) < 43.9)
    .map(([target, area]) =>
      `${target.outerHTML.slice(0, 80)} ${area.width}x${area.height}`);
}"""


def small_text(page, *, below):
    """Return the words that are written smaller than so many pixels."""
    return page.evaluate(SMALL_TEXT, below)


def small_targets(page):
    """Return what a thumb could miss: less than 44 pixels wide or high."""
    return page.evaluate(SMALL_TARGETS)


def is_in_view(page, place):
    """Tell whether the whole of something is seen without scrolling."""
    page.wait_for_load_state()
    box = page.locator(place).first.bounding_box()
    size = page.viewport_size
    return bool(
        box
        and box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"]
        and box["y"] + box["height"] <= size["height"]
    )
