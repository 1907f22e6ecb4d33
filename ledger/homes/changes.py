"""户籍变动: one person notes what changed in a household, another confirms it."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.changes import change_household
from households.locking import lock_village
from households.models import (
    ChangeNote,
    Household,
    HouseholdChange,
    User,
    Village,
    VillagerGroup,
)
from households.own_households import own_households
from households.passbooks import issue_passbooks
from households.pinyin import initials_of_name
from ledger.homes.checks import ChangeNotPossible, check_change
from ledger.homes.leaving import last_day_to_spend
from ledger.homes.moving import carry_balances, carry_contributions, move_points
from ledger.models import Entry, Period
from ledger.operations import claim_operation
from ledger.posting import post_base_points
from ledger.refusals import Refused

Kind = HouseholdChange.Kind


class ChangeDecided(Refused):
    """The noted change was decided, or taken back."""


class NeedsAnotherConfirmer(Refused):
    """A change is confirmed by somebody else than who noted it, or lives there."""


@dataclass(frozen=True)
class Change:
    """What a form says of a change: who, from when, and the paper it rests on.

    Of a split `household` keeps the book, and number, head and group are those of
    the new one; `points` go along. Of a merge `household` ends and `other` stays.
    """

    kind: str
    takes_effect_on: date
    paper: str
    signed_by: str
    signed_by_other: str = ""
    household: Household | None = None
    other: Household | None = None
    new_number: str = ""
    head_name: str = ""
    group: VillagerGroup | None = None
    points: int = 0

    def note(self, village: Village, *, by: User, at: datetime) -> ChangeNote:
        """Return the change as it would be noted; nothing is written."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        words = {
            name: value.strip()
            for name, value in values.items()
            if isinstance(value, str)
        }
        points = self.points if self.kind == Kind.SPLIT else 0
        return ChangeNote(
            village=village,
            noted_by=by,
            noted_at=at,
            **{**values, **words, "kind": str(self.kind), "points": points},
        )


def try_change(
    village: Village, change: Change, *, by: User, at: datetime
) -> ChangeNote:
    """Check a change without noting it, to show what it would do.

    :raises ChangeNotPossible: naming what is missing or in the way
    """
    note = change.note(village, by=by, at=at)
    check_change(village, note, at=at)
    return note


