"""Closing an activity: one batch of pending deeds of who was there, nobody lost."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.models import Household, User
from ledger.gatherings.activities import item_of_its_day, locked
from ledger.gatherings.attendance import require_open, sign_ins_of
from ledger.gatherings.batch_recording import record_batch, who_is_left_out
from ledger.models import Activity, Deed, ScoringItem, SignIn
from ledger.months import NotYet
from ledger.operations import claim_operation
from ledger.refusals import Refused


class ListHasChanged(Refused):
    """Somebody was signed in or taken out since the list was checked."""


@dataclass(frozen=True)
class Line:
    """One household on the list as closing would count it, in points."""

    sign_in: SignIn
    points: int
    left_out: str = ""

    @property
    def household(self) -> Household:
        return self.sign_in.household

    @property
    def announced(self) -> int:
        return self.sign_in.points or self.sign_in.activity.points

    @property
    def why(self) -> str:
        return str(SignIn.LeftOut(self.left_out).label) if self.left_out else ""


@dataclass(frozen=True)
class Attendance:
    """What closing an activity now would record, and whom it would leave out."""

    item: ScoringItem
    lines: list[Line]

    @property
    def is_by_other_rules(self) -> bool:
        """Tell whether the rules of the day give other points than were announced."""
        return any(line.points != line.announced for line in self.counted)

    @property
    def counted(self) -> list[Line]:
        return [line for line in self.lines if not line.left_out]

    @property
    def left_out(self) -> list[Line]:
        return [line for line in self.lines if line.left_out]

    @property
    def points(self) -> int:
        return sum(line.points for line in self.counted)

    @property
    def mark(self) -> str:
        """Return what names exactly this list, so that another one is noticed."""
        facts = [[x.household.pk, x.points, x.left_out] for x in self.lines]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def attendance_of(activity: Activity) -> Attendance:
    """Return what closing an activity would record, without recording it.

    Points that the rules of the day do not give any more become the nearest ones
    that they give: what was announced before does not bind the later rules.

    :raises NotOfThisVillage: if the rules of its day have no such item
    """
    item = item_of_its_day(activity)
    left_out: dict[int, str] = {}
    by_points: dict[int, list[SignIn]] = defaultdict(list)
    standing = list(sign_ins_of(activity))
    points = {one.pk: _within(item, one.points or activity.points) for one in standing}
    for one in standing:
        if one.is_ahead:
            left_out[one.pk] = SignIn.LeftOut.ABSENT
        else:
            by_points[points[one.pk]].append(one)
    for magnitude, there in by_points.items():
        homes = [one.household for one in there]
        why = who_is_left_out(homes, item, day=activity.day, magnitude=magnitude)
        left_out |= {
            one.pk: why[one.household_id] for one in there if one.household_id in why
        }
    return Attendance(
        item,
        [Line(one, points[one.pk], left_out.get(one.pk, "")) for one in standing],
    )


def _within(item: ScoringItem, points: int) -> int:
    return min(max(points, item.points_min), item.points_max)


@transaction.atomic
def close_activity(
    activity: Activity, *, seen: str, key: UUID, by: User, at: datetime
) -> Activity:
    """Make one batch of pending deeds of who was there; the list stays as it is then.

    `by` is the recorder of the deeds, so somebody else decides them. Who is past
    a limit or recorded already is left out, and the list says why. `seen` is the
    mark of the attendance that was checked. The same key closes once.

    :raises NotOpen: if it is a draft, canceled, or closed by another form
    :raises NotYet: if it has not begun
    :raises ListHasChanged: if the list is not the one that was checked
    :raises DayNotAccepted: if the day is too far back to be recorded
    :raises NotOfThisVillage: if the rulebook has no such item any more
    """
    activity = locked(activity)
    _operation, is_first = claim_operation(
        key,
        village=activity.village,
        kind="close_activity",
        payload={"activity": activity.pk},
        by=by,
        at=at,
    )
    if not is_first:
        return activity
    require_open(activity)
    if at < activity.begins:
        raise NotYet(_("It has not begun yet; close it when it is over."))
    attendance = attendance_of(activity)
    if attendance.mark != seen:
        raise ListHasChanged(
            _("The list has changed since you looked at it. Check it once more.")
        )
    for line in attendance.left_out:
        _leave_out(line.sign_in, line.left_out)
    _record(activity, attendance, key=key, by=by, at=at)
    activity.closed_by, activity.closed_at = by, at
    activity.save(update_fields=["closed_by", "closed_at"])
    record_event(
        "activity.close",
        village=activity.village,
        by=by,
        at=at,
        subject=activity,
        number=activity.number,
        deeds=Deed.objects.filter(sign_ins__activity=activity).count(),
        left_out=activity.sign_ins.standing().filter(deed=None).count(),
    )
    return activity


def _record(activity, attendance: Attendance, *, key, by, at) -> None:
    """Record those who were there, together with whoever has the same points."""
    by_points: dict[int, list[SignIn]] = defaultdict(list)
    for line in attendance.counted:
        by_points[line.points].append(line.sign_in)
    for magnitude, there in sorted(by_points.items()):
        deeds, left_out = record_batch(
            [one.household for one in there],
            attendance.item,
            day=activity.day,
            magnitude=magnitude,
            note=activity.title,
            key=uuid5(key, str(magnitude)),
            by=by,
            at=at,
        )
        for one in there:
            if why := left_out.get(one.household_id):
                _leave_out(one, why)
            else:
                one.deed = deeds[one.household_id]
                one.save(update_fields=["deed"])


def _leave_out(one: SignIn, why: str) -> None:
    one.left_out = why
    one.save(update_fields=["left_out"])
