"""Promises about the rows of the ledger."""

from django.apps import apps
from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import Lag

from households.safeguards import missing_guards
from ledger.invariants.registry import invariant
from ledger.models import Entry, Operation


@invariant("I-02")
def guards_stand(villages):
    """The database's own guards stand, each with its expected text."""
    yield from missing_guards()


@invariant("I-03")
def entries_are_numbered_without_a_gap(villages):
    """The entries of a village are numbered 1, 2, 3 … without a gap."""
    spans = (
        Entry.objects.filter(village__in=villages)
        .values("village__slug")
        .annotate(first=Min("number"), last=Max("number"), count=Count("pk"))
        .exclude(first=1, last=F("count"))
        .order_by("village__slug")
    )
    for span in spans:
        yield f"{span['village__slug']}: {span['count']} entries, last {span['last']}"


@invariant("I-04")
def rows_stay_in_their_village(villages):
    """A row and everything it points at belong to the same village."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.local_fields}
        if "village" not in fields:
            continue
        for name, field in fields.items():
            other = field.related_model
            if name == "village" or not field.many_to_one or other is None:
                continue
            if "village" not in {f.name for f in other._meta.local_fields}:
                continue
            strays = (
                model._base_manager.filter(village__in=villages)
                .exclude(**{name: None})
                .exclude(**{f"{name}__village": F("village")})
            )
            for pk in strays.values_list("pk", flat=True):
                yield f"{model._meta.model_name} {pk}: {name}"


@invariant("I-05")
def the_kind_decides_the_sign(villages):
    """Every entry has the sign of its kind and between 1 and 10,000 points."""
    kind = Entry.Kind
    gains = [kind.BASE, kind.ADDITION, kind.REPAIR, kind.CANCELLATION]
    losses = [kind.DEDUCTION, kind.REDEMPTION, kind.EXPIRY]
    wrong = (
        Q(points=0)
        | ~Q(points__range=(-10_000, 10_000))
        | Q(kind__in=gains, points__lt=0)
        | Q(kind__in=losses, points__gt=0)
        | ~Q(kind__in=kind.values)
    )
    yield from _named(Entry.objects.filter(wrong, village__in=villages))


@invariant("I-08")
def one_base_a_year(villages):
    """A household has base points at most once a year."""
    twice = (
        Entry.objects.filter(village__in=villages, kind=Entry.Kind.BASE)
        .values("household", "year")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    for row in twice:
        yield f"household {row['household']} in {row['year']}"


@invariant("I-09")
def reversals_negate_one_entry(villages):
    """A reversal is the exact negation of one entry of the same household, once."""
    reversals = Entry.objects.filter(village__in=villages, kind=Entry.Kind.REVERSAL)
    wrong = reversals.exclude(
        reverses__household=F("household"),
        reverses__points=-F("points"),
        reverses__kind__in=[Entry.Kind.ADDITION, Entry.Kind.DEDUCTION, "repair"],
    )
    yield from _named(wrong)
    twice = reversals.values("reverses").annotate(count=Count("pk")).filter(count__gt=1)
    for row in twice:
        yield f"entry {row['reverses']} reversed {row['count']} times"


@invariant("I-13")
def an_operation_counts_once(villages):
    """An operation key stands once in a village."""
    twice = (
        Operation.objects.filter(village__in=villages)
        .values("village__slug", "key")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    for row in twice:
        yield f"{row['village__slug']}: operation {row['key']}"


@invariant("I-32")
def posting_never_runs_backwards(villages):
    """The moment of posting never runs backwards along the numbers."""
    entries = Entry.objects.filter(village__in=villages).annotate(
        before=Window(
            Lag("posted_at"), partition_by="village", order_by=F("number").asc()
        )
    )
    yield from _named(entries.filter(before__gt=F("posted_at")))


def _named(entries):
    rows = entries.order_by("village", "number").values_list("village__slug", "number")
    for slug, number in rows:
        yield f"{slug}: entry {number}"
