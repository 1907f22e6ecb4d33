"""What a reader takes away of a published month: its files, its poster."""

from datetime import date

from django.http import Http404, HttpRequest
from django.utils import timezone

from ledger.models import Publication
from ledger.public.noticeboard import Noticeboard
from ledger.withdrawing import AlreadyWithdrawn, note_download


def take_away(
    request: HttpRequest, noticeboard: Noticeboard, month: date
) -> Publication:
    """Find what somebody takes away; from now on it cannot be withdrawn.

    :raises Http404: when it is not published, or withdrawn a moment ago
    """
    publication = noticeboard.published(month)
    if publication is None:
        raise Http404
    if request.method == "GET":
        try:
            note_download(publication, at=timezone.now())
        except AlreadyWithdrawn as withdrawn:
            raise Http404 from withdrawn
    return publication
