"""What is kept only for a while: how to reach whoever objected, and photos."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from households.audit import record_event
from households.locking import lock_village
from households.models import Village
from ledger.models import Declaration, EvidencePhoto, Objection, Story

# Long enough to give the answer by phone, and to ask back once.
CONTACT_KEPT = timedelta(days=14)
# Faces change hands with a photo, so it stays no longer than anybody asks for it.
PHOTOS_KEPT = timedelta(days=2 * 365)


@transaction.atomic
def forget_contacts(village: Village, *, at: datetime) -> int:
    """Erase how to reach those who objected, two weeks after the answer.

    Returns how many were erased; safe to run again.
    """
    village = lock_village(village)
    answered = Objection.objects.filter(
        village=village, decided_at__lte=at - CONTACT_KEPT
    )
    forgotten = answered.exclude(contact="").update(contact="")
    if forgotten:
        record_event(
            "objection.forget_contacts",
            village=village,
            by=None,
            at=at,
            objections=forgotten,
        )
    return forgotten


@transaction.atomic
def forget_photos(village: Village, *, at: datetime) -> int:
    """Erase photos after two years: of deeds, declarations and stories, which stay.

    Returns how many files were erased; safe to run again.
    """
    village = lock_village(village)
    taken = at - PHOTOS_KEPT
    old = EvidencePhoto.objects.filter(village=village, added_at__lte=taken)
    declared = Declaration.objects.filter(village=village, filed_at__lte=taken)
    declared = declared.exclude(photo="").exclude(state=Declaration.State.WAITING)
    told = Story.objects.filter(village=village, written_at__lte=taken)
    told = told.exclude(photo="")
    names = {*old.values_list("image", flat=True)}
    names |= {*declared.values_list("photo", flat=True)}
    names |= {*told.values_list("photo", flat=True)}
    old.delete()
    declared.update(photo="")
    told.update(photo="", photo_alt="")
    names -= _still_shown(village, names)
    if names:
        record_event("photos.forget", village=village, by=None, at=at, files=len(names))
        transaction.on_commit(lambda: _delete(names))
    return len(names)


def _still_shown(village: Village, names: Iterable[str]) -> set[str]:
    """Return the files that something newer still shows: one file may serve many."""
    shown = EvidencePhoto.objects.filter(village=village, image__in=names)
    declared = Declaration.objects.filter(village=village, photo__in=names)
    return {
        *shown.values_list("image", flat=True),
        *declared.values_list("photo", flat=True),
    }


def _delete(names: Iterable[str]) -> None:
    for name in names:
        EvidencePhoto._meta.get_field("image").storage.delete(name)
