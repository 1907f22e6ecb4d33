"""好人好事 at the desk: nothing typed is lost, nobody is alone, nothing is left."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from households.roles import Role
from ledger.models import Story
from tests.factories import HouseholdFactory, approve, award, publish, record, serve
from tests.ledger.desk import address, text_of
from tests.ledger.tales import TEXT, draft, hand_over, jpeg, revise, tell
from tests.two_villages import visitor

STORIES = "/admin/stories/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def deed(household):
    deed = award(household, "D02", 5, note="把谷子接到高处")
    publish(household.village)
    return deed


@pytest.fixture
def writer(recorder):
    return visitor(recorder)


@pytest.fixture
def reader(reviewer):
    return visitor(reviewer)


def typed(village, **values):
    return {
        "village": village.slug,
        "key": str(uuid4()),
        "seen": "",
        "headline": "雨夜帮邻居搬粮食",
        "text": TEXT,
        "witnesses": "两位邻居",
        "photo_alt": "",
        "consent_by": "户主本人",
        "consent_how": "phone",
        "consent_on": "2026-04-06",
        **values,
    }


def noise(size=(1600, 1200)):
    """Return a photo that no encoder makes small without giving something up."""
    file = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def upload(content=None):
    return SimpleUploadedFile("photo.jpg", content or noise())


def test_a_story_goes_from_the_deed_to_the_public_page(deed, village, writer, reader):
    choice = writer.get(address("story-new"))
    assert "把谷子接到高处" in text_of(choice)
    saved = writer.post(address("story-write", deed.pk), typed(village), follow=True)
    story = Story.objects.get()
    assert "存好了。外面还看不到。" in text_of(saved)
    seen = {"seen": story.written_at.isoformat()}
    writer.post(address("story-hand-over", story.pk), seen)

    assert "等你看过，公开" in text_of(reader.get(STORIES))
    answer = reader.post(
        address("story-publish", story.pk), {**seen, "checked": "on"}, follow=True
    )

    assert "已公开，大家都看得到了。" in text_of(answer)
    assert reader.get(f"/v/{village.slug}/stories/1/").status_code == 200


def test_a_draft_may_be_empty_and_says_what_is_missing(deed, village, writer):
    empty = dict.fromkeys(typed(village), "")
    form = {**empty, "village": village.slug, "key": str(uuid4())}

    page = text_of(writer.post(address("story-write", deed.pk), form, follow=True))

    assert Story.objects.get().state == "draft"
    assert "写一个标题。" in page
    assert "先问过这家人" in page
    assert "交给别人看" not in page


@pytest.mark.parametrize(
    ("wrong", "file"),
    [
        ({"headline": "长" * 31}, None),
        ({"consent_on": "哪天"}, None),
        ({}, b"no photo"),
    ],
)
def test_what_was_typed_comes_back_with_the_mistake(deed, village, writer, wrong, file):
    form = typed(village, **wrong)
    if file:
        form["photo"] = upload(file)

    page = text_of(writer.post(address("story-write", deed.pk), form))

    assert "有地方要改一下" in page
    assert TEXT in page
    assert not Story.objects.exists()


def test_a_form_sent_twice_is_one_story(deed, village, writer):
    form = typed(village)

    for _ in range(2):
        writer.post(address("story-write", deed.pk), form)

    assert Story.objects.count() == 1


def test_two_people_at_one_story_lose_nothing(deed, village, recorder, writer):
    story = draft(deed, by=recorder)
    opened = typed(village, seen=story.written_at.isoformat(), headline="我改的")
    revise(story, headline="别人改的")

    page = writer.post(address("story-change", story.pk), opened)

    assert "刚改过这个故事" in text_of(page)
    assert "我改的" in text_of(page)
    again = {**opened, "seen": page.context["form"]["seen"].value()}
    writer.post(address("story-change", story.pk), again)
    story.refresh_from_db()
    assert story.headline == "我改的"


def test_a_photo_is_made_small_and_can_be_left_out(deed, village, writer):
    form = typed(village, photo=upload(), photo_alt="几个人", shows_photo="on")
    writer.post(address("story-write", deed.pk), form)
    story = Story.objects.get()
    assert 0 < story.photo.size <= 40_000
    shown = writer.get(address("story-photo", story.pk))
    assert max(Image.open(BytesIO(shown.body)).size) <= 960

    form = typed(village, seen=story.written_at.isoformat(), remove_photo="on")
    writer.post(address("story-change", story.pk), form)

    story.refresh_from_db()
    assert not story.photo
    assert writer.get(address("story-photo", story.pk)).status_code == 404


def test_a_change_keeps_the_photo_that_is_there(deed, village, writer):
    story = draft(deed, photo=jpeg(), photo_alt="几个人")
    form = typed(village, seen=story.written_at.isoformat(), headline="改过")

    writer.post(address("story-change", story.pk), form)

    story.refresh_from_db()
    assert story.headline == "改过"
    assert story.photo


def test_who_wrote_it_finds_no_button_to_publish(deed, village):
    both = serve(village, Role.ADMIN)
    other = serve(village, Role.ADMIN)
    story = hand_over(draft(deed, by=both))

    alone = text_of(visitor(both).get(address("story", story.pk)))
    another = text_of(visitor(other).get(address("story", story.pk)))

    assert "公开这个故事" not in alone
    assert "等另一个人看过再公开：" in alone
    assert str(other) in alone
    assert "公开这个故事" in another


def test_publishing_needs_the_tick(deed, reader):
    story = hand_over(draft(deed))

    page = reader.post(
        address("story-publish", story.pk), {"seen": story.written_at.isoformat()}
    )

    assert "看过以后，在方框里打勾。" in text_of(page)
    story.refresh_from_db()
    assert story.state == "waiting"


@pytest.mark.parametrize("seen", ["", "gestern", "2026-04-07T10:00:00"])
def test_publishing_without_having_looked_is_refused(deed, reader, seen):
    story = hand_over(draft(deed))

    page = reader.post(
        address("story-publish", story.pk), {"seen": seen, "checked": "on"}, follow=True
    )

    assert "请再看一遍" in text_of(page)
    story.refresh_from_db()
    assert story.state == "waiting"


def test_a_story_is_taken_down_by_a_click_and_a_yes(deed, village, supervisor):
    story = tell(deed)
    client = visitor(supervisor)

    question = text_of(client.get(address("story-withdraw", story.pk)))
    assert "不问原因" in question
    assert client.get(f"/v/{village.slug}/stories/1/").status_code == 200
    client.post(address("story-withdraw", story.pk))

    assert client.get(f"/v/{village.slug}/stories/1/").status_code == 410
    page = text_of(client.get(address("story", story.pk)))
    assert "文字和照片都删掉了" in page
    assert "雨夜" not in text_of(client.get(STORIES))


def test_the_choice_shows_photos_and_single_deeds_first_and_no_deduction(
    village, writer
):
    group = village.groups.get(number=1)
    homes = [
        HouseholdFactory(village=village, group=group, number=f"00{n}")
        for n in range(1, 4)
    ]
    award(homes[0], "Z05", note="一起扫路")
    award(homes[1], "D02", 5, note="雨夜搬谷子")
    approve(record(homes[2], "N02", 1, note="庭院脏乱"))
    told = award(homes[2], "D02", 3, note="背玉米")
    publish(village)
    tell(told)

    page = text_of(writer.get(address("story-new")))

    assert "雨夜搬谷子" in page
    assert "庭院脏乱" not in page
    assert "背玉米" not in page


def test_before_the_first_publication_there_is_nothing_to_choose(village, writer):
    assert "还没有公示" in text_of(writer.get(address("story-new")))


def test_a_deed_that_cannot_be_told_leads_back(household, writer):
    deed = award(household, "D02", 5)

    page = writer.get(address("story-write", deed.pk), follow=True)

    assert "只能写已经公示的好事" in text_of(page)


def test_a_deed_that_is_told_leads_to_its_story(deed, writer):
    story = draft(deed)

    page = writer.get(address("story-write", deed.pk))

    assert page["Location"] == address("story", story.pk)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.REVIEWER, "story-change"),
        (Role.REVIEWER, "story-hand-over"),
        (Role.RECORDER, "story-publish"),
        (Role.SUPERVISOR, "story-publish"),
        (Role.TOWNSHIP, "story-withdraw"),
    ],
)
def test_who_may_not_meets_not_found(deed, village, role, name):
    story = hand_over(draft(deed))

    response = visitor(serve(village, role)).post(address(name, story.pk))

    assert response.status_code == 404


def test_the_page_is_a_tab_of_the_publication(deed, village_admin):
    page = text_of(visitor(village_admin).get("/admin/publication/"))

    assert 'href="/admin/stories/?village=taoxi"' in page
