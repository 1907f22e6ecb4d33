"""Who may be named in a year's awards, worked out by hand.

The village asks for good deeds in two months and has three places. Every household
begins with 60; D03 in March is the column's points, Z01 in April adds 2.

    household        March   April   score   against it            place
    001 周兴禾 1社    +30     +2       92     –                     1
    002 吴桂圆 1社    +25     +2       87     –                     2
    003 郑小满 2社    +22     +2       84     –                     3
    004 钱有田 2社    +22     +2       84     –                     3
    005 孙早春 2社    +21     +2       83     –                     5
    006 李平安 1社    +40     –       100     one month of two      –
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from households.models import Household, VillagePolicy
from households.roles import Role
from ledger.models import Entry, Objection
from ledger.months import period_for
from ledger.objections import answer_objection, file_objection
from ledger.posting import reverse_entry
from rewards.annual.awards import awards_of
from rewards.annual.records import Bar
from tests.factories import (
    MARCH,
    HouseholdFactory,
    approve,
    award,
    change,
    finalize,
    make_good,
    publish,
    record,
    serve,
)

APRIL = date(2026, 4, 1)
IN_APRIL = datetime(2026, 4, 20, 2, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 8, 2, tzinfo=UTC)
HOMES = [
    ("001", "周兴禾", 1, 30, True),
    ("002", "吴桂圆", 1, 25, True),
    ("003", "郑小满", 2, 22, True),
    ("004", "钱有田", 2, 22, True),
    ("005", "孙早春", 2, 21, True),
    ("006", "李平安", 1, 40, False),
]


@pytest.fixture
def homes(village):
    """The households above, recorded and approved; nothing is published yet."""
    decide(award_months=2, award_places=3)
    recorder = serve(village, Role.RECORDER)
    reviewer = serve(village, Role.REVIEWER)
    homes = {}
    for number, name, group, points, in_april in HOMES:
        home = homes[number] = HouseholdFactory(
            village=village,
            group=village.groups.get(number=group),
            number=number,
            head_name=name,
        )
        approve(record(home, "D03", points, by=recorder), by=reviewer)
        if in_april:
            deed = record(home, "Z01", by=recorder, at=IN_APRIL)
            approve(deed, by=reviewer, at=IN_APRIL)
    return homes


def close(village, *months):
    for month in months or (MARCH, APRIL):
        publish(village, month=month)
        at = datetime.combine(month, datetime.min.time(), UTC) + timedelta(45)
        finalize(village, month=month, at=at)


def decide(**policy):
    VillagePolicy.objects.update(**policy)


def read(village):
    return awards_of(type(village).objects.get(pk=village.pk), 2026)


def named(awards):
    return [each.line.household.number for each in awards.chosen]


def against(awards, number):
    [candidate] = [
        each for each in awards.candidates if each.line.household.number == number
    ]
    assert candidate.is_eligible is not bool(candidate.obstacles)
    assert candidate.is_eligible is (candidate.place is not None)
    return [(each.bar, each.detail) for each in candidate.obstacles]


def object_to(publication, **about):
    return file_objection(
        publication, text="不对", channel="oral", by=None, at=IN_MAY, **about
    )


# The order and the places


def test_the_order_is_by_score_and_equal_scores_share_a_place(village, homes):
    close(village)

    awards = read(village)

    assert [
        (each.line.household.number, each.line.score, each.place)
        for each in awards.candidates
    ] == [
        ("006", 100, None),
        ("001", 92, 1),
        ("002", 87, 2),
        ("003", 84, 3),
        ("004", 84, 3),
        ("005", 83, 5),
    ]


def test_all_who_share_the_last_place_are_in_and_it_says_how_many_more(village, homes):
    close(village)

    awards = read(village)

    assert named(awards) == ["001", "002", "003", "004"]
    assert (awards.places, awards.above_places) == (3, 1)


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        (0, []),
        (2, ["001", "002"]),
        (4, ["001", "002", "003", "004"]),
        (9, ["001", "002", "003", "004", "005"]),
    ],
)
def test_no_more_are_named_than_there_are_places(village, homes, places, chosen):
    close(village)
    decide(award_places=places)

    awards = read(village)

    assert named(awards) == chosen
    assert awards.above_places == 0


def test_every_group_has_a_place_where_the_village_gives_it_one(village, homes):
    close(village)
    decide(award_places=2, award_group_places=True)

    awards = read(village)

    # 2社's best are two equal households: both are in instead of 002.
    assert named(awards) == ["001", "003", "004"]
    assert [each.by_group for each in awards.chosen] == [False, True, True]
    assert awards.above_places == 1
    decide(award_places=0)
    assert named(read(village)) == []


def test_group_places_change_nothing_when_every_group_is_in_anyway(village, homes):
    close(village)
    decide(award_group_places=True)

    awards = read(village)

    assert named(awards) == ["001", "002", "003", "004"]
    assert not any(each.by_group for each in awards.chosen)


def test_what_the_groups_leave_goes_by_score_with_ties_at_the_last_place(
    village, homes
):
    third = HouseholdFactory(village=village, number="301")
    award(third, "D03", 20)
    award(third, "Z01", at=IN_APRIL)
    Household.objects.filter(number__in=["001", "003", "004"]).update(
        group=village.groups.get(number=1)
    )
    close(village)
    decide(award_places=5, award_group_places=True)

    # 1社: 92, 87, 84, 84; 2社: 83; a third group: 82. Two of the five places are
    # for 2社 and the third group, 1社's best has one, and two are left: 87 and
    # the 84 that two households share.
    awards = read(village)

    assert named(awards) == ["001", "002", "003", "004", "005", "301"]
    assert [each.by_group for each in awards.chosen] == [False] * 5 + [True]


def test_equal_bests_of_a_group_leave_no_place_over(village, homes):
    group = village.groups.get(number=1)
    lowest = HouseholdFactory(village=village, group=group, number="007")
    award(lowest, "D03", 20)
    award(lowest, "Z01", at=IN_APRIL)
    Household.objects.filter(number__in=["001", "002", "005"]).update(
        group=village.groups.get(number=1)
    )
    close(village)
    Household.objects.filter(number__in=["001", "002"]).update(
        status=Household.Status.AWAY
    )
    decide(award_group_places=True)

    # 2社: 84, 84; 1社: 83, 82. The first three take the three places.
    assert named(read(village)) == ["003", "004", "005"]


def test_a_group_without_an_eligible_household_has_no_place(village, homes):
    Household.objects.filter(group__number=2).update(status=Household.Status.AWAY)
    close(village)
    decide(award_group_places=True)

    assert named(read(village)) == ["001", "002"]


# What stands against a household


def test_good_deeds_in_too_few_months_are_said_with_their_number(village, homes):
    close(village)

    awards = read(village)

    assert against(awards, "006") == [(Bar.MONTHS, "1")]
    first = awards.candidates[0]
    assert str(first.obstacles[0]) == "有好事的月份1个，至少要2个。"
    decide(award_months=1)
    assert named(read(village))[0] == "006"


def test_many_deeds_of_one_month_are_one_month(village, homes):
    award(homes["006"], "D02", 4)
    award(homes["006"], "Z01")
    close(village)

    assert against(read(village), "006") == [(Bar.MONTHS, "1")]


def test_a_deed_that_was_reversed_makes_no_month(village, homes):
    close(village, MARCH)
    undo(village, homes["001"], kind=Entry.Kind.ADDITION)
    close(village, APRIL)

    assert against(read(village), "001") == [(Bar.MONTHS, "1")]


@pytest.mark.parametrize("code", ["N06", "N09"])
def test_a_veto_item_of_the_year_is_named_by_its_code(village, homes, code):
    take(homes["001"], code)
    close(village)

    awards = read(village)

    assert against(awards, "001") == [(Bar.VETO, code)]
    assert "001" not in named(awards)


def test_other_deductions_veto_nothing(village, homes):
    take(homes["001"], "N01", 2)
    close(village)

    assert against(read(village), "001") == []


def test_a_veto_that_was_reversed_stands_against_nobody(village, homes):
    take(homes["001"], "N06")
    close(village, MARCH)
    undo(village, homes["001"], kind=Entry.Kind.DEDUCTION)
    close(village, APRIL)

    assert against(read(village), "001") == []


@pytest.mark.parametrize(
    ("code", "obstacles"), [("N07", []), ("N06", [(Bar.VETO, "N06")])]
)
def test_a_repair_lifts_only_what_can_be_made_good(village, homes, code, obstacles):
    take(homes["001"], code)
    close(village, MARCH)
    repair(homes["001"])
    close(village, APRIL)

    assert against(read(village), "001") == obstacles


def test_an_unrepaired_n07_stands_against_the_household(village, homes):
    take(homes["001"], "N07")
    close(village)

    assert against(read(village), "001") == [(Bar.UNREPAIRED, "N07")]


def test_a_repair_that_was_reversed_repairs_nothing(village, homes):
    take(homes["001"], "N07")
    close(village, MARCH)
    repair(homes["001"])
    undo(village, homes["001"], kind=Entry.Kind.REPAIR)
    close(village, APRIL)

    assert against(read(village), "001") == [(Bar.UNREPAIRED, "N07")]


def test_an_open_objection_to_the_household_or_a_line_of_it_is_numbered(village, homes):
    close(village)
    publication = village.publications.order_by("number")[0]
    line = Entry.objects.get(
        household=homes["002"], period=publication.period, deed__item__code="D03"
    )
    first = object_to(publication, household=homes["001"])
    second = object_to(publication, entry=line)
    both = object_to(publication, household=homes["002"], entry=line)

    awards = read(village)

    assert against(awards, "001") == [(Bar.OBJECTION, first.number)]
    assert against(awards, "002") == [
        (Bar.OBJECTION, second.number),
        (Bar.OBJECTION, both.number),
    ]
    assert named(awards) == ["003", "004", "005"]


def test_an_answered_objection_stands_against_nobody(village, homes):
    close(village)
    publication = village.publications.order_by("number")[0]
    objection = object_to(publication, household=homes["001"])
    answer_objection(
        objection,
        uphold=False,
        answer="核实过，没有错。",
        by=serve(village, Role.SUPERVISOR),
        at=IN_MAY,
    )

    assert Objection.objects.get().state == Objection.State.DISMISSED
    assert against(read(village), "001") == []


def test_an_objection_to_a_whole_month_holds_back_the_list_not_a_household(
    village, homes
):
    close(village)
    objection = object_to(village.publications.order_by("number")[0])

    awards = read(village)

    assert awards.months_in_question == [objection.number]
    assert named(awards) == ["001", "002", "003", "004"]


@pytest.mark.parametrize(
    ("status", "bar"),
    [(Household.Status.LEFT, Bar.LEFT), (Household.Status.AWAY, Bar.AWAY)],
)
def test_whoever_went_away_is_no_candidate(village, homes, status, bar):
    close(village)
    Household.objects.filter(number="001").update(status=status)

    assert against(read(village), "001") == [(bar, "")]


def test_whoever_was_away_on_the_last_board_and_came_back_is_none(village, homes):
    Household.objects.filter(number="001").update(status=Household.Status.AWAY)
    close(village)
    Household.objects.filter(number="001").update(status=Household.Status.ACTIVE)

    assert against(read(village), "001") == [(Bar.AWAY, "")]


def test_whoever_was_not_on_the_last_board_and_came_back_is_none(village, homes):
    close(village, MARCH)
    Household.objects.filter(number="001").update(status=Household.Status.LEFT)
    close(village, APRIL)
    Household.objects.filter(number="001").update(status=Household.Status.ACTIVE)

    assert against(read(village), "001") == [(Bar.UNLISTED, "")]


def test_everything_that_stands_against_a_household_is_said(village, homes):
    take(homes["006"], "N09")
    take(homes["006"], "N07")
    close(village)
    publication = village.publications.order_by("number")[0]
    number = object_to(publication, household=homes["006"]).number
    Household.objects.filter(number="006").update(status=Household.Status.AWAY)

    awards = read(village)

    assert against(awards, "006") == [
        (Bar.AWAY, ""),
        (Bar.MONTHS, "1"),
        (Bar.UNREPAIRED, "N07"),
        (Bar.VETO, "N09"),
        (Bar.OBJECTION, number),
    ]
    [candidate] = [
        each for each in awards.candidates if each.line.household.number == "006"
    ]
    assert [str(each) for each in candidate.obstacles] == [
        "常年外出。",
        "有好事的月份1个，至少要2个。",
        "到年底N07还没有修复。",
        "当年有N09扣分。",
        f"异议{number}还没有答复。",
    ]


# The year


def test_only_final_months_count_and_the_year_is_open_until_december(village, homes):
    close(village, MARCH)
    publish(village, month=APRIL)

    awards = read(village)

    assert awards.chosen == []
    assert against(awards, "001") == [(Bar.MONTHS, "1")]
    assert (awards.is_over, awards.may_be_proposed) == (False, False)


def test_whoever_was_merged_brings_good_months_and_what_stands_against_it(
    village, homes
):
    take(homes["002"], "N06")
    close(village, MARCH)
    merge(village, "002", "006", at=IN_APRIL)
    close(village, APRIL)
    object_to(village.publications.order_by("number")[0], household=homes["002"])

    awards = read(village)

    [ticket] = Objection.objects.open()
    [stays] = [
        each for each in awards.candidates if each.line.household == homes["006"]
    ]
    assert (stays.line.score, stays.deeds, stays.months) == (107, 3, 2)
    assert against(awards, "006") == [(Bar.VETO, "N06"), (Bar.OBJECTION, ticket.number)]
    assert against(awards, "002") == [(Bar.LEFT, ""), (Bar.MONTHS, "0")]


def test_a_merge_of_a_merge_brings_all_to_the_last(village, homes):
    take(homes["002"], "N06")
    close(village, MARCH)
    merge(village, "002", "005", at=IN_APRIL)
    merge(village, "005", "006", at=IN_APRIL)
    close(village, APRIL)

    assert against(read(village), "006") == [(Bar.VETO, "N06")]


def test_whoever_was_merged_after_the_year_took_nothing_of_it_along(village, homes):
    take(homes["002"], "N06")
    close(village)
    merge(village, "002", "001", at=IN_MAY)

    assert against(read(village), "001") == []
    assert against(read(village), "002") == [(Bar.LEFT, ""), (Bar.VETO, "N06")]


def test_december_final_and_no_month_in_question_the_list_may_be_proposed(
    village, homes
):
    close(village, *(date(2026, number, 1) for number in range(3, 13)))

    assert read(village).may_be_proposed
    object_to(village.publications.order_by("number")[0])
    assert not read(village).may_be_proposed


def test_the_queries_do_not_grow_with_the_households(
    village, homes, django_assert_max_num_queries
):
    for number in range(100, 130):
        HouseholdFactory(village=village, number=str(number))
    close(village)
    object_to(village.publications.order_by("number")[0], household=homes["001"])
    village = type(village).objects.get(pk=village.pk)

    with django_assert_max_num_queries(10):
        awards = awards_of(village, 2026)

    assert len(awards.candidates) == 36


def merge(village, ended, stays, *, at):
    homes = {home.number: home for home in village.households.all()}
    change(village, "merge", household=homes[ended], other=homes[stays], at=at)


def take(home, code, points=None):
    approve(record(home, code, points))


def undo(village, home, *, kind):
    """Reverse the household's first entry of a kind, in April."""
    reverse_entry(
        Entry.objects.filter(household=home, kind=kind).order_by("number")[0],
        period=period_for(village, APRIL, at=IN_APRIL),
        by=serve(village, Role.REVIEWER),
        at=IN_APRIL,
    )


def repair(home):
    """Give half of the household's deduction back, in April."""
    make_good(Entry.objects.get(household=home, kind=Entry.Kind.DEDUCTION))
