"""The exchange fund: where the money came from, where it went, on which voucher."""

import hashlib
import secrets
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.models import FundMovement

MOST_FEN = 100_000_000


class FundRefused(Refused):
    """The amount, the day or the voucher is missing or impossible."""


@transaction.atomic
def record_fund_movement(
    village: Village,
    *,
    kind: str,
    fen: int,
    happened_on: date,
    party: str,
    voucher: str,
    note: str = "",
    is_anonymous: bool = False,
    scan: bytes = b"",
    key: UUID,
    by: User,
    at: datetime,
) -> FundMovement:
    """Record money in or out of the fund, once.

    `fen` is the amount without a sign, 100 a yuan; the kind gives the
    direction. The fund may be overdrawn by a purchase somebody paid for in
    advance: the page says so. `scan` is a photo of the voucher as `read_photo`
    returns it, kept under a name that says nothing and cannot be guessed. The
    same key returns the same movement.

    :raises FundRefused: naming what is missing
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="fund",
        payload={
            "kind": kind,
            "fen": fen,
            "day": happened_on.isoformat(),
            "party": party,
            "voucher": voucher,
            "note": note,
            "anonymous": is_anonymous,
            "scan": hashlib.sha256(scan).hexdigest(),
        },
        by=by,
        at=at,
    )
    if not is_first:
        return FundMovement.objects.get(village=village, operation=operation)
    if not 1 <= fen <= MOST_FEN:
        raise FundRefused(_("Write the amount in yuan, at most 1,000,000."))
    if happened_on > timezone.localdate(at):
        raise FundRefused(_("The date cannot be later than today."))
    if not party.strip() or not voucher.strip():
        raise FundRefused(_("Write from or to whom, and the number of the voucher."))
    if kind not in (*FundMovement.INCOME, FundMovement.Kind.PURCHASE):
        raise FundRefused(_("Choose where the money came from or what it was for."))
    movement = FundMovement(
        village=village,
        number=_next_number(village),
        kind=kind,
        fen=fen if kind in FundMovement.INCOME else -fen,
        happened_on=happened_on,
        party=party.strip(),
        is_anonymous=is_anonymous,
        note=note.strip(),
        voucher=voucher.strip(),
        operation=operation,
        recorded_at=at,
        recorded_by=by,
    )
    if scan:
        name = f"{village.slug}/{secrets.token_hex(16)}.jpg"
        movement.scan.save(name, ContentFile(scan), save=False)
    movement.save()
    _record("fund.record", movement, by=by, at=at)
    return movement


@transaction.atomic
def correct_fund_movement(
    movement: FundMovement, *, reason: str, key: UUID, by: User, at: datetime
) -> FundMovement:
    """Take back a movement that was written wrongly, whole and once.

    The right one is recorded anew. The same key returns the same correction.

    :raises FundRefused: if it is taken back already, is a correction itself, or
        no reason is given
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(movement.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="fund_correction",
        payload={"movement": movement.pk, "reason": reason},
        by=by,
        at=at,
    )
    if not is_first:
        return FundMovement.objects.get(village=village, operation=operation)
    if movement.kind == FundMovement.Kind.CORRECTION:
        raise FundRefused(_("A correction is not corrected; record the money anew."))
    if FundMovement.objects.filter(village=village, corrects=movement).exists():
        raise FundRefused(_("This line was taken back already."))
    if not reason.strip():
        raise FundRefused(_("Write why the line is taken back."))
    correction = FundMovement.objects.create(
        village=village,
        number=_next_number(village),
        kind=FundMovement.Kind.CORRECTION,
        fen=-movement.fen,
        happened_on=movement.happened_on,
        party=movement.party,
        is_anonymous=movement.is_anonymous,
        note=reason.strip(),
        voucher=movement.voucher,
        corrects=movement,
        operation=operation,
        recorded_at=at,
        recorded_by=by,
    )
    _record("fund.correct", correction, by=by, at=at)
    return correction


def _next_number(village: Village) -> int:
    of_village = FundMovement.objects.filter(village=village)
    return (of_village.aggregate(number=Max("number"))["number"] or 0) + 1


def _record(action, movement, *, by, at):
    record_event(
        action,
        village=movement.village,
        by=by,
        at=at,
        subject=movement,
        number=movement.number,
        fen=movement.fen,
    )
