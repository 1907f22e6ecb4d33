from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection

from households.models import AuditEvent, Household, ImportBatch, VillagerGroup
from households.roles import Role
from households.roster import RosterNotImported, check_roster, import_roster
from households.roster_undo import undo_roster
from tests.factories import VillageFactory, award, serve
from tests.households.sheets import HEADINGS, households, workbook

SAMPLES = Path(__file__).parent.parent / "data"
NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)

GOOD = [
    ["001", "周兴禾", "1社", "13900000001"],
    ["002", "阎福田", "一社", ""],
    ["003", "苏　芳", "2社", "13900000003/13800000003"],
]


@pytest.fixture
def village(db):
    return VillageFactory(name="桃溪村", slug="taoxi", rulebook=False)


@pytest.fixture
def clerk(village):
    return serve(village, Role.ADMIN)


def check(village, *rows, headings=HEADINGS, by=None):
    return check_content(village, workbook(headings, *rows), by=by)


def check_content(village, content, *, name="花名册.xlsx", by=None):
    return check_roster(village, file_name=name, content=content, by=by, at=NOW)


def check_sample(village, name):
    return check_content(village, (SAMPLES / name).read_bytes(), name=name)


def roster(village):
    return list(
        Household.objects.filter(village=village)
        .order_by("number")
        .values_list("number", "head_name", "group__name", "phone")
    )


