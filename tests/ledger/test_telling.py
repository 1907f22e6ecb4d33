"""A story needs a published good deed, the family's consent and two people."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import Error, transaction

from households.models import AuditEvent
from households.roles import Role
from ledger.correcting import decide_correction, propose_correction
from ledger.models import Entry, Story
from ledger.operations import KeyUsedForSomethingElse
from ledger.telling import (
    AlreadyTakenDown,
    ChangedMeanwhile,
    NotReady,
    NotTellable,
    withdraw_story,
)
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    approve,
    award,
    finalize,
    publish,
    record,
    serve,
)
from tests.ledger.tales import (
    SOON,
    TEXT,
    draft,
    hand_over,
    jpeg,
    let_publish,
    revise,
    tell,
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def deed(household):
    """A good deed of a published month, of a household that is called 罗青山."""
    household.head_name = "罗青山"
    household.save()
    deed = award(household, "D02", 5)
    publish(household.village)
    return deed


def files(media):
    return [path for path in media.rglob("*") if path.is_file()]


def events():
    found = AuditEvent.objects.filter(action__startswith="story.").order_by("pk")
    return list(found.values_list("action", flat=True))


def reverse(deed):
    entry = Entry.objects.get(deed=deed)
    correction = propose_correction(
        entry, reason="记错", by=serve(deed.village, Role.RECORDER), at=AFTER_NOTICE
    )
    decide_correction(
        correction,
        approve=True,
        answer="",
        by=serve(deed.village, Role.REVIEWER),
        at=AFTER_NOTICE,
    )


# Which deeds


def test_one_writes_and_another_publishes(deed):
    story = tell(deed)

    assert story.state == "published"
    assert story.number == 1
    assert story.published_by != story.written_by
    assert events() == ["story.write", "story.hand_over", "story.publish"]
    assert list(Story.objects.public()) == [story]


def test_a_deed_of_an_unpublished_month_cannot_be_told(household):
    with pytest.raises(NotTellable):
        draft(award(household, "D02", 5))


def test_a_deduction_is_never_told(household):
    lost = approve(record(household, "N02", 1))
    publish(household.village)

    with pytest.raises(NotTellable):
        draft(lost)


def test_what_was_put_right_cannot_be_told(deed):
    finalize(deed.village)
    reverse(deed)

    with pytest.raises(NotTellable):
        draft(deed)


def test_a_story_whose_points_are_put_right_is_not_public_any_more(deed):
    story = tell(deed)
    finalize(deed.village)

    reverse(deed)

    assert story not in Story.objects.public()


def test_a_story_of_points_put_right_meanwhile_is_not_published(deed):
    story = hand_over(draft(deed))
    finalize(deed.village)
    reverse(deed)

    with pytest.raises(NotReady):
        let_publish(story)


def test_a_deed_is_told_once_and_again_after_it_was_taken_down(deed):
    first = tell(deed)
    with pytest.raises(NotTellable):
        draft(deed)

    withdraw_story(first, by=None, at=AFTER_NOTICE + 4 * SOON)

    assert draft(deed).number == 2


def test_a_form_sent_twice_is_one_story(deed, recorder):
    key = uuid4()

    first, again = (draft(deed, by=recorder, key=key) for _ in range(2))

    assert first == again
    with pytest.raises(KeyUsedForSomethingElse):
        draft(deed, by=recorder, key=key, headline="别的标题")


# Two people


def test_whoever_wrote_it_does_not_publish_it(deed, village):
    both = serve(village, Role.ADMIN)
    story = hand_over(draft(deed, by=both))

    with pytest.raises(NotReady):
        let_publish(story, by=both)


def test_nobody_publishes_a_story_of_the_own_household(deed, village):
    member = serve(village, Role.REVIEWER, household=deed.household)
    story = hand_over(draft(deed))

    with pytest.raises(NotReady):
        let_publish(story, by=member)


def test_a_draft_that_is_not_handed_over_is_not_published(deed):
    with pytest.raises(NotReady):
        let_publish(draft(deed))


def test_nobody_publishes_what_they_have_not_read(deed):
    story = hand_over(draft(deed))
    seen = story.written_at
    hand_over(revise(story, text=TEXT + "后来又加了一句。"))

    story.written_at = seen
    with pytest.raises(ChangedMeanwhile):
        let_publish(story)


def test_a_changed_story_leaves_the_page_until_another_has_read_it(deed):
    story = tell(deed)

    changed = revise(story, headline="换个标题")

    assert changed.state == "draft"
    assert not Story.objects.public().exists()
    assert let_publish(hand_over(changed)).state == "published"


def test_the_one_who_reads_may_mend_a_word_and_then_needs_another_reader(deed, village):
    reader = serve(village, Role.ADMIN)
    story = hand_over(revise(hand_over(draft(deed)), by=reader, headline="改过"))

    with pytest.raises(NotReady):
        let_publish(story, by=reader)
    assert let_publish(story).headline == "改过"


def test_two_people_do_not_overwrite_each_other(deed):
    story = draft(deed)
    before = story.written_at
    revise(story, headline="先改的")

    with pytest.raises(ChangedMeanwhile):
        revise(story, seen=before - SOON, headline="后改的")
    story.refresh_from_db()
    assert story.headline == "先改的"


def test_a_double_click_on_save_changes_once(deed, recorder):
    story = draft(deed, by=recorder)
    before = story.written_at
    revise(story, by=recorder, headline="改过")

    revise(story, by=recorder, seen=before, headline="改过")

    assert events() == ["story.write", "story.revise"]


# Consent and dignity


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"headline": ""}, "标题"),
        ({"text": "只有一句。"}, "现在是1句"),
        ({"text": "一句。" * 9}, "现在是9句"),
        ({"witnesses": ""}, "谁证明的"),
        ({"consent_by": ""}, "先问过这家人"),
        ({"consent_how": ""}, "先问过这家人"),
        ({"consent_on": None}, "先问过这家人"),
        ({"consent_on": date(2026, 4, 9)}, "不能比今天晚"),
        ({"text": TEXT + "罗青山不肯收钱。"}, "罗青山"),
        ({"witnesses": "邻居周兴禾"}, "周兴禾"),
        ({"text": TEXT + "电话13900139000。"}, "电话号码"),
    ],
)
def test_what_is_missing_or_too_much_keeps_a_story_back(deed, values, words):
    HouseholdFactory(village=deed.village, head_name="周兴禾")
    story = draft(deed, **values)

    with pytest.raises(NotReady) as refused:
        hand_over(story)

    assert words in str(refused.value)
    story.refresh_from_db()
    assert story.handed_over_at is None


def test_the_own_full_name_may_stand_in_it_when_the_family_agreed(deed):
    story = tell(deed, text=TEXT + "罗青山不肯收钱。", shows_full_name=True)

    assert story.state == "published"


def test_a_short_name_may_be_part_of_another_word(deed):
    HouseholdFactory(village=deed.village, head_name="高粱")

    assert tell(deed, text=TEXT + "地里的高粱也收了。").state == "published"


def test_a_photo_needs_words_for_those_who_do_not_see_it(deed):
    with pytest.raises(NotReady):
        hand_over(draft(deed, photo=jpeg()))


# Taking down


def test_taking_down_erases_words_and_photo_and_leaves_the_ledger(
    deed, media, django_capture_on_commit_callbacks
):
    story = tell(deed, photo=jpeg(), photo_alt="几个人", shows_photo=True)
    entries = list(Entry.objects.values())
    assert len(files(media)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        gone = withdraw_story(story, by=None, at=AFTER_NOTICE + 4 * SOON)

    gone.refresh_from_db()
    assert [gone.headline, gone.text, gone.witnesses, gone.photo_alt] == [""] * 4
    assert (gone.consent_by, gone.photo.name, gone.shows_photo) == ("", "", False)
    assert files(media) == []
    assert list(Entry.objects.values()) == entries
    assert not Story.objects.public().exists()
    assert events()[-1] == "story.withdraw"


def test_taking_down_twice_does_it_once(deed, recorder):
    story = tell(deed)

    for minutes in (30, 31):
        at = AFTER_NOTICE + timedelta(minutes=minutes)
        withdraw_story(story, by=recorder, at=at)

    assert events().count("story.withdraw") == 1


def test_what_was_taken_down_cannot_be_changed_or_published(deed):
    story = hand_over(draft(deed))
    withdraw_story(story, by=None, at=AFTER_NOTICE + SOON)

    with pytest.raises(AlreadyTakenDown):
        revise(story)
    with pytest.raises(AlreadyTakenDown):
        let_publish(story)


def test_a_new_photo_takes_the_place_of_the_old_one(
    deed, media, django_capture_on_commit_callbacks
):
    story = draft(deed, photo=jpeg())

    with django_capture_on_commit_callbacks(execute=True):
        story = revise(story, photo=jpeg((60, 40)))

    assert len(files(media)) == 1
    assert story.photo.size == len(jpeg((60, 40)))


def test_no_event_holds_a_name_or_a_word_of_the_story(deed):
    tell(deed, shows_full_name=True)

    facts = str(list(AuditEvent.objects.values()))

    assert "罗青山" not in facts
    assert "雨夜" not in facts


# What the database itself refuses


@pytest.mark.parametrize(
    "values",
    [
        {"published_by": None},
        {"consent_on": None},
        {"consent_how": ""},
        {"withdrawn_at": AFTER_NOTICE},
    ],
)
def test_the_database_keeps_consent_and_erasure(deed, values):
    story = tell(deed)

    with pytest.raises(Error), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(**values)


def test_i48_the_database_keeps_two_people(deed):
    story = tell(deed)

    with pytest.raises(Error), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(published_by=story.written_by)


def test_i48_the_database_lets_no_deduction_be_told(deed):
    story = tell(deed)
    other = record(deed.household, "Z05", at=AFTER_NOTICE)

    with pytest.raises(Error), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(deed=other)


def test_i48_what_was_taken_down_does_not_come_back(deed):
    story = tell(deed)
    withdraw_story(story, by=None, at=AFTER_NOTICE + SOON)

    with pytest.raises(Error), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(withdrawn_at=None)
