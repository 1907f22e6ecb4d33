import subprocess
import sys

import pytest

from households.models import Household
from households.pinyin import initials_of_name, initials_of_words
from households.roster import check_roster, import_roster
from households.roster_undo import undo_roster
from households.typed_households import TypedHouseholds
from tests.factories import IN_MARCH, HouseholdFactory


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("罗青山", "lqs"),
        ("曾国富", "cgf zgf"),
        ("单雄", "dx cx sx"),
        ("长孙无忌", "zswj cswj"),
        ("买买提·阿不都", "mmtabd"),
        ("", ""),
    ],
)
def test_every_reading_of_a_surname_finds_the_household(name, initials):
    assert initials_of_name(name) == initials


def test_a_title_is_found_by_the_usual_reading_of_its_words():
    assert initials_of_words("参加村组会议") == "cjczhy"


def test_the_dictionaries_are_not_loaded_before_somebody_needs_them():
    code = "import households.pinyin, sys; sys.exit('pypinyin' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_roster_brings_initials_and_its_undoing_takes_them_back(village):
    known = HouseholdFactory(
        village=village,
        group=village.groups.get(number=1),
        number="001",
        head_name="罗青山",
        head_initials="lqs",
    )
    content = "户号,户主,组别\n001,罗国水,1社\n002,曾国富,1社\n".encode()
    batch = check_roster(
        village, file_name="r.csv", content=content, by=None, at=IN_MARCH
    )

    import_roster(batch, by=None, at=IN_MARCH, update=True)
    found = dict(Household.objects.values_list("number", "head_initials"))
    undo_roster(batch, by=None, at=IN_MARCH)

    known.refresh_from_db()
    assert found == {"001": "lgs", "002": "cgf zgf"}
    assert known.head_initials == "lqs"


@pytest.fixture
def corrected(household):
    """罗青山, whom somebody files under lqx."""
    household.head_name = "罗青山"
    household.head_initials = "lqx"
    household.save()
    return household


@pytest.fixture
def keeper(client, village_admin):
    client.force_login(village_admin)
    return client


def save(keeper, household, **typed):
    """Send the household's page as it stands, but for what is typed."""
    form = {
        "group": household.group_id,
        "head_name": household.head_name,
        "initials": household.head_initials,
        "status": "active",
        "phone": "",
        **typed,
    }
    response = keeper.post(f"/admin/households/household/{household.pk}/change/", form)
    household.refresh_from_db()
    return response


def import_sheet(village, text):
    batch = check_roster(
        village, file_name="r.csv", content=text.encode(), by=None, at=IN_MARCH
    )
    return import_roster(batch, by=None, at=IN_MARCH, update=True)


def test_the_admin_leaves_the_head_and_the_status_to_the_household_s_own_page(
    keeper, corrected
):
    save(keeper, corrected, head_name="曾国富", status="left")

    assert (corrected.head_name, corrected.status) == ("罗青山", "active")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("lqx", "lqx"),
        ("ＬＱＸ、 lqs,LQX", "lqx lqs"),
        ("", "lqs"),
    ],
)
def test_initials_are_corrected_by_hand(keeper, corrected, typed, stored):
    save(keeper, corrected, initials=typed)

    assert corrected.head_initials == stored


def test_other_changes_leave_corrected_initials_alone(keeper, corrected):
    save(keeper, corrected, phone="13800138000")

    assert (corrected.phone, corrected.head_initials) == ("13800138000", "lqx")


@pytest.mark.parametrize("typed", ["罗qs", "l1", "l.q.s", "a" * 21])
def test_anything_but_letters_is_refused_with_a_way_out(keeper, corrected, typed):
    response = save(keeper, corrected, initials=typed)

    assert "initials" in response.context["adminform"].form.errors
    assert corrected.head_initials == "lqx"


def test_corrected_initials_find_the_household(keeper, village, corrected):
    typed = TypedHouseholds("LQX", Household.objects.filter(village=village))
    table = keeper.get("/admin/households/household/", {"q": "lqx"})

    assert list(typed.found.values()) == [corrected]
    assert list(table.context["cl"].result_list) == [corrected]


def test_who_only_looks_sees_them_and_changes_nothing(client, corrected, recorder):
    client.force_login(recorder)

    page = client.get(f"/admin/households/household/{corrected.pk}/change/")
    refused = save(client, corrected, initials="abc")

    assert "lqx" in page.content.decode()
    assert refused.status_code == 403
    assert corrected.head_initials == "lqx"


def test_a_roster_of_the_same_head_keeps_them(village, corrected):
    import_sheet(village, "户号,户主,组别,电话\n001,罗青山,1社,13800138000\n")

    corrected.refresh_from_db()
    assert (corrected.phone, corrected.head_initials) == ("13800138000", "lqx")


def test_a_roster_of_another_head_replaces_them_until_it_is_undone(village, corrected):
    batch = import_sheet(village, "户号,户主,组别\n001,罗国水,1社\n")
    corrected.refresh_from_db()
    replaced = corrected.head_initials
    undo_roster(batch, by=None, at=IN_MARCH)

    corrected.refresh_from_db()
    assert (replaced, corrected.head_initials) == ("lgs", "lqx")


def test_undoing_a_roster_of_the_same_head_keeps_what_was_corrected_since(
    village, household
):
    Household.objects.update(head_name="罗青山", head_initials="lqs")
    batch = import_sheet(village, "户号,户主,组别,电话\n001,罗青山,1社,13800138000\n")
    Household.objects.update(head_initials="lqx")

    undo_roster(batch, by=None, at=IN_MARCH)

    household.refresh_from_db()
    assert (household.phone, household.head_initials) == ("", "lqx")
