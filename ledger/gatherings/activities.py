"""活动: what the village invites to, planned, put on the menu, changed, canceled."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.models import Activity, ScoringItem
from ledger.operations import claim_operation
from ledger.recording import NotOfThisVillage, check_range
from ledger.refusals import Refused
from ledger.rulebook_versions import NotInThatVersion, Versions, item_of_day

# What is invited to later than that is a slip of the pen: it stays on the menu.
FURTHEST = timedelta(days=366)


class NotPlannable(Refused):
    """The item, the day or the hours do not fit an activity."""


class NotOpen(Refused):
    """The activity is a draft, closed or canceled."""


class TooLateToChange(Refused):
    """What was announced stays as it was from the activity's day on."""


class WhyNeeded(Refused):
    """An activity was canceled without a word to those who wanted to come."""


@dataclass(frozen=True)
class Plan:
    """What is announced of an activity; `places` is None when there is no limit.

    `points` are for each household, without a sign.
    """

    title: str
    item: ScoringItem
    points: int
    day: date
    begins_at: time
    ends_at: time
    place: str
    places: int | None = None
    words: str = ""

    @property
    def payload(self) -> dict:
        return {**asdict(self), "item": self.item.pk}


@transaction.atomic
def plan_activity(
    village: Village, plan: Plan, *, key: UUID, by: User, at: datetime
) -> Activity:
    """Keep the draft of an activity; nobody outside sees it yet.

    The same key returns the same activity.

    :raises NotPlannable: if the item takes points away or is not in force on that
        day, if the day is over or a year ahead, or if it ends before it begins
    :raises OutOfRange: if the points are not within the item's range
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    operation, is_first = claim_operation(
        key, village=village, kind="activity", payload=plan.payload, by=by, at=at
    )
    if not is_first:
        return Activity.objects.get(village=village, operation=operation)
    _check(village, plan, at=at)
    activity = Activity.objects.create(
        village=village,
        number=_next_number(village),
        planned_by=by,
        planned_at=at,
        operation=operation,
        **_told(plan),
    )
    _note("activity.plan", activity, by=by, at=at)
    return activity


@transaction.atomic
def change_activity(
    activity: Activity, plan: Plan, *, by: User, at: datetime
) -> Activity:
    """Announce an activity otherwise, up to the evening before its day.

    From its day on only the number of places can change: who has come was told
    what is now written there.

    :raises NotOpen: if it is closed or canceled
    :raises TooLateToChange: if its day has begun and more than the places changes
    :raises NotPlannable: as in `plan_activity`
    :raises OutOfRange: if the points are not within the item's range
    """
    activity = locked(activity)
    if activity.closed_at or activity.canceled_at:
        raise NotOpen(_("This activity is over; plan a new one."))
    values = _told(plan)
    changed = {name for name, now in values.items() if getattr(activity, name) != now}
    is_late = bool(activity.published_at) and has_its_day(activity, at)
    if is_late and plan.item.code == activity.item.code:
        # The same item under the rules that came since; closing goes by those.
        changed.discard("item")
    if not changed:
        return activity
    if is_late and changed != {"places"}:
        raise TooLateToChange(
            _("From the day itself only the number of places can be changed.")
        )
    if changed != {"places"}:
        _check(activity.village, plan, at=at)
    for name in changed:
        setattr(activity, name, values[name])
    activity.save(update_fields=sorted(changed))
    _note("activity.change", activity, by=by, at=at, fields=sorted(changed))
    return activity


@transaction.atomic
def publish_activity(activity: Activity, *, by: User, at: datetime) -> Activity:
    """Put a draft on the public menu; doing it twice does it once.

    :raises NotOpen: if it is closed or canceled
    :raises NotPlannable: if its day is over, or has other rules by now
    """
    activity = locked(activity)
    if activity.closed_at or activity.canceled_at:
        raise NotOpen(_("This activity is over; plan a new one."))
    if activity.published_at:
        return activity
    _check_day(activity.day, at=at)
    if item_of_its_day(activity) != activity.item:
        raise NotPlannable(
            _("That day has new rules by now: open “Change”, check the points, save.")
        )
    activity.published_by, activity.published_at = by, at
    activity.save(update_fields=["published_by", "published_at"])
    _note("activity.publish", activity, by=by, at=at)
    return activity


@transaction.atomic
def cancel_activity(
    activity: Activity, *, reason: str, by: User, at: datetime
) -> Activity:
    """Call an activity off; the menu says why until its day is over.

    :raises NotOpen: if it is closed
    :raises WhyNeeded: if no reason is given
    """
    activity = locked(activity)
    if activity.canceled_at:
        return activity
    if activity.closed_at:
        raise NotOpen(_("It is closed already; its deeds are with the reviewer."))
    if not reason.strip():
        raise WhyNeeded(_("Say why in a few words; everybody reads it."))
    activity.canceled_by, activity.canceled_at = by, at
    activity.reason = reason.strip()
    activity.save(update_fields=["canceled_by", "canceled_at", "reason"])
    _note("activity.cancel", activity, by=by, at=at)
    return activity


def locked(activity: Activity) -> Activity:
    """Look at an activity again once its village is locked."""
    village = lock_village(activity.village)
    return Activity.objects.select_related("village__policy", "item").get(
        village=village, pk=activity.pk
    )


def has_its_day(activity: Activity, at: datetime) -> bool:
    """Tell whether the day of an activity has come, or is over."""
    return timezone.localdate(at) >= activity.day


def item_of_its_day(activity: Activity) -> ScoringItem:
    """Return an activity's item as the rules in force on its day have it.

    :raises NotOfThisVillage: if they have no such item
    """
    versions = Versions(activity.village)
    try:
        return item_of_day(activity.item, activity.day, versions)
    except NotInThatVersion as refused:
        raise NotOfThisVillage(
            _("The rulebook in force has no item %(code)s; cancel the activity.")
            % {"code": activity.item.code}
        ) from refused


def _told(plan: Plan) -> dict:
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__}


def _check(village: Village, plan: Plan, *, at: datetime) -> None:
    in_force = village.rulebooks.in_force(plan.day).values("pk")
    items = ScoringItem.objects.filter(village=village, rulebook__in=in_force)
    if plan.item.is_deduction or not items.filter(pk=plan.item.pk).exists():
        raise NotPlannable(
            _("Choose an item of the rulebook in force that adds points.")
        )
    check_range(plan.item, plan.points)
    _check_day(plan.day, at=at)
    if plan.ends_at <= plan.begins_at:
        raise NotPlannable(_("It must end after it begins."))


def _check_day(day: date, *, at: datetime) -> None:
    if day < timezone.localdate(at):
        raise NotPlannable(
            _("That day is over. What was done then is recorded under “Record”.")
        )
    if day - timezone.localdate(at) > FURTHEST:
        raise NotPlannable(_("That is more than a year ahead; check the year."))


def _next_number(village: Village) -> int:
    of_village = Activity.objects.filter(village=village)
    return (of_village.aggregate(number=Max("number"))["number"] or 0) + 1


def _note(action: str, activity: Activity, *, by: User, at: datetime, **facts) -> None:
    record_event(
        action,
        village=activity.village,
        by=by,
        at=at,
        subject=activity,
        number=activity.number,
        **facts,
    )
