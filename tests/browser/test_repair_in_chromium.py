"""我已整改，申请修复 as a household meets it: without a script, by axe, by thumb."""

import json
import re
import shutil

import pytest

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
BUTTON = "我已整改，申请修复"
# A deduction of the demo that can still be asked for, and its household's code.
LOSS = """
import json
from django.utils import timezone
from households.passbooks import token_of
from ledger.models import Entry
from ledger.repairs.terms import why_not_repairable

today = timezone.localdate()
lost = next(
    entry
    for entry in Entry.objects.filter(village__slug="taoxi", kind="deduction")
    if not why_not_repairable(entry, today=today)
)
print(json.dumps([token_of(lost.household.passbooks.get()), lost.number, lost.year]))
"""
EXEMPT = re.compile('class="skip"|href="tel:')


@pytest.fixture(scope="module")
def loss(server):
    server.seed("every_card")
    server.remember()
    return json.loads(server.manage("shell", "--no-imports", "-c", LOSS))


@pytest.fixture
def passbook(server, page, loss):
    """Scan the card of the household that lost points."""
    shutil.rmtree(server.data_dir / "tries", ignore_errors=True)
    server.go_back()
    token, _number, year = loss
    page.goto(f"/p/{token}/")
    page.goto(f"/my/?year={year}")
    return page


@pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
def test_a_household_asks_from_the_line_in_its_passbook(passbook, loss):
    leads = passbook.locator(f"a[href='/my/repair/?line={loss[1]}']")
    passbook.locator("summary").filter(
        has=passbook.locator("xpath=..").filter(has=leads)
    ).first.click()
    leads.click()
    passbook.get_by_label("整改了什么").fill("前天已经清走了")
    passbook.get_by_role("button", name=BUTTON).click()

    expected(passbook.locator(".receipt")).to_contain_text("修复申请编号")


@pytest.mark.parametrize(
    ("viewport", "context_options", "choice"),
    [
        (PHONE, {}, "lang=en"),
        (SMALL_PHONE, {"color_scheme": "dark"}, "big=1"),
        (OFFICE, {"color_scheme": "dark"}, "big=0"),
    ],
    ids=str,
)
def test_no_page_of_it_has_a_barrier(passbook, loss, viewport, choice):
    found = {}

    def look(name):
        small = [box for box in small_targets(passbook) if not EXEMPT.search(box)]
        found[name] = axe(passbook), sideways_scroll(passbook), small

    passbook.goto(f"/my/repair/?line={loss[1]}&{choice}")
    look("asked")
    with leads_on(passbook):
        passbook.locator("main [name=step]").click()
    look("what is missing")
    passbook.locator("[name=text]").fill("前天已经清走了")
    with leads_on(passbook):
        passbook.locator("main [name=step]").click()
    look("noted")
    passbook.goto(f"/my/?year={loss[2]}")
    passbook.evaluate(
        "for (const fold of document.querySelectorAll('details')) fold.open = true"
    )
    look("passbook")

    assert found == {name: ([], 0, []) for name in found}
