"""Stories in public: with consent, at once gone without it, and never a bad word."""

import re

import pytest

from ledger.forgetting import PHOTOS_KEPT, forget_photos
from ledger.models import Story
from ledger.telling import withdraw_story
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    VillageFactory,
    award,
    publish,
)
from tests.ledger.reading import read, text_of
from tests.ledger.tales import SOON, TEXT, draft, hand_over, jpeg, revise, tell

STORIES = "/v/taoxi/stories/"
FIRST = f"{STORIES}1/"
PHOTO = f"{FIRST}photo.jpg"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def deeds(village):
    """Three good deeds of a published March, one of each pillar."""
    group = village.groups.get(number=1)
    found = [
        award(
            HouseholdFactory(
                village=village, group=group, number=f"00{number}", head_name=name
            ),
            code,
            note="鹦鹉说的",
        )
        for number, (name, code) in enumerate(
            [("罗青山", "D02"), ("周兴禾", "Z05"), ("吴桂圆", "F03")], start=1
        )
    ]
    publish(village)
    return found


def status_of_photo(client):
    response = client.get(PHOTO)
    # Read to its end; closing it would close the test's own connection too.
    assert response.status_code == 404 or b"".join(response)
    return response.status_code


def take_down(story):
    return withdraw_story(story, by=None, at=AFTER_NOTICE + 9 * SOON)


# The list


def test_without_a_story_the_list_asks_for_one(village, client):
    text = read(client, STORIES)

    assert "这个月的好事还在整理。你身边有好事？说给我们听" in text
    assert "我要申报" in text


def test_the_list_shows_headline_month_group_masked_name_and_points(deeds, client):
    tell(deeds[0])

    text = read(client, STORIES)

    assert "2026年3月 德治 3月20日 · 1社 罗○山 +3分 雨夜帮邻居搬粮食" in text
    assert TEXT in text
    assert "鹦鹉" not in text
    assert "罗青山" not in text


def test_a_full_name_is_shown_only_when_the_family_agreed_to_that(deeds, client):
    tell(deeds[0], shows_full_name=True)
    tell(deeds[1])

    text = read(client, STORIES)

    assert "罗青山" in text
    assert "周○禾" in text


def test_a_draft_is_nowhere(deeds, client):
    hand_over(draft(deeds[0]))

    assert "雨夜" not in read(client, STORIES)
    assert read(client, FIRST, status=404)
    assert "雨夜" not in read(client, "/v/taoxi/")


@pytest.mark.parametrize(
    ("pillar", "number"), [("virtue", 1), ("self", 2), ("law", 3), ("nothing", None)]
)
def test_the_chips_keep_one_kind_of_deed(deeds, client, pillar, number):
    for deed in deeds:
        tell(deed, headline=f"第{deed.item.code}件")

    text = read(client, f"{STORIES}?pillar={pillar}")

    shown = {n for n, deed in enumerate(deeds, 1) if f"第{deed.item.code}件" in text}
    assert shown == ({number} if number else {1, 2, 3})


def test_a_kind_without_a_story_says_so(deeds, client):
    tell(deeds[0])

    assert "这一类还没有故事" in read(client, f"{STORIES}?pillar=law")


def test_a_long_list_is_turned_over(village, client):
    group = village.groups.get(number=1)
    deeds = [
        award(HouseholdFactory(village=village, group=group, number=f"1{n:02d}"), "Z05")
        for n in range(14)
    ]
    publish(village)
    for deed in deeds:
        tell(deed)

    first, second = read(client, STORIES), read(client, f"{STORIES}?page=2")

    assert (first.count("雨夜"), second.count("雨夜")) == (12, 2)
    assert "早一些的" in first
    assert "新一些的" in second
    assert read(client, f"{STORIES}?page=99").count("雨夜") == 2
    assert read(client, f"{STORIES}?page=x").count("雨夜") == 12


# One story


def test_a_story_says_who_wrote_the_deed_down_and_who_confirms_it(deeds, client):
    tell(deeds[0])

    page = client.get(FIRST)

    text = text_of(page)
    assert "谁记的 记录员" in text
    assert "谁证明的 两位邻居" in text
    assert "所属规则 D02 " in text
    assert 'href="/v/taoxi/rules/#D02"' in page.content.decode()
    assert 'id="D02"' in client.get("/v/taoxi/rules/").content.decode()


def test_neither_title_nor_description_names_anybody(deeds, client):
    tell(deeds[0], shows_full_name=True, headline="罗青山的雨夜")

    html = client.get(FIRST).content.decode()

    head = html[: html.index("<body")]
    assert "罗青山" not in head
    assert "雨夜" not in head
    assert "罗青山" in html


def test_stories_of_one_day_follow_one_another(deeds, client):
    for deed in deeds:
        tell(deed)

    middle = client.get(f"{STORIES}2/").content.decode()

    assert re.search(r'href="/v/taoxi/stories/3/" rel="prev"', middle)
    assert re.search(r'href="/v/taoxi/stories/1/" rel="next"', middle)
    assert 'rel="prev"' not in client.get(f"{STORIES}3/").content.decode()
    assert 'rel="next"' not in client.get(FIRST).content.decode()


