"""What residents declare on the web: filed once, then accepted or declined."""

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.changes import why_gone
from households.locking import lock_village
from households.models import Household, User, Village
from households.own_households import own_households
from ledger.declaring import NotAGoodDeed, NotDeclared
from ledger.models import Declaration, Deed, EvidencePhoto, Operation, ScoringItem
from ledger.months import DayNotAccepted, period_for
from ledger.operations import FiledAlready, claim_operation
from ledger.recording import (
    DuplicateDeed,
    NotOfThisVillage,
    NotWithdrawable,
    check_of_village,
    check_range,
    withdraw_deed,
)
from ledger.refusals import Refused
from ledger.review import OwnHousehold, ReasonMissing

# For one household, whoever declares: a whole village may share one address.
DECLARATIONS_A_DAY = 5
# How long a refusal can be taken back; later the household has read it.
UNDONE_WITHIN = timedelta(days=1)


class TooManyToday(Refused):
    """The household has had as many declarations today as are taken."""


@transaction.atomic
def file_declaration(
    household: Household,
    *,
    text: str,
    happened_on: date,
    phone: str = "",
    photo: bytes | None = None,
    key: UUID,
    at: datetime,
) -> Declaration:
    """Give what a resident declares its number; it waits until a clerk accepts it.

    The number is year, month, day and a running number of the day: 260704-031.
    Whoever declares is never stored; the phone is for questions and goes when it
    is settled. The `key` of the form makes ten submits count once.

    :raises FiledAlready: if the form was filed with other content, with its number
    :raises NotOfThisVillage: if the household has moved out
    :raises DayNotAccepted: if the day is in the future or too far back
    :raises TooManyToday: if the household has five of today
    """
    village = lock_village(household.village)
    said = {"household": household, "text": text.strip(), "happened_on": happened_on}
    first = Declaration.objects.filter(village=village, key=key).first()
    if first:
        if any(getattr(first, name) != value for name, value in said.items()):
            raise FiledAlready(first.number)
        return first
    today = timezone.localdate(at)
    if household.status == Household.Status.LEFT:
        raise NotOfThisVillage(why_gone(household))
    check_day(village, happened_on, today=today)
    of_today = Declaration.objects.filter(
        village=village, number__startswith=f"{today:%y%m%d}-"
    )
    if of_today.filter(household=household).count() >= DECLARATIONS_A_DAY:
        raise TooManyToday(
            _("%(count)s deeds have been declared today. Come again tomorrow, or call.")
            % {"count": DECLARATIONS_A_DAY}
        )
    declaration = Declaration(
        village=village,
        number=f"{today:%y%m%d}-{of_today.count() + 1:03d}",
        key=key,
        phone=phone,
        filed_at=at,
        **said,
    )
    if photo:
        # The file's name says nothing and cannot be guessed.
        name = f"{village.slug}/{secrets.token_hex(16)}.jpg"
        declaration.photo.save(name, ContentFile(photo), save=False)
    declaration.save()
    record_event(
        "declaration.file", village=village, by=None, at=at, subject=declaration
    )
    return declaration


def check_day(village: Village, day: date, *, today: date) -> None:
    """Refuse a day that cannot be declared any more, or not yet.

    :raises DayNotAccepted: saying which
    """
    if day > today:
        raise DayNotAccepted(_("The date cannot be later than today."))
    days = village.policy.backdating_days
    if day < today - timedelta(days=days):
        raise DayNotAccepted(
            _("Only deeds of the last %(days)s days can be declared.") % {"days": days}
        )


