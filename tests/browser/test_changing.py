"""改一笔 in a browser: with scripts and without, on one screen, without barriers."""

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

SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
NO_SCRIPTS = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no scripts"]
)


@pytest.fixture
def form(page):
    """Open the newest record of today from the desk, to put it right."""
    sign_in(page, "taoxi-recorder")
    page.goto("/admin/?village=taoxi")
    with leads_on(page):
        page.locator(".log li a.btn").first.click()
    expected(page.locator("#entry")).to_be_visible()
    return page


def chosen(page):
    return page.locator(".chip").count()


def drafts(page):
    return page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('change ')).length"
    )


@SIZES
def test_a_record_is_put_right_in_the_form_it_was_made_with(form, viewport):
    before = chosen(form)

    form.locator("#note").fill("写错了，改过来")
    form.locator("[name=save]").click()
    form.wait_for_url("**/entry/*-*/")

    expected(form.locator(".entry-done")).to_be_visible()
    expected(form.locator(".desk-table tbody tr")).to_have_count(before)
    expected(form.locator("#content")).to_contain_text("写错了，改过来")


@NO_SCRIPTS
def test_it_is_put_right_without_scripts_too(form):
    before = chosen(form)

    form.locator("#note").fill("不用脚本也能改")
    form.locator("[name=save]").click()

    expected(form.locator(".desk-table tbody tr")).to_have_count(before)
    expected(form.locator("#content")).to_contain_text("不用脚本也能改")


def test_what_is_only_looked_at_leaves_no_draft(form):
    form.wait_for_timeout(300)
    kept = drafts(form)

    form.locator("#note").fill("改了一半")

    assert (kept, drafts(form)) == (0, 1)
    form.reload()
    expected(form.locator("#note")).to_have_value("改了一半")


@pytest.mark.parametrize("viewport", [OFFICE], ids=["office"])
def test_the_whole_form_stands_on_one_screen(form):
    for part in [".entry-what", ".entry-who", ".entry-how", "[name=save]"]:
        box = form.locator(part).bounding_box()
        assert box["y"] + box["height"] <= OFFICE[1], part


@SIZES
@pytest.mark.parametrize(
    "context_options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}],
    ids=["light", "dark"],
)
def test_the_form_and_what_it_saved_have_no_barrier(form, viewport):
    # At the end of the page the bar of the sum covers nothing.
    form.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    found = {"form": axe(form), "form sideways": sideways_scroll(form)}

    with leads_on(form):
        form.locator(".entry-of a").click()
    found |= {"result": axe(form), "result sideways": sideways_scroll(form)}

    assert {place: fault for place, fault in found.items() if fault} == {}
