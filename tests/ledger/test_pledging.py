"""承诺书: what a household signs, what follows from it, and how it is taken back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone

from households.append_only import AppendOnlyError
from households.consent import newest_consent, standing_consents
from households.models import AuditEvent, Household, HouseholdConsent, Pledge
from households.roles import Role
from ledger.models import Story
from ledger.operations import KeyUsedForSomethingElse
from ledger.pledging import (
    NoNewPledge,
    Paper,
    PapersNotRecorded,
    PledgeWords,
    record_papers,
    take_back_consent,
    write_pledge,
)
from ledger.telling import NotReady, NotTellable
from tests.factories import (
    AFTER_NOTICE,
    IN_MARCH,
    HouseholdFactory,
    award,
    change,
    earn,
    exchange,
    offer,
    publish,
    serve,
)
from tests.ledger.papers import ALL, NONE, WORDS, answers, pledge_of, sign
from tests.ledger.tales import draft, hand_over, let_publish, tell

SIGNED_ON = date(2026, 4, 6)
LATER = AFTER_NOTICE + timedelta(days=3)


@pytest.fixture
def neighbor(household):
    return HouseholdFactory(
        village=household.village, group=household.group, number="002"
    )


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def fresh(household):
    return Household.objects.get(pk=household.pk)


def shown_since(household):
    return fresh(household).full_name_consented_on


def ticks(household):
    row = newest_consent(household)
    return row.keeps_file, row.shows_name, row.tells_stories


def take_back(household, *asked, by=None, at=AFTER_NOTICE):
    return take_back_consent(household, asked, by=by, at=at)


# The village's own words


def test_versions_are_numbered_and_the_newest_is_in_force(village):
    first = pledge_of(village)
    second = pledge_of(village, lines="守法\n\n  和睦  ", at=AFTER_NOTICE)

    assert (first.number, second.number) == (1, 2)
    assert second.pledged == ["守法", "和睦"]
    assert second.in_force_from == date(2026, 4, 7)
    assert Pledge.objects.in_force(village) == second
    assert pledge_of(HouseholdFactory().village).number == 1


def test_a_version_that_arrives_twice_is_one(village, village_admin):
    sent = {"key": uuid4(), "by": village_admin}
    first = write_pledge(village, WORDS, **sent, at=IN_MARCH)

    again = write_pledge(village, WORDS, **sent, at=AFTER_NOTICE)

    assert again == first
    assert AuditEvent.objects.filter(action="pledge.write").count() == 1
    with pytest.raises(KeyUsedForSomethingElse):
        write_pledge(
            village, PledgeWords("别的", "甲", "乙", "丙"), **sent, at=IN_MARCH
        )


def test_the_same_words_and_half_of_them_make_no_version(village):
    pledge_of(village)

    with pytest.raises(NoNewPledge, match="1"):
        pledge_of(village, lines="守法 \n干净\n")
    with pytest.raises(NoNewPledge):
        pledge_of(village, kept=" \n ")

    assert Pledge.objects.count() == 1


def test_a_version_is_never_edited(village):
    pledge = pledge_of(village)
    pledge.title = "改了"

    with pytest.raises(AppendOnlyError):
        pledge.save()


# What a signature does


def test_a_signed_paper_says_what_a_household_agrees_to(household, recorder):
    row = sign(household, answers(tells_stories=False), by=recorder)

    assert (row.kind, row.pledge.number, row.signed_on) == ("signed", 1, SIGNED_ON)
    assert (row.recorded_by, row.at, row.day) == (recorder, AFTER_NOTICE, SIGNED_ON)
    assert ticks(household) == (True, True, False)
    assert shown_since(household) == SIGNED_ON


def test_who_does_not_agree_to_the_name_is_masked_from_then_on(household):
    household.full_name_consented_on = date(2026, 1, 1)
    household.save()

    sign(household, answers(shows_name=False))

    assert shown_since(household) is None


def test_the_phone_of_who_wants_no_file_is_erased_and_its_points_are_spent(household):
    Household.objects.update(phone="13500135000")
    earn(household, 20)

    sign(household, NONE)

    assert fresh(household).phone == ""
    salt = offer(household.village, points=2)
    assert exchange(fresh(household), {salt: 5}).points == 10


def test_who_agrees_to_a_file_keeps_its_phone(household):
    Household.objects.update(phone="13500135000")

    sign(household, answers(shows_name=False))

    assert fresh(household).phone == "13500135000"


def test_a_household_signs_again_and_the_newest_counts(household):
    sign(household)
    second = pledge_of(household.village, title="新版", at=AFTER_NOTICE)
    sign(household, answers(shows_name=False), at=LATER)

    assert newest_consent(household).pledge == second
    assert ticks(household) == (True, False, True)
    assert shown_since(household) is None
    numbers = household.consents.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2]


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 4, 7)])
def test_who_agrees_again_has_agreed_all_along(household, day):
    Household.objects.update(full_name_consented_on=day)

    sign(fresh(household))

    assert shown_since(household) == min(day, SIGNED_ON)
    assert newest_consent(household).named_since == min(day, SIGNED_ON)
    sign(household, at=LATER)
    assert shown_since(household) == min(day, SIGNED_ON)


def test_who_took_the_name_back_begins_anew(household):
    Household.objects.update(full_name_consented_on=date(2026, 1, 1))
    take_back(household, "shows_name")

    sign(household, at=LATER)

    assert shown_since(household) == timezone.localdate(LATER) - timedelta(days=1)


def test_the_trace_of_a_paper_names_nobody(household):
    sign(household, answers(shows_name=False))

    event = AuditEvent.objects.get(action="household.sign_pledge")
    assert event.facts == {
        "version": 1,
        "keeps_file": True,
        "shows_name": False,
        "tells_stories": True,
    }
    assert event.subject == f"household {household.pk}"


# A stack of papers


def stack(pledge, said, *, by, key=None, at=AFTER_NOTICE, signed_on=SIGNED_ON):
    papers = [Paper(home, ticked) for home, ticked in said.items()]
    return record_papers(
        pledge, papers, signed_on=signed_on, key=key or uuid4(), by=by, at=at
    )


def test_a_stack_is_recorded_at_once(household, neighbor, recorder):
    pledge = pledge_of(household.village)

    rows = stack(pledge, {household: ALL, neighbor: NONE}, by=recorder)

    assert [row.number for row in rows] == [1, 2]
    assert (shown_since(household), shown_since(neighbor)) == (SIGNED_ON, None)


def test_a_stack_that_arrives_twice_counts_once(household, neighbor, recorder):
    pledge, key = pledge_of(household.village), uuid4()
    said = {household: ALL, neighbor: NONE}
    first = stack(pledge, said, key=key, by=recorder)

    again = stack(pledge, said, key=key, by=recorder, at=LATER)

    assert again == first
    assert HouseholdConsent.objects.count() == 2
    with pytest.raises(KeyUsedForSomethingElse):
        stack(pledge, {household: NONE}, key=key, by=recorder)


def test_one_wrong_paper_keeps_the_whole_stack_out(household, neighbor, recorder):
    change(household.village, "move_out", household=neighbor)
    pledge = pledge_of(household.village)

    with pytest.raises(PapersNotRecorded) as refused:
        stack(pledge, {household: ALL, neighbor: ALL}, by=recorder)

    assert set(refused.value.problems) == {neighbor.pk}
    assert "002" in str(refused.value)
    assert not HouseholdConsent.objects.exists()
    assert shown_since(household) is None


@pytest.mark.parametrize("signed_on", [date(2026, 4, 8), date(2026, 3, 19)])
def test_nobody_signs_tomorrow_or_before_the_version_exists(
    household, recorder, signed_on
):
    pledge = pledge_of(household.village)

    with pytest.raises(PapersNotRecorded):
        stack(pledge, {household: ALL}, by=recorder, signed_on=signed_on)

    assert not HouseholdConsent.objects.exists()


def test_another_village_s_household_signs_nothing_here(household, recorder):
    pledge = pledge_of(household.village)

    with pytest.raises(PapersNotRecorded):
        stack(pledge, {HouseholdFactory(): ALL}, by=recorder)


def test_the_same_paper_is_recorded_once_whoever_has_it(household):
    sign(household)

    with pytest.raises(PapersNotRecorded, match="001"):
        sign(household)
    sign(household, answers(tells_stories=False))

    assert household.consents.count() == 2


def test_an_older_paper_changes_nothing(household):
    sign(household, NONE)

    with pytest.raises(PapersNotRecorded):
        sign(household, signed_on=SIGNED_ON - timedelta(days=1))

    assert ticks(household) == (False, False, False)


# Taking back


def test_a_consent_is_taken_back_at_the_desk_and_the_others_stand(household, recorder):
    sign(household)

    gone = take_back(household, "shows_name", by=recorder)

    row = newest_consent(household)
    assert gone == ["shows_name"]
    assert (row.kind, row.recorded_by, row.day) == (
        "taken_back",
        recorder,
        timezone.localdate(AFTER_NOTICE),
    )
    assert (row.pledge.number, row.signed_on) == (1, SIGNED_ON)
    assert ticks(household) == (True, False, True)
    assert shown_since(household) is None


def test_who_keeps_the_name_and_takes_back_the_stories_stays_named(household):
    sign(household)

    take_back(household, "tells_stories")

    assert ticks(household) == (True, True, False)
    assert shown_since(household) == SIGNED_ON


def test_taking_back_twice_leaves_one_trace(household):
    sign(household)

    assert take_back(household, "keeps_file", "shows_name") == [
        "keeps_file",
        "shows_name",
    ]
    assert take_back(household, "keeps_file", "shows_name") == []

    assert household.consents.filter(kind="taken_back").count() == 1
    event = AuditEvent.objects.get(action="household.take_back_consent")
    assert event.facts == {"asked": ["keeps_file", "shows_name"], "card": True}


def test_without_a_file_the_phone_goes(household):
    Household.objects.update(phone="13500135000")
    sign(household)

    take_back(household, "keeps_file")

    assert fresh(household).phone == ""


def test_a_day_from_before_the_papers_stands_and_is_taken_back(household):
    Household.objects.update(full_name_consented_on=date(2026, 1, 1))
    before = fresh(household)
    assert standing_consents(before, newest_consent(before)) == ["shows_name"]

    gone = take_back(household, "keeps_file", "shows_name", "tells_stories")

    assert gone == ["shows_name"]
    assert ticks(household) == (None, False, None)
    assert (shown_since(household), newest_consent(household).pledge) == (None, None)


def test_what_nobody_agreed_to_is_not_taken_back(household):
    assert take_back(household, "keeps_file", "shows_name") == []

    assert not household.consents.exists()


def test_a_paper_of_before_does_not_bring_back_what_was_taken_back(household):
    sign(household)
    take_back(household, "shows_name")

    with pytest.raises(PapersNotRecorded):
        sign(household, answers(tells_stories=False))
    assert shown_since(household) is None

    sign(household, signed_on=timezone.localdate(AFTER_NOTICE))
    assert shown_since(household) == timezone.localdate(AFTER_NOTICE)


# Another head of household


def test_a_new_head_has_not_been_asked(household):
    sign(household, NONE)

    change(household.village, "head", household=household, head_name="陈小满", at=LATER)

    assert newest_consent(household).kind == "new_head"
    assert ticks(household) == (None, None, None)
    household.refresh_from_db()
    household.phone = "13500135000"
    household.save()
    with pytest.raises(PapersNotRecorded):
        sign(household, at=LATER, signed_on=SIGNED_ON)


def test_a_name_put_right_ends_nothing(household):
    sign(household)

    change(household.village, "name", household=household, head_name="陈小满")

    assert ticks(household) == (True, True, True)
    assert shown_since(household) == SIGNED_ON


# Stories


@pytest.fixture
def deed(household, media):
    deed = award(household, "D02", 5)
    publish(household.village)
    return deed


def test_no_story_is_written_of_who_said_no_on_paper(deed):
    sign(deed.household, answers(tells_stories=False))

    with pytest.raises(NotTellable, match="001"):
        draft(deed)

    assert not Story.objects.exists()


@pytest.mark.parametrize("signs", [True, False])
def test_stories_are_told_of_who_agreed_or_was_never_asked(deed, signs):
    if signs:
        sign(deed.household)

    assert tell(deed).published_at


def test_a_paper_without_stories_takes_them_down(deed):
    story = tell(deed)

    sign(deed.household, answers(tells_stories=False))

    story.refresh_from_db()
    assert (story.text, story.withdrawn_at) == ("", AFTER_NOTICE)


@pytest.mark.parametrize("asked", ["tells_stories", "shows_name"])
def test_stories_go_with_the_consent_to_stories_alone(deed, asked):
    sign(deed.household)
    story = tell(deed)

    take_back(deed.household, asked)

    story.refresh_from_db()
    assert (story.withdrawn_at is not None) == (asked == "tells_stories")


def test_a_neighbor_s_story_stays(deed, neighbor):
    story = tell(deed)

    sign(neighbor, NONE)

    story.refresh_from_db()
    assert story.withdrawn_at is None


def test_a_story_on_its_way_is_held_back_by_a_no_behind_the_desk(deed):
    waiting = hand_over(draft(deed))
    refuse_behind_the_desk(deed.household)

    with pytest.raises(NotReady, match="001"):
        let_publish(waiting)


def refuse_behind_the_desk(household):
    """Write the row alone, without what the operation does besides."""
    HouseholdConsent.objects.create(
        village=household.village,
        number=1,
        household=household,
        kind="taken_back",
        day=SIGNED_ON,
        tells_stories=False,
        at=AFTER_NOTICE,
    )


# What the database itself refuses

COLUMNS = (
    "village_id, number, household_id, kind, day, pledge_id, signed_on, keeps_file, "
    "shows_name, tells_stories, named_since, recorded_by_id, at"
)
AGAIN = (
    f"INSERT INTO households_householdconsent ({COLUMNS}) SELECT "
    "village_id, {number}, household_id, {kind}, {day}, pledge_id, {day}, keeps_file, "
    "shows_name, {stories}, {since}, recorded_by_id, at "
    "FROM households_householdconsent WHERE number = 1"
)


def again(number=2, **values):
    said = {"kind": "'signed'", "day": "'2026-04-06'", "stories": "tells_stories"}
    return AGAIN.format(number=number, **{**said, "since": "named_since", **values})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE households_pledge SET title = 'x'",
        "DELETE FROM households_pledge",
        "UPDATE households_householdconsent SET shows_name = NULL",
        "DELETE FROM households_householdconsent",
        "UPDATE households_household SET full_name_consented_on = NULL",
        "UPDATE households_household SET full_name_consented_on = '2026-04-05'",
        "UPDATE households_household SET phone = '1'",
        again(number=1),
        again(number=3),
        again(day="'2026-03-19'", since="'2026-03-19'"),
        again(stories="NULL"),
        again(since="NULL"),
        again(since="'2026-04-07'"),
        again(kind="'new_head'"),
        again(kind="'taken_back'", day="NULL"),
        "INSERT INTO households_pledge (village_id, number, title, lines, kept, "
        "contact, in_force_from, written_by_id, at) SELECT village_id, 3, title, "
        "lines, kept, contact, in_force_from, written_by_id, at FROM households_pledge",
    ],
)
def test_i64_the_database_refuses_what_no_operation_does(household, statement):
    sign(household, answers(keeps_file=False))
    connection.check_constraints()

    with (
        pytest.raises((IntegrityError, Error)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_i64_the_same_row_with_the_next_number_is_taken(household):
    sign(household)

    with connection.cursor() as cursor:
        cursor.execute(again())

    assert HouseholdConsent.objects.count() == 2


def test_without_a_paper_a_day_is_as_it_was(household):
    Household.objects.update(full_name_consented_on=date(2026, 1, 1))
    Household.objects.update(full_name_consented_on=None, phone="1")

    assert fresh(household).phone == "1"


def test_the_recorder_and_the_admin_record_papers(village):
    for role in (Role.RECORDER, Role.ADMIN):
        person = serve(village, role)
        assert person.has_perm("households.record_consent", village)
