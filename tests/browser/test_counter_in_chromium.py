"""兑换柜台 as a shopkeeper uses it: by scanner, finger and keys, and without network.

SCREENS names a directory that keeps the pictures.
"""

import json
import os
import re
from pathlib import Path

import pytest

from tests.browser.hands import Hands, OverBudget, scan
from tests.browser.keyboard import Keyboard
from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    is_in_view,
    leads_on,
    sideways_scroll,
    small_targets,
    small_text,
)

SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
NO_SCRIPTS = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no scripts"]
)
# B9: two goods from the scan to the printed slip.
INTERACTIONS, MEASURED, SECONDS = 6, 5, 30
COUNTER = "/admin/shop/"
POINTS = 72 / 25.4  # of a millimeter
BOOKS = """
import json
from households.models import Household
from households.passbooks import token_of
from ledger.models import Entry
from rewards.models import Redemption

home = Household.objects.get(village__slug="qingshi", number="164")
print(json.dumps({
    "token": token_of(home.passbooks.get()),
    "name": home.head_name,
    "balance": Entry.objects.filter(household=home).balance(),
    "slips": Redemption.objects.filter(household=home).count(),
}))
"""


@pytest.fixture(scope="module")
def cookies(server, signed_in):
    """Put goods on the shelf of 青石村 and sign its shopkeeper in."""
    server.seed("shop")
    kept = signed_in("qingshi-shop")["qingshi-shop"]
    server.remember()
    return kept


@pytest.fixture
def books(server, cookies):
    """Return a function that reads what the server has on household 164."""
    server.go_back()
    return lambda: json.loads(server.manage("shell", "--no-imports", "-c", BOOKS))


@pytest.fixture
def card(books, server):
    """What the scanner reads from the card of household 164."""
    return f"{server.url}/p/{books()['token']}/"


@pytest.fixture
def counter(open_as, cookies, books, viewport):
    """Open the counter with nobody at it."""
    page = open_as(cookies, viewport)
    page.goto(COUNTER)
    return page


def more(page, goods):
    return page.locator(".ware", has_text=goods).locator("[name=more]")


def count_of(page, goods):
    return page.locator(".ware", has_text=goods).locator("[type=number]")


def open_164(page):
    page.goto(f"{COUNTER}?household=164")
    return page


def put_in(page, goods, count):
    """Put so many of something into the empty till, one after another."""
    for number in range(1, count + 1):
        more(page, goods).click()
        expected(count_of(page, goods)).to_have_value(str(number))


def fill_the_till(page):
    """Put two bags of salt and a bottle of sauce into the till: 12 of 16 points."""
    put_in(page, "食盐", 2)
    put_in(page, "酱油", 1)


def confirm(page):
    page.locator("[name=confirm]").click()


def redeem_two_goods(page, hands, card):
    page.add_init_script("window.print = () => document.body.id = 'printing'")
    page.goto(COUNTER)
    hands.scan(card, until=page.locator(".found"))
    hands.tap(more(page, "食盐"))
    hands.tap(more(page, "酱油"))
    hands.tap(page.locator("[name=confirm]"), until=page.locator(".slip"))
    hands.tap(page.locator("[data-print]"), until=page.locator("#printing"))


@SIZES
def test_b9_two_goods_from_scan_to_printed_slip(counter, card, books):
    hands = Hands(counter, INTERACTIONS)

    redeem_two_goods(counter, hands, card)

    assert hands.interactions == MEASURED <= INTERACTIONS
    assert hands.takes_at_most(SECONDS)
    assert "兑换好了，请把东西交给他" in counter.locator(".told").inner_text()
    assert (books()["slips"], books()["balance"]) == (1, 6)


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_one_interaction_less_than_b9_takes_is_too_few(counter, card):
    with pytest.raises(OverBudget):
        redeem_two_goods(counter, Hands(counter, MEASURED - 1), card)


