"""A notice is hung and taken back, with and without scripts, on a desk and a phone."""

import pytest

from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    leads_on,
    sideways_scroll,
    sign_in,
)
from tests.ledger.desk import LAST_MONTH

PUBLISHED = """
from django.utils import timezone
from households.models import Village
from tests.factories import approve, publish
from tests.ledger.desk import LAST_MONTH, neighbors, record_last_month

village = Village.objects.get(slug="qingshi")
village.groups.create(number=1, name="1社")
for household in neighbors(village, "001", "002", "003"):
    approve(record_last_month(household), at=timezone.now())
publish(village, month=LAST_MONTH, at=timezone.now())
"""
ONCE_MORE = """
from django.utils import timezone
from households.models import User, Village
from ledger.models import Publication
from tests.factories import publish
from tests.ledger.desk import LAST_MONTH

village = Village.objects.get(slug="qingshi")
if not Publication.objects.of(village).exists():
    reviewer = User.objects.get(username="qingshi-reviewer")
    publish(village, month=LAST_MONTH, by=reviewer, at=timezone.now())
"""
MONTH = f"/admin/publication/{LAST_MONTH:%Y-%m}/"


@pytest.fixture(scope="module")
def prepared(server):
    server.manage("shell", "--no-imports", "-c", PUBLISHED)
    return server


@pytest.fixture
def month(page, prepared):
    """The page of a month that was published a moment ago."""
    prepared.manage("shell", "--no-imports", "-c", ONCE_MORE)
    sign_in(page, "qingshi-reviewer")
    page.goto(MONTH)
    return page


def take_back(page):
    with leads_on(page):
        page.get_by_role("link", name="撤回").click()
    page.get_by_label("为什么撤回").fill("还有一户没问过")
    with leads_on(page):
        page.get_by_role("button", name="撤回").click()


@pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
def test_the_way_of_a_withdrawal_has_no_barrier(month, viewport):
    found = []

    def look():
        found.append((axe(month), sideways_scroll(month)))

    link = month.get_by_role("link", name="撤回")
    box = link.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    assert box["y"] + box["height"] <= viewport[1]
    look()
    with leads_on(month):
        link.click()
    look()
    with leads_on(month):
        month.get_by_role("button", name="撤回").click()
    expected(month.get_by_label("为什么撤回")).to_be_visible()
    look()
    month.get_by_label("为什么撤回").fill("还有一户没问过")
    with leads_on(month):
        month.get_by_role("button", name="撤回").click()
    expected(month.locator("#taken-back")).to_be_visible()
    look()

    assert found == [([], 0)] * 4


@pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
def test_a_notice_is_taken_back_without_scripts(month):
    take_back(month)

    expected(month.locator("#taken-back")).to_be_visible()
    expected(month.get_by_role("link", name="发布")).to_be_visible()


def test_the_board_is_bare_again_after_a_withdrawal(month, browser_errors):
    month.goto("/v/qingshi/")
    before = month.locator("h1, h2").all_inner_texts()
    month.goto(MONTH)

    take_back(month)

    month.goto("/v/qingshi/?again")
    assert month.locator("h1, h2").all_inner_texts() != before
    assert month.goto(f"/v/qingshi/months/{LAST_MONTH:%Y-%m}/").status == 404
    browser_errors.clear()
