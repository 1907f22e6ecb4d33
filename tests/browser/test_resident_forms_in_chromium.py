"""我要申报 and 我有异议 as residents meet them: counted, by keys, by axe."""

import json
import re
import shutil

import pytest

from tests.browser.hands import Hands, OverBudget
from tests.browser.keyboard import Keyboard
from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    leads_on,
    sideways_scroll,
    small_targets,
)

SMALL_PHONE = (320, 640)
DECLARE, OBJECT = "/v/taoxi/declare/", "/v/taoxi/objection/"
DEED = "给王婆婆家挑了三担水"
NO_SCRIPT = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
LOOKS = [
    (PHONE, {}, "?big=0"),
    (PHONE, {"color_scheme": "dark"}, "?big=0"),
    (SMALL_PHONE, {}, "?big=1&lang=en"),
    (OFFICE, {}, "?big=1"),
]
# The skip link hides until it has the focus, the phone stands in a sentence, and of
# a file only its label was measured.
EXEMPT = re.compile('class="skip"|href="tel:|type="file"')
TOKEN = """
import json
from households.models import Passbook
from households.passbooks import token_of

print(json.dumps([token_of(Passbook.objects.get(
    village__slug=slug, household__number=number
)) for slug, number in [("taoxi", "164"), ("qingshi", "001")]]))
"""


@pytest.fixture(scope="module")
def tokens(server):
    """Return the codes of a card of 桃溪村, and of one with a line on notice."""
    server.seed("every_card", "line_on_notice")
    server.remember()
    return json.loads(server.manage("shell", "--no-imports", "-c", TOKEN))


@pytest.fixture(autouse=True)
def _nobody_has_filed_this_minute(server):
    """All tests come from one address, faster than any village."""
    shutil.rmtree(server.data_dir / "tries", ignore_errors=True)


@pytest.fixture
def passbook(server, page, tokens):
    """Scan the card of household 164 of 桃溪村."""
    server.go_back()
    page.goto(f"/p/{tokens[0]}/")
    return page


@pytest.fixture
def with_a_line(server, page, tokens):
    """Scan the card of household 001 of 青石村, which has a line on notice."""
    server.go_back()
    page.goto(f"/p/{tokens[1]}/")
    return page


def declare_own_deed(page, hands):
    hands.tap(
        page.locator("main a[href='/my/declare/']"), until=page.locator("[name=text]")
    )
    hands.tap(page.locator("[name=text]"))
    hands.type(DEED)
    hands.tap(page.get_by_role("button", name="看看对不对"))
    hands.tap(
        page.get_by_role("button", name="确认申报"), until=page.locator(".receipt")
    )


@NO_SCRIPT
def test_b12_a_deed_is_declared_from_the_passbook_in_five_interactions(passbook):
    hands = Hands(passbook, 8)

    declare_own_deed(passbook, hands)

    expected(passbook.locator(".receipt h1")).to_have_text("收到了，谢谢你")
    assert hands.interactions == 5
    assert hands.takes_at_most(60)


@NO_SCRIPT
def test_b12_one_interaction_less_is_too_few(passbook):
    with pytest.raises(OverBudget):
        declare_own_deed(passbook, Hands(passbook, 4))


def open_an_objection(page, hands):
    link = page.locator("a[href*='?line=']")
    hands.tap(page.locator(".lines-of summary", has_text="清扫公路"), until=link)
    hands.tap(link, until=page.locator("[name=text]"))


@NO_SCRIPT
def test_b13_a_line_is_objected_to_after_two_taps(with_a_line):
    page, hands = with_a_line, Hands(with_a_line, 6)

    open_an_objection(page, hands)

    assert hands.interactions == 2
    assert "存折里的这一笔" in page.locator(".whose").inner_text()
    hands.tap(page.locator("[name=text]"))
    hands.type("那天我家去了两个人")
    hands.tap(
        page.get_by_role("button", name="提交异议"), until=page.locator(".receipt")
    )
    assert hands.takes_at_most(60)
    number = page.locator(".stub b").inner_text()
    with leads_on(page):
        page.get_by_role("link", name="回存折").click()
    expected(page.locator("main")).to_contain_text(number)


@NO_SCRIPT
def test_b13_one_tap_less_is_too_few(with_a_line):
    with pytest.raises(OverBudget):
        open_an_objection(with_a_line, Hands(with_a_line, 1))


@NO_SCRIPT
def test_a_neighbor_declares_with_no_script_and_no_cookie(server, page):
    page.goto("/v/taoxi/")

    page.locator("main a[href$='/declare/']").first.click()
    page.get_by_label("谁家做的好事").fill("164")
    page.get_by_label("做了什么").fill(DEED)
    page.get_by_text("昨天").click()
    page.get_by_role("button", name="看看对不对").click()
    page.get_by_role("button", name="确认申报").click()

    expected(page.locator(".receipt h1")).to_have_text("收到了，谢谢你")
    assert page.context.cookies() == []
    page.reload()
    expected(page.locator(".stub b")).to_be_visible()


