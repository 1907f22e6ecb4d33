"""Promises about activities and who was there."""

from django.db.models import Count, F, Q

from ledger.invariants.registry import invariant
from ledger.models import Activity, SignIn


@invariant("I-55")
def one_deed_for_who_was_there(villages):
    """A closed activity gave each household one deed at most, or says why none."""
    standing = SignIn.objects.filter(village__in=villages).standing().order_by("pk")
    closed = standing.filter(activity__closed_at__isnull=False)
    yield from _named(closed.filter(deed=None, left_out=""), "neither deed nor reason")
    late = Q(at__gt=F("activity__closed_at"))
    yield from _named(closed.filter(late), "signed in after closing")
    given = standing.filter(deed__isnull=False)
    yield from _named(
        given.exclude(deed__household=F("household")), "deed of another household"
    )
    yield from _named(
        given.exclude(deed__happened_on=F("activity__day")), "deed of another day"
    )
    yield from _named(given.filter(activity__closed_at=None), "deed before closing")
    twice = standing.order_by().values("activity", "household").annotate(n=Count("pk"))
    for row in twice.filter(n__gt=1).order_by("activity", "household"):
        yield f"activity {row['activity']}: household {row['household']} twice"
    both = Activity.objects.filter(
        village__in=villages, closed_at__isnull=False, canceled_at__isnull=False
    )
    for pk in both.order_by("pk").values_list("pk", flat=True):
        yield f"activity {pk}: closed and canceled"


def _named(sign_ins, what):
    for pk in sign_ins.values_list("pk", flat=True):
        yield f"sign-in {pk}: {what}"
