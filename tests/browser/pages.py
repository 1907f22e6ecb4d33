"""What the browser tests do on every page: sign in, look, ask axe."""

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
    page.locator("[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def open_month(slug):
    """Return the address of the review desk of the month that is recorded today."""
    return f"/admin/review/{timezone.localdate():%Y-%m}/?village={slug}"
