"""The pages of stock, goods and fund on both screens, light and dark, and by hand."""

import os
from pathlib import Path

import pytest

from tests.browser.pages import (
    OFFICE,
    PHONE,
    axe,
    expected,
    sideways_scroll,
    small_targets,
    small_text,
)

SIZES = {"office": OFFICE, "phone": PHONE}
# Who looks at which page, and what must be seen on it.
PAGES = {
    "stock": ("taoxi-shop", "/admin/shop/stock/", "#shelf"),
    "count": ("taoxi-shop", "/admin/shop/stock/count/", ".count-book [type=text]"),
    "sheet": ("taoxi-shop", "/admin/shop/stock/sheet/", ".blank"),
    "goods": ("taoxi-admin", "/admin/shop/goods/", ".goods-book"),
    "goods-new": ("taoxi-admin", "/admin/shop/goods/new/", "#id_name"),
    "goods-change": ("taoxi-admin", "/admin/shop/goods/1/", "#id_points"),
    "fund": ("taoxi-admin", "/admin/fund/", ".sum"),
    "fund-read": ("taoxi-supervisor", "/admin/fund/", ".sum"),
    "take-back": ("taoxi-admin", "/admin/fund/1/take-back/", "#id_reason"),
    "covered": ("taoxi-admin", "/admin/", "#mine"),
    "not-covered": ("shuanghe-admin", "/admin/", "#mine"),
    "counter": ("taoxi-shop", "/admin/shop/", ".glance"),
    "table": ("taoxi-supervisor", "/admin/rewards/stockmovement/", "#result_list"),
}
# Tables of data are Django's own; the other pages keep to our sizes.
OURS = [name for name in PAGES if name != "table"]
PEOPLE = sorted({person for person, _address, _place in PAGES.values()})
BY_HAND = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)


@pytest.fixture(scope="module")
def cookies(signed_in):
    return signed_in(*PEOPLE)


@pytest.fixture
def shown(cookies, open_as):
    def show(name, size):
        person, address, _place = PAGES[name]
        page = open_as(cookies[person], SIZES[size])
        page.goto(address)
        return page

    return show


@pytest.fixture
def pictures(tmp_path):
    directory = Path(os.environ.get("SCREENS") or tmp_path)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_store_has_no_barrier(shown, pictures, name, size):
    page = shown(name, size)
    expected(page.locator(PAGES[name][2]).first).to_be_visible()
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        picture = pictures / f"{name}-{SIZES[size][0]}-{scheme}.png"
        page.screenshot(path=picture, animations="disabled")
        found[scheme] = axe(page)

    assert found == {"light": [], "dark": []}
    if name in OURS:
        assert sideways_scroll(page) <= 0
        assert small_text(page, below=15) == []
        assert small_targets(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_what_is_wrong_is_said_in_ochre_with_the_typed_values_kept(shown, size):
    page = shown("fund", size)

    page.fill("#id_fen", "一百")
    page.get_by_role("button", name="记下来").click()

    box = page.locator(".errornote")
    expected(box).to_contain_text("1,234.50")
    assert page.input_value("#id_fen") == "一百"
    assert axe(page) == []


@BY_HAND
def test_goods_come_in_and_are_counted_without_a_script(shown):
    page = shown("stock", "phone")
    page.select_option("#id_reward", label="食盐 · 袋")
    page.fill("#id_quantity", "２０")
    page.fill("#id_donor", "供销社")
    page.get_by_role("button", name="记下来").click()
    expected(page.locator(".messagelist")).to_contain_text("谢谢供销社")

    page.get_by_role("link", name="盘点", exact=True).click()
    lines = page.locator(".count-book tbody tr")
    lines.nth(0).locator(".counted input[type=text]").fill("1")
    page.get_by_role("button", name="保存盘点").click()
    expected(page.locator(".errornote")).to_contain_text("食盐")
    assert lines.nth(0).locator(".counted input[type=text]").input_value() == "1"
    lines.nth(0).locator(".reason input").fill("受潮")
    page.get_by_role("button", name="保存盘点").click()

    expected(page.locator(".shelf li").first).to_contain_text("1袋")
    expected(page.locator(".stock-book")).to_contain_text("受潮")


@BY_HAND
def test_money_is_written_down_and_taken_back_without_a_script(shown):
    page = shown("fund", "office")
    before = page.locator(".sum").inner_text()
    page.get_by_label("拨款").check()
    page.fill("#id_fen", "1,234.5")
    page.fill("#id_party", "镇财政所")
    page.fill("#id_voucher", "收-099")
    page.get_by_role("button", name="记下来").click()
    line = page.locator(".fund-book tr", has_text="收-099")
    expected(line).to_contain_text("+1,234.50")

    line.get_by_role("link", name="更正").click()
    page.fill("#id_reason", "记到别的村了")
    page.get_by_role("button", name="冲回这一笔").click()

    expected(page.locator(".fund-book")).to_contain_text("记到别的村了")
    assert page.locator(".sum").inner_text() == before


@BY_HAND
def test_new_goods_get_a_price_without_a_script(shown):
    page = shown("goods-new", "phone")
    page.fill("#id_name", "牙膏")
    page.fill("#id_unit", "支")
    page.fill("#id_points", "6")
    page.fill("#id_fen", "５．８")
    page.get_by_role("button", name="保存").click()

    line = page.locator(".goods-book tr", has_text="牙膏")
    expected(line).to_contain_text("每支6分")
    expected(line).to_contain_text("5.80")


def test_the_count_sheet_prints_without_the_frame(shown):
    page = shown("sheet", "office")

    page.emulate_media(media="print")

    assert page.locator(".blank").is_visible()
    assert not page.locator("#header").is_visible()
    assert not page.locator("#work-nav").is_visible()
    assert not page.locator(".no-print").is_visible()
