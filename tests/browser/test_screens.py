"""Every page of the desk on both screens, light and dark: pictures, facts, axe.

SCREENS names a directory that keeps the pictures.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    is_in_view,
    leads_on,
    month_before,
    open_month,
    sideways_scroll,
    small_targets,
    small_text,
)

SIZES = {"office": OFFICE, "phone": PHONE}


def choose_forty_households(page):
    page.fill("#households", "001-040,Z01")
    page.press("#households", "Enter")
    expected(page.locator(".chip")).to_have_count(40)


def open_the_only_file(page):
    with leads_on(page):
        page.click(".rows.list a")
    expected(page.locator("#facts")).to_be_visible()


def split_the_household(page):
    """Look at what a split would do, before it is noted."""
    open_the_only_file(page)
    with leads_on(page):
        page.click(".home-doors a >> nth=1")
    page.fill("#id_head_name", "刘小满")
    page.fill("#id_paper", "分户协议")
    page.fill("#id_signed_by", "刘继明")
    with leads_on(page):
        page.click("button.big")


def open_the_draft(page):
    with leads_on(page):
        page.click(".buttons .btn.main")


def check_a_sheet(page):
    """Send a sheet of two deeds that are good and two that are not."""
    day = timezone.localdate()
    rows = [
        "日期,户号,项目编号,加分,说明",
        f"{day},011,Z05,5,清扫公路",
        f"{day},012,Z05,5,清扫公路",
        f"{day},999,Z05,5,清扫公路",
        f"{day},013,X99,5,清扫公路",
    ]
    sheet = {
        "name": "登记表.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(rows).encode(),
    }
    page.set_input_files("input[type=file]", sheet)
    with leads_on(page):
        page.get_by_role("button", name="核对").click()
    expected(page.locator("table").first).to_be_visible()


def sign_in_at_the_next(page):
    """Open the list of the activity that comes next."""
    with leads_on(page):
        page.locator("#coming").locator("xpath=../..").locator("li a").first.click()
    with leads_on(page):
        page.locator(".buttons .main").first.click()
    expected(page.locator(".ticks")).to_be_visible()


def go_on_with_the_round(page):
    """Open the checklist of the round that is half done."""
    with leads_on(page):
        page.locator(".walks .btn.main").first.click()
    expected(page.locator(".yards")).to_be_visible()


@dataclass(frozen=True)
class Screen:
    """A page somebody works on, and what is seen of it without scrolling."""

    person: str
    address: str
    in_office: tuple[str, ...]
    on_phone: tuple[str, ...]
    prepare: Callable[..., None] = lambda page: None


SCREENS = {
    "desk": Screen(
        "taoxi-recorder",
        "/admin/",
        ("#mine", "#others", "#road", "#noted", ".work-title .btn.main"),
        ("#mine", ".task .btn", ".work-title .btn.main", "#work-nav"),
    ),
    "entry": Screen(
        "taoxi-recorder",
        "/admin/entry/",
        (
            ".entry-what",
            ".entry-who",
            ".entry-how",
            ".chip >> nth=39",
            "#entry-sum",
            "[name=save]",
        ),
        (".tiles", "#households", "#entry-sum", "[name=save]", "#work-nav"),
        choose_forty_households,
    ),
    "review": Screen(
        "taoxi-reviewer",
        open_month("taoxi"),
        (".rv-progress", ".rv-keys", ".rv-switch", ".rv-batch >> nth=8"),
        (".rv-progress", ".rv-decide", "#work-nav"),
    ),
    "publication": Screen(
        "qingshi-reviewer",
        f"/admin/publication/{month_before(timezone.localdate()):%Y-%m}/",
        (".check", ".pub .big", "#preview"),
        (".check", "#work-nav"),
    ),
    "cards": Screen("taoxi-admin", "/admin/cards/?village=taoxi", ("h1",), ("h1",)),
    "repairs": Screen(
        "taoxi-recorder",
        "/admin/repairs/?village=taoxi",
        (".desk-card >> nth=0", "#q"),
        (".desk-card >> nth=0", "#work-nav"),
    ),
    "homes": Screen(
        "taoxi-admin",
        "/admin/homes/?village=taoxi",
        ("#q", ".rows.list li >> nth=5", ".work-title .main"),
        ("#q", "#work-nav"),
    ),
    "home": Screen(
        "taoxi-admin",
        "/admin/homes/?village=taoxi&q=186",
        (".home-doors", "#facts", "#changes"),
        (".home-doors", "#facts", "#work-nav"),
        open_the_only_file,
    ),
    "pledges": Screen(
        "taoxi-admin",
        "/admin/homes/pledge/?village=taoxi",
        (".work-title .push", ".pledge-groups .main >> nth=0", "#words"),
        (".work-title .push", ".pledge-groups .main >> nth=0", "#work-nav"),
    ),
    "pledge-papers": Screen(
        "taoxi-recorder",
        "/admin/homes/pledge/papers/?village=taoxi&group=1",
        ("#id_signed_on", ".yards li >> nth=1", ".save-bar .main"),
        ("#id_signed_on", ".yards li >> nth=0", ".save-bar .main", "#work-nav"),
    ),
    "pledge-new": Screen(
        "taoxi-admin",
        "/admin/homes/pledge/new/?village=taoxi",
        ("#id_title", "#id_lines"),
        ("#id_title", "#id_lines", "#work-nav"),
    ),
    "split": Screen(
        "taoxi-admin",
        "/admin/homes/?village=taoxi&q=186",
        (".effects", ".check-form .main"),
        (".effects", "#work-nav"),
        split_the_household,
    ),
    "report": Screen(
        "township",
        "/admin/reports/?of=taoxi",
        (".outs .main", ".heads", "#by-month", "#by-group", ".chart >> nth=0"),
        (".outs .main", ".choose select", ".heads", "#by-month", "#work-nav"),
    ),
    "report-township": Screen(
        "township",
        "/admin/reports/?of=township",
        (".outs .main", ".heads", "#table-1"),
        (".outs .main", ".choose select", ".heads", "#work-nav"),
    ),
    "activities": Screen(
        "taoxi-recorder",
        "/admin/activities/",
        ("#coming", "#past", ".work-title .btn.main"),
        ("#coming", ".work-title .btn.main", "#work-nav"),
    ),
    "activity-new": Screen(
        "taoxi-recorder",
        "/admin/activities/new/?preset=Z05",
        ("#what", "#id_title", "#id_day", "[name=publish]"),
        ("#what", "#id_title", "#work-nav"),
    ),
    "activity-sign-in": Screen(
        "taoxi-recorder",
        "/admin/activities/",
        ("#households", ".ticks li >> nth=5", "[name=save]"),
        ("#households", ".ticks li >> nth=2", "[name=save]", "#work-nav"),
        sign_in_at_the_next,
    ),
    "rules": Screen(
        "taoxi-admin",
        "/admin/rules/?village=taoxi",
        ("#draft", "#versions", ".work-title .btn"),
        ("#draft", ".work-title .btn", "#work-nav"),
    ),
    "rules-draft": Screen(
        "township",
        "/admin/rules/?village=shuanghe",
        (".rules-road", "#law", "#next", "#said"),
        (".rules-road", "#law", "#work-nav"),
        open_the_draft,
    ),
    "awards": Screen(
        "taoxi-admin",
        "/admin/awards/?village=taoxi",
        (".steps", ".work-title .btn >> nth=0", "#decided"),
        (".steps", ".work-title .btn >> nth=0", "#work-nav"),
    ),
    "gifts": Screen("shuanghe-shop", "/admin/shop/gifts/", ("#waiting",), ("#goods",)),
    "rounds": Screen(
        "taoxi-recorder",
        "/admin/rounds/",
        ("#groups", "#remind", "#recheck"),
        ("#groups", "#work-nav"),
    ),
    "round": Screen(
        "taoxi-recorder",
        "/admin/rounds/",
        (".yards li >> nth=3", "[name=save]"),
        (".yards li >> nth=1", "[name=save]", "#work-nav"),
        go_on_with_the_round,
    ),
    "import-check": Screen(
        "qingshi-recorder", "/admin/entry/import/", ("h1",), ("h1",), check_a_sheet
    ),
}
PEOPLE = sorted({screen.person for screen in SCREENS.values()})
ALL = pytest.mark.parametrize("name", SCREENS)
BOTH = pytest.mark.parametrize("size", SIZES)


@pytest.fixture(scope="module")
def villages(server, signed_in):
    """Fill the villages once and sign everybody in; return their cookies."""
    server.seed("full_review_desk", "two_declarations", "month_to_review")
    return signed_in(*PEOPLE)


@pytest.fixture
def shown(villages, open_as):
    """Return a function that opens a screen as it is in the middle of the work."""

    def show(name, size):
        screen = SCREENS[name]
        page = open_as(villages[screen.person], SIZES[size])
        page.goto(screen.address)
        screen.prepare(page)
        return page

    return show


@pytest.fixture
def pictures(tmp_path):
    """Return where pictures go."""
    directory = Path(os.environ.get("SCREENS") or tmp_path)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@BOTH
@ALL
def test_a_screen_shows_what_it_must_and_axe_finds_nothing(shown, pictures, name, size):
    page = shown(name, size)
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(
            path=pictures / f"{name}-{SIZES[size][0]}-{scheme}.png",
            animations="disabled",
        )
        # At its end no bar lies over a line of the page.
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        found[scheme] = axe(page)
    content = page.locator("#content").bounding_box()
    tabs = page.locator("#work-nav").bounding_box()
    if size == "phone":
        assert content["y"] + content["height"] <= tabs["y"] + 1
    page.evaluate("scrollTo(0, 0)")
    screen = SCREENS[name]
    places = screen.in_office if size == "office" else screen.on_phone

    assert found == {"light": [], "dark": []}
    assert [place for place in places if not is_in_view(page, place)] == []
    assert sideways_scroll(page) <= 0
    assert small_text(page, below=15) == []
    assert small_targets(page) == []


@BOTH
def test_the_sum_stands_beside_save(shown, size):
    page = shown("entry", size)

    assert "40户 × 2分 = 80分" in page.locator("#entry-sum").inner_text()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert is_in_view(page, "#entry-sum")
    assert page.locator("[name=save]").bounding_box()["height"] >= 48


def test_nine_batches_and_their_flags_in_words_fit_the_office_screen(shown):
    page = shown("review", "office")
    bottom = page.locator(".rv-keys").bounding_box()["y"]

    boxes = [row.bounding_box() for row in page.locator(".rv-batch").all()]
    flags = page.locator(".rv-batch[data-flagged] .rv-flag").all_inner_texts()

    assert sum(box["y"] + box["height"] <= bottom for box in boxes) >= 9
    assert all(re.search("没有证明|扣分", flag) for flag in flags)


def test_a_month_that_is_not_ready_says_why_beside_the_button(shown):
    page = shown("publication", "office")

    assert page.locator(".pub .big").is_disabled()
    assert re.search("7.*没有审", page.locator(".pub p").inner_text())
