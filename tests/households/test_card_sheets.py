"""The printed sheets of cards: what stands on them, and who keeps a copy."""

import re

import pytest
import segno

from households.models import Passbook
from households.passbooks import Card, token_of
from households.qr_codes import qr_svg
from households.roles import Role
from tests.factories import IN_MARCH, HouseholdFactory, VillageFactory
from tests.households.cards import PAGE, SHEETS, card_of, fourteen_homes, households_on
from tests.ledger.reading import text_of
from tests.two_villages import visitor


@pytest.fixture
def client(village_admin):
    return visitor(village_admin)


@pytest.fixture
def homes(village):
    return fourteen_homes(village)


def test_a_village_prints_ten_cards_to_a_sheet_in_the_order_of_the_paper(client, homes):
    response = client.post(SHEETS, {"group": ""})

    assert response.status_code == 200
    assert households_on(response) == homes
    sheets = response.text.split('<section class="sheet"')[1:]
    assert [sheet.count('class="card"') for sheet in sheets] == [10, 4]
    assert "14张卡，2页纸" in text_of(response)


def test_a_card_says_whose_it_is_and_how_it_is_used(client, village, homes):
    village.supervision_phone = "0816-123456"
    village.save()

    text = text_of(client.post(SHEETS, {"households": "001"}))

    for words in [
        "桃溪村积分存折",
        "罗青山家",
        "1社 001",
        "微信扫一扫，看自家积分。 不会扫，报户号也行",
        "电话 0816-123456",
    ]:
        assert words in text


def test_a_code_says_our_address_with_a_quarter_of_it_to_spare(settings, household):
    settings.PUBLIC_URL = "https://jifen.taoxi.example"
    card = Card(household, "7ZQ4N8RT5V2XW9YKM3PJHG6FDC")

    code = segno.make(card.address, error="q", micro=False, boost_error=False)

    assert card.address.startswith("https://jifen.taoxi.example/p/7ZQ4")
    assert (code.error, code.designator[-1]) == ("Q", "Q")
    assert f'viewBox="0 0 {code.symbol_size(border=0)[0]} ' in qr_svg(card.address)
    # 31 mm of code, as static/css/card-sheets.css draws it.
    assert 31 / code.symbol_size(border=0)[0] >= 0.6


def test_the_host_of_a_request_never_gets_into_a_code(client, homes, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]

    response = client.post(
        SHEETS, {"households": "001"}, headers={"host": "elsewhere.example"}
    )

    assert households_on(response) == [homes[0]]
    assert "elsewhere" not in response.text


def test_the_sheets_are_kept_by_nobody_and_only_a_form_opens_them(client, homes):
    response = client.post(SHEETS, {"group": ""})

    assert response["Cache-Control"].startswith("private, no-store")
    assert response["Referrer-Policy"] == "no-referrer"
    assert client.get(SHEETS)["Location"] == f"{PAGE}?village=taoxi"
    assert token_of(Passbook.objects.first()) not in repr(response.headers)


def test_no_page_but_the_sheets_draws_or_tells_a_code(client, village, homes):
    client.post(SHEETS, {"group": ""})
    card = card_of(Passbook.objects.get(household=homes[0]))

    pages = [
        client.get(f"{PAGE}?households=001").text,
        client.get(f"{PAGE}{homes[0].pk}/reissue/").text,
        client.get(f"/admin/households/household/{homes[0].pk}/change/").text,
        client.get("/admin/households/auditevent/").text,
    ]

    assert not any(card.token in page or qr_svg(card.address) in page for page in pages)


def test_who_serves_two_villages_prints_for_one_at_a_time(village_admin, homes):
    other = VillageFactory(township=homes[0].village.township)
    HouseholdFactory(village=other, number="777", head_name="邻村人")
    village_admin.stewardships.create(
        village=other, role=Role.ADMIN, started_at=IN_MARCH
    )
    client = visitor(village_admin)

    response = client.post(SHEETS, {"village": other.slug, "group": ""})

    assert [home.head_name for home in households_on(response)] == ["邻村人"]


def test_the_sheets_hold_no_script_or_style_of_their_own(client, homes):
    html = client.post(SHEETS, {"group": ""}).text

    assert re.findall(r"<script(?! src=)", html) == []
    assert " style=" not in html
    assert "<style" not in html
