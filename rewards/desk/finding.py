"""Whom the field of the counter means: a scanned card, a number, a name, initials."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Household, Village
from households.passbooks import find_passbook, token_in, was_replaced
from households.typed_households import TypedHouseholds
from rewards.redeeming import HouseholdGone, require_spendable

CANDIDATES = 12
# What only a scanner types: part of an address, a long run of a code.
_SCANNED = re.compile(r"://|/p/|[0-9A-Za-z]{12,}")


@dataclass(frozen=True)
class Found:
    """One household, several of one name, or a sentence about why there is none.

    `typed` may stand in the field again; of a card there is never anything left.
    """

    household: Household | None = None
    candidates: Sequence[Household] = ()
    problem: str = ""
    typed: str = ""


def find_household(text: str, village: Village) -> Found:
    """Find the household of this village that a card or some words stand for."""
    text = unicodedata.normalize("NFKC", text).strip()
    if token := token_in(text):
        return _of_card(token, village)
    if not text:
        return Found(problem=_("Scan a card, or type a number or a full name."))
    return _of_words(text, village)


def household_numbered(number: str, village: Village) -> Household | None:
    """Return the household of an address, as long as it can spend anything."""
    return (
        Household.objects.filter(village=village, number=number)
        .able_to_spend(timezone.localdate())
        .select_related("group")
        .first()
    )


def _of_card(token: str, village: Village) -> Found:
    passbook = find_passbook(token)
    if passbook and passbook.village_id == village.pk:
        return _opened(passbook.household)
    if was_replaced(token, village):
        return Found(problem=_("An old card: check the name, and type the number."))
    return Found(problem=_("No such passbook. Scan the whole code once more."))


def _of_words(text: str, village: Village) -> Found:
    homes = Household.objects.filter(village=village).select_related("group")
    read = TypedHouseholds(text, homes.in_reading_order())
    typed = "" if _SCANNED.search(text) else text
    named = [*read.found.values(), *read.candidates.values()]
    if len(named) == 1 and not read.misread:
        return _opened(named[0], typed=typed)
    if named:
        problem = _("%(count)s households are meant: choose by group and number.")
        return Found(
            candidates=named[:CANDIDATES],
            problem=problem % {"count": len(named)},
            typed=typed,
        )
    if not typed:
        return Found(problem=_("No such passbook. Scan the whole code once more."))
    return Found(problem=" ".join(read.problems), typed=typed)


def _opened(household: Household, typed: str = "") -> Found:
    if household.status == Household.Status.LEFT:
        try:
            require_spendable(household, on=timezone.localdate())
        except HouseholdGone as gone:
            return Found(problem=str(gone), typed=typed)
    return Found(household)