@transaction.atomic
def accept_filed(
    declaration: Declaration,
    item: ScoringItem,
    *,
    magnitude: int,
    again: bool = False,
    key: UUID,
    by: User,
    at: datetime,
) -> Deed:
    """Make a declaration a pending deed, with item and points (no sign).

    Whoever accepts is its recorder. What was declared in time is in time,
    however long it waited here. The phone goes, the photo becomes evidence.

    :raises NotDeclared: if it is settled, or the form's acceptance was undone
    :raises NotAGoodDeed: if the item takes points away
    :raises NotOfThisVillage: if the item is not the village's own
    :raises OutOfRange: if the points are not within the item's range
    :raises DuplicateDeed: if the household has this item on this day already
    """
    village = lock_village(declaration.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="record",
        payload={"filed": declaration.pk, "item": item.pk, "points": magnitude},
        by=by,
        at=at,
    )
    if not is_first:
        return _accepted_by(operation)
    declaration = _waiting(declaration)
    if item.is_deduction:
        raise NotAGoodDeed(_("Only good deeds can be declared."))
    household = declaration.household
    check_of_village(village, [household], item, on=declaration.happened_on)
    check_range(item, magnitude)
    deed = Deed(
        village=village,
        household=household,
        item=item,
        happened_on=declaration.happened_on,
        points=item.signed(magnitude),
        channel=declaration.channel,
        note=declaration.text,
        recorded_by=by,
        recorded_at=at,
        operation=operation,
    )
    if not again and Deed.objects.alike(deed).exists():
        raise DuplicateDeed([household], item, deed.happened_on)
    deed.period = period_for(village, deed.happened_on, at=declaration.filed_at)
    deed.save()
    if declaration.photo:
        EvidencePhoto.objects.create(
            village=village,
            deed=deed,
            image=declaration.photo.name,
            added_at=declaration.filed_at,
        )
    _settle(declaration, Declaration.State.ACCEPTED, deed=deed, by=by, at=at)
    record_event(
        "declaration.accept",
        village=village,
        by=by,
        at=at,
        subject=declaration,
        item=item.code,
        points=deed.points,
    )
    return deed


@transaction.atomic
def decline_filed(
    declaration: Declaration, *, reason: str, by: User, at: datetime
) -> Declaration:
    """Refuse a declaration; the household reads the reason in its passbook.

    :raises NotDeclared: if it is settled
    :raises OwnHousehold: if it is `by`'s own household
    :raises ReasonMissing: if no reason is given
    """
    lock_village(declaration.village)
    declaration = _waiting(declaration)
    if declaration.household_id in own_households(by, declaration.village_id):
        raise OwnHousehold(
            _("This is your own household; someone else must review it.")
        )
    if not reason.strip():
        raise ReasonMissing(_("Give a reason; the household will see it."))
    declaration.reason = reason.strip()
    _settle(declaration, Declaration.State.DECLINED, by=by, at=at)
    record_event(
        "declaration.decline",
        village=declaration.village,
        by=by,
        at=at,
        subject=declaration,
    )
    return declaration


@transaction.atomic
def undo_settled(declaration: Declaration, *, by: User, at: datetime) -> Declaration:
    """Let a declaration wait again; the deed it had become stays as withdrawn.

    :raises NotWithdrawable: if it waits, was settled by somebody else, its deed
        is decided, or it was declined more than a day ago
    """
    lock_village(declaration.village)
    declaration = _fresh(declaration)
    if declaration.state == Declaration.State.WAITING:
        raise NotWithdrawable(_("This declaration waits already."))
    if declaration.deed:
        withdraw_deed(declaration.deed, by=by, at=at)
        return _fresh(declaration)
    if declaration.decided_by_id != by.pk:
        raise NotWithdrawable(_("Only the person who declined it can undo it."))
    if declaration.decided_at and at > declaration.decided_at + UNDONE_WITHIN:
        raise NotWithdrawable(
            _(
                "It was declined more than a day ago, and the household may have read "
                "it. Write the declaration down again."
            )
        )
    Declaration.objects.filter(pk=declaration.pk).let_wait_again()
    record_event(
        "declaration.undecline",
        village=declaration.village,
        by=by,
        at=at,
        subject=declaration,
    )
    return _fresh(declaration)


def _settle(declaration, state, *, by, at, deed=None):
    declaration.state = state
    declaration.deed = deed
    declaration.phone = ""
    declaration.decided_by = by
    declaration.decided_at = at
    declaration.save()


def _accepted_by(operation: Operation) -> Deed:
    deed = operation.deeds.first()
    if deed is None or deed.state == Deed.State.WITHDRAWN:
        raise NotDeclared(_("This acceptance was undone. Open the declaration again."))
    return deed


def _waiting(declaration: Declaration) -> Declaration:
    fresh = _fresh(declaration)
    if fresh.state != Declaration.State.WAITING:
        raise NotDeclared(
            _("This declaration waits no longer: %(state)s.")
            % {"state": fresh.get_state_display()}
        )
    return fresh


def _fresh(declaration: Declaration) -> Declaration:
    return Declaration.objects.select_related("village", "household", "deed").get(
        pk=declaration.pk
    )
