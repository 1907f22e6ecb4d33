"""What every reading of the ledger begins with: a village, and joins by its indexes."""

from django.apps import apps
from django.db import models
from django.db.models import FilteredRelation, Q
from django.db.models.lookups import IsNull

from households.append_only import AppendOnlyQuerySet
from households.scoping import VillageScopedQuerySet


class KeptQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    """Append-only rows of a village."""


def of_village(model: str):
    """Return the rows of another table that share the village of an outer row.

    Every index begins with it. Named by a word, because that model asks here too.
    """
    rows = apps.get_model("ledger", model).objects
    return rows.filter(village=models.OuterRef("village"))


def not_reversed(deed: str) -> IsNull:
    """Tell of an outer row that nobody reversed the entry of its deed.

    Asked for as a value, so that each row is looked up by unique indexes. As an
    EXISTS, PostgreSQL makes a join of it, and walks the ledger for every row until
    it has statistics.
    """
    reversals = of_village("Entry").filter(
        reverses__village=models.OuterRef("village"),
        reverses__deed=models.OuterRef(deed),
    )
    return IsNull(models.Subquery(reversals.values("pk")[:1]), True)


def with_entries(households, *, village):
    """Join households to their entries, as `booked`, by the ledger's own index.

    Every index begins with the village. Joined without it, each household goes
    through the whole ledger.
    """
    condition = Q(entries__village=village)
    return households.annotate(booked=FilteredRelation("entries", condition=condition))
