"""Stories for tests: complete ones, with whatever a test wants to be otherwise."""

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

from PIL import Image

from households.roles import Role
from ledger.telling import (
    Telling,
    hand_over_story,
    publish_story,
    revise_story,
    write_story,
)
from tests.factories import AFTER_NOTICE, serve

TEXT = "半夜水漫进了院坝。这家人打着手电把老人背到高处。天亮时谷子一颗没湿。"
SOON = timedelta(minutes=5)


def telling(**values):
    complete = {
        "headline": "雨夜帮邻居搬粮食",
        "text": TEXT,
        "witnesses": "两位邻居",
        "consent_by": "户主本人",
        "consent_how": "word",
        "consent_on": date(2026, 4, 6),
    }
    return Telling(**{**complete, **values})


def draft(deed, *, by=None, at=AFTER_NOTICE, photo=b"", key=None, **values):
    """Write a story through the operation."""
    by = by or serve(deed.village, Role.RECORDER)
    return write_story(
        deed, telling(**values), photo=photo, key=key or uuid4(), by=by, at=at
    )


def hand_over(story):
    return hand_over_story(
        story, seen=story.written_at, by=story.written_by, at=story.written_at + SOON
    )


def let_publish(story, *, by=None):
    """Let another person publish a story that was handed over."""
    by = by or serve(story.village, Role.REVIEWER)
    at = story.written_at + 2 * SOON
    return publish_story(story, seen=story.written_at, by=by, at=at)


def tell(deed, **values):
    """Let one person write the story of a deed, and another publish it."""
    return let_publish(hand_over(draft(deed, **values)))


def revise(story, *, by=None, seen=None, photo=None, **values):
    return revise_story(
        story,
        telling(**values),
        photo=photo,
        seen=seen or story.written_at,
        by=by or serve(story.village, Role.RECORDER),
        at=story.written_at + 3 * SOON,
    )


def jpeg(size=(120, 80)):
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, "JPEG")
    return file.getvalue()
