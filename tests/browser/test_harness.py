import pytest

from tests.browser.pages import OFFICE, PHONE, axe, sideways_scroll

PAGE = '<!doctype html><html lang="zh-Hans"><title>公示榜</title><main>{}</main></html>'


def test_axe_finds_nothing_wrong_with_a_plain_page(blank_page):
    blank_page.set_content(PAGE.format("<h1>公示榜</h1><p>第3期</p>"))

    assert axe(blank_page) == []


def test_axe_finds_a_picture_without_words_and_ink_too_pale_to_read(blank_page):
    pale = '<p style="color: #757575">第3期</p><img src="data:," width="9" height="9">'
    blank_page.set_content(PAGE.format(pale))

    assert axe(blank_page) == ["color-contrast-enhanced: p", "image-alt: img"]


@pytest.mark.parametrize("viewport", [PHONE, OFFICE])
def test_a_page_has_the_size_of_its_viewport(blank_page, viewport):
    blank_page.set_content(PAGE.format('<p style="width: 500px">第3期</p>'))

    assert blank_page.viewport_size == dict(
        zip(["width", "height"], viewport, strict=True)
    )
    assert (sideways_scroll(blank_page) > 0) == (viewport == PHONE)
