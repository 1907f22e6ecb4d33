"""Taking a publication back while nobody has taken it away or objected to it.

A withdrawal and a download, or an objection, meet at the village's lock: one
comes first, and the other is refused.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from ledger.models import Download, Objection, Publication, Withdrawal
from ledger.operations import claim_operation
from ledger.refusals import Refused

# As long as everything else that staff have just saved can be undone.
WITHDRAWABLE = timedelta(minutes=10)
# A withdrawal asked for in the last second may still wait for the lock, so
# downloads are noted a little longer; nobody holds that lock for a minute.
NOTED = WITHDRAWABLE + timedelta(minutes=1)


class NotWithdrawable(Refused):
    """The publication stays; the message says why, and the way out."""


class AlreadyWithdrawn(Refused):
    """The publication does not stand any more."""


@transaction.atomic
def withdraw_publication(
    publication: Publication, *, by: User, at: datetime, reason: str, key: UUID
) -> Withdrawal:
    """Take a publication off the board; its month is under review again (I-39).

    Its entries stay, and so do the deeds they rest on: those are put right by
    corrections, which count in this month while it is unpublished. The same
    key twice withdraws once.

    :raises AlreadyWithdrawn: if it does not stand any more
    :raises NotWithdrawable: after ten minutes, a download, an objection, a later
        publication or the end of the notice, and without a reason
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(publication.village)
    reason = reason.strip()
    _operation, is_first = claim_operation(
        key,
        village=village,
        kind="withdraw_publication",
        payload={"publication": publication.pk, "reason": reason},
        by=by,
        at=at,
    )
    if not is_first:
        return Withdrawal.objects.get(village=village, publication=publication)
    publication = _as_it_stands(publication)
    obstacle = what_forbids_withdrawal(publication, at=at)
    if obstacle:
        raise NotWithdrawable(obstacle)
    if not reason:
        raise NotWithdrawable(_("Give a reason; it stays in the month's history."))
    withdrawal = Withdrawal.objects.create(
        village=village, publication=publication, by=by, at=at, reason=reason
    )
    period = publication.period
    period.published_at = None
    period.notice_ends_at = None
    period.save(update_fields=["published_at", "notice_ends_at"])
    record_event(
        "month.withdraw",
        village=village,
        by=by,
        at=at,
        subject=publication,
        month=str(period),
        revision=publication.revision,
        digest=publication.digest,
    )
    return withdrawal


def withdrawable_until(publication: Publication) -> datetime:
    """Return the moment from which a publication can no longer be withdrawn."""
    return publication.published_at + WITHDRAWABLE


def what_forbids_withdrawal(publication: Publication, *, at: datetime) -> str:
    """Return why a publication that stands cannot be withdrawn, or nothing."""
    village, month = publication.village, publication.period
    if month.finalized_at:
        return _(
            "%(month)s is final and stays; put mistakes right by a correction."
        ) % {"month": month}
    later = village.publications.filter(number__gt=publication.number)
    if later.exists():
        return _(
            "A later month is published, so it stays; put mistakes right by a "
            "correction."
        )
    if Objection.objects.filter(village=village, publication=publication).exists():
        return _(
            "Somebody has objected, so it stays; answer that, and put mistakes right "
            "by a correction."
        )
    if _is_downloaded(publication):
        return _(
            "Somebody has downloaded it, so it stays; put mistakes right by a "
            "correction."
        )
    if at >= withdrawable_until(publication):
        return _(
            "It was published more than 10 minutes ago and stays; put mistakes right "
            "by a correction."
        )
    return ""


def note_download(publication: Publication, *, at: datetime) -> None:
    """Keep a trace that a publication is about to leave the house.

    Call it before the bytes go out: from then on it cannot be withdrawn. Only
    the first download is kept, and none once the time for withdrawing is over.
    It is the one thing that reading writes (I-43).

    :raises AlreadyWithdrawn: if it does not stand any more; nothing may go out
    """
    if at >= publication.published_at + NOTED or _is_downloaded(publication):
        return
    with transaction.atomic():
        village = lock_village(publication.village)
        publication = _as_it_stands(publication)
        if not _is_downloaded(publication):
            Download.objects.create(village=village, publication=publication, at=at)


def _is_downloaded(publication: Publication) -> bool:
    return Download.objects.filter(
        village=publication.village_id, publication=publication
    ).exists()


def _as_it_stands(publication: Publication) -> Publication:
    """Look at a publication again once the village is locked."""
    standing = Publication.objects.of(publication.village).defer("document")
    found = standing.filter(pk=publication.pk).first()
    if found:
        return found
    withdrawal = Withdrawal.objects.select_related("by").get(
        village=publication.village_id, publication=publication
    )
    raise AlreadyWithdrawn(
        _("%(person)s withdrew it on %(moment)s; the month is under review again.")
        % {
            "person": withdrawal.by,
            "moment": timezone.localtime(withdrawal.at).strftime("%Y-%m-%d %H:%M"),
        }
    )
