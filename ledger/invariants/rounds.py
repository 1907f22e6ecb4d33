"""Promises about courtyard rounds."""

from django.db.models import F, Q

from ledger.invariants.registry import invariant
from ledger.models import Finding


@invariant("I-56")
def a_yard_costs_points_only_after_a_reminder(villages):
    """An untidy yard costs points only when reminded, given time and seen again."""
    findings = Finding.objects.filter(village__in=villages).order_by("pk")
    costly = findings.filter(deduction__isnull=False)
    fit = Q(
        yard=Finding.Yard.POOR,
        outcome=Finding.Outcome.FAILED,
        told_on__isnull=False,
        rechecked_on__gte=F("recheck_on"),
        recheck_on__gt=F("told_on"),
        round__closed_at__isnull=False,
        deduction__points__lt=0,
        deduction__household=F("household"),
        deduction__heard_on__isnull=False,
        deduction__second_recorder__isnull=False,
    )
    yield from _named(costly.exclude(fit), "deducted out of turn")
    given = findings.filter(Q(yard_deed__isnull=False) | Q(sorting_deed__isnull=False))
    yield from _named(given.filter(round__closed_at=None), "deed before closing")
    strange = Q(yard_deed__isnull=False) & ~Q(yard_deed__household=F("household"))
    strange |= Q(sorting_deed__isnull=False) & ~Q(
        sorting_deed__household=F("household")
    )
    yield from _named(given.filter(strange), "deed of another household")
    closed = findings.filter(round__closed_at__isnull=False)
    unpaid = Q(yard__in=["clean", "cleanest"], yard_deed=None, yard_left_out="")
    unpaid |= Q(is_sorted=True, sorting_deed=None, sorting_left_out="")
    yield from _named(closed.filter(unpaid), "neither deed nor reason")


def _named(findings, what):
    for pk in findings.values_list("pk", flat=True):
        yield f"finding {pk}: {what}"
