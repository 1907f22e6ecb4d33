"""Posters, forms and strips as they come out of the printer."""

import io
import re

import pytest
import segno
from PIL import Image

from tests.browser.pages import OFFICE, PHONE, axe, sideways_scroll
from tests.browser.test_cards_in_chromium import modules_of

SMALL_PHONE = (320, 640)
HOUSEHOLDS = 186
# In points of 1/72 inch.
A3, A4, A4_LYING = (841.89, 1190.55), (595.28, 841.89), (841.89, 595.28)
DPI_150 = pytest.mark.parametrize(
    "context_options", [{"device_scale_factor": 150 / 96}], ids=["150 dpi"]
)
# The size of every text that is printed, in points.
SIZES = """part => {
  const found = [];
  for (const root of document.querySelectorAll(part)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode, box = text.parentElement;
      if (!text.nodeValue.trim() || !box.getClientRects().length) continue;
      const size = parseFloat(getComputedStyle(box).fontSize) * 0.75;
      found.push(Math.round(size * 100) / 100);
    }
  }
  return found;
}"""
# What reaches over its sheet, or lies on something else of it.
SPILT = """sheet => [...document.querySelectorAll(sheet)].flatMap(paper => {
  const edge = paper.getBoundingClientRect();
  const parts = [...paper.children].map(part => part.getBoundingClientRect());
  const over = parts.filter(part =>
    part.bottom > edge.bottom + 1 || part.right > edge.right + 1);
  const onTop = parts.filter((part, index) =>
    index && part.top < parts[index - 1].bottom - 1);
  const inside = [...paper.querySelectorAll('*')].filter(part =>
    part.getBoundingClientRect().bottom > edge.bottom + 1);
  return [...over, ...onTop, ...inside].map(part => part.outerHTML || part.top);
})"""
CUT_OFF = """part => [...document.querySelectorAll(part)]
  .filter(box => box.scrollHeight > box.clientHeight + 1).length"""
# Rows of the list that are not on their lines, or touch the next column's.
CROOKED = """() => [...document.querySelectorAll('.columns li')].filter(row => {
  const box = row.getBoundingClientRect();
  const parts = [...row.children].map(part => part.getBoundingClientRect());
  return parts.some((part, index) =>
    part.right > box.right + 1 || (index && part.left < parts[index - 1].right - 1));
}).map(row => row.textContent)"""


@pytest.fixture
def viewport():
    return OFFICE


@pytest.fixture
def poster(page):
    """Return the address of the poster of 桃溪村's newest month."""
    page.goto("/v/taoxi/")
    return page.locator("a[href*='/poster/']").get_attribute("href").split("?")[0]


def printed(page):
    """Print the page; return the sizes of its sheets in points."""
    pdf = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/Type\s*/Page\b", pdf)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) == len(sheets)
    return [(float(width), float(height)) for width, height in boxes]


def is_paper(found, size):
    return all(
        abs(width - size[0]) < 1.5 and abs(height - size[1]) < 1.5
        for width, height in found
    )


def test_186_households_hang_on_exactly_one_sheet_of_a3(page, poster):
    page.goto(f"{poster}?size=a3")

    sheets = printed(page)

    assert len(sheets) == 1
    assert is_paper(sheets, A3)
    assert page.locator(".columns li").count() == HOUSEHOLDS
    page.emulate_media(media="print")
    assert page.evaluate(SPILT, ".paper") == []
    assert page.evaluate(CROOKED) == []
    assert not page.locator(".bar").is_visible()


def test_on_a4_the_month_takes_two_sheets_and_a_group_one(page, poster):
    found = {}
    for question in ["?size=a4", "?group=3"]:
        page.goto(f"{poster}{question}")
        found[question] = printed(page)
        page.emulate_media(media="print")
        assert page.evaluate(SPILT, ".paper") == [], question
        assert page.evaluate(CROOKED) == [], question
        page.emulate_media(media="null")

    assert {question: len(sheets) for question, sheets in found.items()} == {
        "?size=a4": 2,
        "?group=3": 1,
    }
    assert all(is_paper(sheets, A4) for sheets in found.values())


@pytest.mark.parametrize("question", ["?size=a3", "?size=a4", "?group=3"])
def test_in_english_nothing_spills_over_either(page, poster, question):
    page.goto("/v/taoxi/?lang=en")
    page.goto(f"{poster}{question}")
    page.emulate_media(media="print")

    assert page.evaluate(SPILT, ".paper") == []
    assert page.evaluate(CROOKED) == []


@pytest.mark.parametrize("question", ["?size=a3", "?size=a4", "?group=3"])
def test_it_can_be_read_from_a_meter_away(page, poster, question):
    page.goto(f"{poster}{question}")
    page.emulate_media(media="print")

    assert min(page.evaluate(SIZES, ".paper")) >= 11.5
    assert min(page.evaluate(SIZES, "h1")) >= 40
    assert min(page.evaluate(SIZES, ".columns li > span")) >= 11.5
    if "group" in question:
        assert min(page.evaluate(SIZES, ".columns .no")) >= 16
    else:
        ranks = page.evaluate(SIZES, ".places td.score, .places td.month")
        assert min(ranks) >= 15
        assert page.locator(".places tbody tr").count() >= 19


