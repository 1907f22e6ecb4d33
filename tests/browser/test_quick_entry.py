"""记一笔 as a recorder uses it, and what is never lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    leads_on,
    sideways_scroll,
    sign_in,
)

SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
NO_SCRIPTS = {"java_script_enabled": False}
ENTRY = "/admin/entry/?village=taoxi"


@pytest.fixture
def form(page):
    """Open an empty form."""
    sign_in(page, "taoxi-recorder")
    page.goto(ENTRY)
    return page


def item(code):
    return f"[data-codes^={code}] + label"


def save(page):
    """Save, and return what the page then says of it."""
    with leads_on(page):
        page.click("[name=save]")
    return page.locator(".entry-done").inner_text()


def expect_total(page, sentence):
    expected(page.locator("#entry-sum")).to_contain_text(sentence)


def expect_item(page, codes):
    expected(page.locator("[name=item]:checked")).to_have_attribute("data-codes", codes)


def expect_focus(page, place):
    expected(page.locator(f"{place}:focus")).to_have_count(1)


def chips(page):
    return [chip.get_attribute("value") for chip in page.locator(".chip").all()]


def add(page, text, *, until):
    """Type into the household box until so many households are chosen."""
    page.fill("#households", text)
    page.press("#households", "Enter")
    wait_for_chips(page, until)


def wait_for_chips(page, count):
    expected(page.locator(".chip")).to_have_count(count)


def test_a_save_leaves_item_and_day_and_shows_what_it_did(form):
    form.click("[for=day-1]")
    add(form, "049-055,德1", until=7)
    assert "已给7户各记5分" in save(form)
    expect_item(form, "D01 德1")
    assert form.locator("#day-1").is_checked()
    assert chips(form) == []
    form.get_by_role("link", name="看这7笔").click()
    expected(form.locator(".desk-table tbody tr")).to_have_count(7)


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_everything_is_done_by_keyboard_alone(form):
    keys = form.keyboard

    def focus_on(place):
        for _ in range(80):
            if form.evaluate("place => document.activeElement.matches(place)", place):
                return
            keys.press("Tab")
        raise AssertionError(f"Tab never reached {place}")

    keys.type("060-062 ")
    keys.press("Enter")
    keys.type("d02")
    keys.press("Enter")
    wait_for_chips(form, 3)
    focus_on("[name=group]")
    keys.press("Space")
    form.locator("[name=group][aria-pressed=true]").wait_for()
    expect_focus(form, "[name=group]")
    keys.press("Space")
    wait_for_chips(form, 3)
    focus_on(".chip")
    keys.press("Enter")
    wait_for_chips(form, 2)
    expect_focus(form, ".chip")
    focus_on("#note")
    keys.type("帮邻居收谷子")
    focus_on("[data-step='1']")
    keys.press("Enter")
    expect_total(form, "2户 × 4分 = 8分")
    keys.press("Control+Enter")
    form.locator(".entry-done").wait_for()
    assert "已给2户各记4分" in form.locator(".entry-done").inner_text()
    form.evaluate("document.activeElement.blur()")
    focus_on(".entry-done form button")
    keys.press("Enter")
    form.get_by_text("已撤销").first.wait_for()


@SIZES
@pytest.mark.parametrize("context_options", [NO_SCRIPTS], ids=["no scripts"])
def test_everything_works_without_scripts(form, viewport):
    code = "Z09" if viewport == PHONE else "Z08"
    form.fill("#find", code)
    with leads_on(form):
        form.press("#find", "Enter")
    assert form.locator(f"[data-codes^={code}]").is_checked()
    form.fill("#households", "070-072，999")
    with leads_on(form):
        form.get_by_role("button", name="加入").last.click()
    assert chips(form) == ["070", "071", "072"]
    assert form.input_value("#households") == "999"
    with leads_on(form):
        form.click(".chip[value='071']")
    form.fill("#households", "")
    form.click("[for=shelf-law]")
    assert form.locator(item("F02")).is_visible()
    assert not form.locator(item("Z01")).is_visible()
    form.fill("#note", "院坝演出")
    form.fill("#points", "3")
    form.click("[name=save]")

    assert "已给2户各记3分" in form.locator(".entry-done").inner_text()
    with leads_on(form):
        form.click(".entry-done form button")
    assert form.locator(".desk-table").inner_text().count("已撤销") == 2


def test_what_was_recorded_today_is_asked_about_before_saving(form):
    add(form, "080,法3", until=1)
    save(form)

    add(form, "080-082", until=3)

    expect_item(form, "F03 法3")
    form.locator("#doubts").wait_for()
    assert "080" in form.locator("#doubts").inner_text()
    expect_total(form, "2户 × 3分 = 6分")
    form.get_by_label("再记一次").or_(form.locator("[value=again]")).first.check()
    expect_total(form, "3户 × 3分 = 9分")
    assert "已给3户各记3分" in save(form)


def test_a_deduction_asks_for_its_reason_and_shows_who_hears_it(form):
    assert not form.locator("#heard_on").is_visible()

    add(form, "090 扣1", until=1)

    expected(form.locator("#heard_on")).to_be_visible()
    assert form.locator("#second_recorder option").count() > 1
    expect_total(form, "1户 × −2分 = −2分")
    form.click("[name=save]")
    assert "请写明原因" in form.locator("[role=alert]:visible").inner_text()
    expect_focus(form, "[href$='#note']")
    form.fill("#note", "乱倒垃圾")
    save(form)


def test_items_are_found_by_word_pinyin_and_spoken_code(form):
    def found():
        tiles = form.locator(".tiles li:visible")
        return [text.split()[0] for text in tiles.all_inner_texts()]

    for typed, code in [
        ("摩托", None),
        ("庭院整洁达", "Z03"),
        ("tyzj", "Z03"),
        ("自03", "Z03"),
    ]:
        form.fill("#find", typed)
        assert found() == ([code] if code else [])
    form.press("#find", "Enter")

    expect_item(form, "Z03 自3")
    assert form.locator(item("Z03")).is_visible()
    expect_focus(form, "#households")


def test_fast_fingers_lose_nothing(form):
    form.focus("#households")
    for typed in ["101", "102", "103-105", "Z04", "106"]:
        form.keyboard.type(typed)
        form.keyboard.press("Enter")
    wait_for_chips(form, 6)

    assert chips(form) == ["101", "102", "103", "104", "105", "106"]
    expected(form.locator("#households")).to_have_value("")
    expected(form.locator("[data-codes^=Z04]")).to_be_checked()


def test_a_second_click_on_save_adds_nothing(form, server):
    add(form, "110-112,F02", until=3)

    form.dblclick("[name=save]")
    form.locator(".entry-done").wait_for()

    assert deeds_of(server, "F02", "110") == 1


def test_the_network_goes_and_nothing_is_lost(form, browser_errors):
    add(form, "120-122,F06", until=3)
    form.fill("#note", "劝住了邻居")
    form.context.set_offline(True)

    form.click("[name=save]")
    form.get_by_text("网断了，内容还在。连上后点“保存”").wait_for()
    assert chips(form) == ["120", "121", "122"]
    form.fill("#households", "123")
    form.press("#households", "Enter")
    expected(form.locator("#households")).to_have_value("123")
    form.context.set_offline(False)
    form.goto(ENTRY)
    wait_for_chips(form, 3)

    assert form.input_value("#note") == "劝住了邻居"
    assert form.input_value("#households") == "123"
    assert "已给4户" in save(form)
    form.goto(ENTRY)
    assert form.input_value("#note") == ""
    browser_errors.clear()


def test_a_save_whose_answer_was_lost_counts_once(form, server, browser_errors):
    add(form, "130-131,F07", until=2)

    def lose(route):
        route.fetch()
        route.abort()

    form.route("**/admin/entry/", lose)
    form.click("[name=save]")
    form.locator("#entry-offline").wait_for()
    form.unroute("**/admin/entry/")
    save(form)

    assert deeds_of(server, "F07", "130") == 1
    browser_errors.clear()


def test_a_draft_survives_being_signed_out_and_another_person_does_not_see_it(
    form, browser_errors
):
    day = (timezone.localdate() - timedelta(days=6)).isoformat()
    add(form, "140-141,D04", until=2)
    form.click("[for=day-other]")
    form.fill("#other-day", day)
    form.fill("#note", "搬运物资")
    form.fill("#points", "12")
    form.context.clear_cookies()

    form.click("[name=save]")
    form.get_by_role("link", name="重新登录").wait_for()
    sign_in(form, "taoxi-admin")
    form.goto(ENTRY)
    assert form.input_value("#note") == ""
    form.context.clear_cookies()
    sign_in(form, "taoxi-recorder")
    form.goto(ENTRY)
    wait_for_chips(form, 2)

    assert form.input_value("#note") == "搬运物资"
    assert form.input_value("#other-day") == day
    assert form.input_value("#points") == "12"
    assert form.locator("[data-codes^=D04]").is_checked()
    save(form)
    browser_errors.clear()


def test_a_phone_shows_items_the_household_box_and_the_sum_above_the_tabs(form):
    form.evaluate("localStorage.clear()")
    form.reload()
    bar = form.locator(".entry-bar").bounding_box()

    for part in [".tiles", "#households"]:
        box = form.locator(part).bounding_box()
        assert box["y"] + box["height"] <= bar["y"], part
    tabs = form.locator("#work-nav").bounding_box()
    assert bar["y"] + bar["height"] <= tabs["y"] + 1
    assert form.locator("[name=save]").bounding_box()["height"] >= 56


@pytest.mark.parametrize(
    "viewport", [OFFICE, PHONE, (320, 640)], ids=["office", "phone", "small"]
)
def test_axe_finds_nothing_on_the_form_in_any_state(form, viewport):
    assert barriers(form) == []
    form.fill("#households", "001-009,lqx,999,扣1")
    form.press("#households", "Enter")
    form.locator(".chip").nth(8).wait_for()
    assert barriers(form) == []
    form.click("[name=save]")
    form.locator("[role=alert]").first.wait_for()
    assert barriers(form) == []
    assert sideways_scroll(form) == 0


def barriers(page):
    """Return what axe finds where the bar of the sum covers nothing."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    return axe(page)


def deeds_of(server, code, number):
    """Return how many deeds of an item stand recorded for a household of 桃溪村."""
    found = server.manage(
        "shell",
        "--no-imports",
        "-c",
        "from ledger.models import Deed; from django.utils import timezone;"
        "print('count', Deed.objects.filter(village__slug='taoxi',"
        f"item__code='{code}', household__number='{number}',"
        "happened_on=timezone.localdate()).count())",
    )
    return int(found.split("count")[1])
