"""The vote on a draft, and recording deeds around the day it comes into force."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from households.roles import Role
from ledger.invariants import violations
from ledger.limits import remaining_points
from ledger.models import Rulebook, RulebookVote
from ledger.recording import NotOfThisVillage, OutOfRange, record_deeds
from ledger.rulebook_versions import (
    NotInThatVersion,
    Versions,
    item_of_day,
    recordable_items,
)
from ledger.rules.asking import NotSent, SamePerson, ask_township
from ledger.rules.drafting import ItemNotInOrder, change_item, drop_item
from ledger.rules.voting import DayNotPossible, NotCarried, record_vote, usual_day
from tests.factories import (
    IN_MARCH,
    MARCH,
    HouseholdFactory,
    adopt,
    agree,
    approve,
    award,
    draft,
    publish,
    serve,
    vote_of,
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


NEW_YEAR = date(2027, 1, 1)
EVE = date(2026, 12, 31)
IN_DECEMBER = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)
IN_JANUARY = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
def agreed(village):
    return agree(draft(village))


@pytest.fixture
def new_rules(village):
    """From 2027 on D02 is 4 to 8 points with another limit, and Z02 is gone."""
    made = draft(village, at=IN_DECEMBER)
    facts = {"by": made.drafted_by, "at": IN_DECEMBER}
    change_item(
        made.items.get(code="D02"),
        points_min=4,
        points_max=8,
        month_cap=12,
        year_cap=12,
        **facts,
    )
    drop_item(made.items.get(code="Z02"), **facts)
    return adopt(made, in_force_from=NEW_YEAR, at=IN_DECEMBER)


def cast(rulebook, in_force_from=date(2026, 4, 1), *, by=None, at=IN_MARCH, **values):
    key = values.pop("key", None) or uuid4()
    vote = vote_of(values.pop("held_on", MARCH), **values)
    by = by or serve(rulebook.village, Role.ADMIN)
    return record_vote(
        rulebook, vote, in_force_from=in_force_from, key=key, by=by, at=at
    )


def test_a_vote_adopts_the_draft_from_a_day(village, agreed):
    old = village.rulebooks.get(version=1)

    cast(agreed, women=24)

    agreed.refresh_from_db()
    assert agreed.stage == Rulebook.Stage.VOTED
    assert agreed.adopted_on == MARCH
    vote = agreed.vote
    assert (vote.present, vote.votes_for, vote.women) == (50, 45, 24)
    for word in ("村民会议", "60", "50", "24", "45", "备1号"):
        assert word in agreed.adoption
    in_force = [
        village.rulebooks.in_force(day).get()
        for day in (date(2026, 3, 31), date(2026, 4, 1))
    ]
    assert in_force == [old, agreed]
    assert list(village.rulebooks.announced(MARCH)) == [agreed]
    assert list(violations()) == []


def test_the_same_vote_sent_twice_is_one(agreed):
    admin = serve(agreed.village, Role.ADMIN)
    key = uuid4()

    cast(agreed, key=key, by=admin)
    cast(agreed, key=key, by=admin)

    assert RulebookVote.objects.count() == 1


def test_nothing_is_voted_on_before_the_township_agreed(village):
    made = draft(village)

    with pytest.raises(NotSent):
        cast(made)
    ask_township(made, by=made.drafted_by, at=IN_MARCH)
    with pytest.raises(NotSent):
        cast(made)


def test_whoever_agreed_for_the_township_does_not_record_the_vote(village):
    made = draft(village)
    both = serve(village, Role.TOWNSHIP)
    agree(made, by=both)

    with pytest.raises(SamePerson):
        cast(made, by=both)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"votes_for": 25, "against": 25, "abstained": 0}, "more than half"),
        ({"abstained": 5}, "make 53"),
        ({"entitled": 40}, "entitled"),
        ({"women": 51}, "entitled"),
        ({"entitled": 80}, "Too few"),
        ({"entitled": 100, "kind": "villagers"}, "Too few"),
        ({"entitled": 76, "kind": "delegates"}, "Too few"),
        ({"filing_number": " "}, "filing number"),
        ({"held_on": date(2026, 3, 21)}, "today"),
        ({"held_on": date(2025, 3, 18)}, "check the year"),
        ({"held_on": date.min}, "check the year"),
    ],
)
def test_a_meeting_that_did_not_carry_it_is_not_recorded(agreed, values, words):
    with pytest.raises(NotCarried, match=words):
        cast(agreed, **values)
    agreed.refresh_from_db()
    assert agreed.stage == Rulebook.Stage.AGREED


@pytest.mark.parametrize(
    "values",
    [
        {"entitled": 75},
        {"entitled": 75, "kind": "delegates"},
        {"entitled": 99, "kind": "villagers"},
        {"votes_for": 26, "against": 24, "abstained": 0},
    ],
)
def test_a_meeting_just_large_enough_carries_it(agreed, values):
    assert cast(agreed, **values).stage == Rulebook.Stage.VOTED


def test_no_rule_counts_before_its_vote(agreed):
    with pytest.raises(DayNotPossible, match="before the vote"):
        cast(agreed, MARCH - timedelta(days=1))


@pytest.mark.parametrize("day", [date(2028, 3, 2), date.max])
def test_a_day_that_would_let_no_other_version_follow_is_a_slip(agreed, day):
    with pytest.raises(DayNotPossible, match="two years"):
        cast(agreed, day)
    assert cast(agreed, date(2028, 3, 1)).stage == Rulebook.Stage.VOTED


def test_no_rule_counts_in_a_month_that_is_cut_off(village, household, agreed):
    award(household, at=IN_MARCH)
    publish(village)

    with pytest.raises(DayNotPossible, match="April 1, 2026"):
        cast(agreed, date(2026, 3, 31), at=datetime(2026, 4, 2, tzinfo=UTC))
    assert usual_day(agreed, today=date(2026, 4, 20)) == date(2026, 5, 1)


def test_no_rule_counts_on_a_day_that_a_deed_has(household, agreed):
    award(household, at=IN_MARCH)

    with pytest.raises(DayNotPossible, match="March 21, 2026"):
        cast(agreed, IN_MARCH.date())
    assert cast(agreed, date(2026, 3, 21)).in_force_from == date(2026, 3, 21)


def test_no_rule_counts_before_the_version_it_follows(village, agreed):
    cast(agreed)
    third = agree(draft(village))

    with pytest.raises(DayNotPossible, match="April 2, 2026"):
        cast(third)


def test_the_database_asks_for_the_vote_and_the_day_too(village, household, agreed):
    award(household, at=IN_MARCH)
    vote = (
        "INSERT INTO ledger_rulebookvote (village_id, rulebook_id, meeting, kind, "
        "held_on, entitled, present, votes_for, against, abstained, filing_number, "
        "digest, recorded_by_id, recorded_at) SELECT village_id, id, 'x', 'villagers', "
        "'2026-03-01', 9, 9, {}, 0, 0, 'x', 'x', drafted_by_id, '{}' "
        "FROM ledger_rulebook WHERE version = 2"
    )
    in_force = (
        "UPDATE ledger_rulebook SET in_force_from = '{}', adopted_on = '2026-03-01' "
        "WHERE version = 2"
    )
    for sql in (
        vote.format(9, "2026-03-01 00:00:00"),
        vote.format(4, "2026-03-21 00:00:00"),
        in_force.format("2026-04-01"),
    ):
        refused(sql)
    connection.cursor().execute(vote.format(9, "2026-03-21 00:00:00"))
    for day in ("2026-03-20", "2026-02-01", "2020-01-01"):
        refused(in_force.format(day))
    connection.cursor().execute(in_force.format("2026-03-21"))


def refused(sql):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(sql)


def test_an_item_slipped_in_after_the_agreement_is_seen_at_the_vote(village, agreed):
    # Only behind the guards.
    item = agreed.items.get(code="N01")
    Rulebook.objects.filter(pk=agreed.pk).update(sent_at=None, agreed_at=None)
    change_item(item, criterion="不按时缴医保的", by=agreed.drafted_by, at=IN_MARCH)
    Rulebook.objects.filter(pk=agreed.pk).update(sent_at=IN_MARCH, agreed_at=IN_MARCH)

    with pytest.raises(ItemNotInOrder, match="N01"):
        cast(Rulebook.objects.get(pk=agreed.pk))


# A deed and the rules of its day


def item(village, code, day):
    return Versions(village).on(day).items.get(code=code)


def note(home, item, day, points, *, at=IN_JANUARY):
    facts = {"channel": "record", "note": "说明", "key": uuid4(), "again": True}
    by = serve(home.village, Role.RECORDER)
    (deed,) = record_deeds(
        [home], item, happened_on=day, magnitude=points, by=by, at=at, **facts
    ).deeds
    return deed


def test_a_deed_of_december_recorded_in_january_has_december_s_rules(
    village, household, new_rules
):
    old, new = item(village, "D02", EVE), item(village, "D02", NEW_YEAR)

    with pytest.raises(NotOfThisVillage):
        note(household, new, EVE, 5)
    with pytest.raises(NotOfThisVillage):
        note(household, old, NEW_YEAR, 5)
    with pytest.raises(OutOfRange):
        note(household, old, EVE, 8)
    assert note(household, old, EVE, 3).item == old
    assert note(household, new, NEW_YEAR, 8).item == new
    assert list(violations()) == []


def test_an_item_that_was_dropped_is_recorded_for_its_own_days(
    village, household, new_rules
):
    gone = item(village, "Z02", EVE)

    assert note(household, gone, EVE, 5).item == gone
    with pytest.raises(NotOfThisVillage):
        note(household, gone, NEW_YEAR, 5)
    with pytest.raises(NotInThatVersion, match="version 2"):
        item_of_day(gone, NEW_YEAR, Versions(village))
    offered = {one.code: one for one in recordable_items(Versions(village), today=EVE)}
    assert offered["Z02"].until is None
    offered = {
        one.code: one for one in recordable_items(Versions(village), today=NEW_YEAR)
    }
    assert offered["Z02"].until == EVE
    assert offered["D02"].rulebook == new_rules
    late = NEW_YEAR + timedelta(days=60)
    items = recordable_items(Versions(village), today=late)
    assert "Z02" not in {one.code for one in items}


def test_caps_count_by_code_across_versions(village, household, new_rules):
    december = publish_december(village)
    old, new = item(village, "D02", EVE), item(village, "D02", NEW_YEAR)
    late = note(household, old, EVE, 5)
    assert late.period.month == NEW_YEAR
    assert december.month == date(2026, 12, 1)

    approve(late, at=IN_JANUARY, heard_on=None)
    fresh = note(household, new, NEW_YEAR, 8)

    assert remaining_points(late) == 10
    assert remaining_points(fresh) == 12 - 5
    approve(fresh, at=IN_JANUARY, magnitude=7, reason="上限", heard_on=None)
    assert list(violations()) == []


def publish_december(village):
    home = HouseholdFactory(village=village, group=village.groups.first())
    early = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)
    approve(note(home, item(village, "Z01", EVE), early.date(), 2, at=early), at=early)
    return publish(
        village, month=date(2026, 12, 1), at=datetime(2027, 1, 2, tzinfo=UTC)
    ).period


def test_what_stands_recorded_keeps_its_version(village, household):
    before = award(household, "D02", 3)

    adopt(draft(village), in_force_from=date(2026, 4, 1))

    before.refresh_from_db()
    assert before.item.rulebook.version == 1
    publish(village)
    assert list(violations()) == []


def test_points_past_all_versions_are_found(village, household, new_rules):
    publish_december(village)
    old, new = item(village, "D02", EVE), item(village, "D02", NEW_YEAR)
    late = approve(note(household, old, EVE, 5), at=IN_JANUARY, heard_on=None)
    fresh = note(household, new, NEW_YEAR, 8)

    # Without looking at the limits, as nobody's page does.
    type(late).objects.filter(pk=fresh.pk).update(state="approved")

    assert "I-11" in {violation.id for violation in violations()}
