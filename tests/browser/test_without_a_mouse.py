"""A month at the desk by keyboard alone, and the same by plain forms."""

import re

import pytest

from tests.browser.keyboard import Keyboard
from tests.browser.pages import OFFICE, PHONE, expected, leads_on, sign_in
from tests.browser.server import DEMO_PASSWORD

pytestmark = pytest.mark.usefixtures("month")


@pytest.fixture(scope="module")
def seeded(server):
    """Let the last month of 青石村 wait for its reviewer."""
    server.seed("month_to_review")
    server.remember()


@pytest.fixture
def month(server, seeded):
    """Begin every walk with the same month."""
    server.go_back()


class Walk(Keyboard):
    """What everybody does: sign in, find the way, read what was done, sign out."""

    def sign_in(self, username):
        self.page.goto("/admin/login/")
        self.type(username)
        self.press("Tab")
        self.type(DEMO_PASSWORD)
        self.follow(until=self.page.locator("h1", has_text="今天要办的事"))

    def sign_out(self):
        self.go_to(self.page.locator("#user-tools summary"), by="Shift+Tab")
        self.press("Enter")
        self.go_to(self.page.locator("#logout-form button"))
        self.follow(until=self.page.locator("body:not(:has(#work-nav))"))

    def said(self, words):
        """Return the message that a page begins with once something is done."""
        return self.page.locator(".messages", has_text=re.compile(words))


def record(walk):
    """Record one deed for one household, from the box that has the focus."""
    page = walk.page
    walk.type("010")
    walk.act("Enter", until=page.locator(".chip"))
    walk.type("z05")
    walk.act("Enter", until=page.locator("[data-codes^=Z05]:checked + label"))
    walk.go_to(page.locator("[name=save]"))
    walk.act("Enter", until=page.locator(".entry-done", has_text="已给1户"))


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_a_month_is_recorded_reviewed_published_and_answered_by_keyboard(page):
    walk = Walk(page)

    walk.sign_in("qingshi-recorder")
    walk.go_to(page.locator(".work-title .btn.main"))
    walk.follow(until=page.locator("#households"))
    record(walk)
    walk.go_to(page.locator(".entry-done form button"), by="Shift+Tab")
    walk.act("Enter", until=walk.said("已撤销"))
    walk.go_to(page.locator(".entry-acts a"))
    walk.follow(until=page.locator("#households"))
    record(walk)
    declarations = page.locator("#work-nav a[href*='/declarations/']")
    walk.go_to(declarations, by="Shift+Tab")
    walk.follow(until=page.locator(".declared"))
    walk.go_to(page.locator(".declared form[action*=accept] button"))
    walk.act("Enter", until=walk.said("等审核"))
    walk.sign_out()

    walk.sign_in("qingshi-reviewer")
    walk.go_to(page.locator(".task a[href*='/review/']"))
    walk.follow(until=page.locator("#review"))
    together, changed, refused, last = page.locator(".rv-batch").all()
    walk.press("ArrowDown")
    walk.act("a", until=together.locator(".rv-done"))
    expected(changed).to_be_focused()
    walk.act("e", until=changed.locator("[name=adjust-points]"))
    walk.press("Control+a")
    walk.type("4")
    walk.press("Tab")
    walk.type("只收了半天")
    walk.act("Enter", until=changed.locator(".rv-done"))
    expected(refused).to_be_focused()
    walk.act("l", until=page.locator("[data-later]:not([hidden])"))
    expected(last).to_be_focused()
    walk.act("u", until=refused.locator("form[data-act=later]"))
    expected(refused).to_be_focused()
    expected(page.locator("[data-later]")).to_be_hidden()
    walk.act("r", until=refused.locator("[name=reject-preset]"))
    walk.press("Space")
    walk.act("Enter", until=refused.locator(".rv-done"))
    expected(last).to_be_focused()
    walk.act("a", until=page.locator(".rv-empty a[href*=publication]"))
    walk.follow(until=page.locator("a[href*='/publish/']"))
    walk.go_to(page.locator("a[href*='/publish/']"))
    walk.follow(until=page.locator("input[type=password]"))
    walk.look()
    walk.type(DEMO_PASSWORD)
    walk.press("Tab", "Space")
    walk.go_to(page.get_by_role("button", name="确认发布"))
    walk.act("Enter", until=walk.said("已公示|已发布"))
    assert page.locator("#spoken").count() == 1
    walk.sign_out()

    walk.sign_in("qingshi-supervisor")
    walk.go_to(page.locator(".task a[href*='/objections/']"))
    walk.follow(until=page.locator(".desk-card"))
    walk.go_to(page.locator(".desk-card a"))
    walk.follow(until=page.locator("[name=outcome]"))
    walk.go_to(page.locator("[name=outcome]"))
    walk.press("Space", "Tab")
    walk.type("登记表上有签名，维持原分。")
    walk.go_to(page.locator("button", has_text="答复"))
    walk.act("Enter", until=walk.said("已答复"))
    walk.sign_out()
    assert walk.stops > 100


