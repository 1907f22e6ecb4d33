"""Good-deed stories as residents read them, and as staff write and take them down."""

import re

import pytest

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

SMALL_PHONE = (320, 640)
LOOKS = {
    "light": ({}, ""),
    "dark": ({"color_scheme": "dark"}, ""),
    "large text": ({}, "?big=1"),
    "English": ({}, "?lang=en"),
}
STORIES = "/v/taoxi/stories/"
WRITER, READER = "taoxi-recorder", "taoxi-reviewer"
BY_HAND = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)


def stories_on(page):
    page.goto(STORIES)
    return [
        link.get_attribute("href") for link in page.locator(".story-card h3 a").all()
    ]


@pytest.mark.parametrize("viewport", [SMALL_PHONE, PHONE, OFFICE], ids=str)
@pytest.mark.parametrize(
    ("context_options", "choice"), LOOKS.values(), ids=LOOKS.keys()
)
def test_stories_can_be_read_by_everybody(page, viewport, choice, browser_errors):
    page.goto(f"{STORIES}{choice}")
    newest, oldest = stories_on(page)[0], stories_on(page)[-1]
    floor = 14 if viewport == SMALL_PHONE else 15

    for path in [STORIES, f"{STORIES}?pillar=law", newest, oldest, f"{STORIES}999/"]:
        page.goto(path)
        assert axe(page) == [], path
        assert sideways_scroll(page) == 0, path
        assert small_text(page, below=floor) == [], path
        missed = [
            target
            for target in small_targets(page)
            if "tel:" not in target and 'class="skip"' not in target
        ]
        assert missed == [], path
    # The last page is meant not to be there.
    browser_errors[:] = [error for error in browser_errors if "404" not in error]


@pytest.mark.parametrize("viewport", [PHONE, OFFICE], ids=str)
def test_headline_name_points_and_first_words_are_seen_at_once(page, viewport):
    page.goto(stories_on(page)[-1])

    for part in [".told h1", ".told .who", ".tale .words"]:
        assert page.locator(part).first.bounding_box()["y"] < viewport[1] - 120, part
    assert is_in_view(page, ".told")


def test_the_photo_has_words_and_moves_nothing_when_it_comes(page):
    sizes = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: request.sizes()}),
    )
    for story in stories_on(page):
        page.goto(story, wait_until="networkidle")
        if page.locator(".tale img").count():
            break
    photo = page.locator(".tale img")

    assert photo.get_attribute("alt")
    assert photo.evaluate("image => image.complete && image.naturalWidth > 0")
    shape = photo.evaluate("image => image.width / image.height")
    written = int(photo.get_attribute("width")) / int(photo.get_attribute("height"))
    assert shape == pytest.approx(written, rel=0.02)
    (weight,) = (s for url, s in sizes.items() if url.endswith("photo.jpg"))
    assert weight["responseBodySize"] <= 40_000


@BY_HAND
def test_the_chips_and_the_way_from_story_to_story_need_no_script(page):
    page.goto("/v/taoxi/")
    with leads_on(page):
        page.get_by_role("link", name="全部好事").click()
    with leads_on(page):
        page.get_by_role("link", name="法治", exact=True).click()
    expected(page.locator(".filters [aria-current]")).to_have_text("法治")

    with leads_on(page):
        page.locator(".story-card").first.click()
    first = page.locator("h1").inner_text()
    with leads_on(page):
        page.get_by_role("link", name="下一件").click()

    assert page.locator("h1").inner_text() != first
    assert page.title() == "桃溪村 · 好人好事"


# At the desk


@pytest.fixture(scope="module")
def cookies(signed_in):
    return signed_in(WRITER, READER, "taoxi-admin")


@pytest.mark.parametrize("size", [PHONE, OFFICE], ids=str)
def test_the_desk_of_stories_has_no_barrier(cookies, open_as, size):
    page = open_as(cookies["taoxi-admin"], size)
    page.goto("/admin/stories/")
    waiting = page.locator(".story-list a").first.get_attribute("href")

    for path in [
        "/admin/stories/",
        "/admin/stories/new/",
        waiting,
        f"{waiting}change/",
        f"{waiting}withdraw/",
    ]:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(path)
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            assert axe(page) == [], (path, scheme)
        assert sideways_scroll(page) <= 0, path
        assert small_text(page, below=15) == [], path
        assert small_targets(page) == [], path


@BY_HAND
def test_two_people_tell_a_story_and_one_click_takes_it_down(cookies, open_as):
    writer, reader = (open_as(cookies[name], PHONE) for name in (WRITER, READER))
    writer.goto("/admin/stories/new/")
    writer.locator(".story-list a").first.click()
    writer.fill("#id_headline", "雪夜里的一盏灯")
    writer.fill("#id_text", "雪下了一夜。这家人提着灯走在前面。老人们平安到了家。")
    writer.get_by_role("button", name="保存，看看样子").click()
    expected(writer.locator(".missing")).to_contain_text("先问过这家人")

    writer.get_by_role("link", name="改", exact=True).click()
    assert writer.input_value("#id_headline") == "雪夜里的一盏灯"
    writer.fill("#id_witnesses", "两位邻居")
    writer.fill("#id_consent_by", "户主本人")
    writer.select_option("#id_consent_how", label="打电话")
    writer.fill("#id_consent_on", "2026-01-01")
    with leads_on(writer):
        writer.get_by_role("button", name="保存，看看样子").click()
    with leads_on(writer):
        writer.get_by_role("button", name="交给别人看").click()
    expected(writer.locator("#next + p, .card p").first).to_be_visible()
    assert writer.get_by_role("button", name="公开这个故事").count() == 0

    reader.goto("/admin/stories/")
    reader.get_by_role("link", name=re.compile("雪夜里的一盏灯")).click()
    reader.get_by_label("我看过了").check()
    reader.get_by_role("button", name="公开这个故事").click()
    public = reader.get_by_role("link", name="大家都看得到").get_attribute("href")
    reader.goto(public)
    expected(reader.locator("h1")).to_have_text("雪夜里的一盏灯")

    reader.go_back()
    with leads_on(reader):
        reader.get_by_role("link", name="收起", exact=True).click()
    with leads_on(reader):
        reader.get_by_role("button", name="收起", exact=True).click()

    assert reader.request.get(public).status == 410