@SIZES
@pytest.mark.parametrize(
    "context_options", [{}, {"java_script_enabled": False}], ids=["js", "no scripts"]
)
def test_a_double_click_makes_one_slip(counter, books):
    open_164(counter)
    put_in(counter, "食盐", 5)

    counter.locator("[name=confirm]").dblclick()

    counter.locator(".slip").wait_for()
    assert (books()["slips"], books()["balance"]) == (1, 6)


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_the_back_button_brings_the_used_form_and_a_second_slip_is_a_decision(
    counter, card, books
):
    scan(counter, card)
    counter.locator("#till").wait_for()
    fill_the_till(counter)
    confirm(counter)
    counter.locator(".slip").wait_for()

    counter.go_back()
    counter.locator("#till .refusal", has_text="已经兑过了").wait_for()
    for _click in range(2):
        more(counter, "食盐").click()
    confirm(counter)

    expected(counter.locator("#till .refusal")).to_contain_text("已经兑过了")
    assert books()["slips"] == 1
    counter.get_by_role("link", name="再兑一单").click()
    expected(counter.locator("#till .refusal")).to_have_count(0)


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_scanner_and_keyboard_alone_serve_one_after_another(counter, card, books):
    walk = Keyboard(counter)
    walk.look()
    scan(counter, card)
    counter.locator("#till").wait_for()
    walk.look()
    walk.go_to(more(counter, "食盐"))
    walk.press("Enter", "Enter", "Space")
    walk.go_to(count_of(counter, "酱油"))
    walk.press("ArrowUp")
    expected(counter.locator("#sum em")).to_have_text("14")
    walk.press("Enter")
    assert books()["slips"] == 0
    walk.go_to(counter.locator("#collected-by"))
    walk.type("罗小山")
    walk.go_to(counter.locator("[name=confirm]"))
    counter.keyboard.press("Enter")
    counter.locator(".slip").wait_for()
    walk.look()

    scan(counter, card)
    counter.locator("#till").wait_for()

    assert "能兑2分" in counter.locator(".found").inner_text().replace("\n", "")
    assert books()["slips"] == 1


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
@pytest.mark.parametrize(
    "place", ["#collected-by", ".num [type=number]", "[name=more]", "h1"]
)
def test_the_scanner_is_heard_wherever_the_focus_is(counter, card, place):
    open_164(counter)
    counter.fill("#collected-by", "罗")
    fill_the_till(counter)
    asked = []
    counter.on("request", lambda request: asked.append(request.post_data or ""))
    if place == "h1":
        counter.evaluate("document.activeElement.blur()")
    else:
        counter.locator(place).first.focus()
    with counter.expect_navigation():
        scan(counter, card)

    assert any('name="find"' in data for data in asked)
    assert not any('name="confirm"' in data for data in asked)
    counter.locator("#till").wait_for()
    assert "household=164" in counter.url


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_a_card_scanned_on_a_slow_machine_is_heard_all_the_same(counter, card):
    open_164(counter)
    counter.fill("#collected-by", "罗")
    counter.focus("#collected-by")
    counter.keyboard.press("End")

    with counter.expect_navigation():
        counter.keyboard.type(card, delay=60)
        counter.keyboard.press("Enter")

    counter.locator("#till").wait_for()
    assert "household=164" in counter.url


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_a_scan_that_failed_leaves_the_other_boxes_as_they_were(
    counter, server, browser_errors
):
    open_164(counter)
    counter.fill("#collected-by", "罗")
    counter.route("**/shop/", lambda route: route.abort())
    counter.focus("#collected-by")

    scan(counter, f"{server.url}/p/{'Z' * 26}/")

    counter.locator("#counter-offline").wait_for()
    assert counter.input_value("#collected-by") == "罗"
    browser_errors.clear()


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_a_card_s_code_is_in_no_address_and_in_no_field(counter, card, books):
    token = books()["token"]
    visited = []
    counter.on("request", lambda request: visited.append(request.url))
    counter.on("framenavigated", lambda frame: visited.append(frame.url))

    scan(counter, card)
    counter.locator("#till").wait_for()
    scan(counter, card.replace(token, "Z" * 26))
    counter.locator("#code-problem").wait_for()

    assert not any(token in address or "ZZZ" in address for address in visited)
    assert counter.input_value("#code") == ""
    assert token not in counter.content()


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_the_till_adds_up_at_once_and_the_server_agrees(counter):
    open_164(counter)
    powder = counter.locator(".ware", has_text="洗衣粉")

    fill_the_till(counter)

    total = counter.locator("#sum")
    assert re.sub(r"\s", "", total.inner_text()) == "一共12分兑完还剩4分"
    assert "分不够，还差6分" in powder.inner_text()
    assert powder.locator("[name=more]").is_disabled()
    assert more(counter, "酱油").is_disabled()
    # The button that switched itself off hands the keyboard to its neighbor.
    less = counter.locator(".ware", has_text="酱油").locator("[name=less]")
    expected(less).to_be_focused()
    less.click()
    assert powder.locator("[name=more]").is_enabled()
    count_of(counter, "食盐").fill("9")
    assert re.sub(r"\s", "", total.inner_text()) == "一共18分还差2分"
    confirm(counter)
    expected(counter.locator("#till .refusal")).to_contain_text("还差2分")
    assert re.sub(r"\s", "", total.inner_text()) == "一共18分还差2分"
    assert count_of(counter, "食盐").input_value() == "9"


