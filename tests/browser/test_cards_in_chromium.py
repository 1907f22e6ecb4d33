"""存折卡 as they come out of the printer, and the passbook that a scan opens."""

import io
import json
import re
from itertools import chain

import pytest
import segno
from PIL import Image

from tests.browser.pages import OFFICE, PHONE, axe, expected, leads_on, sideways_scroll

SIZES = pytest.mark.parametrize("viewport", [OFFICE, PHONE], ids=["office", "phone"])
LOOKS = pytest.mark.parametrize(
    "context_options",
    [{}, {"color_scheme": "dark"}],
    ids=["light", "dark"],
)
NO_SCRIPT = pytest.mark.parametrize(
    "context_options", [{"java_script_enabled": False}], ids=["no script"]
)
FINE = pytest.mark.parametrize(
    "context_options", [{"device_scale_factor": 4}], ids=["fine"]
)
MM = 25.4 / 96  # of a CSS pixel
HOUSEHOLDS, SHEETS = 186, 19
TOKENS = """
import json
from households.models import Passbook
from households.passbooks import token_of

print(json.dumps({
    passbook.household.number: token_of(passbook)
    for passbook in Passbook.objects.filter(village__slug="taoxi")
}))
"""
# Each box as left, top, width and height in CSS pixels, from its sheet's corner.
BOXES = """inner => [...document.querySelectorAll('.sheet')].map(sheet => {
  const from = sheet.getBoundingClientRect();
  return [...sheet.querySelectorAll(inner)].map(part => {
    const box = part.getBoundingClientRect();
    return [box.left - from.left, box.top - from.top, box.width, box.height];
  });
})"""


@pytest.fixture(scope="module")
def cookies(server, signed_in):
    return signed_in("taoxi-admin")["taoxi-admin"]


@pytest.fixture(scope="module")
def tokens(server):
    """Print every card once; return the codes by household number."""
    server.seed("every_card")
    return json.loads(server.manage("shell", "--no-imports", "-c", TOKENS))


@pytest.fixture
def desk(open_as, cookies, tokens, viewport):
    return open_as(cookies, viewport)


def print_all(page):
    page.goto("/admin/cards/")
    with leads_on(page):
        page.get_by_role("button", name=f"打印{HOUSEHOLDS}张 · 全村").click()
    expected(page.locator(".card")).to_have_count(HOUSEHOLDS)


