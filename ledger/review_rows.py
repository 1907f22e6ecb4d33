"""What a reviewer sees beside a deed: flags in words, the household's other deeds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from households.models import User
from households.own_households import own_households
from ledger.limits import counted_since, merge_days, points_left
from ledger.models import Decision, Deed, Period


class Sibling(NamedTuple):
    """Another deed of the same household; few columns, for there can be thousands."""

    pk: int
    household_id: int
    code: str
    title: str
    happened_on: date
    points: int
    state: str
    period_id: int
    note: str

    @property
    def state_label(self):
        return Deed.State(self.state).label


SIBLING_COLUMNS = (
    "pk",
    "household_id",
    "item__code",
    "item__title",
    "happened_on",
    "points",
    "state",
    "period_id",
    "note",
)


@dataclass
class ReviewRow:
    """One deed with everything that helps to decide it."""

    deed: Deed
    flags: list[str] = field(default_factory=list)
    lock: str = ""
    others: list[Sibling] = field(default_factory=list)
    alike: list[Sibling] = field(default_factory=list)
    last_decision: Decision | None = None

    @property
    def needs_a_look(self):
        return bool(self.flags or self.lock)

    @property
    def points_of_others(self):
        """Return what the household's other deeds of the month come to, in points."""
        return sum(other.points for other in self.others)

    @property
    def is_ready(self):
        """Tell whether it can be approved without another word."""
        return not self.deed.is_deduction or self.deed.heard_on is not None


def review_rows(period: Period, deeds: Iterable[Deed], *, by: User) -> list[ReviewRow]:
    """Put flags, locks and the household's other deeds beside deeds of one month.

    Everything is read at once, whatever the number of deeds. The deeds come
    with their item, household, photos and decisions.
    """
    deeds = list(deeds)
    siblings = defaultdict(list)
    # Deeds of other months matter only for the year's caps and for repeats.
    same_items = Q(item__code__in={deed.item.code for deed in deeds})
    for values in (
        Deed.objects.filter(
            Q(period=period) | same_items,
            village=period.village_id,
            household__in={deed.household_id for deed in deeds},
            period__month__year=period.month.year,
        )
        .standing()
        .not_reversed()
        .order_by("happened_on", "pk")
        .values_list(*SIBLING_COLUMNS)
    ):
        sibling = Sibling(*values)
        siblings[sibling.household_id].append(sibling)
    own, merges = own_households(by, period.village_id), _Merges(period, siblings)
    return [
        _row(
            deed,
            siblings[deed.household_id],
            by=by,
            is_own=deed.household_id in own,
            merges=merges,
        )
        for deed in deeds
    ]


class _Merges:
    """The days on which households took others in, read when a limit is reached."""

    def __init__(self, period: Period, households: Iterable[int]):
        self._village, self._households = period.village_id, households

    def under_one_cap(self, deed: Deed, others: Sequence[Sibling]) -> list[Sibling]:
        """Keep what counts with a deed: both before a merge, or both after it."""
        merged = self._days.get(deed.household_id, ())
        since = counted_since(merged, deed.happened_on)
        return [
            other
            for other in others
            if counted_since(merged, other.happened_on) == since
        ]

    @cached_property
    def _days(self) -> dict[int, list[date]]:
        return merge_days(self._village, self._households)


def _row(
    deed: Deed,
    siblings: Sequence[Sibling],
    *,
    by: User,
    is_own: bool,
    merges: _Merges,
) -> ReviewRow:
    others = [sibling for sibling in siblings if sibling.pk != deed.pk]
    same_item = [other for other in others if other.code == deed.item.code]
    alike = [other for other in same_item if other.happened_on == deed.happened_on]
    decisions = sorted(deed.decisions.all(), key=lambda made: made.number)
    return ReviewRow(
        deed,
        flags=_flags(deed, same_item, alike, decisions, merges),
        lock=_lock(deed, by, is_own=is_own),
        others=[other for other in others if other.period_id == deed.period_id],
        alike=alike,
        last_decision=decisions[-1] if decisions else None,
    )


def _lock(deed: Deed, by: User, *, is_own: bool) -> str:
    if by.pk in (deed.recorded_by_id, deed.second_recorder_id):
        return _("You recorded this; someone else must review it.")
    if is_own:
        return _("This is your own household; someone else must review it.")
    return ""


def _flags(deed, same_item, alike, decisions, merges) -> list[str]:
    flags = []
    if alike:
        flags.append(
            _("Perhaps recorded twice: %(count)s more on that day")
            % {"count": len(alike)}
        )
    left = _left(deed, same_item)
    if left is not None and abs(deed.points) > left:
        left = _left(deed, merges.under_one_cap(deed, same_item))
    is_pending = deed.state == Deed.State.PENDING
    if is_pending and left is not None and abs(deed.points) > left:
        flags.append(_("Over the limit: %(points)s points are left") % {"points": left})
    if deed.is_deduction:
        flags.append(_("Deduction"))
        if deed.heard_on is None:
            flags.append(_("Household not told yet"))
    if not deed.note and not deed.photos.all():
        flags.append(_("No evidence"))
    if is_pending and any(
        made.outcome == Decision.Outcome.ADJUSTED for made in decisions
    ):
        flags.append(_("Points were changed"))
    return flags


def _left(deed: Deed, same_item: Sequence[Sibling]) -> int | None:
    """Return the points that the caps leave, as limits.remaining_points does."""
    approved = [other for other in same_item if other.state == Deed.State.APPROVED]
    return points_left(
        deed.item,
        of_month=sum(
            abs(other.points) for other in approved if other.period_id == deed.period_id
        ),
        of_year=sum(abs(other.points) for other in approved),
    )
