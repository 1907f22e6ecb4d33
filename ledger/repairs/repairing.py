"""信用修复: a household puts right what it lost points for, and gets them back.

Three steps and at least two people: somebody asks, somebody looks on the spot,
a reviewer who had no hand in any of it decides.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User
from households.own_households import own_households
from ledger.models import Entry, Repair
from ledger.months import booking_month, first_day
from ledger.operations import FiledAlready
from ledger.posting import post_entries
from ledger.refusals import Refused
from ledger.repairs.terms import (
    is_involved,
    last_day_to_ask,
    points_back,
    repaired_before,
    why_not_repairable,
)


class NotRepairable(Refused):
    """The deduction gives nothing back, or not any more, or not yet."""


class NotInTurn(Refused):
    """The step was taken already, or something before it is missing."""


class NotADisinterestedPerson(Refused):
    """Nobody checks or decides for themselves, or what they had a hand in."""


@transaction.atomic
def ask_repair(
    entry: Entry, *, text: str, channel: str, key: UUID, by: User | None, at: datetime
) -> Repair:
    """Note that a household has put right what it lost points for.

    `by` is the clerk who wrote it down, nobody when the household asks in its
    passbook. The number is the day and a running number: 260704-02. The `key` of
    the form makes ten submits count once. It is to be checked within the policy's
    days (7 by default).

    :raises FiledAlready: if the form was filed with other content, with its number
    :raises NotRepairable: saying why nothing can be asked of this deduction
    """
    village = lock_village(entry.village)
    text = text.strip()
    first = Repair.objects.filter(village=village, key=key).first()
    if first:
        if (first.entry_id, first.text, first.asked_by) != (entry.pk, text, by):
            raise FiledAlready(first.number)
        return first
    entry = _fresh(entry)
    today = timezone.localdate(at)
    if not text:
        raise NotRepairable(_("Say what was put right, and when."))
    if why_not := why_not_repairable(entry, today=today):
        raise NotRepairable(why_not)
    day = f"{today:%y%m%d}-"
    same_day = Repair.objects.filter(village=village, number__startswith=day)
    repair = Repair.objects.create(
        village=village,
        number=f"{day}{same_day.count() + 1:02d}",
        entry=entry,
        channel=channel,
        text=text,
        key=key,
        asked_at=at,
        asked_by=by,
        due_on=today + timedelta(days=village.policy.repair_check_days),
    )
    record_event("repair.ask", village=village, by=by, at=at, subject=repair)
    return repair


@transaction.atomic
def take_back_repair(repair: Repair, *, at: datetime) -> Repair:
    """Let a household take back its request before anybody has looked.

    The request stays on file; the deduction can be asked for again within its
    days. Doing it twice does it once.

    :raises NotInTurn: if somebody has looked already, or it is settled
    """
    lock_village(repair.village)
    fresh = Repair.objects.get(village=repair.village_id, pk=repair.pk)
    if fresh.state == Repair.State.WITHDRAWN:
        return fresh
    repair = _in_state(repair, Repair.State.ASKED)
    repair.state = Repair.State.WITHDRAWN
    repair.decided_at = at
    repair.save(update_fields=["state", "decided_at"])
    record_event(
        "repair.withdrawn", village=repair.village, by=None, at=at, subject=repair
    )
    return repair


@transaction.atomic
def check_repair(
    repair: Repair,
    *,
    finding: str,
    note: str,
    checked_on: date,
    by: User,
    at: datetime,
) -> Repair:
    """Write down what somebody saw on the spot: put right, by force, or not.

    :raises NotInTurn: if it was checked already, the day does not fit, or nothing
        is said
    :raises NotADisinterestedPerson: if it is `by`'s own household
    """
    lock_village(repair.village)
    repair = _in_state(repair, Repair.State.ASKED)
    if repair.entry.household_id in own_households(by, repair.village_id):
        raise NotADisinterestedPerson(
            _("This is your own household; someone else checks it.")
        )
    if not timezone.localdate(repair.asked_at) <= checked_on <= timezone.localdate(at):
        raise NotInTurn(
            _("Enter a day between the one on which they asked, and today.")
        )
    if finding not in Repair.Finding.values or not note.strip():
        raise NotInTurn(_("Write down what you saw there."))
    repair.state = Repair.State.CHECKED
    repair.finding = finding
    repair.note = note.strip()
    repair.checked_on = checked_on
    repair.checked_at = at
    repair.checked_by = by
    repair.save(
        update_fields=[
            "state",
            "finding",
            "note",
            "checked_on",
            "checked_at",
            "checked_by",
        ]
    )
    record_event(
        "repair.check",
        village=repair.village,
        by=by,
        at=at,
        subject=repair,
        finding=finding,
    )
    return repair


@transaction.atomic
def decide_repair(
    repair: Repair, *, approve: bool, reason: str = "", by: User, at: datetime
) -> Repair:
    """Give points back in the open month, as many as the item says, or refuse.

    They count in that month's year and can be spent when it is final; how many
    they are is said by `points_back`. The household reads the reason.

    :raises NotInTurn: if it is not checked, is decided, the reason for a refusal
        is missing, or nothing was put right
    :raises NotRepairable: if the deduction's notice was withdrawn meanwhile
    :raises NotADisinterestedPerson: if `by` recorded the deduction, asked, checked,
        or is of the household
    """
    lock_village(repair.village)
    repair = _in_state(repair, Repair.State.CHECKED)
    entry = repair.entry
    _check_disinterested(repair, by)
    if not approve and not reason.strip():
        raise NotInTurn(_("Give a reason; the household will see it."))
    if approve:
        _give_back(repair, reason=reason, by=by, at=at)
    else:
        repair.state = Repair.State.REFUSED
        _settle(repair, reason=reason, by=by, at=at)
    record_event(
        f"repair.{repair.state}",
        village=repair.village,
        by=by,
        at=at,
        subject=repair,
        entry=entry.number,
        points=repair.points,
    )
    return repair


def points_offered(repair: Repair, *, at: datetime) -> int:
    """Return what comes back when a checked repair is approved now."""
    month = first_day(timezone.localdate(at))
    recording = repair.village.periods.recording().filter(month__gte=month)
    period = recording.order_by("month").first()
    year = period.month.year if period else month.year
    return points_back(
        repair.entry,
        finding=repair.finding,
        is_second=repaired_before(repair.entry, year=year),
    )


def _give_back(repair: Repair, *, reason: str, by: User, at: datetime) -> None:
    entry = repair.entry
    if repair.finding == Repair.Finding.NOT_DONE:
        raise NotInTurn(_("Nothing was put right; refuse it and say what is missing."))
    if last_day_to_ask(entry) is None:
        raise NotRepairable(
            _("The notice of this deduction was withdrawn; wait for the next one.")
        )
    period = booking_month(repair.village, at=at)
    repair.state = Repair.State.APPROVED
    repair.points = points_back(
        entry,
        finding=repair.finding,
        is_second=repaired_before(entry, year=period.month.year),
    )
    _settle(repair, reason=reason, by=by, at=at)
    given = Entry(
        household=entry.household,
        year=period.month.year,
        period=period,
        kind=Entry.Kind.REPAIR,
        points=repair.points,
        repairs=entry,
    )
    post_entries(repair.village, [given], by=by, at=at)


def _settle(repair: Repair, *, reason: str, by: User, at: datetime) -> None:
    repair.reason = reason.strip()
    repair.decided_by = by
    repair.decided_at = at
    repair.save(update_fields=["state", "points", "reason", "decided_by", "decided_at"])


def _check_disinterested(repair: Repair, by: User) -> None:
    own = own_households(by, repair.village_id)
    if repair.entry.household_id in own:
        raise NotADisinterestedPerson(
            _("This is your own household; someone else decides.")
        )
    if is_involved(by, repair, own=own):
        raise NotADisinterestedPerson(
            _(
                "You recorded the deduction, wrote down the request or checked it; "
                "someone else decides."
            )
        )


def _in_state(repair: Repair, state: str) -> Repair:
    """Read a repair anew, and refuse when it is not where the step begins."""
    fresh = Repair.objects.select_related("village__policy").get(pk=repair.pk)
    if fresh.state != state:
        raise NotInTurn(not_open(fresh))
    fresh.entry = _fresh(fresh.entry)
    return fresh


def not_open(repair: Repair) -> str:
    """Say where a repair has come to, to whoever takes another step."""
    return _("This step is not open: %(state)s.") % {
        "state": repair.get_state_display()
    }


def _fresh(entry: Entry) -> Entry:
    return Entry.objects.select_related("household", "period", "deed__item").get(
        village=entry.village_id, pk=entry.pk
    )
