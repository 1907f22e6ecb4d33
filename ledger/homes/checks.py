"""What has to be true before a household can change, asked when noted and again."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import ChangeNote, Household, Village
from ledger.expiring import spendable_points
from ledger.models import Deed
from ledger.refusals import Refused

Kind = ChangeNote.Kind
Status = Household.Status
# How long after its day a change is still noted, when no points hang on it.
LATE_DAYS = 366


class ChangeNotPossible(Refused):
    """The change cannot be noted, or not as it was noted."""


def check_change(village: Village, note: ChangeNote, *, at: datetime) -> None:
    """Refuse a change that is not complete, or no longer what it was.

    :raises ChangeNotPossible: naming what to do
    """
    _check_paper(note)
    _check_day(village, note, at=at)
    for household in (note.household, note.other):
        if household and household.village_id != village.pk:
            raise ChangeNotPossible(_("A household is not of this village."))
        if household:
            _check_waiting(note, household)
    if note.kind in ChangeNote.FOUNDING:
        _check_new_household(village, note)
    if note.kind != Kind.MOVE_IN:
        _check_household(note)
    if note.kind == Kind.MERGE:
        _check_merge(note)
    if note.kind in ChangeNote.ENDING:
        _check_deeds(note)
    if note.kind == Kind.SPLIT and note.points:
        _check_points(note, at=at)


def _check_paper(note: ChangeNote) -> None:
    if not note.paper.strip() or not note.signed_by.strip():
        raise ChangeNotPossible(_("Write down the paper it rests on and who signed."))
    needs_both = note.kind == Kind.MERGE or (note.kind == Kind.SPLIT and note.points)
    if needs_both and not note.signed_by_other.strip():
        raise ChangeNotPossible(
            _("Points are shared only by a note that both households have signed.")
        )


def _check_day(village: Village, note: ChangeNote, *, at: datetime) -> None:
    today = timezone.localdate(at)
    if note.takes_effect_on > today:
        raise ChangeNotPossible(_("The date cannot be later than today."))
    moves_points = note.kind in (*ChangeNote.JOINT, Kind.MOVE_OUT)
    days = village.policy.backdating_days if moves_points else LATE_DAYS
    if note.takes_effect_on < today - timedelta(days=days):
        raise ChangeNotPossible(
            _("Such a change is noted within %(days)s days. Take a later day.")
            % {"days": days}
        )


def _check_waiting(note: ChangeNote, household: Household) -> None:
    others = ChangeNote.objects.waiting().about(household).exclude(pk=note.pk)
    if others.exists():
        raise ChangeNotPossible(
            _("A change of household %(number)s waits already; it is decided first.")
            % {"number": household.number}
        )


def _check_new_household(village: Village, note: ChangeNote) -> None:
    if not note.new_number.strip() or not note.head_name.strip() or not note.group:
        raise ChangeNotPossible(
            _("A new household needs a number, a head and a villager group.")
        )
    if note.group.village_id != village.pk:
        raise ChangeNotPossible(_("This group is not of this village."))
    taken = Household.objects.filter(village=village, number=note.new_number)
    if taken.exists():
        raise ChangeNotPossible(
            _("Number %(number)s is given already, also when nobody lives there.")
            % {"number": note.new_number}
        )


def _check_household(note: ChangeNote) -> None:
    household = note.household
    if household is None:
        raise ChangeNotPossible(_("Choose the household."))
    if household.status == Status.LEFT:
        raise ChangeNotPossible(
            _("Household %(number)s has left; its book is closed.")
            % {"number": household.number}
        )
    if note.kind in (Kind.HEAD, Kind.NAME):
        if not note.head_name.strip():
            raise ChangeNotPossible(_("Write the name of the head of household."))
        if note.head_name == household.head_name:
            raise ChangeNotPossible(_("This is the name that stands there already."))
    expected = {Kind.AWAY: Status.ACTIVE, Kind.BACK: Status.AWAY}
    if household.status != expected.get(Kind(note.kind), household.status):
        raise ChangeNotPossible(
            _("Household %(number)s is noted as “%(status)s” already.")
            % {"number": household.number, "status": household.get_status_display()}
        )


def _check_merge(note: ChangeNote) -> None:
    if note.other is None or note.other == note.household:
        raise ChangeNotPossible(_("Choose the other household, the one that stays."))
    if note.other.status == Status.LEFT:
        raise ChangeNotPossible(
            _("Household %(number)s has left; its book is closed.")
            % {"number": note.other.number}
        )


def _check_deeds(note: ChangeNote) -> None:
    """A household that has left did nothing here afterwards (I-63)."""
    later = (
        Deed.objects.filter(village=note.village_id, household=note.household)
        .standing()
        .filter(happened_on__gt=note.takes_effect_on)
        .order_by("-happened_on")
        .first()
    )
    if later:
        raise ChangeNotPossible(
            _(
                "“%(item)s” of %(day)s is recorded for this household: take that day "
                "or a later one, or undo the record."
            )
            % {"item": later.item, "day": date_format(later.happened_on)}
        )


def _check_points(note: ChangeNote, *, at: datetime) -> None:
    if note.household is None:
        return
    there = max(0, spendable_points(note.household, at=at))
    if note.points > there:
        raise ChangeNotPossible(
            _("%(points)s points cannot go along: %(there)s can be spent now.")
            % {"points": note.points, "there": there}
        )
