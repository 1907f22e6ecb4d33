"""户籍变动: what becomes of a household, its points and its place on the board."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from households.models import AuditEvent, ChangeNote, Household, HouseholdChange
from households.roles import Role
from households.roster import RosterNotImported, check_roster, import_roster
from households.roster_undo import undo_roster
from ledger.correcting import decide_correction, propose_correction
from ledger.expiring import expire_points, spendable_points
from ledger.homes.changes import (
    ChangeDecided,
    NeedsAnotherConfirmer,
    confirm_change,
    refuse_change,
    take_back_change,
)
from ledger.homes.checks import ChangeNotPossible
from ledger.homes.effects import effects_of
from ledger.homes.leaving import expire_left_behind, last_day_to_spend
from ledger.homes.moving import carry_balances
from ledger.invariants import violations
from ledger.models import Entry
from ledger.operations import KeyUsedForSomethingElse
from ledger.preview import preview_of
from ledger.receiving import file_declaration
from ledger.recording import NotOfThisVillage
from ledger.review import CapReached, OwnHousehold
from ledger.review_rows import review_rows
from rewards.redeeming import HouseholdGone
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    HouseholdFactory,
    UserFactory,
    approve,
    award,
    change,
    earn,
    exchange,
    finalize,
    note,
    offer,
    publish,
    record,
    serve,
    split,
    withdraw,
)

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
IN_APRIL = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
FIRST_OF_MAY = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
IN_DECEMBER = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)
MOVED_OUT = timezone.localdate(AFTER_NOTICE)


@pytest.fixture
def neighbor(village):
    return HouseholdFactory(
        village=village, group=village.groups.get(number=2), number="002"
    )


def score(household, year=2026):
    return Entry.objects.filter(household=household).score(year)


def balance(household):
    return Entry.objects.filter(household=household).balance()


def standing(publication, household):
    found = publication.standings.filter(household=household).first()
    return found and (found.score, found.month_points, found.place)


def whole(village):
    """Ask whether every promise holds, and every document can be rebuilt."""
    return list(violations(village))


# Two people


def test_nothing_happens_until_another_person_confirms(household, neighbor):
    noted = note(household.village, "head", household=household, head_name="陈德福")
    household.refresh_from_db()
    before = household.head_name

    done = confirm_change(
        noted, by=serve(household.village, Role.REVIEWER), at=AFTER_NOTICE
    )

    household.refresh_from_db()
    noted.refresh_from_db()
    assert before != "陈德福" == household.head_name
    assert (done.head_before, done.head_after) == (before, "陈德福")
    assert (done.number, noted.state) == (1, "confirmed")


def test_nobody_confirms_what_they_noted_or_their_own_household(household, reviewer):
    noted = note(household.village, "away", household=household, by=reviewer)
    with pytest.raises(NeedsAnotherConfirmer):
        confirm_change(noted, by=reviewer, at=AFTER_NOTICE)
    member = serve(household.village, Role.REVIEWER, household=household)
    with pytest.raises(NeedsAnotherConfirmer):
        confirm_change(noted, by=member, at=AFTER_NOTICE)
    with pytest.raises(NeedsAnotherConfirmer):
        refuse_change(noted, answer="不对", by=reviewer, at=AFTER_NOTICE)

    assert not HouseholdChange.objects.exists()


def test_a_change_confirmed_twice_happens_once(household, reviewer):
    earn(household, 20)
    noted = note(
        household.village,
        "split",
        household=household,
        new_number="901",
        head_name="陈小满",
        group=household.group,
        points=5,
    )

    first = confirm_change(noted, by=reviewer, at=AFTER_NOTICE)
    again = confirm_change(noted, by=reviewer, at=AFTER_NOTICE)

    assert first == again
    assert Entry.objects.filter(kind="transfer").count() == 2


def test_a_form_that_comes_twice_notes_one_change(household, village_admin):
    key = uuid4()
    facts = {"household": household, "key": key, "by": village_admin}
    first = note(household.village, "away", **facts)

    assert note(household.village, "away", **facts) == first
    with pytest.raises(KeyUsedForSomethingElse):
        note(household.village, "away", paper="别的", **facts)


def test_a_refusal_needs_a_reason_and_is_final(household, reviewer):
    noted = note(household.village, "away", household=household)
    with pytest.raises(ChangeNotPossible):
        refuse_change(noted, answer=" ", by=reviewer, at=AFTER_NOTICE)
    refuse_change(noted, answer="还住在村里", by=reviewer, at=AFTER_NOTICE)

    with pytest.raises(ChangeDecided):
        confirm_change(noted, by=reviewer, at=AFTER_NOTICE)
    household.refresh_from_db()
    assert household.status == "active"


def test_only_the_noter_takes_a_note_back_and_another_can_be_made(
    household, village_admin, reviewer
):
    noted = note(household.village, "away", household=household, by=village_admin)
    with pytest.raises(ChangeNotPossible, match="001"):
        note(household.village, "move_out", household=household)
    with pytest.raises(NeedsAnotherConfirmer):
        take_back_change(noted, by=reviewer, at=AFTER_NOTICE)
    take_back_change(noted, by=village_admin, at=AFTER_NOTICE)

    assert note(household.village, "move_out", household=household).pk


# Head of household


def test_a_new_head_has_agreed_to_nothing_and_old_boards_keep_the_old_name(
    household, reviewer
):
    Household.objects.update(
        full_name_consented_on=date(2026, 1, 1), phone="1", head_name="陈德寿"
    )
    award(household, "D03", 20)
    published = publish(household.village).document

    household.refresh_from_db()
    change(household.village, "head", household=household, head_name="罗青山")

    household.refresh_from_db()
    assert (household.full_name_consented_on, household.phone) == (None, "")
    assert household.head_initials == "lqs"
    assert household.village.publications.get().document == published
    assert AuditEvent.objects.filter(action="household.withdraw_full_name").exists()
    assert whole(household.village) == []


def test_a_name_put_right_is_the_same_person_s(household):
    Household.objects.update(full_name_consented_on=date(2026, 1, 1), phone="1")

    change(household.village, "name", household=household, head_name="陈得寿")

    household.refresh_from_db()
    assert household.full_name_consented_on == date(2026, 1, 1)
    assert (household.head_name, household.phone) == ("陈得寿", "1")


def test_a_roster_with_another_head_writes_the_change_and_undoing_it_another(
    village, household, village_admin
):
    old = household.head_name
    sheet = "户号,户主,组别\n001,罗青山,1社\n"
    batch = check_roster(
        village, file_name="r.csv", content=sheet.encode(), by=None, at=AFTER_NOTICE
    )
    import_roster(batch, by=village_admin, at=AFTER_NOTICE, update=True)

    first = household.changes.get()
    assert (first.kind, first.head_before, first.head_after) == ("head", old, "罗青山")
    assert "r.csv" in first.paper
    undo_roster(batch, by=village_admin, at=AFTER_NOTICE)
    household.refresh_from_db()
    assert household.head_name == old
    assert [one.head_after for one in household.changes.order_by("number")] == [
        "罗青山",
        old,
    ]
    assert whole(village) == []


def test_a_roster_gives_the_number_of_who_left_to_nobody(village, household, neighbor):
    change(village, "move_out", household=household)
    sheet = "户号,户主,组别\n001,罗青山,1社\n"
    batch = check_roster(
        village, file_name="r.csv", content=sheet.encode(), by=None, at=AFTER_NOTICE
    )

    with pytest.raises(RosterNotImported, match="001"):
        import_roster(batch, by=None, at=AFTER_NOTICE, update=True)


# Split


def test_a_split_gives_one_base_no_contribution_and_the_points_both_signed_for(
    household, neighbor
):
    earn(household, 20)
    before = score(household)

    done = split(household, points=8)

    new = done.other
    assert (new.number, new.head_name, new.status) == ("901", "陈小满", "active")
    assert (balance(household), balance(new)) == (12, 8)
    assert (score(household), score(new)) == (before, 60)
    assert new.passbooks.exists()
    april = publish(household.village, month=APRIL, at=FIRST_OF_MAY)
    assert standing(april, new)[:2] == (60, 0)
    assert whole(household.village) == []


def test_a_split_without_points_moves_none_and_waits_for_the_base_of_all(household):
    new = split(household, signed_by_other="").other

    assert not Entry.objects.exists()
    award(household, "Z05", 5, at=IN_APRIL)
    publish(household.village, month=APRIL, at=FIRST_OF_MAY)
    assert score(new) == 60


def test_points_go_along_only_when_both_signed_and_never_more_than_there_are(
    household,
):
    earn(household, 20)
    with pytest.raises(ChangeNotPossible):
        split(household, points=8, signed_by_other=" ")
    with pytest.raises(ChangeNotPossible, match="20"):
        split(household, points=21)

    assert not Household.objects.filter(number="901").exists()


def test_points_spent_after_the_note_do_not_go_along_as_well(household, reviewer):
    earn(household, 20)
    noted = note(
        household.village,
        "split",
        household=household,
        new_number="901",
        head_name="陈小满",
        group=household.group,
        points=15,
    )
    exchange(household, {offer(household.village, points=10): 1})

    with pytest.raises(ChangeNotPossible):
        confirm_change(noted, by=reviewer, at=AFTER_NOTICE)
    noted.refresh_from_db()
    assert noted.state == "waiting"
    assert not Household.objects.filter(number="901").exists()


def test_carried_over_points_go_first_and_expire_where_they_went(household):
    earn(household, 20)
    january = datetime(2027, 1, 10, 2, 0, tzinfo=UTC)

    new = split(household, points=8, at=january).other

    after_march = datetime(2027, 4, 1, 2, 0, tzinfo=UTC)
    gone = expire_points(household.village, at=after_march)
    assert {entry.household_id: entry.points for entry in gone} == {
        household.pk: -12,
        new.pk: -8,
    }
    assert (balance(household), balance(new)) == (0, 0)


def test_a_late_timer_leaves_nobody_more_when_a_household_splits(household, village):
    december, march = date(2025, 12, 1), date(2026, 3, 1)
    award(household, "D03", 20, at=datetime(2025, 12, 20, 2, tzinfo=UTC))
    publish(village, month=december)
    finalize(village, month=december, at=datetime(2026, 1, 20, 2, tzinfo=UTC))
    award(household, "Z05", 5)
    for month in (date(2026, 1, 1), date(2026, 2, 1), march):
        publish(village, month=month)
    finalize(village, month=march, at=IN_APRIL)

    new = split(household, points=5, at=IN_APRIL).other

    assert (balance(household), balance(new)) == (0, 5)
    assert expire_points(village, at=IN_APRIL) == []
    assert whole(village) == []


def test_a_number_is_given_once_even_when_nobody_lives_there(household, neighbor):
    change(household.village, "move_out", household=neighbor)

    with pytest.raises(ChangeNotPossible, match="002"):
        split(household, number="002")


# Merge


@pytest.fixture
def merged(household, neighbor):
    """20 points at 001 and 7 at 002 in March; then 002 went into 001."""
    award(household, "D03", 20)
    award(neighbor, "Z05", 5)
    award(neighbor, "Z01", 2)
    publish(household.village)
    finalize(household.village)
    return change(household.village, "merge", household=neighbor, other=household)


def test_a_merge_adds_contributions_and_balances_to_one_base(
    merged, household, neighbor
):
    assert (score(household), score(neighbor)) == (87, 60)
    assert (balance(household), balance(neighbor)) == (27, 0)
    neighbor.refresh_from_db()
    assert neighbor.status == "left"


def test_whoever_lived_in_a_merged_household_decides_for_neither(household, neighbor):
    reviewer = serve(household.village, Role.REVIEWER, household=neighbor)
    deed = record(household, "Z05", 5)

    change(household.village, "merge", household=neighbor, other=household)

    reviewer.refresh_from_db()
    with pytest.raises(OwnHousehold):
        approve(deed, by=reviewer)


def test_the_board_after_a_merge_has_one_household_and_the_old_one_is_as_it_was(
    merged, household, neighbor
):
    march = merged.village.publications.get()
    kept = march.document

    april = publish(merged.village, month=APRIL, at=FIRST_OF_MAY)

    march.refresh_from_db()
    assert march.document == kept
    assert standing(march, neighbor)[:2] == (67, 7)
    assert standing(april, neighbor) is None
    assert standing(april, household) == (87, 0, 1)
    totals = json.loads(april.document)["totals"]
    assert set(totals.values()) == {0}
    assert whole(merged.village) == []


def test_what_is_decided_or_becomes_final_after_a_merge_goes_along(household, neighbor):
    award(household, "D03", 20)
    publish(household.village)
    pending = record(neighbor, "Z05", 5, at=FIRST_OF_APRIL)
    change(household.village, "merge", household=neighbor, other=household)
    approve(pending, at=AFTER_NOTICE)

    shown = preview_of(pending.period)
    april = publish(household.village, month=APRIL, at=FIRST_OF_MAY)
    finalize(household.village, month=APRIL, at=IN_MAY)
    carry_balances(household.village, by=None, at=IN_MAY)
    carried_again = carry_balances(household.village, by=None, at=IN_MAY)

    assert shown.slips[0].score == 85
    assert standing(april, household)[0] == 85
    assert (score(household), score(neighbor)) == (85, 60)
    assert (balance(neighbor), carried_again) == (0, [])
    assert whole(household.village) == []


def test_a_correction_of_the_ended_household_reaches_the_one_that_stays(
    merged, household, neighbor, recorder, reviewer
):
    wrong = Entry.objects.get(household=neighbor, points=5)
    correction = propose_correction(wrong, reason="记错", by=recorder, at=AFTER_NOTICE)
    decide_correction(correction, approve=True, by=reviewer, at=AFTER_NOTICE)

    shown = preview_of(merged.village.periods.get(month=APRIL))
    publish(merged.village, month=APRIL, at=FIRST_OF_MAY)
    finalize(merged.village, month=APRIL, at=IN_MAY)
    carry_balances(merged.village, by=None, at=IN_MAY)

    assert [slip.score for slip in shown.slips] == [82]
    assert (score(household), score(neighbor)) == (82, 60)
    assert balance(household) == 22
    assert whole(merged.village) == []


def test_a_merge_of_a_merge_carries_everything_to_the_last(merged, household, village):
    third = HouseholdFactory(
        village=village, group=village.groups.get(number=1), number="003"
    )

    change(village, "merge", household=household, other=third)

    assert (score(household), balance(third)) == (60, 27)
    publish(village, month=APRIL, at=FIRST_OF_MAY)
    assert score(third) == 87
    assert whole(village) == []


def test_caps_count_from_the_day_of_the_merge(household, neighbor):
    item = household.village.rulebooks.get().items.get(code="D03")
    item.month_cap = item.year_cap = 20
    item.save()
    award(household, "D03", 20)
    publish(household.village)
    change(household.village, "merge", household=neighbor, other=household)

    due = record(household, "D03", 20, at=IN_APRIL)
    assert review_rows(due.period, [due], by=UserFactory())[0].flags == []
    approve(due, at=IN_APRIL)

    with pytest.raises(CapReached):
        award(household, "D03", 20, at=IN_MAY)
    publish(household.village, month=APRIL, at=FIRST_OF_MAY)
    assert whole(household.village) == []


def test_a_merge_needs_both_signatures_and_two_households_that_live_here(
    household, neighbor
):
    with pytest.raises(ChangeNotPossible):
        note(
            household.village,
            "merge",
            household=neighbor,
            other=household,
            signed_by_other=" ",
        )
    with pytest.raises(ChangeNotPossible):
        note(household.village, "merge", household=neighbor, other=neighbor)
    change(household.village, "move_out", household=household)
    with pytest.raises(ChangeNotPossible, match="001"):
        note(household.village, "merge", household=neighbor, other=household)


# Moving out


@pytest.fixture
def gone(household, neighbor):
    """20 points in March; moved out on 7 April."""
    award(neighbor, "Z05", 5)
    earn(household, 20)
    pending = record(household, "Z05", 5, at=FIRST_OF_APRIL)
    change(household.village, "move_out", household=household)
    household.refresh_from_db()
    household.pending = pending
    return household


def test_whoever_moved_out_takes_no_records_and_is_told_so(gone):
    with pytest.raises(NotOfThisVillage, match="001"):
        record(gone, "Z01", at=IN_APRIL)
    with pytest.raises(NotOfThisVillage, match="001"):
        file_declaration(
            gone, text="扫地", happened_on=MOVED_OUT, key=uuid4(), at=IN_APRIL
        )


@pytest.mark.parametrize("kind", ["move_out", "merge"])
def test_the_phone_of_who_leaves_is_erased_and_no_sheet_brings_it_back(
    village, household, neighbor, kind
):
    Household.objects.filter(pk=household.pk).update(phone="13900000001")
    household.refresh_from_db()
    sides = {"household": household, **({"other": neighbor} if kind == "merge" else {})}
    waiting = note(village, kind, **sides)

    told = effects_of(waiting, at=AFTER_NOTICE)
    confirm_change(waiting, by=serve(village, Role.REVIEWER), at=AFTER_NOTICE)
    sheet = f"户号,户主,组别,电话\n001,{household.head_name},2社,13900000001\n"
    batch = check_roster(
        village, file_name="r.csv", content=sheet.encode(), by=None, at=AFTER_NOTICE
    )
    import_roster(batch, by=None, at=AFTER_NOTICE, update=True)

    household.refresh_from_db()
    assert (household.phone, household.group.number) == ("", 1)
    assert "电话会清掉。" in told


def test_deeds_of_before_are_still_decided_but_the_board_leaves_the_household_out(gone):
    approve(gone.pending, at=IN_APRIL)
    april = publish(gone.village, month=APRIL, at=FIRST_OF_MAY)

    assert standing(april, gone) is None
    assert score(gone) == 85
    assert standing(gone.village.publications.get(number=1), gone)[0] == 80
    assert whole(gone.village) == []


def test_points_are_spent_for_three_months_then_expire_once(gone):
    goods = offer(gone.village, points=10)
    last_day = datetime(2026, 7, 7, 2, 0, tzinfo=UTC)
    day_after = last_day + timedelta(days=1)
    assert gone.changes.get().spendable_until == date(2026, 7, 7)

    exchange(gone, {goods: 1}, at=last_day)
    assert expire_left_behind(gone.village, at=last_day) == []
    with pytest.raises(HouseholdGone, match="2026"):
        exchange(gone, {goods: 1}, at=day_after)
    (entry,) = expire_left_behind(gone.village, at=day_after)

    assert (entry.kind, entry.points) == ("expiry", -10)
    assert expire_left_behind(gone.village, at=day_after) == []
    assert spendable_points(gone, at=day_after) == 0
    assert whole(gone.village) == []


def test_the_daily_timer_expires_them_however_late_it_runs(gone, capsys):
    call_command("advance_months", today="2026-12-30")
    call_command("advance_months", today="2026-12-30")

    assert Entry.objects.filter(kind="expiry", household=gone).count() == 1
    assert balance(gone) == 0


def test_what_expired_in_march_does_not_keep_the_rest_from_expiring(village):
    home = HouseholdFactory(village=village, group=village.groups.first(), number="009")
    earn(home, 20)
    winter = datetime(2027, 2, 1, 2, 0, tzinfo=UTC)
    change(village, "move_out", household=home, at=winter)
    expire_points(village, at=datetime(2027, 4, 1, 2, 0, tzinfo=UTC))
    split_off = Entry.objects.get(kind="expiry")

    late = expire_left_behind(village, at=datetime(2027, 6, 1, 2, 0, tzinfo=UTC))

    assert (split_off.points, late) == (-20, [])
    assert balance(home) == 0


def test_whoever_did_something_later_has_not_moved_out_before(household, reviewer):
    record(household, "Z05", at=END_OF_MARCH)

    with pytest.raises(ChangeNotPossible, match="2026年3月31日"):
        note(
            household.village,
            "move_out",
            household=household,
            takes_effect_on=date(2026, 3, 30),
        )


@pytest.mark.parametrize(
    ("moved_out_on", "last_day"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2026, 1, 7), date(2026, 4, 7)),
    ],
)
def test_three_months_end_on_the_same_day_or_the_month_s_last(
    village, moved_out_on, last_day
):
    assert last_day_to_spend(village, moved_out_on) == last_day


# Moving in, away and back


def test_whoever_moves_in_has_the_whole_base_of_the_year(household):
    award(household, "Z05", 5)
    publish(household.village)

    done = change(
        household.village,
        "move_in",
        new_number="950",
        head_name="欧阳春",
        group=household.group,
    )

    assert (done.household.number, score(done.household)) == ("950", 60)
    assert (done.head_before, done.status_after) == ("", "active")


def test_whoever_comes_after_new_year_has_no_base_of_the_year_before(
    household, neighbor
):
    village = household.village
    award(household, "Z05", 5, at=IN_DECEMBER)
    publish(village, month=date(2026, 12, 1), at=NEW_YEAR)
    withdraw(village.publications.get())
    before = {"takes_effect_on": date(2026, 12, 31)}
    late = {"number": "902", "takes_effect_on": date(2027, 1, 1)}

    old = split(household, at=NEW_YEAR, **before).other
    new = split(household, at=NEW_YEAR, **late).other
    moved_in = change(
        village,
        "move_in",
        new_number="950",
        head_name="欧阳春",
        group=household.group,
        at=NEW_YEAR,
    ).household
    shown = preview_of(village.periods.earliest("month"))
    december = publish(village, month=date(2026, 12, 1), at=NEW_YEAR)
    call_command("advance_months", today="2027-01-02")

    assert [standing(december, home) for home in (new, moved_in)] == [None, None]
    assert standing(december, old)[0] == 60
    assert [(slip.place, slip.score) for slip in shown.slips] == [(1, 65)]
    assert [score(home, 2026) for home in (old, new, moved_in)] == [60, 0, 0]
    assert [score(home, 2027) for home in (old, new, moved_in)] == [60, 60, 60]
    assert whole(village) == []


def test_whoever_is_away_is_not_ranked_but_recorded_and_ranked_when_back(household):
    award(household, "D03", 20)
    change(household.village, "away", household=household)
    household.refresh_from_db()

    march = publish(household.village)
    record(household, "Z05", at=AFTER_NOTICE)
    away = standing(march, household)
    change(household.village, "back", household=household)
    approve(household.deeds.get(points__lt=20), at=AFTER_NOTICE)
    april = publish(household.village, month=APRIL, at=FIRST_OF_MAY)

    assert away == (80, 20, None)
    assert standing(april, household)[2] == 1
    with pytest.raises(ChangeNotPossible):
        change(household.village, "back", household=household)


# What is never noted


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("away", {"paper": " "}),
        ("away", {"signed_by": ""}),
        ("away", {"takes_effect_on": date(2026, 4, 8)}),
        ("away", {"takes_effect_on": date(2025, 4, 5)}),
        ("move_out", {"takes_effect_on": date(2026, 2, 5)}),
        ("head", {"head_name": ""}),
        ("split", {"new_number": "901", "head_name": ""}),
        ("move_in", {"new_number": "", "head_name": "陈小满", "household": None}),
    ],
)
def test_a_change_that_is_not_complete_is_not_noted(household, kind, values):
    with pytest.raises(ChangeNotPossible):
        note(household.village, kind, **{"household": household, **values})

    assert not ChangeNote.objects.exists()


def test_another_village_s_household_is_not_changed(household):
    with pytest.raises(ChangeNotPossible):
        note(household.village, "away", household=HouseholdFactory())


# What the database itself refuses

CHANGE = (
    "INSERT INTO households_householdchange (village_id, number, household_id, kind, "
    "takes_effect_on, paper, signed_by, signed_by_other, points, head_before, "
    "head_after, status_before, status_after, note_id, noted_by_id, decided_by_id, "
    "spendable_until, other_id, at) SELECT village_id, {number}, household_id, kind, "
    "takes_effect_on, paper, signed_by, signed_by_other, points, head_before, "
    "head_after, status_before, status_after, {note}, noted_by_id, decided_by_id, "
    "spendable_until, other_id, at FROM households_householdchange WHERE number = 1"
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE households_household SET status = 'active' WHERE number = '002'",
        "UPDATE households_household SET head_name = '别人' WHERE number = '002'",
        "UPDATE households_householdchange SET points = 3",
        "DELETE FROM households_householdchange",
        "UPDATE households_changenote SET state = 'refused'",
        "DELETE FROM households_changenote",
        CHANGE.format(number=7, note="note_id"),
        CHANGE.format(number=2, note="NULL"),
        "UPDATE ledger_deed SET happened_on = '2026-04-30' WHERE points = 2",
    ],
)
def test_i60_to_i63_the_database_refuses_what_no_operation_does(
    household, neighbor, statement
):
    record(neighbor, "Z01", 2, at=FIRST_OF_APRIL)
    change(household.village, "merge", household=neighbor, other=household)

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_i62_points_move_only_between_the_two_and_never_below_zero(
    household, neighbor, reviewer
):
    earn(household, 20)
    done = split(household, points=8)
    third = neighbor

    for home, points in ((third, 5), (household, -13)):
        entry = Entry(
            village=household.village,
            number=Entry.objects.count() + 1,
            household=home,
            year=2026,
            kind="transfer",
            points=points,
            change=done,
            posted_at=AFTER_NOTICE,
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()