@NO_SCRIPT
def test_going_back_from_the_check_page_loses_nothing(server, page):
    page.goto(DECLARE)
    page.get_by_label("谁家做的好事").fill("164")
    page.get_by_label("做了什么").fill(DEED)
    page.get_by_text("前天").click()
    with leads_on(page):
        page.get_by_role("button", name="看看对不对").click()

    with leads_on(page):
        page.get_by_role("button", name="修改 · 哪天做的").click()

    assert page.url.endswith("#ask-day")
    expected(page.get_by_label("做了什么")).to_have_value(DEED)
    expected(page.get_by_label("前天")).to_be_checked()
    page.get_by_text("别的日子").click()
    expected(page.get_by_label("年、月、日")).to_be_visible()


@NO_SCRIPT
def test_the_phones_own_way_back_brings_the_words_along(server, page):
    page.goto(DECLARE)
    page.get_by_label("谁家做的好事").fill("164")
    page.get_by_label("做了什么").fill(DEED)
    page.get_by_role("button", name="看看对不对").click()
    expected(page.locator(".answers")).to_be_visible()

    page.go_back()

    expected(page.get_by_label("做了什么")).to_have_value(DEED)


@pytest.mark.parametrize(("viewport", "context_options", "choice"), LOOKS, ids=str)
def test_no_page_of_a_form_has_a_barrier(server, page, viewport, choice):
    found = {}

    def look(name):
        small = [box for box in small_targets(page) if not EXEMPT.search(box)]
        found[name] = axe(page), sideways_scroll(page), small

    def go_on(button="main [name=step]"):
        with leads_on(page):
            page.locator(button).click()

    page.goto(f"{DECLARE}{choice}")
    page.locator("summary").click()
    look("declare")
    go_on()
    look("what is wrong")
    page.locator("[name=household]").fill("166")
    page.locator("[name=text]").fill(DEED)
    page.locator("[name=day][value=other] + label").click()
    look("another day")
    page.locator("[name=day][value='0'] + label").click()
    go_on()
    look("check")
    go_on("[name=step][value=file]")
    look("received")
    page.goto(OBJECT)
    look("object")
    page.locator("[name=about][value=household] + label").click()
    go_on()
    look("what is wrong with it")
    page.locator("[name=about][value=month] + label").click()
    page.locator("[name=text]").fill("少记了一笔")
    go_on()
    look("noted")

    assert found == {name: ([], 0, []) for name in found}


def test_a_mistake_takes_the_focus_and_its_link_leads_to_the_field(server, page):
    page.goto(DECLARE)
    walk = Keyboard(page)
    walk.go_to(page.get_by_role("button", name="看看对不对"))
    walk.follow(until=page.locator(".to-change"))

    expected(page.locator(".to-change")).to_be_focused()
    walk.look()
    walk.go_to(page.locator(".to-change a[href='#id_text']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**#id_text")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expected(page.locator("#id_text")).to_be_focused()


def test_enter_goes_on_and_letters_and_language_lose_nothing(server, page):
    page.goto(DECLARE)
    page.get_by_label("做了什么").fill(DEED)

    with leads_on(page):
        page.get_by_role("button", name="大字版").click()

    expected(page.get_by_label("做了什么")).to_have_value(DEED)
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "24px"
    page.get_by_label("谁家做的好事").fill("164")
    page.get_by_label("谁家做的好事").press("Enter")
    expected(page.locator(".answers")).to_contain_text(DEED)
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "24px"
    with leads_on(page):
        page.get_by_role("button", name="English").click()
    expected(page.locator("html[lang=en] .answers")).to_contain_text(DEED)


def test_a_deed_is_declared_by_keyboard_alone(server, page):
    walk = Keyboard(page)
    page.goto("/v/taoxi/")
    walk.go_to(page.locator("main a[href$='/declare/']"))
    walk.follow(until=page.locator("[name=household]"))
    walk.go_to(page.locator("[name=household]"))
    walk.type("165")
    walk.press("Tab")
    walk.type(DEED)
    walk.press("Tab", "ArrowRight")
    walk.go_to(page.get_by_role("button", name="看看对不对"))
    walk.follow(until=page.locator(".answers"))
    walk.go_to(page.get_by_role("button", name="确认申报"))
    walk.follow(until=page.locator(".receipt"))

    expected(page.locator(".receipt h1")).to_have_text("收到了，谢谢你")


@pytest.mark.parametrize("path", [DECLARE, OBJECT])
def test_a_form_takes_three_requests_and_less_than_30_kilobytes(server, page, path):
    taken = []
    page.on("requestfinished", lambda request: taken.append(request))

    page.goto(path, wait_until="networkidle")

    sizes = [request.sizes() for request in taken]
    total = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    assert len(taken) <= 3
    assert total <= 30_000
