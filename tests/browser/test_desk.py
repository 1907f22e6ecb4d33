"""The desk, declarations, publication and objections as people use them."""

import json

import pytest
from django.utils import timezone

from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    sideways_scroll,
    sign_in,
)

SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
NO_SCRIPT = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
NEWEST = """
import json
from ledger.models import Deed, Objection, Publication

newest = Publication.objects.filter(village__slug="taoxi").order_by("-number").first()
answered = (
    Objection.objects.filter(village__slug="taoxi")
    .exclude(state="open")
    .order_by("pk")
    .last()
)
print(json.dumps([str(newest.period), answered.pk]))
"""


def shell(server, script):
    return server.manage("shell", "--no-imports", "-c", script)


@pytest.fixture(scope="module")
def newest(server):
    return json.loads(shell(server, NEWEST))


@SIZES
@pytest.mark.parametrize(
    "person",
    [
        "taoxi-recorder",
        "taoxi-reviewer",
        "taoxi-supervisor",
        "taoxi-shop",
        "taoxi-admin",
        "township",
        "qingshi-admin",
    ],
)
def test_the_desk_of_every_role_has_no_barrier(page, viewport, person):
    sign_in(page, person)

    assert page.locator("h1").count() == 1
    assert sideways_scroll(page) <= 0
    assert axe(page) == []


@SIZES
def test_the_work_pages_have_no_barrier(page, viewport, newest):
    month, answered = newest
    sign_in(page, "taoxi-admin")
    this_month = timezone.localdate().strftime("%Y-%m")
    found = {}
    for name, address in {
        "declarations": "/admin/declarations/",
        "declaration-new": "/admin/declarations/new/",
        "publication-before": f"/admin/publication/{this_month}/",
        "publication-after": f"/admin/publication/{month}/",
        "objections": "/admin/objections/",
        "objection": f"/admin/objections/{answered}/",
    }.items():
        page.goto(address)
        found[name] = axe(page), sideways_scroll(page)

    assert found == {name: ([], 0) for name in found}


def test_a_phone_has_at_most_four_tabs_where_a_thumb_reaches(page):
    sign_in(page, "taoxi-admin")

    tabs = page.locator("#work-nav a:visible").all()

    assert 2 <= len(tabs) <= 4
    for tab in tabs:
        box = tab.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["y"] > PHONE[1] - 80


@NO_SCRIPT
def test_a_declaration_is_declined_without_scripts(page):
    sign_in(page, "taoxi-recorder")
    page.goto("/admin/declarations/")
    cards = page.locator(".declared")
    before = cards.count()

    card = cards.first
    card.locator("summary").click()
    card.locator("select[name$=preset]").select_option("unproven")
    card.locator("form[action*=decline] button").click()

    expected(cards).to_have_count(before - 1)


def test_the_words_are_copied_with_one_click(page, newest):
    sign_in(page, "taoxi-admin")
    page.goto(f"/admin/publication/{newest[0]}/")

    page.locator("button[data-copy=spoken]").click()
    button = page.locator("button[data-copy=spoken]")
    expected(button).to_have_text(button.get_attribute("data-done"))

    chosen = page.evaluate(
        "() => {const t = document.getElementById('spoken');"
        "return t.value.slice(t.selectionStart, t.selectionEnd)}"
    )
    assert chosen == page.locator("#spoken").input_value() != ""


@NO_SCRIPT
def test_the_words_can_be_selected_by_hand_without_scripts(page, newest):
    sign_in(page, "taoxi-admin")
    page.goto(f"/admin/publication/{newest[0]}/")

    assert not page.locator("button[data-copy=spoken]").is_visible()
    assert page.locator("#written").is_visible()


def test_an_answer_prints_without_menu_and_forms(page, newest):
    sign_in(page, "taoxi-supervisor")
    page.goto(f"/admin/objections/{newest[1]}/")

    page.emulate_media(media="print")

    for hidden in ("#header", "#work-nav", ".breadcrumbs"):
        assert not page.locator(hidden).is_visible()
    assert page.locator(".print-sign").is_visible()
    assert page.locator(".desk-facts").first.is_visible()
