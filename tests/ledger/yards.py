"""Courtyard rounds for tests: the round of the first group on 21 March 2026."""

from datetime import date
from uuid import uuid4

from households.roles import Role
from ledger.gatherings.rechecking import fail_recheck, pass_recheck, remind_household
from ledger.gatherings.rounds import (
    Seen,
    begin_round,
    close_round,
    note_findings,
    outcome_of,
)
from ledger.models import Finding
from tests.factories import serve
from tests.ledger.gatherings import DAY, ON_THE_DAY, THE_DAY_AFTER

RECHECK = date(2026, 3, 29)


def walk(village, found, *, by=None, day=DAY, at=ON_THE_DAY):
    """Begin the round of the first group and note what was found, by household."""
    by = by or serve(village, Role.RECORDER)
    group = village.groups.get(number=1)
    walked = begin_round(group, day=day, by=by, at=at)
    note_findings(walked, found, by=by, at=at)
    return walked


def finish(walked, *, by=None, at=THE_DAY_AFTER, key=None, seen=None):
    return close_round(
        walked,
        seen=seen or outcome_of(walked).mark,
        key=key or uuid4(),
        by=by or walked.begun_by,
        at=at,
    )


def find_untidy(home, *, by=None, note="柴火堆在路边", **values):
    """Close a round that found one untidy yard, and return the finding."""
    walked = walk(home.village, {home: Seen("poor", note=note)}, by=by, **values)
    finish(walked, at=values.get("at", THE_DAY_AFTER))
    return Finding.objects.get(household=home, round=walked)


def remind(finding, *, by=None, at=THE_DAY_AFTER, **values):
    told_on, recheck_on = THE_DAY_AFTER.date(), RECHECK
    asked = {"told_on": told_on, "recheck_on": recheck_on, **values}
    by = by or finding.by
    return remind_household(finding, "请把柴火收好", by=by, at=at, **asked)


def put_right(finding, *, seen_on=RECHECK, by=None, at):
    return pass_recheck(finding, seen_on=seen_on, by=by or finding.by, at=at)


def still_untidy(finding, *, second, by=None, at, key=None, **values):
    asked = {"seen_on": RECHECK, "points": 1, "note": "提醒后没有收", **values}
    return fail_recheck(
        finding,
        second_recorder=second,
        key=key or uuid4(),
        by=by or finding.by,
        at=at,
        **asked,
    )