def modules_of(picture, count):
    """Read a code from its picture: whether each module is dark, row by row."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    middles = [(index + 0.5) / count for index in range(count)]
    return [
        [
            image.getpixel((int(x * image.width), int(y * image.height))) < 128
            for x in middles
        ]
        for y in middles
    ]


@SIZES
@LOOKS
def test_the_pages_of_cards_have_no_barrier(desk):
    found = {}
    for name, address in {
        "choose": "/admin/cards/",
        "found": "/admin/cards/?households=164",
        "misread": "/admin/cards/?households=999",
    }.items():
        desk.goto(address)
        found[name] = axe(desk), sideways_scroll(desk)
    desk.goto("/admin/cards/?households=164")
    with leads_on(desk):
        desk.locator("a[href*=reissue]").click()
    found["reissue"] = axe(desk), sideways_scroll(desk)
    desk.goto("/admin/cards/?households=164,165")
    desk.get_by_role("button", name="打印2张").click()
    desk.locator(".card").first.wait_for()
    found["sheets"] = axe(desk), sideways_scroll(desk)

    assert found == {name: ([], 0) for name in found}


@SIZES
@LOOKS
def test_the_passbook_has_no_barrier(page, tokens, browser_errors):
    found = {}
    for name, address in {
        "closed": "/my/",
        "replaced": f"/p/{'0' * 26}/",
        "open": f"/p/{tokens['164']}/",
        "large": "/my/?big=1",
        "english": "/my/?big=0&lang=en",
    }.items():
        page.goto(address)
        found[name] = axe(page), sideways_scroll(page)

    assert found == {name: ([], 0) for name in found}
    # The page of a replaced card is a "not found" and says so to the browser.
    assert len(browser_errors) == 1
    browser_errors.clear()


@SIZES
def test_b11_one_scan_shows_a_household_its_balance(page, tokens, viewport):
    page.goto(f"/p/{tokens['164']}/?from=singlemessage")

    for part in [".cover h1", ".cover .score", ".tile:not(.waiting) dd"]:
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= viewport[1], part
    assert page.locator(".cover h1").inner_text() == "罗青山家"
    assert page.url.endswith("/my/")
    assert "罗青山" not in page.title()
    assert page.evaluate("document.referrer") == ""


def test_a_village_fills_nineteen_pages_of_a4(desk):
    print_all(desk)

    pdf = desk.pdf(prefer_css_page_size=True)

    pages = re.findall(rb"/Type\s*/Page\b", pdf)
    boxes = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert len(pages) == SHEETS
    ((width, height),) = boxes
    # 210 × 297 mm in points of 1/72 inch.
    assert abs(float(width) - 595.28) < 1
    assert abs(float(height) - 841.89) < 1


def test_cards_are_90_by_54_mm_with_codes_of_30_mm_inside_their_page(desk):
    print_all(desk)

    desk.emulate_media(media="print")
    cards = desk.evaluate(BOXES, ".card")
    codes = desk.evaluate(BOXES, ".code svg")

    assert [len(sheet) for sheet in cards] == [10] * 18 + [6]
    for sheet in cards:
        for index, (left, top, width, height) in enumerate(sheet):
            assert (width * MM, height * MM) == pytest.approx((90, 54), abs=0.1)
            assert left * MM == pytest.approx(15 + 90 * (index % 2), abs=0.1)
            assert top * MM == pytest.approx(13.5 + 54 * (index // 2), abs=0.1)
    for card, code in zip(chain(*cards), chain(*codes), strict=True):
        assert min(code[2:]) * MM >= 30
        room = [code[0] - card[0], code[1] - card[1]]
        room += [card[0] + card[2] - code[0] - code[2]]
        room += [card[1] + card[3] - code[1] - code[3]]
        assert min(room) * MM >= 3.9
    assert not desk.locator(".bar").is_visible()


def test_nothing_on_a_card_is_cut_off_however_long_the_names(desk):
    print_all(desk)
    desk.emulate_media(media="print")
    desk.evaluate(
        """() => {
          const card = document.querySelector('.card');
          card.querySelector('h2').textContent = '阿坝河坝移民安置新村积分存折';
          card.querySelector('.who').textContent = '阿卜杜拉·热合曼江·买买提家';
          card.querySelector('.number').firstChild.textContent = '移民安置点第十二社 ';
        }"""
    )

    overflow = desk.evaluate(
        """() => {
          const card = document.querySelector('.card');
          const box = card.getBoundingClientRect();
          return [...card.children].map(part => part.getBoundingClientRect())
            .filter(part => part.bottom > box.bottom || part.right > box.right + 1)
            .length;
        }"""
    )

    assert overflow == 0


@FINE
def test_the_drawn_code_is_the_address_and_opens_the_passbook(
    desk, page, server, tokens
):
    desk.goto("/admin/cards/?households=164")
    with leads_on(desk):
        desk.get_by_role("button", name="打印1张").click()
    address = f"{server.url}/p/{tokens['164']}/"
    code = segno.make(address, error="q", micro=False, boost_error=False)

    picture = desk.locator(".code svg").screenshot()

    drawn = modules_of(picture, code.symbol_size(border=0)[0])
    assert drawn == [[bool(module) for module in row] for row in code.matrix]
    page.goto(address)
    assert page.locator(".cover h1").inner_text() == "罗青山家"


@NO_SCRIPT
def test_cards_are_printed_without_scripts_too(desk):
    desk.goto("/admin/cards/")
    with leads_on(desk):
        desk.get_by_role("button", name="打印34张 · 1社").click()

    assert desk.locator(".card").count() == 34
    assert not desk.locator("[data-print]").is_visible()


def test_the_server_s_log_knows_no_code(page, server, tokens, browser_errors):
    for number in ["001", "164"]:
        page.goto(f"/p/{tokens[number]}/")
    page.goto(f"/p/{tokens['164'][::-1]}/")
    browser_errors.clear()

    log = (server.data_dir / "server.log").read_text()

    assert "/p/***" in log
    assert not re.search("[0-9A-HJKMNP-TV-Z]{26}", log)
