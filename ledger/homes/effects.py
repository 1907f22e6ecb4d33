"""What a change would do, in sentences: read before it is noted and confirmed."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import ChangeNote, Household
from ledger.expiring import spendable_points
from ledger.homes.leaving import last_day_to_spend
from ledger.models import Deed, Entry

Kind = ChangeNote.Kind


def effects_of(note: ChangeNote, *, at: datetime) -> list[str]:
    """Say what a noted change does to names, records and points, as of a moment."""
    describe = {
        Kind.HEAD: _of_head,
        Kind.NAME: _of_name,
        Kind.SPLIT: _of_split,
        Kind.MERGE: _of_merge,
        Kind.MOVE_OUT: _of_move_out,
        Kind.MOVE_IN: _of_move_in,
        Kind.AWAY: _of_away,
        Kind.BACK: _of_back,
    }[Kind(note.kind)]
    return list(describe(note, at))


def _of_head(note, at) -> Iterator[str]:
    household = note.household
    yield _(
        "Household %(number)s: %(before)s → %(after)s. Number, points and history stay."
    ) % {
        "number": household.number,
        "before": household.head_name,
        "after": note.head_name,
    }
    yield _("Boards that are published keep the name they showed.")
    if household.full_name_consented_on:
        yield _("The consent to the full name ends; the new head signs anew.")
    if household.phone:
        yield _("The phone of the old head is erased.")
    yield _("The old card stays valid until a new one is printed.")


def _of_name(note, at) -> Iterator[str]:
    yield _(
        "Household %(number)s: %(before)s → %(after)s, the same person. Everything "
        "else stays."
    ) % {
        "number": note.household.number,
        "before": note.household.head_name,
        "after": note.head_name,
    }


def _of_split(note, at) -> Iterator[str]:
    facts = _facts(note, at)
    yield _(
        "Household %(number)s keeps its book: score %(score)s, and %(left)s of "
        "%(balance)s points to spend."
    ) % {**facts, "left": facts["balance"] - note.points}
    yield _(
        "Household %(new)s %(head)s is new: base %(base)s for the year, no "
        "contribution yet, %(points)s points to spend."
    ) % {**_new(note), "points": note.points}
    if note.points:
        yield _("The sum of both stays %(balance)s.") % facts


def _of_merge(note, at) -> Iterator[str]:
    ends, stays = _facts(note, at), _facts(note, at, of_other=True)
    brought = ends["earned"]
    yield _("The book of household %(number)s is closed; its history stays.") % ends
    yield from _phone(note)
    yield _(
        "Household %(number)s has one base, and %(brought)s more from this year: "
        "score %(before)s → %(after)s."
    ) % {
        "number": stays["number"],
        "brought": f"{brought:+d}",
        "before": stays["score"],
        "after": stays["score"] + brought,
    }
    yield _("To spend: %(stays)s + %(ends)s = %(sum)s points.") % {
        "stays": stays["balance"],
        "ends": ends["balance"],
        "sum": stays["balance"] + ends["balance"],
    }
    yield from _pending(note)
    yield _("The caps of the items count anew from %(day)s on.") % {
        "day": date_format(note.takes_effect_on)
    }


def _of_move_out(note, at) -> Iterator[str]:
    facts = _facts(note, at)
    until = last_day_to_spend(note.village, note.takes_effect_on)
    yield _("Nothing more is recorded for household %(number)s.") % facts
    yield _(
        "%(balance)s points can be spent until %(until)s; what is left then expires."
    ) % {**facts, "until": date_format(until)}
    yield from _pending(note)
    yield _("It is left out of the next boards; those published stay as they are.")
    yield from _phone(note)


def _of_move_in(note, at) -> Iterator[str]:
    yield _(
        "Household %(new)s %(head)s is new: base %(base)s for the year, whole."
    ) % _new(note)


def _of_away(note, at) -> Iterator[str]:
    yield _("Household %(number)s is not ranked; what it does is still recorded.") % {
        "number": note.household.number
    }
    yield _("Its points can be spent as before.")


def _of_back(note, at) -> Iterator[str]:
    yield _("Household %(number)s is ranked again from the next board on.") % {
        "number": note.household.number
    }


def _phone(note) -> Iterator[str]:
    if note.household.phone:
        yield _("Its phone is erased.")


def _pending(note) -> Iterator[str]:
    waiting = Deed.objects.filter(village=note.village_id, household=note.household)
    count = waiting.undecided().count()
    if count:
        yield _("%(count)s records of before are still decided.") % {"count": count}


def _new(note) -> dict:
    return {
        "new": note.new_number,
        "head": note.head_name,
        "base": note.village.policy.base_points,
    }


def _facts(note, at, *, of_other: bool = False) -> dict:
    household: Household = note.other if of_other else note.household
    entries = Entry.objects.filter(village=household.village_id, household=household)
    year = timezone.localdate(at).year
    score = entries.score(year)
    base = entries.filter(kind=Entry.Kind.BASE).score(year)
    return {
        "number": household.number,
        "score": score,
        "earned": score - base,
        "balance": spendable_points(household, at=at),
    }
