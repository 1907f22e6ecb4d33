import subprocess
import sys

import pytest

from households.models import Household
from households.pinyin import initials_of_name, initials_of_words
from households.roster import check_roster, import_roster
from households.roster_undo import undo_roster
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


def test_another_head_in_the_admin_brings_other_initials(
    client, village, village_admin, household
):
    client.force_login(village_admin)

    client.post(
        f"/admin/households/household/{household.pk}/change/",
        {
            "group": household.group_id,
            "head_name": "曾国富",
            "status": "active",
            "phone": "",
        },
    )

    household.refresh_from_db()
    assert household.head_initials == "cgf zgf"
