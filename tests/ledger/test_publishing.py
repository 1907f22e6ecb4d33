import json
from datetime import UTC, date, datetime

import pytest

from households.models import Household
from households.roles import Role
from ledger.freezing import rebuild_document
from ledger.models import Entry, Publication, Standing
from ledger.months import (
    NotYet,
    WrongState,
    advance_village,
    cut_off_month,
    finalize_month,
    period_for,
)
from ledger.objections import answer_objection, file_objection
from ledger.publishing import (
    AlreadyPublished,
    NeedsAnotherPerson,
    NotReadyToPublish,
    publish_month,
)
from ledger.sealing import is_sealed
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    approve,
    award,
    publish,
    record,
    serve,
)

APRIL = date(2026, 4, 1)
IN_APRIL = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)


def document_of(publication):
    return json.loads(publication.document)


def row_of(publication, number):
    return next(
        row for row in document_of(publication)["rows"] if row["number"] == number
    )


def three_neighbors(village, *points):
    group = village.groups.get(number=1)
    households = [
        HouseholdFactory(village=village, group=group, number=f"{n:03d}")
        for n in range(1, len(points) + 1)
    ]
    for household, awarded in zip(households, points, strict=True):
        if awarded:
            award(household, "D03", awarded)
    return households


def test_equal_scores_share_a_place_and_the_next_is_skipped(village):
    three_neighbors(village, 30, 40, 30, 20)

    publication = publish(village)

    rows = document_of(publication)["rows"]
    places = [(row["number"], row["place"], row.get("tied")) for row in rows]
    assert places == [("001", 2, 1), ("002", 1, None), ("003", 2, 1), ("004", 4, None)]
    assert list(
        Standing.objects.order_by("household__number").values_list("place", flat=True)
    ) == [2, 1, 2, 4]


def test_only_the_first_places_above_the_base_are_ranked(village):
    village.policy.ranked_places = 1
    village.policy.save()
    three_neighbors(village, 30, 40, 0)

    publication = publish(village)

    assert [row.get("place") for row in document_of(publication)["rows"]] == [
        None,
        1,
        None,
    ]


def test_a_score_below_the_base_and_a_month_that_fell_are_not_told(village):
    first, _ = three_neighbors(village, 0, 20)
    approve(record(first, "N01", 5))

    publication = publish(village)

    assert set(row_of(publication, "001")) == {"group", "number", "name"}


def test_movement_compares_with_the_month_before(village):
    one, two, three = three_neighbors(village, 30, 20, 0)
    first = publish(village)
    award(two, "D03", 40, at=IN_APRIL)
    award(three, "D03", 25, at=IN_APRIL)

    second = publish(village, month=APRIL)

    assert "moved" not in row_of(first, "001")
    assert row_of(second, "002")["moved"] == 1
    assert row_of(second, "001")["moved"] == -1
    assert row_of(second, "003")["new"] == 1
    assert one.standings.count() == 2


def test_a_document_names_nobody_in_full_whoever_agreed_or_decided(village):
    one, _two, _three = three_neighbors(village, 30, 20, 0)
    Household.objects.update(
        head_name="欧阳小春", full_name_consented_on=IN_MARCH.date()
    )
    village.policy.full_names_decision = "2026年4月2日村民会议，50票同意"
    village.policy.save()

    publication = publish(village)

    names = {row["name"] for row in document_of(publication)["rows"]}
    assert names == {"欧阳○春"}
    assert "欧阳小春" not in publication.document
    assert one.standings.count() == 1


def test_deductions_are_told_only_for_a_cell_of_three_households(village):
    group = village.groups.get(number=1)
    other = village.groups.get(number=2)
    for number in range(3):
        household = HouseholdFactory(village=village, group=group, number=f"1{number}")
        approve(record(household, "N02", 2))
    for number in range(2):
        household = HouseholdFactory(village=village, group=other, number=f"2{number}")
        approve(record(household, "N02", 2))

    publication = publish(village)

    assert document_of(publication)["deductions"] == [
        {
            "item": "N02",
            "title": "庭院脏乱、畜禽犬只失管",
            "group": 1,
            "points": 6,
            "households": 3,
        }
    ]


def test_who_is_away_is_listed_without_a_rank_and_who_left_is_not(village):
    _, away, gone = three_neighbors(village, 20, 30, 0)
    away.status, gone.status = Household.Status.AWAY, Household.Status.LEFT
    away.save()
    gone.save()

    publication = publish(village)

    rows = document_of(publication)["rows"]
    shown = [(row["number"], row["score"], row.get("place")) for row in rows]
    assert shown == [("001", 80, 1), ("002", 90, None)]
    assert document_of(publication)["counts"]["households"] == 2


def test_a_correction_is_named_in_the_month_that_books_it(village, supervisor):
    three_neighbors(village, 30)
    march = publish(village)
    entry = Entry.objects.get(kind=Entry.Kind.ADDITION)
    objection = file_objection(
        march, text="不是他", channel="oral", entry=entry, by=None, at=FIRST_OF_APRIL
    )
    answer_objection(objection, uphold=True, answer="查实", by=supervisor, at=IN_APRIL)

    april = publish(village, month=APRIL)

    assert document_of(april)["corrections"] == [
        {"entry": entry.number, "item": "D03", "month": "2026-03", "title": "见义勇为"}
    ]
    assert document_of(april)["totals"]["reversals"] == -30
    assert row_of(april, "001")["score"] == 60
    assert Publication.objects.get(pk=march.pk).document == march.document


