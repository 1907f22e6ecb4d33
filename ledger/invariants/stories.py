"""Promises about good deeds told in public."""

from django.db.models import Exists, F, OuterRef, Q

from ledger.invariants.registry import invariant
from ledger.models import Entry, Story


@invariant("I-48")
def stories_rest_on_consent(villages):
    """A public story has consent, two people and points; one taken down is erased."""
    stories = Story.objects.filter(village__in=villages).order_by("pk")
    given = Entry.objects.filter(
        village=OuterRef("village"),
        deed=OuterRef("deed"),
        kind=Entry.Kind.ADDITION,
    )
    public = stories.filter(published_at__isnull=False)
    yield from _named(public.filter(~Exists(given)), "of a deed without points")
    alone = Q(published_by=None) | Q(published_by=F("written_by"))
    yield from _named(public.filter(alone), "written and published by one person")
    unasked = Q(consent_on=None) | Q(consent_how="")
    yield from _named(public.filter(unasked), "public without consent")
    gone = stories.filter(withdrawn_at__isnull=False)
    erased = Q(headline="", text="", photo="", consent_by="", masked_name="")
    yield from _named(gone.exclude(erased), "taken down and not erased")


def _named(stories, what):
    for pk in stories.values_list("pk", flat=True):
        yield f"story {pk}: {what}"
