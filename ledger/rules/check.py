"""What should be looked at twice in a draft, item by item: the law, and the numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ledger.models import ScoringItem
from ledger.rules.never_items import TOPICS

# The texts of an item in which a village writes what counts.
TEXTS = ("title", "criterion", "evidence", "repair")
# More for one deed than any other item of the sample swamps the good deeds.
MANY_POINTS = 50


@dataclass(frozen=True)
class Finding:
    """One thing about one item; what is `refused` cannot be voted on like this."""

    sentence: str
    law: str = ""
    refused: bool = False


def findings(item: ScoringItem, *, most: int = 0) -> list[Finding]:
    """Return what stands against an item, the gravest first.

    `most` is the most points that the last version takes for one deed.
    """
    return [*_against_the_law(item), *_odd_numbers(item, most)]


def findings_of(
    items: Iterable[ScoringItem], before: Iterable[ScoringItem]
) -> dict[int, list[Finding]]:
    """Return the findings of a whole draft by the id of its items."""
    taken = [item.points_max for item in before if item.is_deduction]
    most = max(taken, default=0)
    found = {item.pk: findings(item, most=most) for item in items}
    return {pk: raised for pk, raised in found.items() if raised}


def _against_the_law(item: ScoringItem) -> list[Finding]:
    text = "\n".join(getattr(item, name) for name in TEXTS)
    found = []
    for topic in TOPICS:
        if topic.deductions and not item.is_deduction:
            continue
        word = topic.found_in(text)
        if word:
            refused = (item.is_deduction or topic.rewards) and not topic.only_warns
            sentence = _("“%(word)s”: %(why)s") % {"word": word, "why": topic.why}
            found.append(Finding(sentence, str(topic.law), refused))
    return sorted(found, key=lambda finding: not finding.refused)


def _odd_numbers(item: ScoringItem, most: int) -> list[Finding]:
    raised = []
    month, year = item.month_cap, item.year_cap
    if month is not None and month < item.points_min:
        raised.append(_("The month's limit is less than one deed: it never counts."))
    if year is not None and year < item.points_min:
        raised.append(_("The year's limit is less than one deed: it never counts."))
    if month is not None and year is not None and year < month:
        raised.append(_("The year's limit is less than the month's."))
    if item.points_max > MANY_POINTS:
        raised.append(
            _("More than %(points)s points for one deed outweigh a year of others.")
            % {"points": MANY_POINTS}
        )
    if not item.evidence.strip():
        raised.append(_("Say how it is proved."))
    if item.is_deduction:
        raised += _odd_deduction(item, most)
    elif month is None and year is None and item.points_max < MANY_POINTS:
        raised.append(_("No limit: one household can collect it without end."))
    return [Finding(sentence) for sentence in raised]


def _odd_deduction(item: ScoringItem, most: int) -> list[str]:
    raised = []
    if not item.repair.strip():
        raised.append(_("Say how it is made good, or that it cannot be this year."))
    if item.year_cap is None:
        raised.append(_("A deduction needs a limit for the year."))
    if most and item.points_max > most:
        raised.append(
            _("It takes more than any item does now (%(points)s).") % {"points": most}
        )
    return raised
