"""Good deeds told in public: written by one, published by another, taken down at once.

A story is words about a family, so it needs that family's own consent, and it
is erased when the consent ends. The ledger beside it stays as it is.
"""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.masking import mask_name
from households.models import User, Village
from households.own_households import own_households
from ledger.models import Deed, Story
from ledger.operations import claim_operation
from ledger.refusals import Refused
from ledger.story_check import refusal_on_paper, what_is_missing


class NotTellable(Refused):
    """No story can be told of this deed."""


class NotReady(Refused):
    """Something is still missing, or the same person would be alone with it."""


class ChangedMeanwhile(Refused):
    """Somebody else has changed the story since it was looked at."""


class AlreadyTakenDown(Refused):
    """The story is gone; there is nothing left to change."""


@dataclass(frozen=True)
class Telling:
    """What is told of a deed, and what its household agreed to."""

    headline: str = ""
    text: str = ""
    witnesses: str = ""
    photo_alt: str = ""
    consent_by: str = ""
    consent_how: str = ""
    consent_on: date | None = None
    shows_full_name: bool = False
    shows_photo: bool = False


@transaction.atomic
def write_story(
    deed: Deed,
    telling: Telling,
    *,
    photo: bytes = b"",
    key: UUID,
    by: User,
    at: datetime,
) -> Story:
    """Keep the draft of a story about a published good deed; nobody sees it yet.

    Nothing has to be complete. `photo` is a small JPEG as `read_photo` returns
    it. The same key returns the same story.

    :raises NotTellable: for a deduction, a deed that is not published, was put right
        since or has its story already, and of a household that wants none
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(deed.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="write_story",
        payload={
            "deed": deed.pk,
            "photo": hashlib.sha256(photo).hexdigest(),
            **asdict(telling),
        },
        by=by,
        at=at,
    )
    if not is_first:
        return Story.objects.get(village=village, operation=operation)
    if not Deed.objects.filter(village=village).tellable().filter(pk=deed.pk).exists():
        raise NotTellable(
            _(
                "Only a good deed of a published month can be told, and only once. "
                "Choose another one."
            )
        )
    refusal = refusal_on_paper(deed.household)
    if refusal:
        raise NotTellable(refusal)
    story = Story(
        village=village,
        number=_next_number(village),
        deed=deed,
        written_by=by,
        written_at=at,
        operation=operation,
        **asdict(telling),
    )
    _note_name(story)
    if photo:
        _keep_photo(story, photo)
    story.save()
    _record("story.write", story, by=by, at=at)
    return story


@transaction.atomic
def revise_story(
    story: Story,
    telling: Telling,
    *,
    photo: bytes | None = None,
    seen: datetime,
    by: User,
    at: datetime,
) -> Story:
    """Change a story; a public one leaves the page until another person has seen it.

    `photo` is a new one, nothing for none at all, None to keep what is there.
    `seen` is when the version was written that the change begins from.

    :raises AlreadyTakenDown: if it was taken down
    :raises ChangedMeanwhile: if somebody changed it since
    """
    story = _as_it_stands(story)
    values = asdict(telling)
    if story.written_at != seen:
        if story.written_by == by and _holds(story, values):
            return story
        raise ChangedMeanwhile(
            _(
                "%(person)s has changed this story meanwhile. What you wrote stands "
                "below; saving again replaces what is there."
            )
            % {"person": story.written_by}
        )
    for name, value in values.items():
        setattr(story, name, value)
    if photo is not None:
        _drop_photo(story)
        if photo:
            _keep_photo(story, photo)
    _note_name(story)
    story.written_by, story.written_at = by, at
    story.handed_over_at = story.published_by = story.published_at = None
    story.save()
    _record("story.revise", story, by=by, at=at)
    return story


@transaction.atomic
def hand_over_story(story: Story, *, seen: datetime, by: User, at: datetime) -> Story:
    """Ask another person to look at a finished draft and publish it.

    :raises AlreadyTakenDown: if it was taken down
    :raises ChangedMeanwhile: if somebody changed it since `seen`
    :raises NotReady: naming what is missing
    """
    story = _as_seen(story, seen)
    if story.state != Story.State.DRAFT:
        return story
    _require_complete(story)
    story.handed_over_at = at
    story.save(update_fields=["handed_over_at"])
    _record("story.hand_over", story, by=by, at=at)
    return story


@transaction.atomic
def publish_story(story: Story, *, seen: datetime, by: User, at: datetime) -> Story:
    """Let everybody read a story that another person wrote.

    :raises AlreadyTakenDown: if it was taken down
    :raises ChangedMeanwhile: if it was changed since `by` looked at it
    :raises NotReady: if `by` wrote it or lives there, or something is missing
    """
    story = _as_seen(story, seen)
    if story.published_at:
        return story
    if story.written_by == by:
        raise NotReady(_("You wrote this; someone else publishes it."))
    if story.deed.household_id in own_households(by, story.village_id):
        raise NotReady(_("This is about your own household; someone else publishes."))
    if not story.handed_over_at:
        raise NotReady(_("It is still being written."))
    _require_complete(story)
    story.published_by, story.published_at = by, at
    story.save(update_fields=["published_by", "published_at"])
    _record("story.publish", story, by=by, at=at)
    return story


@transaction.atomic
def withdraw_story(story: Story, *, by: User | None, at: datetime) -> Story:
    """Take a story down and erase its words and its photo; the ledger stays.

    No reason is asked for: a family need not give one. `by` is None when the
    household does it itself. Taking down twice does it once.
    """
    village = lock_village(story.village)
    story = Story.objects.select_related("village", "deed").get(
        village=village, pk=story.pk
    )
    if story.withdrawn_at:
        return story
    _drop_photo(story)
    for name, value in asdict(Telling()).items():
        # How and when it was agreed is no secret, and shows that it was.
        if name not in ("consent_how", "consent_on"):
            setattr(story, name, value)
    story.masked_name = ""
    story.withdrawn_by, story.withdrawn_at = by, at
    story.save()
    _record("story.withdraw", story, by=by, at=at)
    return story


def _require_complete(story: Story) -> None:
    missing = what_is_missing(story)
    if missing:
        raise NotReady(" ".join(missing))
    tells = Story.objects.filter(pk=story.pk, village=story.village_id)
    if tells.filter(deed__entries__reversals__isnull=False).exists():
        raise NotReady(_("The points of this deed were put right since; take it down."))


def _as_it_stands(story: Story) -> Story:
    """Look at a story again once the village is locked."""
    village = lock_village(story.village)
    found = Story.objects.select_related(
        "village", "deed__household", "written_by"
    ).get(village=village, pk=story.pk)
    if found.withdrawn_at:
        raise AlreadyTakenDown(_("This story has been taken down."))
    return found


def _as_seen(story: Story, seen: datetime) -> Story:
    story = _as_it_stands(story)
    if story.written_at != seen:
        raise ChangedMeanwhile(
            _("%(person)s has changed this story meanwhile; read it once more.")
            % {"person": story.written_by}
        )
    return story


def _holds(story: Story, values: dict) -> bool:
    return all(getattr(story, name) == value for name, value in values.items())


def _next_number(village: Village) -> int:
    of_village = Story.objects.filter(village=village)
    return (of_village.aggregate(number=Max("number"))["number"] or 0) + 1


def _note_name(story: Story) -> None:
    """Note whom the consent is from, as far as the page may ever say it."""
    home = story.deed.household
    story.masked_name = mask_name(home.head_name)
    story.was_named_in_full = home.full_name_consented_on is not None


def _keep_photo(story: Story, photo: bytes) -> None:
    """Keep a photo under a name that says nothing and cannot be guessed."""
    name = f"{story.village.slug}/{secrets.token_hex(16)}.jpg"
    story.photo.save(name, ContentFile(photo), save=False)


def _drop_photo(story: Story) -> None:
    """Forget a photo; its file goes when nobody can find it any more."""
    if story.photo:
        storage, name = story.photo.storage, str(story.photo.name)
        transaction.on_commit(lambda: storage.delete(name))
        story.photo = ""


def _record(action: str, story: Story, *, by: User | None, at: datetime) -> None:
    record_event(
        action,
        village=story.village,
        by=by,
        at=at,
        subject=story,
        number=story.number,
        deed=story.deed_id,
    )
