"""Promises about the rules themselves."""

from django.db.models import Exists, F, OuterRef, Q, Subquery

from ledger.invariants.registry import invariant
from ledger.models import Deed, Rulebook, RulebookVote
from ledger.rules.voting import items_digest


@invariant("I-49")
def rules_stay_as_they_were_voted(villages):
    """The items of an adopted rulebook are those that the meeting voted on."""
    votes = RulebookVote.objects.filter(village__in=villages)
    for vote in votes.select_related("rulebook").order_by("pk"):
        rulebook = vote.rulebook
        if items_digest(rulebook) != vote.digest:
            yield f"rulebook {rulebook.pk}: other items than were voted on"
        if rulebook.adopted_on != vote.held_on or rulebook.discarded_at:
            yield f"rulebook {rulebook.pk}: not as its vote says"


@invariant("I-50")
def no_draft_counts(villages):
    """A later version is in force by its vote, and a deed has the rules of its day."""
    rulebooks = Rulebook.objects.filter(village__in=villages).order_by("pk")
    of_rulebook = RulebookVote.objects.filter(
        village=OuterRef("village"), rulebook=OuterRef("pk")
    )
    later = rulebooks.settled().filter(version__gt=1)
    yield from _named(later.filter(~Exists(of_rulebook)), "in force without a vote")
    early = of_rulebook.filter(held_on__gt=OuterRef("in_force_from"))
    yield from _named(later.filter(Exists(early)), "in force before its vote")
    drafts = rulebooks.filter(in_force_from=None)
    yield from _named(drafts.filter(Exists(of_rulebook)), "voted and not in force")
    newest = Rulebook.objects.filter(
        village=OuterRef("village"), in_force_from__lte=OuterRef("happened_on")
    ).order_by("-version")
    # Days before the first version go by the first.
    astray = (
        Deed.objects.filter(village__in=villages)
        .annotate(of_day=Subquery(newest.values("pk")[:1]), of_item=F("item__rulebook"))
        .filter(
            Q(of_item__lt=F("of_day"))
            | Q(of_item__gt=F("of_day"))
            | Q(of_day=None, item__rulebook__version__gt=1)
        )
    )
    for pk in astray.order_by("pk").values_list("pk", flat=True):
        yield f"deed {pk}: not under the rules of its day"


def _named(rulebooks, what):
    for pk in rulebooks.values_list("pk", flat=True):
        yield f"rulebook {pk}: {what}"