def test_a_story_that_was_taken_down_is_gone_at_the_next_request(deeds, client):
    story = tell(deeds[0])
    assert "雨夜" in read(client, FIRST)
    assert "雨夜" in read(client, STORIES)
    assert "雨夜" in read(client, "/v/taoxi/")

    take_down(story)

    gone = client.get(FIRST)
    assert gone.status_code == 410
    assert "这家人不愿意公开，故事已收起" in text_of(gone)
    assert gone.headers["Cache-Control"] == "no-store"
    assert "雨夜" not in read(client, STORIES)
    assert "雨夜" not in read(client, "/v/taoxi/")


def test_a_neighbor_that_was_taken_down_is_no_link_any_more(deeds, client):
    first, second, third = (tell(deed) for deed in deeds)
    read(client, f"{STORIES}{first.number}/")
    take_down(second)

    page = client.get(f"{STORIES}{first.number}/").content.decode()

    assert f'href="/v/taoxi/stories/{third.number}/" rel="prev"' in page


def test_a_changed_name_of_the_head_shows_at_once(deeds, client):
    story = tell(deeds[0], shows_full_name=True)
    assert "罗青山" in read(client, FIRST)

    Story.objects.filter(pk=story.pk).update(shows_full_name=False)

    assert "罗青山" not in read(client, FIRST)
    assert "罗青山" not in read(client, STORIES)


def test_a_full_name_ends_with_the_consent_to_be_named_on_the_board(deeds, client):
    home = deeds[0].household
    home.full_name_consented_on = "2026-01-01"
    home.save()
    tell(deeds[0], shows_full_name=True)
    assert "罗青山" in read(client, FIRST)

    home.full_name_consented_on = None
    home.save()

    assert "罗青山" not in read(client, FIRST)
    assert "罗○山" in read(client, STORIES)


def test_who_heads_the_household_later_is_not_put_on_the_story(deeds, client):
    tell(deeds[0], shows_full_name=True)
    home = deeds[0].household
    home.head_name = "许稻香"
    home.save()

    text = read(client, FIRST)

    assert "罗○山" in text
    assert "许" not in text


@pytest.mark.parametrize("path", [f"{STORIES}9/", "/v/nowhere/stories/1/"])
def test_a_story_that_never_was_is_not_found(deeds, client, path):
    tell(deeds[0])

    assert client.get(path).status_code == 404


def test_a_draft_taken_down_before_it_was_public_is_not_found(deeds, client):
    take_down(draft(deeds[0]))

    assert client.get(FIRST).status_code == 404


def test_another_village_has_its_own_numbers(deeds, client):
    VillageFactory(slug="shuanghe")
    tell(deeds[0])

    assert client.get("/v/shuanghe/stories/1/").status_code == 404
    assert client.get("/v/shuanghe/stories/1/photo.jpg").status_code == 404


# The photo


def test_a_photo_is_shown_with_its_words_and_its_size(deeds, client):
    tell(deeds[0], photo=jpeg(), photo_alt="几个人往坡上走", shows_photo=True)

    html = client.get(FIRST).content.decode()

    assert (
        f'<img src="{PHOTO}" alt="几个人往坡上走" width="120" height="80" '
        'loading="lazy">' in html
    )


def test_a_photo_is_handed_out_so_that_a_browser_runs_and_keeps_nothing(deeds, client):
    tell(deeds[0], photo=jpeg(), photo_alt="几个人", shows_photo=True)

    response = client.get(PHOTO)

    assert b"".join(response) == jpeg()
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response.headers["Cache-Control"]


def test_without_consent_to_the_photo_it_is_neither_shown_nor_reachable(deeds, client):
    tell(deeds[0], photo=jpeg(), photo_alt="几个人")

    assert "<img" not in client.get(FIRST).content.decode()
    assert status_of_photo(client) == 404


@pytest.mark.parametrize("change", [take_down, revise])
def test_a_photo_is_out_of_reach_as_soon_as_its_story_is(deeds, client, change):
    story = tell(deeds[0], photo=jpeg(), photo_alt="几个人", shows_photo=True)
    assert status_of_photo(client) == 200

    change(story)

    assert status_of_photo(client) == 404


def test_a_photo_is_erased_after_two_years_and_the_story_stays(
    deeds, client, media, django_capture_on_commit_callbacks
):
    story = tell(deeds[0], photo=jpeg(), photo_alt="几个人", shows_photo=True)
    assert "<img" in client.get(FIRST).content.decode()
    end = story.written_at + PHOTOS_KEPT

    assert forget_photos(story.village, at=end - SOON) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_photos(story.village, at=end) == 1

    assert not list(media.rglob("*.jpg"))
    html = client.get(FIRST).content.decode()
    assert "雨夜" in html
    assert "<img" not in html


def test_a_story_stays_readable_when_its_photo_is_lost(deeds, client, media):
    tell(deeds[0], photo=jpeg(), photo_alt="几个人", shows_photo=True)
    for file in media.rglob("*.jpg"):
        file.unlink()

    assert "雨夜" in read(client, FIRST)
    assert status_of_photo(client) == 404


# The board


def test_the_board_shows_the_three_newest_stories_under_its_month(deeds, client):
    for number, deed in enumerate(deeds, 1):
        tell(deed, headline=f"第{number}件好事")

    text = read(client, "/v/taoxi/")

    assert "三月好事 全部好事 法治 3月20日 · 1社 吴○圆 +3分 第3件好事" in text
    assert text.index("第3件") < text.index("第2件") < text.index("第1件")


def test_a_board_without_stories_has_no_empty_block(deeds, client):
    assert "三月好事" not in read(client, "/v/taoxi/")
