"""存折卡: whose cards are chosen, who may print them, how one is replaced."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households.models import AuditEvent, Household, Passbook
from households.passbooks import find_passbook, print_cards, token_of
from households.roles import Role
from tests.factories import IN_MARCH, HouseholdFactory, serve
from tests.households.cards import PAGE, SHEETS, fourteen_homes, households_on
from tests.ledger.reading import text_of
from tests.two_villages import everything, visitor


@pytest.fixture
def client(village_admin):
    return visitor(village_admin)


@pytest.fixture
def homes(village):
    return fourteen_homes(village)


def reissue_address(household):
    return f"{PAGE}{household.pk}/reissue/"


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_page_counts_cards_and_sheets_by_group(client, village, homes):
    chosen = Household.objects.filter(group=homes[0].group)
    print_cards(village, chosen, by=None, at=IN_MARCH)

    text = text_of(client.get(PAGE))

    assert "14张卡，2页纸" in text
    assert "全村 14户 只打新户，2张 · 全村 打印14张 · 全村" in text
    assert "1社 12户 没有新户 打印12张 · 1社" in text
    assert "2社 2户 只打新户，2张 · 2社 打印2张 · 2社" in text


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"group": "2"}, [13, 14]),
        ({"group": "2", "new": "1"}, [14]),
        ({"new": "1"}, [1, 2, 14]),
        ({"households": "罗青山"}, [1]),
        ({"households": "013，001-003"}, [1, 2, 3, 13]),
    ],
)
def test_a_group_new_households_or_those_typed_in_are_printed(
    client, village, homes, asked, numbers
):
    before = Household.objects.filter(pk__in=[home.pk for home in homes[2:13]])
    print_cards(village, before, by=None, at=IN_MARCH)

    response = client.post(SHEETS, asked)

    assert [int(home.number) for home in households_on(response)] == numbers


@pytest.mark.parametrize("asked", [{"group": "9"}, {"group": "x"}, {"group": "9" * 30}])
def test_a_group_that_is_not_there_prints_nothing(client, homes, asked):
    response = client.post(SHEETS, asked)

    assert response.status_code == 302
    assert said(response) == ["没有要打存折卡的户。"]
    assert not Passbook.objects.exists()


def test_what_was_typed_and_not_understood_comes_back_with_the_reason(client, homes):
    response = client.post(SHEETS, {"households": "001,999"}, follow=True)

    text = text_of(response)
    assert response.redirect_chain[0][1] == 302
    assert "“999”：没找到这一家" in text
    assert 'value="001,999"' in response.text
    assert not Passbook.objects.exists()


def test_looking_at_the_page_issues_and_prints_nothing(client, homes):
    print_cards(homes[0].village, Household.objects.all(), by=None, at=IN_MARCH)
    before = everything()

    for address in [PAGE, f"{PAGE}?households=001-014", reissue_address(homes[0])]:
        assert client.get(address).status_code == 200

    assert everything() == before


def test_a_household_is_found_with_its_card_and_the_way_to_a_new_code(client, homes):
    client.post(SHEETS, {"households": "001"})

    found = text_of(client.get(f"{PAGE}?households=罗青山"))
    never_printed = text_of(client.get(f"{PAGE}?households=002"))

    today = timezone.localdate()
    assert f"001 罗青山 · 1社 {today:%Y-%m-%d}打过卡" in found
    assert "换新码（旧卡马上作废）" in found
    assert "打印1张" in found
    assert "还没有打过卡" in never_printed
    assert "换新码（" not in never_printed


def test_several_households_of_one_name_are_shown_to_choose_from(client, village):
    for number in ["001", "002"]:
        HouseholdFactory(
            village=village,
            group=village.groups.first(),
            number=number,
            head_name="罗青山",
        )

    text = text_of(client.get(f"{PAGE}?households=罗青山"))

    assert "001 罗青山" in text
    assert "002 罗青山" in text
    assert "打印1张" not in text


def test_a_new_code_is_asked_about_first_and_ends_the_old_card(client, homes):
    client.post(SHEETS, {"group": ""})
    passbook = Passbook.objects.get(household=homes[0])
    old = token_of(passbook)
    question = client.get(reissue_address(homes[0]))
    assert "旧卡马上作废：谁拿着都打不开" in text_of(question)
    assert find_passbook(old) == passbook

    response = client.post(reissue_address(homes[0]), {"version": "1"}, follow=True)

    assert find_passbook(old) is None
    assert "001 罗青山的旧卡已经作废。现在打印新卡。" in text_of(response)
    assert "还没有打过卡" in text_of(response)
    printed = client.post(SHEETS, {"new": "1"})
    assert households_on(printed) == [homes[0]]


@pytest.mark.parametrize("version", ["", "x", "7"])
def test_a_yes_to_another_card_than_the_present_one_changes_nothing(
    client, homes, version
):
    client.post(SHEETS, {"households": "001"})

    client.post(reissue_address(homes[0]), {"version": version})

    assert Passbook.objects.get().version == 1


def test_there_is_nothing_to_replace_where_no_card_was_issued(client, homes):
    assert client.get(reissue_address(homes[0])).status_code == 404
    assert client.post(reissue_address(homes[0])).status_code == 404


def test_who_printed_and_who_replaced_is_on_record(client, village_admin, homes):
    client.post(SHEETS, {"group": "2"})
    client.post(reissue_address(homes[13]), {"version": "1"})

    events = AuditEvent.objects.order_by("pk")

    assert [event.action for event in events] == ["passbook.print", "passbook.reissue"]
    assert {event.by for event in events} == {village_admin}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_the_village_admin_prints_cards(role, village, homes):
    print_cards(village, Household.objects.all(), by=None, at=IN_MARCH)
    client = visitor(serve(village, role))
    before = everything()

    answers = {
        client.get(PAGE).status_code,
        client.post(SHEETS, {"group": ""}).status_code,
        client.get(reissue_address(homes[0])).status_code,
        client.post(reissue_address(homes[0]), {"version": "1"}).status_code,
    }

    assert answers == {404}
    assert everything() == before
    assert PAGE not in client.get("/admin/").text


def test_a_village_without_households_is_told_to_import_its_roster(client, village):
    assert "先把户名单导进来，再打存折卡" in text_of(client.get(PAGE))


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://jifen.taoxi.example", False),
        ("http://192.168.1.5:8000", False),
    ],
)
def test_codes_that_only_this_machine_could_open_are_warned_of(
    client, homes, settings, address, is_warned
):
    settings.PUBLIC_URL = address

    text = text_of(client.get(PAGE))

    assert ("只有这台电脑自己打得开" in text) is is_warned


def test_the_page_asks_as_many_questions_for_a_whole_village(client, village, homes):
    address = f"{PAGE}?households=001-200"
    HouseholdFactory(village=village, group=homes[0].group, number="200")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(100, 140):
        HouseholdFactory(village=village, group=homes[0].group, number=f"{number}")

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few) <= 20


def test_printing_one_group_leaves_the_day_of_the_others(client, homes):
    client.post(SHEETS, {"group": ""})
    yesterday = timezone.now() - timedelta(days=1)
    Passbook.objects.update(printed_at=yesterday)

    client.post(SHEETS, {"group": "1"})

    first, last = Passbook.objects.filter(household__in=[homes[0], homes[13]]).order_by(
        "household__number"
    )
    assert first.printed_at > last.printed_at == yesterday
