"""受理申报: what residents declare waits until a recorder accepts or declines it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User
from households.own_households import own_households
from ledger.models import Decision, Deed, Operation, ScoringItem
from ledger.months import period_for
from ledger.operations import claim_operation
from ledger.recording import (
    DuplicateDeed,
    NotWithdrawable,
    check_of_village,
    check_range,
    check_withdrawable,
)
from ledger.refusals import Refused
from ledger.review import OwnHousehold, ReasonMissing


class NotAGoodDeed(Refused):
    """A deduction is recorded by two people, never declared by a neighbor."""


class NotDeclared(Refused):
    """The declaration has been accepted, declined or taken back."""


@transaction.atomic
def declare_deed(
    household: Household,
    item: ScoringItem,
    *,
    happened_on: date,
    channel: str,
    note: str,
    key: UUID,
    by: User,
    at: datetime,
) -> Deed:
    """Write down what somebody declared; it gives no points until it is accepted.

    `by` is the clerk who took it down, and `item` what it probably is, at its
    fewest points. Whoever declared it is never stored.

    :raises NotAGoodDeed: if the item takes points away
    :raises NotOfThisVillage: if the household or the item is not the village's own
    :raises DayNotAccepted: if the day is in the future or too far back
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(household.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="declare",
        payload={
            "household": household.pk,
            "item": item.pk,
            "day": happened_on.isoformat(),
            "channel": channel,
            "note": note,
        },
        by=by,
        at=at,
    )
    if not is_first:
        return Deed.objects.filter(village=village, declaration=operation).latest("pk")
    _check_item(village, household, item, on=happened_on)
    deed = Deed.objects.create(
        village=village,
        household=household,
        item=item,
        period=period_for(village, happened_on, at=at),
        happened_on=happened_on,
        points=item.signed(item.points_min),
        channel=channel,
        note=note.strip(),
        state=Deed.State.DECLARED,
        recorded_by=by,
        recorded_at=at,
        operation=operation,
        declaration=operation,
        declared_item=item,
    )
    record_event("deed.declare", village=village, by=by, at=at, subject=deed)
    return deed


@transaction.atomic
def accept_declaration(
    deed: Deed,
    item: ScoringItem,
    *,
    magnitude: int,
    again: bool = False,
    key: UUID,
    by: User,
    at: datetime,
) -> Deed:
    """Make a declared deed pending, with its item and points (no sign).

    Whoever accepts is its recorder from now on, and the clerk who took it down
    the second one, so that neither of them may review it (I-06). The deed then
    belongs to the act of accepting it, and is undone like any record.

    :raises NotDeclared: if it waits no longer, or the form's acceptance was undone
    :raises NotAGoodDeed: if the item takes points away
    :raises NotOfThisVillage: if the item is not the village's own
    :raises OutOfRange: if the points are not within the item's range
    :raises DuplicateDeed: if the household has this item on this day already
    """
    village = lock_village(deed.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="record",
        payload={"declared": deed.pk, "item": item.pk, "points": magnitude},
        by=by,
        at=at,
    )
    if not is_first:
        return _accepted_by(operation)
    deed = _declared(deed)
    _check_item(village, deed.household, item, on=deed.happened_on)
    check_range(item, magnitude)
    deed.item = item
    if not again and Deed.objects.alike(deed).exclude(pk=deed.pk).exists():
        raise DuplicateDeed([deed.household], item, deed.happened_on)
    if deed.recorded_by_id != by.pk:
        deed.second_recorder = deed.recorded_by
    deed.points = item.signed(magnitude)
    deed.state = Deed.State.PENDING
    deed.recorded_by = by
    deed.recorded_at = at
    deed.operation = operation
    deed.save()
    record_event(
        "deed.accept",
        village=village,
        by=by,
        at=at,
        subject=deed,
        item=item.code,
        points=deed.points,
    )
    return deed


