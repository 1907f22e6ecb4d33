"""What a roster does to what households signed, and what taking it back does."""

from datetime import UTC, datetime, timedelta

import pytest

from households.consent import newest_consent
from households.models import Household
from households.roster import RosterNotImported, check_roster, import_roster
from households.roster_undo import undo_roster
from tests.factories import VillageFactory
from tests.households.sheets import HEADINGS, workbook
from tests.ledger.papers import answers, sign

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
GOOD = [["001", "周兴禾", "1社", "13900000001"], ["002", "阎福田", "一社", ""]]


@pytest.fixture
def village(db):
    return VillageFactory(rulebook=False)


def check(village, *rows):
    content = workbook(HEADINGS, *rows)
    return check_roster(
        village, file_name="花名册.xlsx", content=content, by=None, at=NOW
    )


def known(number="001"):
    return Household.objects.get(number=number)


def test_undoing_lets_the_paper_of_the_head_of_before_count_again(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    home = known()
    sign(home, answers(tells_stories=False), at=NOW)
    signed_on = known().full_name_consented_on
    batch = check(village, ["001", "周新主", "1社", ""])
    import_roster(batch, by=None, at=LATER, update=True)
    new_head = newest_consent(home)

    undo_roster(batch, by=None, at=LATER)

    stands = newest_consent(home)
    assert (new_head.kind, stands.kind) == ("new_head", "put_back")
    assert (stands.signed_on, stands.tells_stories) == (signed_on, False)
    assert known().full_name_consented_on == signed_on


def test_what_a_new_head_signed_stops_the_undo(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    batch = check(village, ["001", "周新主", "1社", ""])
    import_roster(batch, by=None, at=LATER, update=True)
    home = known()
    sign(home, answers(shows_name=False), at=LATER + timedelta(days=2))

    with pytest.raises(RosterNotImported, match="001"):
        undo_roster(batch, by=None, at=LATER + timedelta(days=3))


def test_an_undo_puts_back_nothing_that_ended_before_the_import(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    home = known()
    sign(home, at=NOW)
    first = check(village, ["001", "周新主", "1社", ""])
    import_roster(first, by=None, at=LATER, update=True)
    again = check(village, ["001", "周三主", "1社", ""])
    import_roster(again, by=None, at=LATER + timedelta(days=1), update=True)

    undo_roster(again, by=None, at=LATER + timedelta(days=2))

    assert newest_consent(home).kind == "new_head"


def test_a_roster_brings_no_phone_of_who_wants_no_file(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    sign(known(), answers(keeps_file=False), at=NOW)
    moved = ["001", "周兴禾", "2社", "13900000009"]

    import_roster(check(village, moved), by=None, at=LATER, update=True)

    assert (known().group.name, known().phone) == ("2社", "")


def test_a_new_head_of_a_roster_brings_a_phone_again(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    sign(known(), answers(keeps_file=False), at=NOW)
    moved = ["001", "周新主", "1社", "13900000009"]

    import_roster(check(village, moved), by=None, at=LATER, update=True)

    assert (known().head_name, known().phone) == ("周新主", "13900000009")
