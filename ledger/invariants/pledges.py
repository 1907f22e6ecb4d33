"""Promises about what households agree to."""

from django.db.models import Exists, F, OuterRef, Q, Sum, Window

from households.models import HouseholdConsent, Pledge
from ledger.invariants.people import served
from ledger.invariants.registry import invariant
from ledger.models import Story


@invariant("I-64")
def consents_are_what_was_signed(villages):
    """Names, phones and stories are what each household's newest consent says."""
    consents = HouseholdConsent.objects.filter(village__in=villages)
    pledges = Pledge.objects.filter(village__in=villages)
    for rows in (pledges, consents):
        numbered = rows.annotate(
            place=Window(Sum(1), partition_by="village", order_by=F("number").asc())
        )
        yield from _named(numbered.exclude(place=F("number")), "out of order")
    signed = consents.filter(kind=HouseholdConsent.Kind.SIGNED)
    too_early = Q(signed_on__lt=F("pledge__in_force_from"))
    too_late = Q(signed_on__gt=F("at__date"))
    yield from _named(signed.filter(too_early | too_late), "signed on no such day")
    yield from _named(
        signed.exclude(served("households.record_consent", "recorded_by", "at")),
        "recorded without the role",
    )
    newest = consents.newest()
    shown = newest.filter(shows_name=True)
    same = Q(household__full_name_consented_on=F("named_since"))
    yield from _named(shown.exclude(same), "the name is shown otherwise")
    masked = newest.exclude(shows_name=True).exclude(
        household__full_name_consented_on=None
    )
    yield from _named(masked, "the name is shown all the same")
    refused = newest.filter(keeps_file=False)
    yield from _named(refused.exclude(household__phone=""), "a phone is kept")
    told = Story.objects.filter(
        village=OuterRef("village"), deed__household=OuterRef("household")
    ).standing()
    untold = newest.filter(tells_stories=False)
    yield from _named(untold.filter(Exists(told)), "a story is told all the same")


def _named(rows, what):
    name = rows.model._meta.model_name
    for slug, number in rows.order_by("village", "number").values_list(
        "village__slug", "number"
    ):
        yield f"{slug}: {name} {number} {what}"
