"""签到: who was at an activity, by paper, by word or by phone.

Nobody has to use a phone, and nobody gains by it: a name on the paper sheet, a
word to the recorder and a tap count the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.models import Household, User
from ledger.gatherings.activities import NotOpen, has_its_day, item_of_its_day, locked
from ledger.models import Activity, SignIn
from ledger.months import NotYet
from ledger.querysets import SignInQuerySet
from ledger.recording import NotOfThisVillage, check_range
from ledger.refusals import Refused

PHONE = SignIn.How.PHONE


class NoPlaceLeft(Refused):
    """More households say beforehand that they come than there are places."""


@dataclass(frozen=True)
class SignedIn:
    """The households that were put on the list now, and those that stood on it."""

    new: list[Household]
    already: list[Household]


@transaction.atomic
def sign_in(
    activity: Activity,
    households: Sequence[Household],
    *,
    how: str,
    by: User | None,
    at: datetime,
    points: Mapping[int, int] | None = None,
) -> SignedIn:
    """Put households on the list of an activity; who stands on it stays once.

    Before its day they say that they come, as far as there are places. From its
    day on they were there, and whoever was there counts, places or not. `points`
    are those of single households by their ids, where the item has a range; `by`
    is None when a household's own phone does it.

    :raises NotOpen: if the activity is a draft, closed or canceled
    :raises NotYet: if a phone comes before the day
    :raises NoPlaceLeft: if more say that they come than there are places
    :raises NotOfThisVillage: if a household is not the village's own or moved out
    :raises OutOfRange: if points are not within the item's range
    """
    activity = _open(activity)
    _check_households(activity, households)
    is_there = has_its_day(activity, at)
    if how == PHONE and not is_there:
        raise NotYet(
            _("Phones sign in on the day itself. To say it before, tell the recorder.")
        )
    points = dict(points or {})
    if points:
        item = item_of_its_day(activity)
        for magnitude in set(points.values()):
            check_range(item, magnitude)
    standing = {one.household_id: one for one in sign_ins_of(activity)}
    new = [home for home in households if home.pk not in standing]
    already = [home for home in households if home.pk in standing]
    if not is_there:
        _check_places(activity, standing=len(standing), wanted=len(new))
    SignIn.objects.bulk_create(
        SignIn(
            village=activity.village,
            activity=activity,
            household=home,
            how=how,
            is_ahead=not is_there,
            points=_other_points(activity, points.get(home.pk)),
            by=by,
            at=at,
        )
        for home in dict.fromkeys(new)
    )
    arrived = []
    for home in dict.fromkeys(already):
        one = standing[home.pk]
        if one.is_ahead and is_there:
            one.is_ahead, one.how, one.by, one.at = False, how, by, at
            arrived.append(home)
        if home.pk in points:
            one.points = _other_points(activity, points[home.pk])
        one.save(update_fields=["is_ahead", "how", "by", "at", "points"])
    touched = [
        *new,
        *(home for home in already if home in arrived or home.pk in points),
    ]
    if touched:
        _note("activity.sign_in", activity, touched, by=by, at=at, how=str(how))
    return SignedIn(
        new=[*dict.fromkeys(new), *arrived],
        already=[home for home in dict.fromkeys(already) if home not in arrived],
    )


@transaction.atomic
def sign_out(
    activity: Activity,
    households: Sequence[Household],
    *,
    by: User | None,
    at: datetime,
) -> list[Household]:
    """Take households off the list before it is closed; return who stood on it.

    `by` is None when a household does it itself in its passbook.

    :raises NotOpen: if the activity is a draft, closed or canceled
    """
    activity = _open(activity)
    wanted = {home.pk for home in households}
    out = [one for one in sign_ins_of(activity) if one.household_id in wanted]
    for one in out:
        one.taken_back_by, one.taken_back_at = by, at
        one.save(update_fields=["taken_back_by", "taken_back_at"])
    homes = [one.household for one in out]
    if homes:
        _note("activity.sign_out", activity, homes, by=by, at=at)
    return homes


def _open(activity: Activity) -> Activity:
    activity = locked(activity)
    require_open(activity)
    return activity


def require_open(activity: Activity) -> None:
    """Refuse a draft, and what is closed or canceled.

    :raises NotOpen: saying which
    """
    if not activity.is_open:
        raise NotOpen(
            _("“%(title)s”: %(state)s. Nobody can be signed in or out.")
            % {"title": activity.title, "state": activity.state.label}
        )


def sign_ins_of(activity: Activity) -> SignInQuerySet:
    """Return who stands on the list of an activity, as on paper."""
    of_activity = SignIn.objects.filter(village=activity.village, activity=activity)
    return (
        of_activity.standing()
        .select_related("household__group")
        .order_by("household__group__number", "household__number", "pk")
    )


def _check_households(activity: Activity, households: Iterable[Household]) -> None:
    for home in households:
        if home.village_id != activity.village_id:
            raise NotOfThisVillage(_("A household is not of this village."))
        if home.status == Household.Status.LEFT:
            raise NotOfThisVillage(
                _("Household %(number)s has moved out.") % {"number": home.number}
            )


def _check_places(activity: Activity, *, standing: int, wanted: int) -> None:
    if activity.places is None or standing + wanted <= activity.places:
        return
    raise NoPlaceLeft(
        _(
            "There are %(left)s places left and %(wanted)s households more. Add "
            "places under “Change”, or sign in fewer."
        )
        % {"left": max(0, activity.places - standing), "wanted": wanted}
    )


def _other_points(activity: Activity, points: int | None) -> int | None:
    """Return the points of one household when they are not those announced."""
    return None if points == activity.points else points


def _note(action, activity, homes, *, by, at, **facts) -> None:
    record_event(
        action,
        village=activity.village,
        by=by,
        at=at,
        subject=activity,
        households=[home.pk for home in homes],
        **facts,
    )