def test_i33_i34_documents_are_rebuilt_to_the_byte_and_chained(village):
    households = three_neighbors(village, 30, 20, 0)
    march = publish(village)
    award(households[2], "D02", 5, at=IN_APRIL)
    april = publish(village, month=APRIL)

    Household.objects.filter(pk=households[0].pk).update(head_name="改名了")

    for publication in (march, april):
        assert is_sealed(document_of(publication))
        assert rebuild_document(publication) == publication.document
    assert april.previous_digest == march.digest
    assert len(document_of(april)["commitments"]) == 1


def test_one_changed_point_breaks_the_seal(village):
    three_neighbors(village, 30)
    document = document_of(publish(village))

    document["rows"][0]["score"] += 1

    assert not is_sealed(document)


def test_publishing_twice_is_refused(village, reviewer):
    three_neighbors(village, 30)
    period = publish(village).period

    with pytest.raises(AlreadyPublished):
        publish_month(period, by=reviewer, at=FIRST_OF_APRIL)
    assert Publication.objects.count() == 1


def test_a_month_with_an_undecided_deed_is_not_published(village, household, reviewer):
    period = record(household).period
    cut_off_month(period, by=None, at=END_OF_MARCH)

    with pytest.raises(NotReadyToPublish):
        publish_month(period, by=reviewer, at=FIRST_OF_APRIL)
    assert not Entry.objects.exists()


def test_i30_the_month_before_comes_first(village, household):
    award(household, at=IN_MARCH)
    award(household, at=IN_APRIL)

    with pytest.raises(NotReadyToPublish, match="2026-03"):
        publish(village, month=APRIL)


def test_a_month_that_still_takes_records_is_not_published(
    village, household, reviewer
):
    period = award(household).period

    with pytest.raises(NotReadyToPublish):
        publish_month(period, by=reviewer, at=IN_MARCH)
    publish_month(period, by=reviewer, at=FIRST_OF_APRIL)

    period.refresh_from_db()
    assert period.cut_off_at == FIRST_OF_APRIL


def test_an_empty_village_or_one_without_rules_publishes_nothing(village, reviewer):
    period = period_for(village, IN_MARCH.date(), at=IN_MARCH)
    village.rulebooks.get().items.all().delete()
    village.rulebooks.all().delete()

    with pytest.raises(NotReadyToPublish):
        publish_month(period, by=reviewer, at=FIRST_OF_APRIL)


def test_a_month_older_than_the_rulebook_is_published_by_the_first(village, household):
    award(household)
    village.rulebooks.update(in_force_from=date(2026, 11, 1))

    document = document_of(publish(village))

    assert document["rulebook"] == {"version": 1, "adopted": 0}


def test_i37_a_village_admin_needs_another_persons_approval(
    village, household, village_admin
):
    both = serve(village, Role.ADMIN)
    deed = record(household)
    approve(deed, by=both)

    with pytest.raises(NeedsAnotherPerson):
        publish(village, by=both)
    publication = publish(village, by=village_admin)

    assert publication.published_by == village_admin


def test_a_month_is_final_after_its_notice_and_with_every_answer(village, supervisor):
    three_neighbors(village, 30)
    publication = publish(village)
    period = publication.period
    objection = file_objection(
        publication, text="少记一笔", channel="phone", by=None, at=FIRST_OF_APRIL
    )

    with pytest.raises(NotYet):
        finalize_month(period, by=None, at=FIRST_OF_APRIL)
    with pytest.raises(NotYet):
        finalize_month(period, by=None, at=AFTER_NOTICE)
    answer_objection(
        objection, uphold=False, answer="已核实", by=supervisor, at=AFTER_NOTICE
    )
    finalize_month(period, by=None, at=AFTER_NOTICE)

    with pytest.raises(WrongState):
        finalize_month(period, by=None, at=AFTER_NOTICE)


def test_a_month_is_cut_off_once_and_not_before_the_twentieth(village, household):
    early = datetime(2026, 3, 19, 2, 0, tzinfo=UTC)
    period = record(household, at=early).period

    with pytest.raises(NotYet):
        cut_off_month(period, by=None, at=early)
    period = cut_off_month(period, by=None, at=IN_MARCH)
    with pytest.raises(WrongState):
        cut_off_month(period, by=None, at=IN_MARCH)

    assert str(village.periods.recording().get()) == "2026-04"


def test_the_timer_moves_a_village_on_and_can_run_again(village):
    three_neighbors(village, 30)
    publish(village)

    done = advance_village(village, at=AFTER_NOTICE)
    again = advance_village(village, at=AFTER_NOTICE)
    late = advance_village(village, at=datetime(2026, 5, 2, tzinfo=UTC))

    assert (done, again) == (["final 2026-03"], [])
    assert late == ["cut_off 2026-04"]


def test_the_timer_gives_base_points_in_the_new_year(village):
    three_neighbors(village, 30)
    publish(village)
    for month in range(4, 13):
        publish(village, month=date(2026, month, 1))
    new_year = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)

    done = advance_village(village, at=new_year)

    assert "base 2027-01" in done
    assert advance_village(village, at=new_year) == []
    assert Entry.objects.score(2027) == 60


def test_publishing_takes_a_fixed_number_of_queries(
    village, household, reviewer, django_assert_max_num_queries
):
    for number in range(30):
        member = HouseholdFactory(
            village=village, group=household.group, number=f"9{number:02d}"
        )
        award(member, "D03", 20 + number % 5)
    period = village.periods.get()
    cut_off_month(period, by=None, at=END_OF_MARCH)

    with django_assert_max_num_queries(60):
        publish_month(period, by=reviewer, at=FIRST_OF_APRIL)
