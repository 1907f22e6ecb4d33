"""Signed pledges for tests: a village's words, and a household's three ticks."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from households.consent import Answers
from households.models import Pledge
from households.roles import Role
from ledger.pledging import Paper, PledgeWords, record_papers, write_pledge
from tests.factories import AFTER_NOTICE, IN_MARCH, serve

WORDS = PledgeWords("承诺书", "守法\n干净", "户号：记分用", "村委会")
ALL = Answers(keeps_file=True, shows_name=True, tells_stories=True)
NONE = Answers(keeps_file=False, shows_name=False, tells_stories=False)


def answers(**values):
    """Return ticks for everything but what a test says otherwise."""
    return Answers(
        **{"keeps_file": True, "shows_name": True, "tells_stories": True, **values}
    )


def pledge_of(village, *, by=None, at=IN_MARCH, **words):
    """Put the next version of a village's pledge in force."""
    said = PledgeWords(**{**vars(WORDS), **words})
    by = by or serve(village, Role.ADMIN)
    return write_pledge(village, said, key=uuid4(), by=by, at=at)


def two_days_ago(village, at):
    return pledge_of(village, at=at - timedelta(days=2))


def sign(household, said=ALL, *, pledge=None, by=None, at=AFTER_NOTICE, **values):
    """Record the paper of one household, signed yesterday, and return its row."""
    village = household.village
    pledge = pledge or Pledge.objects.in_force(village) or two_days_ago(village, at)
    (row,) = record_papers(
        pledge,
        [Paper(household, said)],
        signed_on=values.pop("signed_on", timezone.localdate(at) - timedelta(1)),
        key=values.pop("key", None) or uuid4(),
        by=by or serve(village, Role.RECORDER),
        at=at,
    )
    return row