@transaction.atomic
def decline_declaration(deed: Deed, *, reason: str, by: User, at: datetime) -> Decision:
    """Refuse a declaration; the reason stays with the deed for the household.

    :raises NotDeclared: if it waits no longer
    :raises OwnHousehold: if it is `by`'s own household
    :raises ReasonMissing: if no reason is given
    """
    lock_village(deed.village)
    deed = _declared(deed)
    if deed.household_id in own_households(by, deed.village_id):
        raise OwnHousehold(
            _("This is your own household; someone else must review it.")
        )
    if not reason.strip():
        raise ReasonMissing(_("Give a reason; the household will see it."))
    deed.state = Deed.State.REJECTED
    deed.save(update_fields=["state"])
    decision = Decision.objects.create(
        village=deed.village,
        deed=deed,
        number=deed.decisions.count() + 1,
        outcome=Decision.Outcome.REJECTED,
        points=deed.points,
        points_before=deed.points,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    record_event("deed.decline", village=deed.village, by=by, at=at, subject=deed)
    return decision


@transaction.atomic
def undo_acceptance(deed: Deed, *, by: User, at: datetime) -> Deed:
    """Let an accepted declaration wait again, as it was taken down.

    :raises NotWithdrawable: if it is decided or was accepted by somebody else
    """
    lock_village(deed.village)
    deed = Deed.objects.select_related("declaration__by", "declared_item").get(
        pk=deed.pk
    )
    declaration, item = deed.declaration, deed.declared_item
    if not deed.is_accepted or declaration is None or item is None:
        raise NotWithdrawable(_("This declaration waits already."))
    check_withdrawable(deed, by=by)
    deed.item = item
    deed.points = item.signed(item.points_min)
    deed.state = Deed.State.DECLARED
    deed.second_recorder = None
    deed.operation = declaration
    deed.recorded_by = declaration.by
    deed.recorded_at = declaration.at
    deed.save()
    record_event("deed.unaccept", village=deed.village, by=by, at=at, subject=deed)
    return deed


@transaction.atomic
def undo_decline(deed: Deed, *, by: User, at: datetime) -> Decision:
    """Let a declined declaration wait again, until its month is published.

    What was decided about a declaration is told with its month, so until then
    nobody has read it.

    :raises NotWithdrawable: if it is not declined, by somebody else, or published
    """
    lock_village(deed.village)
    deed = Deed.objects.select_related("village", "period").get(pk=deed.pk)
    last = deed.decisions.order_by("number").last()
    if not deed.is_unaccepted or deed.state != Deed.State.REJECTED or last is None:
        raise NotWithdrawable(_("This declaration is not declined."))
    if last.by_id != by.pk:
        raise NotWithdrawable(_("Only the person who declined it can undo it."))
    if deed.period.is_published:
        raise NotWithdrawable(
            _(
                "%(month)s is published, and the household may have read it. Write "
                "the declaration down again."
            )
            % {"month": deed.period}
        )
    deed.state = Deed.State.DECLARED
    deed.save(update_fields=["state"])
    decision = Decision.objects.create(
        village=deed.village,
        deed=deed,
        number=last.number + 1,
        outcome=Decision.Outcome.REOPENED,
        points=deed.points,
        points_before=deed.points,
        by=by,
        at=at,
    )
    record_event("deed.undecline", village=deed.village, by=by, at=at, subject=deed)
    return decision


def _accepted_by(operation: Operation) -> Deed:
    deed = operation.deeds.first()
    if deed is None:
        raise NotDeclared(_("This acceptance was undone. Open the declaration again."))
    return deed


def _declared(deed: Deed) -> Deed:
    deed = Deed.objects.select_related(
        "village", "household", "period", "recorded_by"
    ).get(pk=deed.pk)
    if deed.state != Deed.State.DECLARED:
        raise NotDeclared(
            _("This declaration waits no longer: %(state)s.")
            % {"state": deed.get_state_display()}
        )
    return deed


def _check_item(village, household, item, *, on):
    if item.is_deduction:
        raise NotAGoodDeed(_("Only good deeds can be declared."))
    check_of_village(village, [household], item, on=on)
