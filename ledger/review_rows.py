"""What a reviewer sees beside a deed: flags in words, the household's other deeds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from households.models import User
from ledger.models import Deed, Period


@dataclass
class ReviewRow:
    """One deed with everything that helps to decide it."""

    deed: Deed
    flags: list[str] = field(default_factory=list)
    lock: str = ""
    others: list[Deed] = field(default_factory=list)
    last_decision: object = None

    @property
    def needs_a_look(self):
        return bool(self.flags or self.lock)


def review_rows(period: Period, deeds: Iterable[Deed], *, by: User) -> list[ReviewRow]:
    """Put flags, locks and the household's other deeds beside deeds of one month.

    Everything is read at once, whatever the number of deeds. The deeds come
    with their item, household, photos and decisions.
    """
    deeds = list(deeds)
    siblings = defaultdict(list)
    for sibling in (
        Deed.objects.filter(
            village=period.village_id,
            household__in={deed.household_id for deed in deeds},
            period__month__year=period.month.year,
        )
        .standing()
        .exclude(entries__reversals__isnull=False)
        .select_related("item")
        .order_by("happened_on", "pk")
    ):
        siblings[sibling.household_id].append(sibling)
    return [_row(deed, siblings[deed.household_id], by=by) for deed in deeds]


def _row(deed: Deed, siblings: Sequence[Deed], *, by: User) -> ReviewRow:
    others = [sibling for sibling in siblings if sibling.pk != deed.pk]
    decisions = list(deed.decisions.all())
    return ReviewRow(
        deed,
        flags=_flags(deed, others),
        lock=_lock(deed, by),
        others=[other for other in others if other.period_id == deed.period_id],
        last_decision=max(decisions, key=lambda made: made.number, default=None),
    )


def _lock(deed: Deed, by: User) -> str:
    if by.pk in (deed.recorded_by_id, deed.second_recorder_id):
        return _("You recorded this; someone else must review it.")
    if by.household_id == deed.household_id:
        return _("This is your own household; someone else must review it.")
    return ""


def _flags(deed: Deed, others: Sequence[Deed]) -> list[str]:
    same_item = [other for other in others if other.item.code == deed.item.code]
    flags = []
    if any(other.happened_on == deed.happened_on for other in same_item):
        flags.append(_("Perhaps recorded twice"))
    left = _left(deed, same_item)
    is_pending = deed.state == Deed.State.PENDING
    if is_pending and left is not None and abs(deed.points) > left:
        flags.append(_("Over the limit: %(points)s points are left") % {"points": left})
    if deed.is_deduction:
        flags.append(_("Deduction"))
        if deed.heard_on is None:
            flags.append(_("Household not told yet"))
    if not deed.note and not deed.photos.all():
        flags.append(_("No evidence"))
    return flags


def _left(deed: Deed, same_item: Sequence[Deed]) -> int | None:
    """Return the points that the caps leave, as review.remaining_points does."""
    approved = [other for other in same_item if other.state == Deed.State.APPROVED]
    of_month = [other for other in approved if other.period_id == deed.period_id]
    left = [
        cap - sum(abs(other.points) for other in counted)
        for cap, counted in [
            (deed.item.month_cap, of_month),
            (deed.item.year_cap, approved),
        ]
        if cap is not None
    ]
    return max(0, min(left)) if left else None