@transaction.atomic
def note_change(
    village: Village, change: Change, *, key: UUID, by: User, at: datetime
) -> ChangeNote:
    """Note a change of a household; nothing happens until another person confirms.

    The same key returns the same note (I-13).

    :raises ChangeNotPossible: naming what is missing or in the way
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    note = change.note(village, by=by, at=at)
    said = ("kind", "takes_effect_on", "paper", "signed_by", "signed_by_other")
    about = ("household_id", "other_id", "group_id", "new_number", "head_name")
    _operation, is_first = claim_operation(
        key,
        village=village,
        kind="note_change",
        payload={name: getattr(note, name) for name in (*said, *about, "points")},
        by=by,
        at=at,
    )
    if not is_first:
        return ChangeNote.objects.get(village=village, key=key)
    for household in filter(None, (note.household, note.other)):
        household.refresh_from_db()
    check_change(village, note, at=at)
    note.key = key
    note.save()
    _record("household.note_change", note, by=by, at=at)
    return note


@transaction.atomic
def confirm_change(note: ChangeNote, *, by: User, at: datetime) -> HouseholdChange:
    """Let a noted change happen, with all it does to points (I-60 to I-63).

    Confirmed twice it happens once.

    :raises ChangeDecided: if it was not confirmed, or taken back
    :raises NeedsAnotherConfirmer: if `by` noted it or lives in the household
    :raises ChangeNotPossible: if it no longer holds; it is noted anew then
    """
    note = _locked(note)
    if note.state == ChangeNote.State.CONFIRMED:
        return HouseholdChange.objects.get(village=note.village, note=note)
    _require_decidable(note, by=by)
    check_change(note.village, note, at=at)
    change = _carry_out(note, by=by, at=at)
    _decide(note, ChangeNote.State.CONFIRMED, by=by, at=at)
    _move(change, by=by, at=at)
    return change


@transaction.atomic
def refuse_change(
    note: ChangeNote, *, answer: str, by: User, at: datetime
) -> ChangeNote:
    """Leave everything as it is, with the reason that the noter reads.

    :raises ChangeDecided: if it is decided
    :raises NeedsAnotherConfirmer: if `by` noted it or lives in the household
    :raises ChangeNotPossible: without a reason
    """
    note = _locked(note)
    _require_decidable(note, by=by)
    if not answer.strip():
        raise ChangeNotPossible(_("Give a reason; whoever noted it will see it."))
    note.answer = answer.strip()
    return _decide(note, ChangeNote.State.REFUSED, by=by, at=at)


@transaction.atomic
def take_back_change(note: ChangeNote, *, by: User, at: datetime) -> ChangeNote:
    """Take back what one noted oneself and nobody has decided yet.

    :raises ChangeDecided: if it is decided
    :raises NeedsAnotherConfirmer: if somebody else noted it
    """
    note = _locked(note)
    _require_waiting(note)
    if note.noted_by_id != by.pk:
        raise NeedsAnotherConfirmer(_("Only whoever noted it takes it back."))
    return _decide(note, ChangeNote.State.WITHDRAWN, by=by, at=at)


def _locked(note: ChangeNote) -> ChangeNote:
    lock_village(note.village)
    return ChangeNote.objects.select_related(
        "village__policy", "household__village", "other__village", "group", "noted_by"
    ).get(pk=note.pk)


def _require_waiting(note: ChangeNote) -> None:
    if note.state != ChangeNote.State.WAITING:
        raise ChangeDecided(
            _("This change is decided: %(state)s.")
            % {"state": note.get_state_display()}
        )


def _require_decidable(note: ChangeNote, *, by: User) -> None:
    _require_waiting(note)
    if note.noted_by_id == by.pk:
        raise NeedsAnotherConfirmer(_("You noted this; someone else confirms it."))
    own = own_households(by, note.village_id)
    if not own.isdisjoint((note.household_id, note.other_id)):
        raise NeedsAnotherConfirmer(
            _("This is your own household; someone else confirms it.")
        )


def _carry_out(note: ChangeNote, *, by: User, at: datetime) -> HouseholdChange:
    founded = _found(note, at=at) if note.kind in ChangeNote.FOUNDING else None
    is_split = note.kind == Kind.SPLIT
    household = note.household or founded
    assert household is not None
    leaves = note.kind == Kind.MOVE_OUT
    return change_household(
        household,
        note.kind,
        takes_effect_on=note.takes_effect_on,
        paper=note.paper,
        signed_by=note.signed_by,
        signed_by_other=note.signed_by_other,
        head_name="" if is_split else note.head_name,
        other=founded if is_split else note.other,
        points=note.points,
        spendable_until=(
            last_day_to_spend(note.village, note.takes_effect_on) if leaves else None
        ),
        note=note,
        noted_by=note.noted_by,
        decided_by=by,
        at=at,
    )


def _found(note: ChangeNote, *, at: datetime) -> Household:
    """Put a new household on the roster, with a passbook of its own."""
    assert note.group is not None
    household = Household.objects.create(
        village=note.village,
        group=note.group,
        number=note.new_number,
        head_name=note.head_name,
        head_initials=initials_of_name(note.head_name),
    )
    issue_passbooks(note.village, [household], at=at)
    return household


def _move(change: HouseholdChange, *, by: User, at: datetime) -> None:
    """Do to the points what a change asks for: the year's base, what goes along."""
    if change.kind in ChangeNote.FOUNDING:
        _give_base(change.village, at=at)
    if change.kind == Kind.SPLIT and change.other:
        move_points(
            change,
            change.points,
            source=change.household,
            target=change.other,
            by=by,
            at=at,
        )
    if change.kind == Kind.MERGE:
        period = open_month(change.village)
        if period:
            carry_contributions(period, by=by, at=at)
        carry_balances(change.village, by=by, at=at)


def _give_base(village: Village, *, at: datetime) -> None:
    """Give the base of the running year when the others have theirs already."""
    year = timezone.localdate(at).year
    given = Entry.objects.filter(village=village, year=year, kind=Entry.Kind.BASE)
    period = open_month(village)
    if period and period.month.year == year and given.exists():
        post_base_points(period, at=at)


def open_month(village: Village) -> Period | None:
    """Return the earliest month that is not published yet, if there is one."""
    periods = village.periods.unpublished().select_related("village__policy")
    return periods.order_by("month").first()


def _decide(
    note: ChangeNote, state: ChangeNote.State, *, by: User, at: datetime
) -> ChangeNote:
    note.state, note.decided_by, note.decided_at = state, by, at
    note.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    _record(f"household.change_{state}", note, by=by, at=at)
    return note


def _record(action: str, note: ChangeNote, *, by: User, at: datetime) -> None:
    record_event(
        action,
        village=note.village,
        by=by,
        at=at,
        subject=note,
        kind=str(note.kind),
        household=note.household_id,
        points=note.points,
    )
