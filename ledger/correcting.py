"""Putting right what was published: one person proposes, another decides."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from households.own_households import own_households
from ledger.models import Correction, Entry, Period
from ledger.months import booking_month
from ledger.posting import NotReversible, reverse_entry
from ledger.refusals import Refused


class NotCorrectable(Refused):
    """The entry cannot be corrected, or a correction of it stands already."""


class NotTheProposer(Refused):
    """A correction is decided by somebody else than who proposed or decided it."""


@transaction.atomic
def propose_correction(
    entry: Entry, *, reason: str, by: User, at: datetime
) -> Correction:
    """Ask for the reversal of a published entry, with the reason residents read.

    :raises NotCorrectable: if the entry is reversed, or asked about already
    """
    lock_village(entry.village)
    standing = Correction.objects.filter(village=entry.village, entry=entry).exclude(
        state=Correction.State.REFUSED
    )
    if standing.exists():
        raise NotCorrectable(_("A correction of this entry stands already."))
    if not reason.strip():
        raise NotCorrectable(_("Give a reason; the household will see it."))
    if entry.kind not in (Entry.Kind.ADDITION, Entry.Kind.DEDUCTION):
        raise NotCorrectable(_("Only points given or taken for a deed are corrected."))
    correction = Correction.objects.create(
        village=entry.village,
        entry=entry,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    record_event(
        "correction.propose", village=entry.village, by=by, at=at, subject=correction
    )
    return correction


@transaction.atomic
def decide_correction(
    correction: Correction, *, approve: bool, answer: str = "", by: User, at: datetime
) -> Correction:
    """Approve a correction, which posts the reversal in the open month, or refuse it.

    While the entry's own month is unpublished, because its notice was withdrawn,
    that is the open month: its second notice shows neither of the two.

    :raises NotTheProposer: if `by` proposed it, recorded or co-signed the deed, or is
        of the household
    :raises NotCorrectable: if it is decided, or refused without an answer
    """
    lock_village(correction.village)
    correction = Correction.objects.select_related(
        "entry__deed", "entry__household", "entry__period", "village__policy"
    ).get(pk=correction.pk)
    entry = correction.entry
    if correction.state != Correction.State.PROPOSED:
        raise NotCorrectable(_("This correction has been decided."))
    deed = entry.deed
    recorded = (deed.recorded_by_id, deed.second_recorder_id) if deed else ()
    if by.pk in (correction.proposed_by_id, *recorded):
        raise NotTheProposer(_("You proposed or recorded this; someone else decides."))
    if entry.household_id in own_households(by, entry.village_id):
        raise NotTheProposer(_("This is your own household; someone else decides."))
    if not approve and not answer.strip():
        raise NotCorrectable(_("Give a reason; the household will see it."))
    if approve:
        try:
            reverse_entry(entry, period=_booking_month(entry, at=at), by=by, at=at)
        except NotReversible as error:
            raise NotCorrectable(str(error)) from error
    state = Correction.State.APPROVED if approve else Correction.State.REFUSED
    correction.state = state
    correction.answer = answer.strip()
    correction.decided_by = by
    correction.decided_at = at
    correction.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    record_event(
        f"correction.{state}",
        village=correction.village,
        by=by,
        at=at,
        subject=correction,
    )
    return correction


def _booking_month(entry: Entry, *, at: datetime) -> Period:
    if entry.period and not entry.period.is_published:
        return entry.period
    return booking_month(entry.village, at=at)
