"""预算提醒: says in one line whether the village can keep what it has promised.

It reminds and never blocks: points that were earned are due, whatever is in the fund.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.desk.checklist import Check
from ledger.models import Period
from rewards.budget import Promise, promise_of
from rewards.money import write_yuan


def publication_checks(period: Period) -> list[Check]:
    """Return the line of the checklist: this month's points against the fund."""
    promise = promise_of(period.village, at=timezone.now(), publishing=period)
    if promise.is_kept:
        return [Check(_("The fund covers the points given"), True, "", told(promise))]
    sentence = _("The fund does not cover the points given")
    return [Check(sentence, False, "", told(promise), is_advice=True)]


def told(promise: Promise) -> str:
    """Write a promise in one line, and what to do when it is not covered."""
    facts = _(
        "%(points)s points can still be redeemed, worth %(promised)s yuan at "
        "%(worth)s yuan each; in the fund are %(fund)s yuan, on the shelf goods for "
        "%(shelf)s yuan."
    ) % {
        "points": f"{promise.points:,}",
        "promised": write_yuan(promise.promised_fen),
        "worth": write_yuan(promise.fen_a_point),
        "fund": write_yuan(promise.fund_fen),
        "shelf": write_yuan(promise.shelf_fen),
    }
    if promise.is_kept:
        return facts
    remedy = _(
        "%(missing)s yuan are missing: raise them before the points are spent, or let "
        "the village decide that a point is worth less."
    ) % {"missing": write_yuan(promise.missing_fen)}
    return f"{facts} {remedy}"
