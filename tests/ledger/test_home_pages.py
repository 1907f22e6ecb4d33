"""一户一档 at the desk: find a household, read its file, note and confirm a change."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from households.changes import what_became_of
from households.models import ChangeNote, Household, HouseholdChange
from households.roles import Role
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    award,
    change,
    earn,
    note,
    publish,
    record,
    serve,
    split,
)
from tests.ledger.reading import text_of
from tests.two_villages import visitor


def at(name, *args, **query):
    return reverse(f"ledger_desk:{name}", args=args, query=query or None)


@pytest.fixture
def clerk(village_admin):
    return visitor(village_admin)


@pytest.fixture
def witness(reviewer):
    return visitor(reviewer)


def typed(**values):
    return {
        "village": "taoxi",
        "key": str(uuid4()),
        "takes_effect_on": "2026-04-07",
        "paper": "协议",
        "signed_by": "户主",
        **values,
    }


@pytest.fixture
def today(monkeypatch):
    """Look at the pages on 7 April 2026."""
    monkeypatch.setattr(timezone, "now", lambda: AFTER_NOTICE)


def test_a_household_is_found_by_number_name_and_initials(clerk, household):
    Household.objects.update(head_name="罗青山", head_initials="lqs")
    HouseholdFactory(village=household.village, group=household.group, number="002")

    for q in ("001", "罗青山", "lqs"):
        page = text_of(clerk.get(at("homes", q=q)))
        assert "001 罗青山" in page
        assert "002" not in page
    assert "999" in text_of(clerk.get(at("homes", q="999")))


def test_the_list_says_who_left_and_an_empty_village_what_to_do(clerk, household):
    change(household.village, "move_out", household=household)
    page = clerk.get(at("homes", status="left"))

    assert "001" in text_of(page)
    assert (
        "001"
        not in text_of(clerk.get(at("homes", status="away")))
        .replace("协议", "")
        .split("最近的变动")[0]
    )


def test_a_file_tells_points_heads_changes_deeds_and_what_is_open(
    clerk, household, today
):
    earn(household, 20)
    Household.objects.update(phone="13500135000")
    old = household.head_name
    change(household.village, "head", household=household, head_name="罗青山")
    household.refresh_from_db()
    new = split(household, points=8).other
    record(household, "Z05", note="清扫院坝")

    page = text_of(clerk.get(at("home", household.pk)))

    for said in ("罗青山", old, "户主变更", "分户", "901", "协议", "12分", "清扫院坝"):
        assert said in page, said
    assert "13500135000" not in page
    other = text_of(clerk.get(at("home", new.pk)))
    assert "001 罗青山" in other
    assert "8分" in other


def test_a_phone_is_shown_to_whoever_keeps_the_roster_only(clerk, witness, household):
    Household.objects.update(phone="13500135000")

    assert "13500135000" in text_of(clerk.get(at("home", household.pk)))
    assert "13500135000" not in text_of(witness.get(at("home", household.pk)))


def test_years_before_are_a_step_away(clerk, household, today):
    award(household, "Z05", note="三月的事")
    publish(household.village)

    assert "三月的事" in text_of(clerk.get(at("home", household.pk, year=2026)))
    past = text_of(clerk.get(at("home", household.pk, year=2025)))
    assert "三月的事" not in past
    assert clerk.get(at("home", household.pk, year="x")).status_code == 200


def test_a_split_is_shown_in_points_before_it_is_noted_and_then_confirmed(
    clerk, witness, household, today
):
    earn(household, 20)
    form = typed(
        head_name="陈小满",
        new_number="188",
        group=household.group_id,
        points="8",
        signed_by_other="陈小满",
    )

    shown = text_of(clerk.post(at("home-split", household.pk), form))
    assert "能兑换12分" in shown
    assert "合计还是20分" in shown
    assert household.group.name in shown
    assert not ChangeNote.objects.exists()
    clerk.post(at("home-split", household.pk), {**form, "sure": "1"})
    noted = ChangeNote.objects.get()
    waits = text_of(clerk.get(at("home-change", noted.pk)))
    assert "确认：材料齐全" not in waits
    assert "陈小满" in text_of(witness.get(at("home-change-sheet", noted.pk)))
    witness.post(at("home-change-confirm", noted.pk))

    assert HouseholdChange.objects.get().other.number == "188"
    assert "188 陈小满" in text_of(clerk.get(at("home", household.pk)))


def test_changing_something_gives_the_form_back_as_it_was(clerk, household, today):
    form = typed(head_name="陈德福")

    page = clerk.post(at("home-head", household.pk), {**form, "again": "1"})

    assert 'value="陈德福"' in page.content.decode()
    assert not ChangeNote.objects.exists()


def test_a_refusal_keeps_what_was_typed(clerk, household, today):
    form = typed(
        head_name="陈小满",
        new_number="001",
        group=household.group_id,
        points="0",
        sure="1",
    )

    page = clerk.post(at("home-split", household.pk), form)

    assert "户号001已经用过" in text_of(page)
    assert 'value="陈小满"' in page.content.decode()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("move-out", {}),
        ("away", {}),
        ("head", {"head_name": "陈得寿", "is_same": "on"}),
        ("merge", {"other": "002", "signed_by_other": "另一户"}),
    ],
)
def test_every_kind_has_its_form(clerk, household, today, kind, values):
    HouseholdFactory(village=household.village, group=household.group, number="002")
    form = typed(**values)

    assert clerk.get(at(f"home-{kind}", household.pk)).status_code == 200
    check = clerk.post(at(f"home-{kind}", household.pk), form)
    assert "会怎样" in text_of(check)
    clerk.post(at(f"home-{kind}", household.pk), {**form, "sure": "1"})

    expected = "name" if kind == "head" else kind.replace("-", "_")
    assert ChangeNote.objects.get().kind == expected


def test_somebody_moves_in_under_the_next_number(clerk, witness, household, today):
    page = clerk.get(at("home-move-in")).content.decode()
    assert 'value="002"' in page
    form = typed(head_name="欧阳春", new_number="002", group=household.group_id)
    clerk.post(at("home-move-in"), {**form, "sure": "1"})

    witness.post(at("home-change-confirm", ChangeNote.objects.get().pk))

    assert household.village.households.filter(number="002").exists()


def test_a_refused_note_says_why_and_the_noter_can_take_one_back(
    clerk, witness, household, village_admin
):
    first = note(household.village, "away", household=household, by=village_admin)
    assert "必填" in text_of(witness.post(at("home-change-refuse", first.pk), {}))
    witness.post(at("home-change-refuse", first.pk), {"answer": "人还在村里"})
    assert "人还在村里" in text_of(clerk.get(at("home-change", first.pk)))
    second = note(household.village, "away", household=household, by=village_admin)
    clerk.post(at("home-change-take-back", second.pk))

    second.refresh_from_db()
    assert second.state == "withdrawn"
    assert "已经办过" in text_of(
        witness.post(at("home-change-confirm", second.pk), follow=True)
    )


def test_a_change_that_waits_is_on_the_desk_and_leaves_no_other_button(
    clerk, witness, household, village_admin
):
    note(household.village, "away", household=household, by=village_admin)

    assert "项户籍变动等确认" in text_of(witness.get("/admin/"))
    page = clerk.get(at("home", household.pk)).content.decode()
    assert at("home-split", household.pk) not in page


@pytest.mark.parametrize("role", [Role.RECORDER, Role.SUPERVISOR, Role.TOWNSHIP])
def test_others_read_the_file_without_buttons(village, household, role):
    page = visitor(serve(village, role)).get(at("home", household.pk))

    assert page.status_code == 200
    assert at("home-split", household.pk) not in page.content.decode()


def test_the_passbook_says_what_became_of_a_household(village, household):
    second = HouseholdFactory(village=village, group=household.group, number="002")
    third = HouseholdFactory(village=village, group=household.group, number="003")
    change(village, "merge", household=second, other=household)
    change(village, "move_out", household=third)

    new = split(household, points=0).other
    today = date(2026, 5, 1)

    assert "001" in what_became_of(second, today=today)
    assert "2026年7月7日" in what_became_of(third, today=today)
    assert "901" in what_became_of(household, today=today)
    assert "001" in what_became_of(new, today=today)
    assert what_became_of(new, today=date(2027, 6, 1)) == ""
    for home in (second, third):
        home.refresh_from_db()
        assert what_became_of(home, today=date(2030, 1, 1))
