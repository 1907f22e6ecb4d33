"""Photos that show a deed: re-encoded on arrival, never the original."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from households.limited_child import ChildGaveUp, run_limited
from ledger.models import Deed, EvidencePhoto
from ledger.photo_encoder import LIGHT, SIDE
from ledger.refusals import Refused

PHOTO_BYTES = 10 * 1024 * 1024
PHOTOS = 4
READING_SECONDS = 20


class PhotoRefused(Refused):
    """The file is no photo that we keep; the message says what to do."""


def read_photo(upload: UploadedFile, *, light: bool = False) -> bytes:
    """Return an uploaded photo as a small upright JPEG without anything hidden in it.

    Decoding happens in a child process with little memory and time. A light
    one, for a public page, has at most 40,000 bytes.

    :raises PhotoRefused: when it is too large, moving, or no photo
    """
    if upload.size is None or upload.size > PHOTO_BYTES:
        raise PhotoRefused(
            _("The photo is too large; %(limit)s MB at most.")
            % {"limit": PHOTO_BYTES // 1024 // 1024}
        )
    try:
        answer = run_limited(
            "ledger.photo_encoder",
            upload.read(),
            seconds=READING_SECONDS,
            arguments=(LIGHT,) if light else (),
        )
    except ChildGaveUp:
        raise PhotoRefused(_reason("large")) from None
    word, _newline, photo = answer.partition(b"\n")
    if word != b"ok":
        raise PhotoRefused(_reason(word.decode()))
    return photo


@transaction.atomic
def attach_photos(
    deeds: Sequence[Deed], photos: Sequence[bytes], *, at: datetime
) -> list[EvidencePhoto]:
    """Keep photos with the deeds they show; one file serves all deeds of a form.

    The file's name says nothing and cannot be guessed.
    """
    rows = []
    for photo in photos:
        first = EvidencePhoto(village=deeds[0].village, deed=deeds[0], added_at=at)
        name = f"{deeds[0].village.slug}/{secrets.token_hex(16)}.jpg"
        first.image.save(name, ContentFile(photo), save=False)
        rows += [
            EvidencePhoto(
                village=deed.village, deed=deed, image=first.image.name, added_at=at
            )
            for deed in deeds
        ]
    return EvidencePhoto.objects.bulk_create(rows)


def keep_photos(
    deeds: Sequence[Deed], photos: Sequence[EvidencePhoto]
) -> list[EvidencePhoto]:
    """Show other deeds by photos that are on file already; the files are shared."""
    return EvidencePhoto.objects.bulk_create(
        EvidencePhoto(
            village=deed.village,
            deed=deed,
            image=photo.image.name,
            added_at=photo.added_at,
        )
        for photo in photos
        for deed in deeds
    )


def _reason(code: str) -> str:
    reasons = {
        "large": _(
            "The photo has too many pixels; %(side)s a side and 50 million in all "
            "at most."
        )
        % {"side": f"{SIDE:,}"},
        "moving": _("A moving picture is not accepted; choose a still photo."),
        "unreadable": _("This file is not a photo. Choose a JPEG, PNG or WebP."),
    }
    return reasons[code]
