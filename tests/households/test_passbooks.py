"""The codes on the households' cards: made, printed, replaced, kept nowhere."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from households.models import AuditEvent, Household, Passbook
from households.passbooks import (
    ALPHABET,
    CardsNotPrinted,
    count_cards,
    find_passbook,
    issue_passbooks,
    print_cards,
    reissue_passbook,
    token_in,
    token_of,
    was_replaced,
    without_printed_card,
)
from tests.factories import FIRST_OF_APRIL, IN_MARCH, HouseholdFactory, VillageFactory

LATER = IN_MARCH + timedelta(days=1)


def people_of(village, count=3):
    group = village.groups.get(number=1)
    for _number in range(count):
        HouseholdFactory(village=village, group=group)
    return Household.objects.filter(village=village)


def card_of(household, *, by=None, at=IN_MARCH):
    chosen = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, chosen, by=by, at=at)
    return card


def reissue(household, *, by=None, at=LATER):
    passbook = Passbook.objects.get(household=household)
    return reissue_passbook(passbook, replacing=passbook.version, by=by, at=at)


def test_a_code_is_26_characters_that_nobody_misreads(household):
    token = card_of(household).token

    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", token)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32


def test_a_code_is_the_first_130_bits_of_a_keyed_hash(household, settings):
    settings.PASSBOOK_KEY = "k" * 40
    passbook = Passbook(pk="00000000-0000-0000-0000-000000000001", version=3)

    assert token_of(passbook) == "6AQ19D5BPEQRPKZ0S3J111QAPZ"


def test_a_card_opens_the_passbook_of_its_household(village):
    people_of(village)

    cards = print_cards(village, village.households.all(), by=None, at=IN_MARCH)

    assert len({card.token for card in cards}) == 3
    for card in cards:
        assert find_passbook(card.token).household == card.household
        assert find_passbook(card.token.lower()).household == card.household


@pytest.mark.parametrize(
    "token", ["", "0" * 26, "0" * 25, "0" * 27, "O" * 26, "<script>", "0" * 26 + "\n"]
)
def test_nothing_else_opens_one(household, token):
    card_of(household)

    assert find_passbook(token) is None


def test_what_cannot_be_a_code_is_not_even_looked_up():
    # Without the fixture of a database, a question to it would fail.
    assert find_passbook("O" * 26) is None


def test_cards_come_in_the_order_of_the_paper_and_are_marked_as_printed(village):
    first, second = village.groups.order_by("number")
    homes = [
        HouseholdFactory(village=village, group=first, number="002"),
        HouseholdFactory(village=village, group=second, number="003"),
        HouseholdFactory(village=village, group=first, number="001"),
    ]

    cards = print_cards(village, village.households.all(), by=None, at=IN_MARCH)

    assert [card.household for card in cards] == [homes[2], homes[0], homes[1]]
    assert set(Passbook.objects.values_list("printed_at", flat=True)) == {IN_MARCH}


def test_a_card_printed_again_is_the_same_card(household):
    first = card_of(household)

    again = card_of(household, at=LATER)

    assert again.token == first.token
    assert Passbook.objects.get().issued_at == IN_MARCH
    assert Passbook.objects.get().printed_at == LATER


def test_a_new_code_ends_the_old_card_at_once(household):
    old = card_of(household)

    passbook = reissue(household)

    assert find_passbook(old.token) is None
    assert (passbook.version, passbook.printed_at) == (2, None)
    assert find_passbook(card_of(household).token) == passbook


def test_an_old_card_is_known_for_what_it_was_in_its_own_village(household):
    first = card_of(household)
    reissue(household)
    second = card_of(household)
    reissue(household)
    present = card_of(household)

    for old in (first, second):
        assert was_replaced(old.token, household.village)
        assert not was_replaced(old.token, VillageFactory())
    assert was_replaced(first.token.lower(), household.village)
    for other in (present.token, "Z" * 26, ""):
        assert not was_replaced(other, household.village)


@pytest.mark.parametrize(
    "scan",
    ["{}", " {}\n", "https://a/p/{}/", "http://b/p/{}", "/p/{}/?from=wx", "{}#top"],
)
def test_the_code_is_read_from_all_that_a_scanner_types(scan):
    token = "GD6VBFXABHR2CGW0WNVADJ52P2"

    assert token_in(scan.format(token)) == token
    assert token_in(scan.format(token.lower())) == token
    assert token_in(scan.format("ＧＤ6VBFXABHR2CGW0WNVADJ52P2")) == token


@pytest.mark.parametrize(
    "typed", ["", "164", "罗青山", "G" * 25, "G" * 27, "L" * 26, "x/p/", "{} {}"]
)
def test_what_is_no_code_gives_none(typed):
    assert token_in(typed) is None


def test_the_same_wish_for_a_new_code_replaces_one_card_only(household):
    card_of(household)
    passbook = Passbook.objects.get()

    for _time in range(2):
        reissue_passbook(passbook, replacing=1, by=None, at=LATER)

    assert Passbook.objects.get().version == 2
    assert AuditEvent.objects.filter(action="passbook.reissue").count() == 1


def test_new_households_are_those_whose_present_card_was_never_printed(village):
    homes = list(people_of(village))
    card_of(homes[0])
    card_of(homes[1])
    reissue(homes[1])
    issue_passbooks(village, homes[2:], at=IN_MARCH)

    new = without_printed_card(Household.objects.all())

    assert set(new) == set(homes[1:])
    group = village.groups.get(number=1)
    assert count_cards(village) == {group.pk: {"cards": 3, "new": 2}}


def test_who_has_moved_out_gets_no_card(village, household):
    household.status = Household.Status.LEFT
    household.save()

    with pytest.raises(CardsNotPrinted):
        card_of(household)
    assert count_cards(village) == {}
    assert not Passbook.objects.exists()


def test_cards_of_another_village_are_not_printed(village, household):
    elsewhere = VillageFactory()

    with pytest.raises(CardsNotPrinted):
        print_cards(elsewhere, Household.objects.all(), by=None, at=IN_MARCH)


def test_a_whole_village_costs_as_many_questions_as_a_few_households(village):
    people_of(village, 3)
    with CaptureQueriesContext(connection) as few:
        print_cards(village, village.households.all(), by=None, at=IN_MARCH)
    people_of(village, 97)

    with CaptureQueriesContext(connection) as many:
        cards = print_cards(village, village.households.all(), by=None, at=LATER)

    assert len(cards) == 100
    assert len(many) == len(few) <= 15


def test_printing_and_replacing_leave_a_trace_without_the_code(household, village):
    card = card_of(household)
    reissue(household)

    printed, replaced = AuditEvent.objects.filter(village=village).order_by("pk")

    assert (printed.action, replaced.action) == ("passbook.print", "passbook.reissue")
    assert printed.facts == {"cards": 1, "first": 1, "households": [household.pk]}
    assert replaced.facts == {"version": 2}
    assert printed.subject == replaced.subject == f"household {household.pk}"
    assert card.token not in repr([vars(printed), vars(replaced)])


def test_no_table_holds_a_code_and_no_object_tells_it(village, household):
    card = card_of(household)

    rows = [
        row for model in apps.get_models() for row in model._base_manager.values_list()
    ]

    assert card.token not in repr(rows)
    assert card.token not in f"{card!r} {card} {Passbook.objects.get()}"


def test_a_card_made_with_a_lost_key_still_opens_but_is_not_printed_again(
    household, settings
):
    card = card_of(household)
    settings.PASSBOOK_KEY = "another key " * 4

    with pytest.raises(CardsNotPrinted, match="另一把存折密钥"):
        card_of(household, at=LATER)

    assert find_passbook(card.token).household == household
    assert Passbook.objects.get().printed_at == IN_MARCH


def test_the_address_is_ours_whoever_asks(household, settings):
    settings.PUBLIC_URL = "https://ledger.example"
    card = card_of(household)

    assert card.address == f"https://ledger.example/p/{card.token}/"


def test_a_household_has_one_passbook_in_its_own_village(household):
    card_of(household)
    elsewhere = VillageFactory()
    values = {"token_hash": "0" * 64, "issued_at": FIRST_OF_APRIL}

    for village in (household.village, elsewhere):
        with pytest.raises(IntegrityError), transaction.atomic():
            Passbook.objects.create(village=village, household=household, **values)
    with pytest.raises(ValidationError):
        Passbook(
            village=household.village, household=household, version=0, **values
        ).full_clean()


def test_a_household_that_is_taken_back_takes_its_card_along(household):
    card = card_of(household)

    household.delete()

    assert find_passbook(card.token) is None
