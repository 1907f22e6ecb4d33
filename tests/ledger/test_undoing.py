"""Taking a decision back leaves everything as it was; what happened stays told."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from ledger.changing import NotChangeable, change_deeds
from ledger.declaring import (
    NotDeclared,
    decline_declaration,
    undo_acceptance,
    undo_decline,
)
from ledger.models import Decision, Deed
from ledger.recording import NotWithdrawable, withdraw_deed
from ledger.review import approve_deed, reject_deed, reopen_deed, reopen_deeds
from tests.factories import (
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    item_of,
    publish,
    record,
    serve,
)
from tests.ledger.desk import address, text_of
from tests.ledger.test_declaring import PAGE, accept, declare

FACTS = ("item_id", "points", "recorded_by_id", "recorded_at", "second_recorder_id")


def as_declared(deed):
    deed.refresh_from_db()
    return [getattr(deed, name) for name in (*FACTS, "state", "operation_id")]


# Points changed at approval


def adjust(deed, points, *, by, at=END_OF_MARCH):
    approve_deed(deed, by=by, at=at, magnitude=points, reason="只帮了半天")


def test_undoing_a_change_of_points_brings_back_the_recorded_ones(household, reviewer):
    deed = record(household, "D02", 5)
    adjust(deed, 3, by=reviewer)

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert (deed.state, deed.points) == ("pending", 5)
    history = deed.decisions.order_by("number")
    assert list(history.values_list("outcome", "points_before", "points")) == [
        ("adjusted", 5, 3),
        ("reopened", 3, 5),
    ]


def test_changed_and_undone_again_and_again_it_keeps_its_recorded_points(
    household, reviewer
):
    deed = record(household, "D02", 5)

    for points in (3, 4):
        adjust(deed, points, by=reviewer)
        reopen_deeds([deed], by=reviewer, at=END_OF_MARCH)
    approve_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert deed.points == 5
    assert list(deed.decisions.order_by("number").values_list("points", flat=True)) == [
        3,
        5,
        4,
        5,
        5,
    ]


def test_a_deduction_comes_back_with_its_sign(household, reviewer):
    deed = record(household, "N01", 5)
    approve_deed(
        deed,
        by=reviewer,
        at=END_OF_MARCH,
        magnitude=2,
        reason="初犯",
        heard_on=IN_MARCH.date(),
    )

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert deed.points == -5


def test_a_decision_of_before_keeps_the_points_it_left(household, reviewer, village):
    deed = record(household, "D02", 5)
    Deed.objects.update(state="approved", points=3)
    Decision.objects.create(
        village=village,
        deed=deed,
        number=1,
        outcome="adjusted",
        points=3,
        by=reviewer,
        at=END_OF_MARCH,
    )

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert (deed.state, deed.points) == ("pending", 3)


def test_what_was_undone_and_approved_again_keeps_every_promise(
    village, household, reviewer
):
    deed = record(household, "D02", 5)
    adjust(deed, 3, by=reviewer)
    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)
    approve(deed)

    publish(village)

    call_command("verify_ledger")
    assert deed.entries.get().points == 5


# Declarations


def test_an_undone_acceptance_waits_again_as_it_was_taken_down(household, village):
    clerk, accepting = (serve(village, Role.RECORDER) for _ in range(2))
    deed = declare(household, "D05", by=clerk)
    before = as_declared(deed)
    accept(deed, "D02", 4, by=accepting)

    undo_acceptance(deed, by=accepting, at=IN_MARCH)

    assert as_declared(deed) == before
    assert AuditEvent.objects.filter(action="deed.unaccept", by=accepting).count() == 1


def test_what_was_undone_can_be_accepted_again_by_somebody_else(household, village):
    first, second = (serve(village, Role.RECORDER) for _ in range(2))
    deed = declare(household, by=first)
    accept(deed, by=first)
    undo_acceptance(deed, by=first, at=IN_MARCH)

    accepted = accept(deed, by=second)

    assert (accepted.state, accepted.recorded_by) == ("pending", second)
    assert accepted.second_recorder == first


def test_only_who_accepted_undoes_it_and_only_until_it_is_decided(household, recorder):
    deed = accept(declare(household), by=recorder)

    with pytest.raises(NotWithdrawable):
        undo_acceptance(deed, by=serve(deed.village, Role.RECORDER), at=IN_MARCH)
    approve(deed)
    with pytest.raises(NotWithdrawable):
        undo_acceptance(deed, by=recorder, at=IN_MARCH)
    deed.refresh_from_db()
    assert deed.state == "approved"


def test_what_waits_or_was_never_declared_has_no_acceptance_to_undo(
    household, recorder
):
    for deed in (declare(household, by=recorder), record(household, by=recorder)):
        with pytest.raises(NotWithdrawable):
            undo_acceptance(deed, by=recorder, at=IN_MARCH)


def test_forms_of_before_the_undoing_neither_fail_nor_accept(household, recorder):
    declared, accepted = uuid4(), uuid4()
    deed = declare(household, by=recorder, key=declared)
    accept(deed, by=recorder, key=accepted)
    assert declare(household, by=recorder, key=declared) == deed
    undo_acceptance(deed, by=recorder, at=IN_MARCH)

    assert declare(household, by=recorder, key=declared) == deed
    with pytest.raises(NotDeclared):
        accept(deed, by=recorder, key=accepted)
    assert as_declared(deed)[-2] == "declared"


def test_a_mistaken_note_of_a_declaration_can_still_be_taken_back(household, recorder):
    deed = declare(household, by=recorder)

    assert withdraw_deed(deed, by=recorder, at=IN_MARCH).state == "withdrawn"


def decline(deed, *, by, at=IN_MARCH):
    return decline_declaration(deed, reason="证明不够", by=by, at=at)


def test_a_decline_is_undone_and_both_acts_stay_told(household, recorder):
    deed = declare(household)
    decline(deed, by=recorder)

    undo_decline(deed, by=recorder, at=IN_MARCH)

    deed.refresh_from_db()
    history = deed.decisions.order_by("number")
    assert deed.state == "declared"
    assert list(history.values_list("outcome", "by")) == [
        ("rejected", recorder.pk),
        ("reopened", recorder.pk),
    ]
    assert accept(deed, by=recorder).state == "pending"


def test_a_decline_stays_once_its_month_is_published(household, recorder, village):
    deed = declare(household)
    decline(deed, by=recorder)
    publish(village)

    with pytest.raises(NotWithdrawable, match="2026-03"):
        undo_decline(deed, by=recorder, at=FIRST_OF_APRIL)

    deed.refresh_from_db()
    assert deed.state == "rejected"


def test_nobody_undoes_another_person_s_decline_or_a_rejection(
    household, recorder, reviewer, village
):
    deed = declare(household)
    decline(deed, by=recorder)
    with pytest.raises(NotWithdrawable):
        undo_decline(deed, by=serve(village, Role.RECORDER), at=IN_MARCH)

    rejected = accept(declare(household, note="另一件"), again=True)
    reject_deed(rejected, by=reviewer, at=END_OF_MARCH, reason="不在规则里")
    for by in (recorder, reviewer):
        with pytest.raises(NotWithdrawable):
            undo_decline(rejected, by=by, at=END_OF_MARCH)


def test_a_decline_undone_by_a_reviewer_waits_to_be_accepted(household, reviewer):
    deed = declare(household)
    decline(deed, by=serve(household.village, Role.RECORDER))

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert deed.state == "declared"


def test_a_rejected_acceptance_undone_by_a_reviewer_waits_for_review(
    household, reviewer
):
    deed = accept(declare(household))
    reject_deed(deed, by=reviewer, at=END_OF_MARCH, reason="证明不够")

    reopen_deed(deed, by=reviewer, at=END_OF_MARCH)

    deed.refresh_from_db()
    assert deed.state == "pending"


# A changed acceptance


def change(deed, *households, by, code="D02", points=5):
    return change_deeds(
        [deed],
        households or [deed.household],
        item_of(deed.village, code),
        happened_on=deed.happened_on,
        magnitude=points,
        channel=deed.channel,
        note=deed.note,
        key=uuid4(),
        by=by,
        at=IN_MARCH,
    )


def test_a_changed_acceptance_still_knows_how_it_was_declared(household, village):
    clerk, accepting = (serve(village, Role.RECORDER) for _ in range(2))
    deed = accept(declare(household, by=clerk), by=accepting)

    (changed,) = change(deed, by=accepting).deeds
    assert (changed.points, changed.second_recorder) == (5, clerk)
    undo_acceptance(changed, by=accepting, at=IN_MARCH)

    changed.refresh_from_db()
    deed.refresh_from_db()
    assert (changed.state, changed.recorded_by) == ("declared", clerk)
    assert deed.state == "withdrawn"
    assert list(Deed.objects.declared()) == [changed]


def test_what_was_declared_stays_one_household_s_good_deed(household, recorder):
    neighbor = HouseholdFactory(village=household.village, group=household.group)
    deed = accept(declare(household, by=recorder), by=recorder)

    with pytest.raises(NotChangeable):
        change(deed, household, neighbor, by=recorder)
    with pytest.raises(NotChangeable):
        change(deed, by=recorder, code="N01", points=2)
    (changed,) = change(deed, neighbor, by=recorder).deeds

    assert (changed.household, changed.second_recorder) == (neighbor, None)


# The pages


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def accepted(household, recorder):
    deed = declare(household, by=recorder, at=timezone.now())
    return accept(deed, by=recorder, at=timezone.now())


def undo(page, deed):
    url = address("declaration-undo", deed.pk)
    return page.post(url, {"village": deed.village.slug}, follow=True)


def test_the_list_offers_what_one_has_settled_and_takes_it_back(page, accepted):
    listed = page.get(PAGE)
    response = undo(page, accepted)

    assert list(listed.context["settled"]) == [accepted]
    assert listed.context["changeable"] == [accepted]
    assert [deed for deed, *_forms in response.context["cards"]] == [accepted]
    assert response.context["settled"] == []


def test_a_declined_card_can_be_taken_back_from_the_list(page, household, recorder):
    deed = declare(household, at=timezone.now())
    decline(deed, by=recorder, at=timezone.now())

    listed = page.get(PAGE)
    undo(page, deed)

    deed.refresh_from_db()
    assert listed.context["settled"] == [deed]
    assert address("declaration-undo", deed.pk) in text_of(listed)
    assert deed.state == "declared"


def test_what_others_settled_and_what_is_decided_is_not_offered(
    page, household, recorder, accepted, reviewer
):
    other = serve(household.village, Role.RECORDER)
    decline(declare(household, at=timezone.now()), by=other, at=timezone.now())
    approve(accepted, by=reviewer, at=timezone.now())
    record(household, "Z05", by=recorder, at=timezone.now())

    assert page.get(PAGE).context["settled"] == []


def test_what_cannot_be_undone_says_so(page, accepted, reviewer):
    approve(accepted, by=reviewer, at=timezone.now())

    response = undo(page, accepted)

    assert len(response.context["messages"]) == 1
    accepted.refresh_from_db()
    assert accepted.state == "approved"


def test_the_desk_s_undo_brings_an_acceptance_back_to_the_declarations(page, accepted):
    key = accepted.operation.key
    assert address("entry-undo", key) in text_of(page.get("/admin/"))

    response = page.post(address("entry-undo", key), follow=True)

    accepted.refresh_from_db()
    assert accepted.state == "declared"
    assert response.request["PATH_INFO"] == PAGE
    assert page.get(address("entry", saved=key)).status_code == 200
    assert page.get(address("entry-change", key)).status_code == 302