@SIZES
@NO_SCRIPTS
def test_without_scripts_the_same_is_done_by_plain_forms(counter, books):
    counter.fill("#code", "164")
    with leads_on(counter):
        counter.click("[name=find]")
    fill_the_till(counter)
    expected(counter.locator("#sum em")).to_have_text("12")
    count_of(counter, "食盐").fill("3")
    counter.locator(".bar [name=sum]").click()
    expected(counter.locator("#sum em")).to_have_text("14")
    counter.fill("#collected-by", "罗小山")
    with leads_on(counter):
        counter.press("#collected-by", "Enter")
    assert books()["slips"] == 0
    assert counter.input_value("#collected-by") == "罗小山"
    with leads_on(counter):
        confirm(counter)
    assert "Ctrl+P" in counter.locator(".papers").inner_text()
    assert not counter.locator("[data-print]").is_visible()
    assert books()["slips"] == 1

    counter.get_by_role("link", name="撤销这一单").click()
    counter.locator("[name=preset]").first.check()
    counter.get_by_role("button", name="确认撤销").click()

    expected(counter.locator(".slip-canceled")).to_have_text("已撤销")
    assert books()["balance"] == 16


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_when_the_network_is_gone_the_form_stays_and_says_what_to_do(
    counter, books, browser_errors
):
    open_164(counter)
    fill_the_till(counter)
    counter.fill("#collected-by", "罗小山")

    counter.context.set_offline(True)
    confirm(counter)
    told = counter.locator("#counter-offline")
    told.wait_for()

    assert "先记在纸上（户号、东西、签字），网好了点“补录”" in told.inner_text()
    assert is_in_view(counter, "#counter-offline")
    assert count_of(counter, "食盐").input_value() == "2"
    assert counter.input_value("#collected-by") == "罗小山"
    browser_errors.clear()
    counter.context.set_offline(False)
    confirm(counter)
    counter.locator(".slip").wait_for()
    assert books()["slips"] == 1


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_an_answer_that_got_lost_is_asked_for_again_and_makes_one_slip(
    counter, books, browser_errors
):
    def lose(route):
        route.fetch()
        route.abort()

    open_164(counter)
    fill_the_till(counter)
    counter.route("**/shop/", lose)
    confirm(counter)
    counter.locator("#counter-offline").wait_for()
    assert books()["slips"] == 1
    browser_errors.clear()

    counter.unroute("**/shop/")
    confirm(counter)

    counter.locator(".slip").wait_for()
    assert books()["slips"] == 1


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_who_was_signed_out_keeps_what_was_typed(counter):
    open_164(counter)
    fill_the_till(counter)
    counter.context.clear_cookies(name="sessionid")

    confirm(counter)

    counter.locator("#counter-expired a").wait_for()
    assert count_of(counter, "食盐").input_value() == "2"


@SIZES
def test_the_counter_shows_what_it_must_without_scrolling(counter, viewport):
    open_164(counter)
    fill_the_till(counter)

    for place in (".found", ".ware >> nth=2", "#sum", "[name=confirm]", "#code"):
        assert is_in_view(counter, place), place
    size = counter.locator(".can b").evaluate("b => getComputedStyle(b).fontSize")
    assert float(size.removesuffix("px")) >= 32
    assert counter.locator("[name=confirm]").bounding_box()["height"] >= 56


