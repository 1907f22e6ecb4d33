"""Drawing up the next version of the rules: items, stages, what is refused."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from households.audit import AuditEvent
from households.models import Stewardship
from households.roles import Role
from households.stewardships import end_stewardship
from ledger.models import Rulebook, ScoringItem
from ledger.rulebooks import AlreadyAdopted, adopt_rulebook
from ledger.rules.asking import (
    NotSent,
    SamePerson,
    WordsMissing,
    ask_township,
    comment,
    take_back,
)
from ledger.rules.drafting import (
    DraftOpen,
    ItemNotInOrder,
    NotADraft,
    add_item,
    change_item,
    discard_draft,
    draft_rulebook,
    drop_item,
    move_item,
    restore_item,
    written_fields,
)
from tests.factories import (
    IN_MARCH,
    VillageFactory,
    adopt,
    agree,
    draft,
    record,
    serve,
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


FACTS = {
    "title": "爱护水源",
    "title_en": "Care for the spring",
    "criterion": "清理水源地一次",
    "points_min": 2,
    "points_max": 4,
    "unit": "每次",
    "year_cap": 12,
    "evidence": "照片",
}


@pytest.fixture
def act(village_admin):
    return {"by": village_admin, "at": IN_MARCH}


def codes(rulebook, pillar):
    items = rulebook.items.filter(pillar=pillar).order_by("position")
    return [item.code for item in items]


def test_a_draft_copies_every_field_of_every_item(village, act):
    before = village.rulebooks.get()
    before.items.filter(code="N01").update(repair_percent=50, repair_days=9)

    made = draft_rulebook(village, **act)

    names = ["code", "pillar", "position", *written_fields()]
    assert {"repair_percent", "repair_days"} <= set(names)
    copied = made.items.order_by("position").values_list(*names)
    assert list(copied) == list(before.items.order_by("position").values_list(*names))
    assert len(copied) == 34
    assert (made.version, made.stage) == (2, Rulebook.Stage.DRAFT)


def test_a_draft_is_never_in_force(village, act):
    first = village.rulebooks.get()
    draft_rulebook(village, **act)

    assert village.rulebooks.in_force(date(2099, 1, 1)).get() == first
    assert first.is_sample
    assert not village.rulebooks.drafts().get().is_sample


def test_a_village_has_one_open_draft(village, act):
    made = draft_rulebook(village, **act)

    with pytest.raises(DraftOpen):
        draft_rulebook(village, **act)
    with pytest.raises(DatabaseError), transaction.atomic():
        village.rulebooks.create(version=3)
    discard_draft(made, **act)
    assert draft_rulebook(village, **act).version == 2


def test_nothing_is_drafted_where_there_are_no_rules(act):
    with pytest.raises(DraftOpen):
        draft_rulebook(VillageFactory(rulebook=False), **act)


def test_an_item_is_changed_and_the_old_version_is_not(village, act):
    made = draft_rulebook(village, **act)
    item = made.items.get(code="D02")

    change_item(item, points_max=6, title="邻里互助和看护", **act)

    item.refresh_from_db()
    old = village.rulebooks.get(version=1).items.get(code="D02")
    assert (item.points_max, item.title) == (6, "邻里互助和看护")
    assert (old.points_max, old.title) == (5, "邻里互助")
    event = AuditEvent.objects.get(action="rulebook.change_item")
    assert event.facts == {"item": "D02", "fields": ["title", "points_max"]}


def test_values_that_contradict_are_refused_with_a_sentence(village, act):
    item = draft_rulebook(village, **act).items.get(code="D02")

    with pytest.raises(ItemNotInOrder, match="fewest"):
        change_item(item, points_min=9, **act)
    with pytest.raises(ItemNotInOrder):
        change_item(item, repair_percent=50, **act)
    item.refresh_from_db()
    assert item.points_min == 3


@pytest.mark.parametrize("name", ["points_max", "month_cap", "year_cap"])
def test_no_item_promises_more_than_a_deed_can_hold(village, household, act, name):
    item = draft_rulebook(village, **act).items.get(code="D02")

    for points in (10_001, 10**18):
        with pytest.raises(ItemNotInOrder, match="At most 10000 points"):
            change_item(item, **{name: points}, **act)
    change_item(item, **{name: 10_000}, **act)


def test_a_new_item_takes_a_code_that_was_never_used(village, act):
    made = draft_rulebook(village, **act)
    drop_item(made.items.get(code="Z09"), **act)

    item = add_item(made, "self", key=uuid4(), **FACTS, **act)

    assert item.code == "Z10"
    assert codes(made, "self")[-1] == "Z10"
    positions = made.items.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, 35))
    assert made.items.get(code="N01").position == 26


def test_the_same_form_adds_one_item(village, act):
    made = draft_rulebook(village, **act)
    key = uuid4()

    first = add_item(made, "law", key=key, **FACTS, **act)

    assert add_item(made, "law", key=key, **FACTS, **act) == first
    assert made.items.count() == 35


def test_a_dropped_item_comes_back_as_it_was(village, act):
    made = draft_rulebook(village, **act)
    change_item(made.items.get(code="Z01"), points_max=3, **act)
    drop_item(made.items.get(code="Z02"), **act)

    for code in ("Z01", "Z02"):
        restore_item(made, code, **act)

    assert codes(made, "self")[:3] == ["Z01", "Z02", "Z03"]
    assert made.items.get(code="Z01").points_max == 2
    for code in ("Z77", "Z\x0077"):
        with pytest.raises(ItemNotInOrder):
            restore_item(made, code, **act)


def test_items_move_within_their_pillar(village, act):
    made = draft_rulebook(village, **act)

    move_item(made.items.get(code="D02"), up=True, **act)
    move_item(made.items.get(code="D02"), up=True, **act)
    move_item(made.items.get(code="D09"), up=False, **act)

    assert codes(made, "virtue")[:2] == ["D02", "D01"]
    assert codes(made, "virtue")[-1] == "D09"


def test_what_lies_with_the_township_is_not_changed(village, act):
    made = draft_rulebook(village, **act)
    item = made.items.get(code="D02")
    ask_township(made, **act)

    for change in (
        lambda: change_item(item, points_max=6, **act),
        lambda: drop_item(item, **act),
        lambda: add_item(made, "law", key=uuid4(), **FACTS, **act),
        lambda: move_item(item, up=True, **act),
        lambda: restore_item(made, "D02", **act),
    ):
        with pytest.raises(NotADraft, match="Take it back"):
            change()
    with pytest.raises(NotSent):
        ask_township(made, **act)
    take_back(made, **act)
    assert change_item(item, points_max=6, **act).points_max == 6
    with pytest.raises(NotSent):
        take_back(made, **act)


def test_the_township_agrees_or_gives_it_back(village, act):
    made = draft_rulebook(village, **act)
    clerk = serve(village, Role.TOWNSHIP)
    facts = {"by": clerk, "at": IN_MARCH}
    with pytest.raises(NotSent):
        comment(made, "remark", "看过", key=uuid4(), **facts)
    ask_township(made, **act)

    with pytest.raises(WordsMissing):
        comment(made, "changes", " ", key=uuid4(), **facts)
    comment(made, "changes", "第二条写清楚", key=uuid4(), **facts)
    made.refresh_from_db()
    assert made.stage == Rulebook.Stage.DRAFT
    comment(made, "answer", "已经写清楚", key=uuid4(), **act)
    ask_township(made, **act)
    key = uuid4()
    comment(made, "agreed", "", key=key, **facts)
    comment(made, "agreed", "", key=key, **facts)

    made.refresh_from_db()
    assert made.stage == Rulebook.Stage.AGREED
    said = made.comments.order_by("pk").values_list("verdict", flat=True)
    assert list(said) == ["changes", "answer", "agreed"]


def test_whoever_drew_it_up_does_not_agree_for_the_township(village, act):
    made = draft_rulebook(village, **act)
    ask_township(made, **act)

    with pytest.raises(SamePerson):
        comment(made, "agreed", "", key=uuid4(), **act)


def test_who_draws_up_the_rules_does_not_agree_to_them_in_another_role(village, act):
    made = draft_rulebook(village, **act)
    both = serve(village, Role.TOWNSHIP)
    role = {"village": village, "role": Role.ADMIN, "started_at": IN_MARCH}
    served = Stewardship.objects.create(user=both, **role)
    change_item(made.items.get(code="D02"), title="邻里守望", by=both, at=IN_MARCH)
    ask_township(made, by=both, at=IN_MARCH)

    with pytest.raises(SamePerson, match="this village's rules"):
        comment(made, "agreed", "", key=uuid4(), by=both, at=IN_MARCH)
    comment(made, "remark", "好", key=uuid4(), by=both, at=IN_MARCH)
    end_stewardship(served, by=act["by"], at=IN_MARCH)
    comment(made, "agreed", "", key=uuid4(), by=both, at=IN_MARCH)


def test_a_draft_with_what_is_never_an_item_is_not_sent(village, act):
    made = draft_rulebook(village, **act)
    change_item(made.items.get(code="N01"), criterion="越级上访的", **act)

    with pytest.raises(ItemNotInOrder, match="N01"):
        ask_township(made, **act)
    made.items.all().delete()
    with pytest.raises(ItemNotInOrder, match="no item"):
        ask_township(made, **act)


def test_a_discarded_draft_is_kept_and_closed(village, act):
    made = agree(draft(village))

    discard_draft(made, **act)

    made.refresh_from_db()
    assert made.stage == Rulebook.Stage.DISCARDED
    assert (made.items.count(), made.comments.count()) == (34, 1)
    with pytest.raises(NotADraft, match="Discarded"):
        discard_draft(made, **act)


def test_a_draft_is_not_adopted_past_its_vote(village, act):
    made = draft_rulebook(village, **act)

    with pytest.raises(AlreadyAdopted):
        adopt_rulebook(made, adoption="x", adopted_on=IN_MARCH.date(), **act)


def refused_by_the_database(sql):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(sql)


NEW = "(SELECT id FROM ledger_rulebook WHERE version = 2)"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_rulebook SET adoption = 'x' WHERE version = 2",
        "UPDATE ledger_rulebook SET in_force_from = NULL WHERE version = 2",
        "DELETE FROM ledger_rulebook WHERE version = 2",
        f"UPDATE ledger_scoringitem SET points_max = 9 WHERE rulebook_id = {NEW}",
        f"UPDATE ledger_scoringitem SET rulebook_id = {NEW} WHERE rulebook_id <> {NEW}",
        f"DELETE FROM ledger_scoringitem WHERE rulebook_id = {NEW}",
        "UPDATE ledger_rulebookvote SET against = 0",
        "UPDATE ledger_rulebookcomment SET text = ''",
    ],
)
def test_the_database_keeps_what_was_voted(village, sql):
    adopt(draft(village), in_force_from=date(2026, 4, 1))

    refused_by_the_database(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_rulebook SET in_force_from = '2026-04-01', "
        "adopted_on = '2026-03-01' WHERE version = 2",
        "INSERT INTO ledger_rulebook (village_id, version, in_force_from, adoption) "
        "SELECT village_id, 3, '2026-04-01', '' FROM ledger_rulebook WHERE version = 1",
        f"UPDATE ledger_deed SET item_id = (SELECT id FROM ledger_scoringitem "
        f"WHERE code = 'Z01' AND rulebook_id = {NEW})",
        "UPDATE ledger_scoringitem SET points_max = 9 WHERE id = "
        "(SELECT item_id FROM ledger_deed)",
        "DELETE FROM ledger_scoringitem WHERE id = (SELECT item_id FROM ledger_deed)",
    ],
)
def test_the_database_lets_no_draft_count(village, household, sql):
    record(household, "Z01")
    agree(draft(village))

    refused_by_the_database(sql)
    assert ScoringItem.objects.count() == 68