def every_text():
    """Return all that the database holds, as one text."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts.append(repr(cursor.fetchall()))
    return "".join(texts)


# The three rosters that villages sent


def test_the_roster_of_a_wps_clerk_gives_186_households_in_six_groups(village):
    batch = check_sample(village, "roster-wps.xlsx")

    import_roster(batch, by=None, at=NOW)

    numbers = [number for number, *_ in roster(village)]
    assert numbers == [f"{number:03}" for number in range(1, 187)]
    groups = village.groups.order_by("number").values_list("number", "name")
    assert list(groups) == [(n, f"{n}社") for n in range(1, 7)]
    assert Household.objects.get(number="017").head_name == "陶冬至"
    assert Household.objects.get(number="019").phone == "13900006332"
    assert Household.objects.get(number="029").head_name == "苏芳"
    assert Household.objects.get(number="005").phone == "13900002323"


def test_totals_and_signatures_of_that_roster_are_listed(village):
    batch = check_sample(village, "roster-wps.xlsx")

    dropped = [(line["row"], line["text"]) for line in batch.report["dropped"]]
    assert dropped == [
        *((row, "小计") for row in (35, 67, 99, 131, 163, 195)),
        (197, "合计"),
        (198, "制表人:"),
    ]
    assert batch.report["private_headings"] == ["身份证号码"]
    assert batch.report["new"] == 186


def test_no_identity_number_of_that_roster_is_anywhere_in_the_database(village):
    batch = check_sample(village, "roster-wps.xlsx")

    import_roster(batch, by=None, at=NOW)

    everything = every_text()
    assert "潘宁" in everything
    assert "500112" not in everything
    assert "5.00112" not in everything


def test_a_text_roster_of_chinese_windows_gives_40_households_in_four_groups(village):
    batch = check_sample(village, "roster-gbk.csv")

    import_roster(batch, by=None, at=NOW)

    assert len(roster(village)) == 40
    groups = village.groups.order_by("number").values_list("name", flat=True)
    assert list(groups) == ["1组", "2组", "3组", "4组"]


def test_a_roster_with_faults_names_each_of_them_and_imports_nothing(village):
    batch = check_sample(village, "roster-faults.xlsx")

    with pytest.raises(RosterNotImported):
        import_roster(batch, by=None, at=NOW)

    assert roster(village) == []
    refusals = batch.report["refusals"]
    assert [(r["row"], r["column"], r["value"]) for r in refusals] == [
        (12, "户号", "203"),
        (13, "户号", ""),
        (14, "户主姓名", ""),
        (15, "户主姓名", "王" * 60),
        (16, "组别", ""),
        (17, "户号", "2026-03-12"),
    ]
    assert all(refusal["problem"] and refusal["remedy"] for refusal in refusals)


# Check


def test_checking_changes_no_household_and_leaves_a_trace(village, clerk):
    batch = check(village, *GOOD, by=clerk)

    assert roster(village) == []
    assert batch.state == ImportBatch.State.CHECKED
    assert [row["kind"] for row in batch.rows] == ["new"] * 3
    event = AuditEvent.objects.get(action="roster.check")
    assert (event.village, event.by, event.facts["rows"]) == (village, clerk, 3)


def test_a_file_that_is_no_table_is_noted_as_such(village):
    batch = check_content(village, b"%PDF-1.7", name="名册.pdf")

    assert batch.state == ImportBatch.State.FAILED
    assert "PDF" in batch.report["problem"]
    assert AuditEvent.objects.get().outcome == AuditEvent.Outcome.REFUSED
    with pytest.raises(RosterNotImported):
        import_roster(batch, by=None, at=NOW)


def test_a_second_telephone_number_is_left_out_and_said_so(village):
    batch = check(village, *GOOD)

    assert [(note["row"], note["column"]) for note in batch.report["notes"]] == [
        (4, "电话")
    ]
    assert batch.rows[2]["phone"] == "13900000003"


def test_an_unreadable_telephone_number_stops_nothing(village):
    batch = check(village, ["001", "周兴禾", "1社", "问他儿子"])

    assert batch.rows[0]["phone"] == ""
    assert batch.report["refusals"] == []
    assert len(batch.report["notes"]) == 1


@pytest.mark.parametrize("column", range(4))
def test_an_identity_number_in_the_wrong_column_is_never_kept(village, column):
    row = ["001", "周兴禾", "1社", ""]
    row[column] = "500112197001010018"

    check(village, row)

    assert "500112" not in every_text()


def test_an_identity_number_in_the_file_name_is_never_kept(village):
    check_content(village, workbook(HEADINGS, *GOOD), name="500112197001010018.xlsx")

    assert "500112" not in every_text()


def test_the_members_of_a_household_are_left_out(village):
    batch = check(
        village,
        ["001", "周兴禾", "1社", "户主"],
        ["001", "周小禾", "1社", "子"],
        headings=["户号", "姓名", "组别", "与户主关系"],
    )

    assert [row["head"] for row in batch.rows] == ["周兴禾"]
    assert [line["row"] for line in batch.report["dropped"]] == [3]
    assert batch.report["refusals"] == []


def test_two_households_may_have_heads_of_the_same_name(village):
    batch = check(village, ["001", "周兴禾", "1社"], ["002", "周兴禾", "2社"])

    import_roster(batch, by=None, at=NOW)

    assert [head for _, head, *_ in roster(village)] == ["周兴禾", "周兴禾"]


# Import


def test_an_import_keeps_what_the_check_showed(village, clerk):
    batch = import_roster(check(village, *GOOD), by=clerk, at=LATER)

    assert roster(village) == [
        ("001", "周兴禾", "1社", "13900000001"),
        ("002", "阎福田", "1社", ""),
        ("003", "苏芳", "2社", "13900000003"),
    ]
    assert (batch.state, batch.imported_at) == (ImportBatch.State.IMPORTED, LATER)
    event = AuditEvent.objects.get(action="roster.import")
    assert (event.by, event.at, event.facts["created"]) == (clerk, LATER, 3)


def test_importing_twice_does_nothing_more(village):
    batch = check(village, *GOOD)
    import_roster(batch, by=None, at=NOW)

    import_roster(batch, by=None, at=LATER)

    assert Household.objects.count() == 3
    assert AuditEvent.objects.filter(action="roster.import").count() == 1


def test_the_same_file_again_is_unchanged_throughout(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)

    again = import_roster(check(village, *GOOD), by=None, at=LATER)

    assert (again.report["new"], again.report["unchanged"]) == (0, 3)
    assert Household.objects.count() == 3


def test_another_head_under_a_known_number_needs_a_yes(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    Household.objects.filter(number="001").update(
        full_name_consented_on=date(2026, 1, 1)
    )
    batch = check(village, ["001", "周新主", "1社", ""], ["004", "新户", "2社", ""])

    with pytest.raises(RosterNotImported):
        import_roster(batch, by=None, at=LATER)
    assert Household.objects.count() == 3

    import_roster(batch, by=None, at=LATER, update=True)
    changed = Household.objects.get(number="001")
    assert (changed.head_name, changed.phone) == ("周新主", "")
    assert changed.full_name_consented_on is None
    assert Household.objects.count() == 4


def test_another_group_or_phone_is_taken_over_only_with_a_yes(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    moved = ["001", "周兴禾", "2社", "13900000009"]

    import_roster(check(village, moved), by=None, at=LATER)
    assert roster(village)[0] == ("001", "周兴禾", "1社", "13900000001")

    import_roster(check(village, moved), by=None, at=LATER, update=True)
    assert roster(village)[0] == tuple(moved)


def test_an_empty_phone_takes_nothing_away(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    batch = check(village, ["001", "周兴禾", "1社", ""])

    import_roster(batch, by=None, at=LATER, update=True)

    assert batch.report["unchanged"] == 1
    assert roster(village)[0][3] == "13900000001"


def test_a_group_of_the_same_number_is_the_same_group(village):
    VillagerGroup.objects.create(village=village, number=1, name="1社")

    import_roster(check(village, ["001", "周兴禾", "一组", ""]), by=None, at=NOW)

    assert roster(village)[0][2] == "1社"
    assert village.groups.count() == 1


def test_groups_known_by_name_come_after_the_numbered_ones(village):
    batch = check(village, ["001", "甲", "河东", ""], ["002", "乙", "3社", ""])

    import_roster(batch, by=None, at=NOW)

    groups = village.groups.order_by("number").values_list("number", "name")
    assert list(groups) == [(3, "3社"), (4, "河东")]


def test_a_village_that_changed_since_the_check_needs_a_new_one(village):
    batch = check(village, *GOOD)
    import_roster(check(village, ["009", "钱九", "1社", ""]), by=None, at=NOW)

    with pytest.raises(RosterNotImported):
        import_roster(batch, by=None, at=LATER)

    assert Household.objects.count() == 1


def test_another_village_may_use_the_same_numbers(village):
    other = VillageFactory(rulebook=False)
    import_roster(check(village, *GOOD), by=None, at=NOW)

    import_roster(check(other, *GOOD), by=None, at=NOW)

    assert len(roster(village)) == len(roster(other)) == 3


@pytest.mark.parametrize("count", [3, 90])
def test_an_import_takes_as_many_statements_for_few_as_for_many(
    village, django_assert_num_queries, count
):
    batch = check(village, *households(count))

    with django_assert_num_queries(11):
        import_roster(batch, by=None, at=NOW)


# Undo


def test_an_undone_import_leaves_nothing_behind(village, clerk):
    batch = import_roster(check(village, *GOOD), by=clerk, at=NOW)

    batch = undo_roster(batch, by=clerk, at=LATER)

    assert roster(village) == []
    assert not village.groups.exists()
    assert (batch.state, batch.undone_at) == (ImportBatch.State.UNDONE, LATER)
    assert AuditEvent.objects.get(action="roster.undo").facts["deleted"] == 3


def test_undoing_puts_replaced_heads_back(village):
    import_roster(check(village, *GOOD), by=None, at=NOW)
    consented_on = date(2026, 1, 1)
    Household.objects.update(full_name_consented_on=consented_on)
    before = roster(village)
    batch = check(village, ["001", "周新主", "3社", ""], ["009", "钱九", "1社", ""])
    import_roster(batch, by=None, at=LATER, update=True)

    undo_roster(batch, by=None, at=LATER)

    assert roster(village) == before
    assert Household.objects.filter(full_name_consented_on=consented_on).count() == 3
    assert village.groups.count() == 2


def test_undoing_twice_does_nothing_more(village):
    batch = import_roster(check(village, *GOOD), by=None, at=NOW)
    undo_roster(batch, by=None, at=LATER)

    undo_roster(batch, by=None, at=LATER)

    assert AuditEvent.objects.filter(action="roster.undo").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"head_name": "改名"},
        {"phone": "13900000009"},
        {"status": Household.Status.LEFT},
        {"full_name_consented_on": date(2026, 3, 2)},
    ],
)
def test_a_household_that_changed_after_the_import_stops_the_undo(village, change):
    batch = import_roster(check(village, *GOOD), by=None, at=NOW)
    Household.objects.filter(number="002").update(**change)

    with pytest.raises(RosterNotImported, match="002"):
        undo_roster(batch, by=None, at=LATER)

    assert Household.objects.count() == 3


def test_a_household_with_points_stops_the_undo(db):
    village = VillageFactory()
    batch = import_roster(check(village, *GOOD), by=None, at=NOW)
    award(Household.objects.get(number="002"))

    with pytest.raises(RosterNotImported):
        undo_roster(batch, by=None, at=LATER)

    assert Household.objects.count() == 3


def test_a_roster_that_was_not_imported_cannot_be_undone(village):
    with pytest.raises(RosterNotImported):
        undo_roster(check(village, *GOOD), by=None, at=LATER)


def test_an_undone_roster_cannot_be_imported_again(village):
    batch = import_roster(check(village, *GOOD), by=None, at=NOW)
    undo_roster(batch, by=None, at=LATER)

    with pytest.raises(RosterNotImported):
        import_roster(batch, by=None, at=LATER)
