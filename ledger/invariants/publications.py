"""Promises about published months."""

import json
import re

from django.db.models import F, Q, Sum

from ledger.document import canonical, genesis_digest, is_sealed
from ledger.invariants.registry import invariant
from ledger.models import Entry, Period, Publication
from ledger.months import next_month
from ledger.publishing import rebuild_document

# An identity number or a phone is a long run of digits; digests are left out.
LONG_NUMBER = re.compile(r"(?<![0-9a-f])\d{7,}(?![0-9a-f])")


@invariant("I-14")
def standings_equal_the_fold(villages):
    """The scores of a publication are the sum of the entries up to its last one."""
    for publication in _publications(villages):
        year = publication.period.month.year
        folded = dict(
            Entry.objects.filter(
                village=publication.village_id, number__lte=publication.last_entry
            )
            .scoring()
            .filter(year=year)
            .values_list("household")
            .annotate(total=Sum("points"))
        )
        for household, score in publication.standings.values_list("household", "score"):
            if folded.get(household, 0) != score:
                yield f"{_name(publication)}: household {household}"


@invariant("I-30")
def months_follow_one_another(villages):
    """Publications are numbered 1, 2, 3 … and their months follow without a gap."""
    before = None
    for publication in _publications(villages):
        if before is None or before.village_id != publication.village_id:
            expected = (1, publication.period.month)
        else:
            expected = (before.number + 1, next_month(before.period.month))
        if (publication.number, publication.period.month) != expected:
            yield _name(publication)
        before = publication


@invariant("I-31")
def published_months_take_no_entries(villages):
    """A published month holds no entry later than its publication's last one."""
    late = Entry.objects.filter(
        village__in=villages, number__gt=F("period__publications__last_entry")
    )
    for number in late.order_by("number").values_list("number", flat=True):
        yield f"entry {number}"


@invariant("I-33")
def documents_can_be_rebuilt(villages):
    """A published document put together anew from the ledger is the same, to a byte."""
    for publication in _publications(villages):
        if rebuild_document(publication) != publication.document:
            yield _name(publication)


@invariant("I-34")
def digests_form_a_chain(villages):
    """Every document carries its own digest and that of the month before."""
    before = None
    for publication in _publications(villages):
        first = before is None or before.village_id != publication.village_id
        expected = genesis_digest(publication.village) if first else before.digest
        document = json.loads(publication.document)
        is_right = (
            is_sealed(document)
            and document["digest"] == publication.digest
            and document["previous_digest"] == publication.previous_digest == expected
            and canonical(document).decode() == publication.document
        )
        if not is_right:
            yield _name(publication)
        before = publication


@invariant("I-36")
def totals_can_be_checked(villages):
    """A document's totals add up to the scoring entries of its month."""
    for publication in _publications(villages):
        totals = json.loads(publication.document)["totals"]
        shown = (
            totals["base"]
            + totals["additions"]
            - totals["deductions"]
            + totals["repairs"]
            + totals["reversals"]
        )
        if shown != Entry.objects.filter(period=publication.period).scoring().total():
            yield _name(publication)


@invariant("I-37")
def notice_ran_its_time(villages):
    """A month is final only after its notice, and with every objection answered."""
    periods = Period.objects.filter(village__in=villages)
    hasty = periods.final().filter(
        Q(notice_ends_at=None)
        | Q(finalized_at__lt=F("notice_ends_at"))
        | Q(publications__objections__state="open")
    )
    for slug, month in hasty.values_list("village__slug", "month").distinct():
        yield f"{slug} {month:%Y-%m}"


@invariant("I-45")
def documents_hold_no_personal_numbers(villages):
    """A published document holds no phone and no identity number."""
    for publication in _publications(villages):
        document = json.loads(publication.document)
        del document["commitments"], document["digest"], document["previous_digest"]
        if LONG_NUMBER.search(json.dumps(document)):
            yield _name(publication)


def _publications(villages):
    return (
        Publication.objects.filter(village__in=villages)
        .select_related("village__policy", "period__village__policy")
        .order_by("village", "number")
    )


def _name(publication):
    return f"{publication.village.slug} {publication.period}"