@DPI_150
@pytest.mark.parametrize("question", ["?size=a3", "?size=a4", "?group=3"])
def test_the_code_is_read_from_a_grey_print_of_150_dpi(page, server, poster, question):
    page.goto(f"{poster}{question}")
    page.emulate_media(media="print")
    address = f"{server.url}{poster.replace('poster', 'months')}"
    code = segno.make(address, error="q", micro=False, boost_error=False)
    box = page.locator(".code svg").bounding_box()

    picture = page.locator(".code svg").screenshot()

    assert code.error == "Q"
    assert min(box["width"], box["height"]) * 25.4 / 96 >= 36
    drawn = modules_of(picture, code.symbol_size(border=0)[0])
    assert drawn == [[bool(module) for module in row] for row in code.matrix]


def test_in_grey_the_title_still_stands_out_from_its_ground(page, poster):
    page.goto(f"{poster}?size=a3")
    page.emulate_media(media="print")

    for part in [".head", ".red h2", ".slip"]:
        picture = page.locator(part).first.screenshot()
        greys = Image.open(io.BytesIO(picture)).convert("L").getextrema()
        assert greys[1] - greys[0] > 120, part


def test_long_village_names_and_full_names_spill_over_no_sheet(page, poster):
    for question in ["?size=a3", "?size=a4", "?group=3"]:
        page.goto(f"{poster}{question}")
        page.evaluate(
            """() => {
              for (const name of document.querySelectorAll('.slip .name')) {
                name.textContent = '阿卜杜拉·热合曼江'; name.className = 'name long';
              }
              for (const row of document.querySelectorAll('.places tbody th')) {
                row.firstChild.textContent = '欧阳春晓 ';
              }
            }"""
        )
        page.emulate_media(media="print")
        assert page.evaluate(SPILT, ".paper") == [], question
        page.emulate_media(media="null")


@pytest.mark.parametrize("viewport", [SMALL_PHONE, PHONE, OFFICE], ids=str)
def test_paper_can_be_looked_at_on_every_screen(page, poster):
    found = {}
    for path in [
        f"{poster}?size=a3",
        f"{poster}?size=a4",
        f"{poster}?group=3",
        "/v/taoxi/paper/declare/",
        "/v/taoxi/paper/objection/",
        "/v/taoxi/honours/2026/",
        "/about/verify/",
    ]:
        page.goto(path)
        found[path] = axe(page), sideways_scroll(page)

    assert found == {path: ([], 0) for path in found}


def test_a_poster_takes_three_requests_and_less_than_30_kilobytes(page, poster):
    page.wait_for_load_state("networkidle")  # The icon of the board comes late.
    taken = []
    page.on("requestfinished", lambda request: taken.append(request))

    page.goto(f"{poster}?size=a3", wait_until="networkidle")

    asked = [request for request in taken if not request.url.startswith("data:")]
    sizes = [request.sizes() for request in asked]
    total = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    assert len(asked) <= 3
    assert total <= 30_000
    assert page.evaluate("document.querySelectorAll('*').length") <= 2_000


@pytest.mark.parametrize("form", ["declare", "objection"])
def test_two_forms_lie_on_a_sheet_of_a4(page, form):
    page.goto(f"/v/taoxi/paper/{form}/")

    sheets = printed(page)

    assert len(sheets) == 1
    assert is_paper(sheets, A4_LYING)
    page.emulate_media(media="print")
    assert page.evaluate(SPILT, ".form") == []
    left, right = (box.bounding_box() for box in page.locator(".form").all())
    assert left["x"] + left["width"] <= right["x"] + 1
    assert min(page.evaluate(SIZES, ".form")) >= 11.5
    lines = [line.bounding_box() for line in page.locator(".field > i").all()]
    assert min(line["height"] for line in lines) * 25.4 / 96 >= 8


def test_strips_of_a_group_are_cut_from_sheets_of_a4(open_as, signed_in):
    desk = open_as(signed_in("taoxi-admin")["taoxi-admin"], OFFICE)
    desk.goto("/admin/cards/strips/")
    assert (axe(desk), sideways_scroll(desk)) == ([], 0)

    desk.get_by_role("button", name="打印34张户条 · 1社").click()
    desk.locator(".strip").first.wait_for()

    assert (axe(desk), sideways_scroll(desk)) == ([], 0)
    assert desk.locator(".strip").count() == 34
    sheets = printed(desk)
    assert len(sheets) == 5
    assert is_paper(sheets, A4)
    desk.emulate_media(media="print")
    assert desk.evaluate(SPILT, ".sheet") == []
    assert desk.evaluate(CUT_OFF, ".strip") == 0
    assert min(desk.evaluate(SIZES, ".strip")) >= 11.5


def test_pledges_of_a_group_are_one_sheet_of_a4_each(open_as, signed_in):
    desk = open_as(signed_in("taoxi-admin")["taoxi-admin"], OFFICE)
    desk.goto("/admin/homes/pledge/")
    desk.get_by_role("link", name="打印 · 1社").click()
    desk.locator(".sheet").first.wait_for()

    assert (axe(desk), sideways_scroll(desk)) == ([], 0)
    count = desk.locator(".sheet").count()
    sheets = printed(desk)
    assert len(sheets) == count > 20
    assert is_paper(sheets, A4)
    desk.emulate_media(media="print")
    assert desk.evaluate(SPILT, ".sheet") == []
    assert min(desk.evaluate(SIZES, ".sheet")) >= 11.5
