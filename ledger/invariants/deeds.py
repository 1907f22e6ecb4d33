"""Promises about how deeds became points."""

from collections import defaultdict

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Sum

from households.models import HouseholdChange
from ledger.invariants.people import of_own_household, served
from ledger.invariants.registry import invariant
from ledger.limits import counted_since, merge_days
from ledger.models import Decision, Deed, Entry


@invariant("I-06")
def two_people_for_every_point(villages):
    """Points rest on a deed that one fit person recorded and another approved."""
    last = Decision.objects.filter(deed=OuterRef("pk")).order_by("-number")
    posted = Deed.objects.filter(village__in=villages, entries__isnull=False).annotate(
        outcome=Subquery(last.values("outcome")[:1]),
        decided_by=Subquery(last.values("by")[:1]),
        decided_at=Subquery(last.values("at")[:1]),
    )
    approved = Q(outcome__in=[Decision.Outcome.APPROVED, Decision.Outcome.ADJUSTED])
    alone = Q(decided_by=F("recorded_by")) | Q(decided_by=F("second_recorder"))
    yield from _named(posted.exclude(approved), "not approved")
    yield from _named(posted.filter(alone), "recorded and approved by one person")
    recorder = served("ledger.record_deed", "recorded_by", "recorded_at")
    reviewer = served("ledger.decide_deed", "decided_by", "decided_at")
    yield from _named(posted.exclude(recorder), "recorded without the role")
    yield from _named(posted.exclude(reviewer), "approved without the role")


@invariant("I-07")
def nobody_decides_their_own_household(villages):
    """Nobody approved a deed of their own household."""
    own = Decision.objects.filter(
        of_own_household("by__household", "deed__household", "at"),
        village__in=villages,
        deed__entries__isnull=False,
    ).exclude(outcome=Decision.Outcome.REOPENED)
    for pk in own.order_by("deed").values_list("deed", flat=True):
        yield f"deed {pk}"


@invariant("I-10")
def one_entry_for_an_approved_deed(villages):
    """An entry equals its approved deed, and a published deed has its entry."""
    entries = Entry.objects.filter(village__in=villages, deed__isnull=False)
    unequal = entries.exclude(
        deed__state=Deed.State.APPROVED,
        deed__household=F("household"),
        deed__points=F("points"),
        deed__period=F("period"),
    )
    for number in unequal.order_by("number").values_list("number", flat=True):
        yield f"entry {number}"
    published = Deed.objects.filter(
        village__in=villages, period__published_at__isnull=False
    ).approved()
    yield from _named(published.filter(entries=None), "published without an entry")


@invariant("I-11")
def caps_hold(villages):
    """No household has more points for an item than its caps allow."""
    counted = Deed.objects.filter(village__in=villages).approved().not_reversed()
    merges = HouseholdChange.objects.filter(
        village__in=villages, kind=HouseholdChange.Kind.MERGE
    )
    stayed = Q(household__in=merges.values("other"))
    yield from _over_since_merges(counted.filter(stayed))
    others = counted.exclude(stayed)
    for cap, span in (("month_cap", "period"), ("year_cap", "period__month__year")):
        cap = f"item__{cap}"
        of_code = others.values("household", "item__code", span)
        # An item may be given under two versions in the same month: then within
        # the larger cap, and of each version within its own.
        by_version = of_code.values("household", "item__code", span, most=F(cap))
        sums = by_version.annotate(total=Sum("points"))
        together = of_code.annotate(
            total=Sum("points"), most=Max(cap), free=Count("pk") - Count(cap)
        )
        over = Q(total__gt=F("most")) | Q(total__lt=-F("most"))
        for rows in (sums.filter(over), together.filter(over, free=0)):
            for row in rows.order_by("household", "item__code"):
                where = f"household {row['household']}"
                yield f"{where}: {row['item__code']} {row['total']}"


def _over_since_merges(deeds):
    """Add up the deeds of merged households, each from its last merge on."""
    sums: defaultdict = defaultdict(lambda: defaultdict(int))
    for deed in deeds.select_related("item", "period"):
        days = merge_days(deed.village_id, [deed.household_id])[deed.household_id]
        since, month = counted_since(days, deed.happened_on), deed.period.month
        spans = (month, deed.item.month_cap), (month.year, deed.item.year_cap)
        for span, cap in spans:
            sums[deed.household_id, deed.item.code, since, span][cap] += deed.points
    for (household, code, _since, _span), by_cap in sums.items():
        caps = [cap for cap in by_cap if cap is not None]
        is_over = any(abs(by_cap[cap]) > cap for cap in caps)
        total = abs(sum(by_cap.values()))
        if is_over or (None not in by_cap and total > max(caps)):
            yield f"household {household}: {code} {total}"


def _named(deeds, what):
    for pk in deeds.order_by("pk").values_list("pk", flat=True):
        yield f"deed {pk}: {what}"