class Visitor:
    """Somebody whose browser runs no script: links, forms, and pages in between."""

    def __init__(self, page):
        self.page = page

    def click(self, place, *, until):
        with leads_on(self.page):
            self.page.locator(place).first.click()
        self.page.locator(until).first.wait_for()

    def signed_in(self, username):
        sign_in(self.page, username)
        expected(self.page.locator("h1")).to_have_text("今天要办的事")

    def sign_out(self):
        self.page.locator("#user-tools summary").click()
        self.page.locator("#logout-form button").click()
        expected(self.page.locator("#user-tools")).to_have_count(0)


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
@pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no scripts"]
)
def test_the_same_month_is_done_by_plain_forms(page):
    visitor = Visitor(page)
    click = visitor.click

    def record():
        page.fill("#households", "010")
        click(".entry-who [name=add]", until=".chip[value='010']")
        page.click("[for=shelf-self]")
        page.click("[data-codes^=Z05] + label")
        click("[name=save]", until=".entry-done:has-text('已给1户')")

    visitor.signed_in("qingshi-recorder")
    click(".work-title .btn.main", until="#households")
    record()
    click(".entry-done form button", until=".messages:has-text('已撤销')")
    click(".entry-acts a", until="#households")
    record()
    click("#work-nav a[href*='/declarations/']", until=".declared")
    click(".declared form[action*=accept] button", until=".messages:has-text('等审核')")
    visitor.sign_out()

    visitor.signed_in("qingshi-reviewer")
    click(".task a[href*='/review/']", until="#review")
    pending = page.locator("[data-count=pending]")
    page.locator("form[data-act=whole] button").first.click()
    expected(pending).to_have_text("3")
    click(".rv-batch:has-text('邻里互助') .rv-toggle", until=".rv-decide")
    page.click("details[data-key=e] summary")
    page.fill("[name=adjust-points]", "4")
    page.fill("[name=adjust-reason]", "只收了半天")
    page.click("form[data-act=adjust] button")
    expected(pending).to_have_text("2")
    hazard = ".rv-batch:has-text('上报安全隐患')"
    click(f"{hazard} .rv-toggle", until=".rv-decide")
    click("form[data-act=later] button", until="[data-later]:has-text('1')")
    expected(page.locator(hazard)).to_have_count(0)
    click("[data-later] a", until=f"{hazard} .rv-toggle")
    click(f"{hazard} .rv-toggle", until=".rv-decide")
    click("form[data-act=later] button", until=".rv-empty")
    click(".rv-tabs a", until=f"{hazard} .rv-toggle")
    for is_undone in (True, False):
        click(f"{hazard} .rv-toggle", until=".rv-decide")
        page.click("details[data-key=r] summary")
        page.locator("[name=reject-preset]").first.check()
        page.click("form[data-act=reject] button")
        expected(pending).to_have_text("1")
        if is_undone:
            page.locator(".rv-actions button").first.click()
            expected(pending).to_have_text("2")
    click("form[data-act=whole] button", until=".rv-empty a[href*=publication]")
    click(".rv-empty a", until="a[href*='/publish/']")
    click("a[href*='/publish/']", until="input[type=password]")
    page.fill("input[type=password]", DEMO_PASSWORD)
    page.check("input[type=checkbox]")
    click("button:has-text('确认发布')", until="#spoken")
    visitor.sign_out()

    visitor.signed_in("qingshi-supervisor")
    click(".task a[href*='/objections/']", until=".desk-card")
    click(".desk-card a", until="[name=outcome]")
    page.locator("[name=outcome]").first.check()
    page.fill("[name=answer]", "登记表上有签名，维持原分。")
    click("button:has-text('答复')", until=".messages:has-text('已答复')")
    visitor.sign_out()
