"""评优: prepared, on notice for seven days, voted on, and then frozen."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from households.append_only import AppendOnlyError
from households.models import AuditEvent, Household, VillagePolicy
from households.roles import Role
from ledger.objections import answer_objection
from ledger.sealing import is_sealed
from rewards.award_rounds import NotYetProposed, WrongMoment, awards_of_round
from rewards.awarding import (
    NobodyListed,
    Note,
    NotOnTheList,
    RoundStands,
    open_notice,
    withdraw_round,
    write_notes,
)
from rewards.confirming import NeedsAnotherPerson, NoLongerEligible, VoteRefused
from rewards.gifts import decide_gift
from rewards.models import Award, AwardNote, AwardRound
from tests.factories import offer, serve
from tests.rewards.roll import (
    CONFIRMED,
    DRAFTED,
    ENDS,
    FINAL,
    IN_DECEMBER,
    OPENED,
    confirm,
    confirmed,
    draft,
    hang_out,
    listed,
    object_to,
    settle,
    vote,
)


@pytest.fixture
def homes(village):
    return settle(village)


def strike(round, home, reason="自愿放弃", *, by=None):
    note = Note(home, struck_reason=reason)
    return write_notes(
        round, [note], by=by or serve(round.village, Role.ADMIN), at=DRAFTED
    )


# Preparing


def test_a_round_begins_only_when_december_is_final(village):
    settle(village, final=False)

    with pytest.raises(NotYetProposed, match="2025"):
        draft(village)

    assert not AwardRound.objects.exists()


def test_an_open_objection_to_the_year_holds_the_round_back(village, homes):
    objection = object_to(village, at=FINAL)

    with pytest.raises(NotYetProposed, match=objection.number):
        draft(village)


def test_one_round_stands_for_a_year(village, homes, village_admin):
    first = draft(village)
    with pytest.raises(RoundStands):
        draft(village)

    withdraw_round(first, reason="重来", by=village_admin, at=DRAFTED)

    assert draft(village).number == 2


def test_the_same_form_twice_drafts_one_round(village, homes, village_admin):
    key = uuid4()

    first = draft(village, by=village_admin, key=key)

    assert draft(village, by=village_admin, key=key) == first
    assert AwardRound.objects.count() == 1


def test_whoever_comes_next_moves_up_for_who_is_struck_off(village, homes):
    round = draft(village)

    for number in ("001", "002"):
        strike(round, homes[number])

    awards = awards_of_round(round)
    assert [each.line.household.number for each in awards.chosen] == [
        "003",
        "004",
        "005",
    ]
    [struck] = [e for e in awards.candidates if e.line.household == homes["001"]]
    assert [str(each) for each in struck.obstacles] == ["已划掉：自愿放弃"]
    events = AuditEvent.objects.filter(action="award.strike")
    assert events.count() == 2
    assert "自愿" not in str(list(events.values()))


def test_who_was_struck_off_can_be_put_back(village, homes):
    round = draft(village)
    strike(round, homes["001"])

    strike(round, homes["001"], "")

    assert awards_of_round(round).chosen[0].line.household == homes["001"]
    assert AuditEvent.objects.filter(action="award.put_back").count() == 1


def test_nobody_is_added_who_is_not_on_the_list(village, homes, village_admin):
    round = draft(village)
    for number in ("005", "006"):
        notes = [Note(homes["001"], "好"), Note(homes[number], "热心肠")]
        with pytest.raises(NotOnTheList, match=number), transaction.atomic():
            write_notes(round, notes, by=village_admin, at=DRAFTED)

    assert not AwardNote.objects.exists()


def test_nobody_listed_is_nothing_to_hang_out(village, homes, village_admin):
    VillagePolicy.objects.update(award_places=0)

    with pytest.raises(NobodyListed):
        open_notice(draft(village), by=village_admin, at=OPENED)


# The notice


def test_the_list_is_frozen_as_it_hangs_with_masked_names_and_shared_places(
    village, homes
):
    round = hang_out(village)

    assert listed(round) == [
        (1, "001", "周○禾", 90),
        (2, "002", "吴○圆", 85),
        (3, "003", "郑○满", 82),
        (3, "004", "钱○田", 82),
    ]
    assert (round.places, round.months_needed, round.notice_days) == (3, 1, 7)
    assert {award.group for award in Award.objects.all()} == {
        str(home.group) for home in homes.values()
    }


def test_praise_stands_in_the_list_and_is_made_where_there_is_none(
    village, homes, village_admin
):
    round = draft(village)
    note = Note(homes["001"], " 全年帮工26天 ")
    write_notes(round, [note], by=village_admin, at=DRAFTED)

    open_notice(round, by=village_admin, at=OPENED)

    praise = dict(Award.objects.values_list("household__number", "citation"))
    assert praise["001"] == "全年帮工26天"
    assert praise["002"] == "1个月里做了1件好事"


def test_the_notice_runs_seven_days_without_the_day_it_opened(village, homes):
    round = hang_out(village)

    assert timezone.localtime(round.notice_ends_at).isoformat() == (
        "2026-01-17T17:00:00+08:00"
    )
    assert round.notice_ends_at == ENDS


def test_an_open_notice_takes_no_more_notes(village, homes, village_admin):
    round = hang_out(village)

    with pytest.raises(WrongMoment):
        strike(round, homes["001"])
    with pytest.raises(WrongMoment):
        open_notice(round, by=village_admin, at=OPENED)


# The vote


def test_a_vote_after_the_notice_makes_the_roll_and_seals_it(village, homes):
    round = hang_out(village)

    confirm(round)

    round = AwardRound.objects.get()
    document = json.loads(round.document)
    assert round.state == "confirmed"
    assert is_sealed(document)
    assert document["digest"] == round.digest
    assert [row["number"] for row in document["rows"]] == ["001", "002", "003", "004"]
    assert document["previous_digest"] == village.publications.get().digest
    assert document["vote"]["for"] == 28
    assert "周兴禾" not in round.document


def test_it_is_not_confirmed_while_the_notice_runs(village, homes):
    round = hang_out(village)

    with pytest.raises(WrongMoment, match="2026-01-17 17:00"):
        confirm(round, at=ENDS - timedelta(seconds=1), day=date(2026, 1, 16))

    confirm(round, at=ENDS, day=date(2026, 1, 17))


def test_a_draft_is_not_confirmed(village, homes):
    with pytest.raises(WrongMoment):
        confirm(draft(village))


def test_who_opened_the_notice_does_not_confirm_it(village, homes, village_admin):
    round = hang_out(village, by=village_admin)

    with pytest.raises(NeedsAnotherPerson):
        confirm(round, by=village_admin)


def test_nobody_confirms_a_list_with_their_own_household(village, homes, reviewer):
    reviewer.household = homes["002"]
    reviewer.save()

    with pytest.raises(NeedsAnotherPerson):
        confirm(hang_out(village), by=reviewer)


@pytest.mark.parametrize("about", ["the month", "nobody listed", "somebody listed"])
def test_any_open_objection_to_the_year_stops_it(village, homes, about, supervisor):
    round = hang_out(village)
    home = {"nobody listed": homes["006"], "somebody listed": homes["001"]}
    objection = object_to(village, household=home.get(about))

    with pytest.raises(NotYetProposed, match=objection.number):
        confirm(round)

    answer_objection(
        objection, uphold=False, answer="查过了", by=supervisor, at=CONFIRMED
    )
    assert confirm(round).state == "confirmed"


def test_who_has_fallen_off_meanwhile_is_named_with_the_reason(
    village, homes, village_admin
):
    round = hang_out(village)
    Household.objects.filter(number="002").update(status="left")

    with pytest.raises(NoLongerEligible, match="002号吴桂圆：已迁出"):
        confirm(round)

    withdraw_round(round, reason="有一户搬走", by=village_admin, at=CONFIRMED)
    again = open_notice(draft(village), by=village_admin, at=CONFIRMED)
    assert [number for _place, number, *_rest in listed(again)] == ["001", "003", "004"]


def test_a_vote_that_did_not_carry_or_is_not_recorded_confirms_nothing(
    village, homes, reviewer
):
    round = hang_out(village)

    for said in (
        {"meeting": " "},
        {"record": ""},
        {"day": date(2026, 1, 9)},
        {"day": date(2026, 1, 19)},
        {"votes_for": 3},
        {"votes_for": 0, "votes_against": 0, "abstained": 0},
        {"abstained": -1},
    ):
        with pytest.raises(VoteRefused):
            confirm(round, by=reviewer, **said)


def test_a_list_can_be_withdrawn_with_a_reason_and_never_once_confirmed(
    village, homes, village_admin
):
    round = hang_out(village)
    with pytest.raises(WrongMoment, match="为什么"):
        withdraw_round(round, reason=" ", by=village_admin, at=CONFIRMED)

    confirm(round)

    with pytest.raises(WrongMoment, match="已经确认"):
        withdraw_round(round, reason="错了", by=village_admin, at=CONFIRMED)


def test_a_withdrawn_list_is_not_confirmed(village, homes, village_admin):
    round = hang_out(village)
    act = {"reason": "名单要改", "by": village_admin, "at": OPENED}
    withdraw_round(round, **act)

    assert withdraw_round(round, **act).state == "withdrawn"
    with pytest.raises(WrongMoment, match="已撤回"):
        confirm(round)


# What the database itself refuses


SETTLED = {
    draft: [
        "UPDATE rewards_awardround SET number = 3",
        "UPDATE rewards_awardround SET opened_at = '2026-01-10', "
        "notice_ends_at = '2026-01-17', opened_by_id = drafted_by_id",
    ],
    hang_out: [
        "UPDATE rewards_awardround SET opened_at = NULL",
        "UPDATE rewards_awardround SET notice_ends_at = '2026-01-11'",
        "UPDATE rewards_awardround SET places = 9",
        "UPDATE rewards_awardround SET year = 2024",
        "UPDATE rewards_awardround SET confirmed_at = '2026-01-30'",
        "UPDATE rewards_awardround SET reason = 'x'",
        "UPDATE rewards_awardnote SET citation = 'x'",
        "DELETE FROM rewards_awardnote",
    ],
    confirmed: [
        "UPDATE rewards_awardround SET votes_for = 99",
        "UPDATE rewards_awardround SET withdrawn_at = confirmed_at",
        "UPDATE rewards_award SET place = 9",
        "DELETE FROM rewards_award",
        "DELETE FROM rewards_awardround",
        "UPDATE rewards_awardgift SET quantity = 9",
        "DELETE FROM rewards_awardgift",
    ],
}


@pytest.mark.parametrize("stage", SETTLED)
def test_what_is_settled_stays_as_it_is_also_past_the_operations(
    village, homes, village_admin, stage
):
    round = draft(village, by=village_admin)
    rice = offer(village, "大米", 20, at=IN_DECEMBER)
    decide_gift(round, {rice: 1}, by=village_admin, at=DRAFTED)
    write_notes(round, [Note(homes["001"], "好")], by=village_admin, at=DRAFTED)
    if stage is not draft:
        open_notice(round, by=village_admin, at=OPENED)
    if stage is confirmed:
        confirm(round)

    for statement in SETTLED[stage]:
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement)


def test_nobody_is_slipped_onto_a_list_that_hangs(village, homes):
    round = hang_out(village)
    award = Award.objects.first()
    award.pk, award.household = None, homes["006"]
    award._state.adding = True

    with pytest.raises(DatabaseError, match="I-26"), transaction.atomic():
        award.save()
    with pytest.raises(AppendOnlyError):
        Award.objects.filter(round=round).update(place=1)


def test_the_database_confirms_nothing_while_an_objection_is_open(village, homes):
    round = hang_out(village)
    reviewer = serve(village, Role.REVIEWER)
    object_to(village)
    round.confirmed_at, round.confirmed_by = CONFIRMED, reviewer
    round.voted_on, round.votes_for = vote().day, 9
    round.meeting, round.record, round.digest = "会", "记", "0" * 64

    with pytest.raises(DatabaseError, match="I-27"), transaction.atomic():
        round.save()


def test_the_notice_counts_the_days_of_the_village(village, homes):
    VillagePolicy.objects.update(award_notice_days=10)
    village.refresh_from_db()

    round = hang_out(type(village).objects.get(pk=village.pk))

    assert round.notice_ends_at == ENDS + timedelta(days=3)


def test_a_list_keeps_the_rules_it_was_made_by(village, homes):
    round = hang_out(village)
    VillagePolicy.objects.update(award_months=12, award_places=1)

    assert confirm(round).months_needed == 1
