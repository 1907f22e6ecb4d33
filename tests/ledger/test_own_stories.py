"""A household reads the stories about itself, and takes one down by its card."""

from datetime import timedelta

import pytest

from ledger.models import Story
from tests.factories import AFTER_NOTICE, HouseholdFactory, award, publish
from tests.ledger.reading import text_of
from tests.ledger.tales import draft, tell
from tests.ledger.test_own_data import scan

DATA = "/my/data/"
STORY = "/my/data/stories/1/"


@pytest.fixture
def deeds(village, household):
    neighbor = HouseholdFactory(village=village, group=household.group, number="002")
    found = [award(home, "D02", 5) for home in (household, neighbor)]
    publish(village)
    return found


@pytest.fixture
def holder(deeds, household, client, settings, tmp_path):
    """Return a browser in which the household's card was scanned."""
    settings.DATA_DIR = settings.MEDIA_ROOT = tmp_path
    return scan(client, household)


def send(holder, path=STORY, **typed):
    page = holder.get(path).content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    return holder.post(path, {"token": token, **typed})


def test_a_household_reads_what_is_told_of_it_and_who_agreed(deeds, holder):
    tell(deeds[0])
    draft(deeds[1], headline="别家的事")

    text = text_of(holder.get(DATA))

    assert "雨夜帮邻居搬粮食 · 大家都看得到 · 同意的人： 户主本人, 2026-04-06" in text
    assert "别家的事" not in text


def test_a_household_takes_its_story_down_without_a_reason(deeds, holder, village):
    tell(deeds[0])

    answer = send(holder, sure="1")

    assert answer["Location"] == DATA
    assert holder.get(f"/v/{village.slug}/stories/1/").status_code == 410
    story = Story.objects.get()
    assert (story.text, story.withdrawn_by) == ("", None)
    assert "雨夜" not in text_of(holder.get(DATA))


def test_nothing_is_taken_down_without_the_tick_or_a_good_form(deeds, holder):
    tell(deeds[0])

    assert "请先打勾" in text_of(send(holder))
    holder.post(STORY, {"token": "made-up", "sure": "1"})
    holder.get(STORY)

    assert Story.objects.public().exists()


def test_the_form_of_one_story_takes_down_no_other(
    deeds, holder, household, village, client
):
    tell(deeds[0])
    later = award(household, "Z05", at=AFTER_NOTICE)
    publish(village, month=later.period.month)
    page = holder.get(STORY).content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    tell(later, at=later.recorded_at + timedelta(days=60))

    holder.post("/my/data/stories/2/", {"token": token, "sure": "1"})

    assert Story.objects.public().count() == 2


def test_the_story_of_another_household_is_not_found(deeds, holder):
    tell(deeds[1])

    assert holder.get(STORY).status_code == 404


def test_without_a_card_the_page_asks_for_one(deeds, client):
    tell(deeds[0])

    assert "雨夜" not in text_of(client.get(STORY))