def states(page):
    """Bring every state of the shop's pages on the screen, one after another."""
    page.goto(COUNTER)
    yield "start"
    page.fill("#code", "没有这家")
    page.press("#code", "Enter")
    page.locator("#code-problem").wait_for()
    yield "unknown"
    open_164(page)
    fill_the_till(page)
    yield "till"
    count_of(page, "食盐").fill("0")
    confirm(page)
    page.locator("#till .refusal").wait_for()
    yield "refused"
    page.locator(".ware", has_text="酱油").locator("[name=less]").click()
    count_of(page, "食盐").fill("5")
    confirm(page)
    page.locator(".slip").wait_for()
    slip = page.url.split("?")[0]
    yield "slip"
    page.goto(f"{COUNTER}slips/")
    yield "day"
    page.goto(f"{slip}cancel/")
    yield "cancel"
    page.locator("[name=preset]").first.check()
    page.get_by_role("button", name="确认撤销").click()
    page.locator(".slip-canceled").wait_for()
    yield "canceled"
    page.goto(f"{COUNTER}paper/?household=164")
    confirm(page)
    page.locator("#till .refusal").wait_for()
    yield "paper"
    page.goto(f"{COUNTER}shortages/")
    yield "shortages"


@SIZES
def test_no_page_of_the_counter_has_a_barrier(counter, viewport, tmp_path):
    pictures = Path(os.environ.get("SCREENS") or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in states(counter):
        for scheme in ("light", "dark"):
            counter.emulate_media(color_scheme=scheme)
            counter.evaluate("scrollTo(0, 0)")
            picture = f"counter-{name}-{viewport[0]}-{scheme}.png"
            counter.screenshot(path=pictures / picture, animations="disabled")
            counter.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            found[name, scheme] = (
                axe(counter),
                max(0, sideways_scroll(counter)),
                small_text(counter, below=15),
                small_targets(counter),
            )

    assert found == dict.fromkeys(found, ([], 0, [], []))
    assert len(found) == 20


@pytest.mark.parametrize("viewport", [(320, 640)], ids=["narrow"])
def test_the_counter_fits_the_narrowest_phone(counter):
    wide = {name: sideways_scroll(counter) for name in states(counter)}

    assert {name: by for name, by in wide.items() if by > 0} == {}


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
@pytest.mark.parametrize(
    ("paper", "width", "height"),
    [("58毫米", 58, 95), ("80毫米", 80, 108), ("A6", 105, 148)],
)
def test_a_slip_prints_on_the_paper_of_the_shop(counter, paper, width, height, books):
    open_164(counter)
    fill_the_till(counter)
    confirm(counter)
    counter.locator(".slip").wait_for()
    with leads_on(counter):
        counter.locator(".papers a", has_text=paper).click()
    expected(counter.locator(".papers [aria-current]")).to_have_text(paper)

    pdf = counter.pdf(prefer_css_page_size=True)
    counter.emulate_media(media="print")

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    ((across, down),) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert float(across) / POINTS == pytest.approx(width, abs=0.5)
    assert float(down) / POINTS == pytest.approx(height, abs=0.5)
    for place in ("#header", "#work-nav", "#find", ".papers", ".buttons"):
        assert not counter.locator(place).first.is_visible(), place
    assert counter.locator(".slip-sign").count() == 2


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_a_day_prints_on_a4_with_lines_to_sign(counter):
    open_164(counter)
    fill_the_till(counter)
    confirm(counter)
    counter.locator(".slip").wait_for()
    counter.goto(f"{COUNTER}slips/")

    pdf = counter.pdf(prefer_css_page_size=True)
    counter.emulate_media(media="print")

    ((across, _down),) = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert float(across) / POINTS == pytest.approx(210, abs=0.5)
    assert counter.locator(".day-title").is_visible()
    assert counter.locator(".day-sign .slip-sign").count() == 3
    assert not counter.locator(".pick-day").is_visible()
