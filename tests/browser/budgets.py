"""What a cadre's tasks may cost in interactions and seconds, and what they do cost."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.browser.pages import OFFICE, PHONE, expected, open_month
from tests.browser.seeding import BATCHES, FLAGGED, RECORDS
from tests.browser.server import DEMO_PASSWORD


@dataclass(frozen=True)
class Budget:
    """A task of one person on one screen: at most so much, and in fact so much."""

    person: str
    viewport: tuple[int, int]
    task: Callable[..., None]
    most: int
    measured: int
    seconds: float = float("inf")
    start: str = "/admin/"


def item(page, code):
    return page.locator(f"[data-codes^={code}] + label")


def saved(page, households):
    """Return what stands on the page once so many households have their points."""
    return page.locator(".entry-done", has_text=f"已给{households}户")


# B1 to B4: 记一笔


def open_entry(page, hands):
    form = page.locator("#households")
    hands.tap(page.locator("a[href^='/admin/entry/']:visible"), until=form)


def open_entry_by_keys(page, hands):
    open_entry(page, hands)
    expected(page.locator("#households")).to_be_focused()


def one_deed_by_keys(page, hands):
    open_entry_by_keys(page, hands)
    hands.type("163")
    hands.press("Enter")
    hands.type("Z06")
    hands.press("Enter")
    hands.press("Control+Enter", until=saved(page, 1))


def one_deed_by_thumb(page, hands):
    open_entry(page, hands)
    hands.tap(page.locator("#households"))
    hands.type("164")
    hands.press("Enter", until=page.locator(".chip"))
    hands.tap(page.locator(".tiles li.usual label"))
    hands.tap(page.locator("[name=save]"), until=saved(page, 1))


def forty_by_keys(page, hands):
    open_entry_by_keys(page, hands)
    hands.type("001-018,020-041")
    hands.press("Enter")
    hands.type("Z01")
    hands.press("Enter")
    hands.press("Control+Enter", until=saved(page, 40))


def forty_by_thumb(page, hands):
    open_entry(page, hands)
    hands.tap(page.locator("#households"))
    hands.type("001-018,020-041")
    hands.tap(page.locator("[for=shelf-virtue]"))
    hands.tap(item(page, "D05"))
    hands.tap(page.locator("[name=save]"), until=saved(page, 40))


def forty_by_groups(page, hands):
    hands.tap(page.locator("[for=shelf-self]"))
    hands.tap(item(page, "Z02"))
    hands.tap(page.locator("#households"))
    hands.type("035-047")
    hands.tap(page.locator("[name=group]"), until=page.locator(".chip[value='047']"))
    expected(page.locator(".chip")).to_have_count(47)
    for absent in ["002", "003", "010", "011", "020", "036", "040"]:
        hands.tap(page.locator(f".chip[value='{absent}']"))
    hands.tap(page.locator("[name=save]"), until=saved(page, 40))


def undo_the_last_save(page, hands):
    page.fill("#households", "001-007,D07")
    page.press("#households", "Enter")
    expected(page.locator(".chip")).to_have_count(7)
    page.click("[name=save]")
    saved(page, 7).wait_for()
    hands.tap(
        page.locator(".entry-done form button"),
        until=page.locator(".entry-done", has_text="已撤销"),
    )


# B5: 受理申报


def accept_a_declaration(page, hands):
    cards = page.locator(".declared")
    hands.tap(page.locator(".task a[href*='/declarations/']"), until=cards)
    waiting = cards.count()
    card = page.locator(".declared", has_text="150")
    hands.tap(card.locator("input[name=points]"))
    hands.type("4")
    hands.tap(card.get_by_role("button", name="受理"))
    expected(cards).to_have_count(waiting - 1)
    expected(page.locator(".messagelist .success")).to_contain_text("4")


def accept_from_the_web(page, hands):
    cards = page.locator(".declared")
    hands.tap(page.locator(".task a[href*='/declarations/']"), until=cards)
    waiting = cards.count()
    card = page.locator(".declared", has_text="152")
    choices = card.locator("select[name=item]")
    help_given = choices.locator("option", has_text="D02").get_attribute("value")
    hands.choose(choices, help_given)
    hands.tap(card.get_by_role("button", name="受理"))
    expected(cards).to_have_count(waiting - 1)
    expected(page.locator(".messagelist .success")).to_contain_text("152")


# B6: 审核台


def review_a_month(page, hands, *, approve, reject):
    """Decide batch after batch: the third and the seventh flagged one are rejected."""
    open_batch = page.locator(".rv-batch.is-open:not(.is-done)")
    answered = page.locator(".rv-batch.is-done .rv-done button:enabled")
    expected(page.locator("[data-count=pending]")).to_have_text(str(RECORDS))
    expected(page.locator(".rv-batch")).to_have_count(BATCHES)
    expected(page.locator(".rv-batch[data-flagged]")).to_have_count(FLAGGED)
    for turn in range(BATCHES):
        if turn < FLAGGED:
            open_batch.locator(".rv-decide").wait_for()
        decide = reject if turn in (3, 7) else approve
        decide(page, hands)
        if turn < BATCHES - 1:
            # A person thinks longer than the answer takes.
            answered.nth(turn).wait_for()
    page.locator(".rv-empty a[href*=publication]").wait_for()
    expected(page.locator("[data-count=pending]")).to_have_text("0")


def approve_by_key(page, hands):
    hands.press("a")


def reject_by_keys(page, hands):
    for key in ("r", "Space", "Enter"):
        hands.press(key)


def approve_by_mouse(page, hands):
    inside = page.locator(".is-open:not(.is-done) form[data-act=approve] button")
    line = page.locator(".rv-batch:not(.is-done) form[data-act=whole] button")
    hands.tap(inside if inside.count() else line)


def reject_by_mouse(page, hands):
    batch = page.locator(".rv-batch.is-open:not(.is-done)")
    hands.tap(batch.locator("details[data-key=r] summary"))
    hands.tap(batch.locator("input[name=reject-preset]"))
    hands.tap(batch.locator("form[data-act=reject] button"))


review_by_keys = partial(review_a_month, approve=approve_by_key, reject=reject_by_keys)
review_by_mouse = partial(
    review_a_month, approve=approve_by_mouse, reject=reject_by_mouse
)


# B8: 公示与定榜


def publish_a_clean_month(page, hands):
    hands.tap(page.locator(".task a[href*='/publication/']"))
    hands.tap(page.locator("a[href*='/publish/']"))
    expected(page.locator("input[type=password]")).to_be_focused()
    hands.type(DEMO_PASSWORD)
    hands.tap(page.locator("input[type=checkbox]"))
    hands.tap(
        page.get_by_role("button", name="确认发布"), until=page.locator("#spoken")
    )


# B14: 存折卡


def print_ten_cards(page, hands):
    # The browser's own window for printers would wait for somebody.
    page.add_init_script("window.print = () => document.body.id = 'printing'")
    hands.tap(
        page.locator("a[href^='/admin/cards/']:visible"),
        until=page.locator(".cards-rows"),
    )
    hands.tap(
        page.get_by_role("button", name="只打新户，10张 · 全村"),
        until=page.locator(".card"),
    )
    expected(page.locator(".card")).to_have_count(10)
    hands.tap(page.locator("[data-print]"), until=page.locator("#printing"))


def print_a_poster(page, hands):
    poster = page.locator("a[href*='/poster/']")
    hands.tap(page.locator("a[href^='/admin/publication/']:visible"), until=poster)
    hands.tap(poster, until=page.locator(".paper"))
    hands.press("Control+p")


# B15: 年度报告


def export_the_annual_report(page, hands):
    export = page.get_by_role("button", name="导出 Excel")
    hands.tap(page.locator("a[href^='/admin/reports/']:visible"), until=export)
    with page.expect_download() as file:
        hands.tap(export)
    assert file.value.suggested_filename.endswith("_桃溪村_积分年报.xlsx")


RECORDER, REVIEWER = "taoxi-recorder", "taoxi-reviewer"
ENTRY = "/admin/entry/?village=taoxi"
BUDGETS = {
    "B1 office": Budget(RECORDER, OFFICE, one_deed_by_keys, 6, 6, 20),
    "B1 phone": Budget(RECORDER, PHONE, one_deed_by_thumb, 6, 6, 20),
    "B2 office": Budget(RECORDER, OFFICE, forty_by_keys, 6, 6, 45),
    "B2 phone": Budget(RECORDER, PHONE, forty_by_thumb, 6, 6, 45),
    "B3 office": Budget(RECORDER, OFFICE, forty_by_groups, 15, 13, start=ENTRY),
    "B4 office": Budget(RECORDER, OFFICE, undo_the_last_save, 1, 1, start=ENTRY),
    "B5 office": Budget(RECORDER, OFFICE, accept_a_declaration, 4, 4, 20),
    "B5 phone": Budget(RECORDER, PHONE, accept_a_declaration, 4, 4, 20),
    "B5 web office": Budget(RECORDER, OFFICE, accept_from_the_web, 4, 4, 20),
    "B5 web phone": Budget(RECORDER, PHONE, accept_from_the_web, 4, 4, 20),
    "B6 keys": Budget(
        REVIEWER, OFFICE, review_by_keys, 70, 35, 180, start=open_month("taoxi")
    ),
    "B6 mouse": Budget(
        REVIEWER, OFFICE, review_by_mouse, 70, 35, 180, start=open_month("taoxi")
    ),
    "B8 office": Budget("qingshi-reviewer", OFFICE, publish_a_clean_month, 5, 5),
    "B14 office": Budget("taoxi-admin", OFFICE, print_ten_cards, 3, 3),
    "B14 poster": Budget(REVIEWER, OFFICE, print_a_poster, 3, 3),
    "B14 phone": Budget("taoxi-admin", PHONE, print_ten_cards, 3, 3),
    "B15 office": Budget("township", OFFICE, export_the_annual_report, 3, 2),
    "B15 phone": Budget("township", PHONE, export_the_annual_report, 3, 2),
}
