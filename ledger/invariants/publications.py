"""Promises about published months."""

import json
import re

from django.db.models import F, Q, Sum

from ledger.freezing import rebuild_document
from ledger.invariants.registry import invariant
from ledger.models import Entry, Period, Publication, Withdrawal
from ledger.months import next_month
from ledger.sealing import canonical, genesis_digest, is_sealed
from ledger.withdrawing import WITHDRAWABLE

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
    """Publications are numbered 1, 2, 3 … and their months follow without a gap.

    A withdrawn one is followed by the next revision of its month.
    """
    before = None
    for publication in _publications(villages):
        month = publication.period.month
        if before is None or before.village_id != publication.village_id:
            expected = (1, month, 1)
        elif before.is_withdrawn:
            expected = (before.number + 1, before.period.month, before.revision + 1)
        else:
            expected = (before.number + 1, next_month(before.period.month), 1)
        if (publication.number, month, publication.revision) != expected:
            yield _name(publication)
        before = publication


@invariant("I-31")
def published_months_take_no_entries(villages):
    """A published month holds no entry later than its publication's last one."""
    late = Entry.objects.filter(
        village__in=villages,
        period__published_at__isnull=False,
        number__gt=F("period__publications__last_entry"),
        period__publications__in=Publication.objects.standing(),
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
    """Every document carries its own digest and that of what stands before it."""
    standing = None
    for publication in _publications(villages):
        first = standing is None or standing.village_id != publication.village_id
        expected = genesis_digest(publication.village) if first else standing.digest
        document = json.loads(publication.document)
        is_right = (
            is_sealed(document)
            and document["digest"] == publication.digest
            and document["previous_digest"] == publication.previous_digest == expected
            and canonical(document).decode() == publication.document
        )
        if not is_right:
            yield _name(publication)
        if not publication.is_withdrawn:
            standing = publication


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
        entries = Entry.objects.filter(
            period=publication.period, number__lte=publication.last_entry
        )
        if shown != entries.scoring().total():
            yield _name(publication)


@invariant("I-37")
def notice_ran_its_time(villages):
    """A month is final only after its notice, and with every objection answered.

    One that comes later is answered as well, and changes the open month.
    """
    periods = Period.objects.filter(village__in=villages)
    hasty = periods.final().filter(
        Q(notice_ends_at=None)
        | Q(finalized_at__lt=F("notice_ends_at"))
        | Q(
            publications__objections__state="open",
            publications__objections__filed_at__lte=F("finalized_at"),
        )
    )
    for slug, month in hasty.values_list("village__slug", "month").distinct():
        yield f"{slug} {month:%Y-%m}"


@invariant("I-39")
def withdrawals_came_in_time(villages):
    """What was withdrawn nobody had used, and a reason was given within ten minutes."""
    withdrawals = Withdrawal.objects.filter(village__in=villages)
    wrong = withdrawals.filter(
        Q(at__lt=F("publication__published_at"))
        | Q(at__gte=F("publication__published_at") + WITHDRAWABLE)
        | Q(reason="")
        | Q(publication__downloads__isnull=False)
        | Q(publication__objections__isnull=False)
    )
    for slug, number in wrong.values_list(
        "village__slug", "publication__number"
    ).distinct():
        yield f"{slug}: publication {number}"


@invariant("I-39")
def one_notice_stands_for_a_published_month(villages):
    """A month is published exactly while one notice of it stands, as that says."""
    standing = Publication.objects.standing().filter(village__in=villages)
    for publication in standing.select_related("village", "period"):
        document = json.loads(publication.document)
        if (publication.period.published_at, publication.revision) != (
            publication.published_at,
            document.get("revision", 1),
        ):
            yield _name(publication)
    bare = Period.objects.filter(village__in=villages).published()
    for slug, month in bare.exclude(publications__in=standing).values_list(
        "village__slug", "month"
    ):
        yield f"{slug} {month:%Y-%m}"


@invariant("I-45")
def documents_hold_no_personal_numbers(villages):
    """A published document holds no phone and no identity number."""
    for publication in _publications(villages):
        document = json.loads(publication.document)
        del document["commitments"], document["digest"], document["previous_digest"]
        # Escaped characters end in digits of their own, which are nobody's number.
        if LONG_NUMBER.search(json.dumps(document, ensure_ascii=False)):
            yield _name(publication)


def _publications(villages):
    return (
        Publication.objects.filter(village__in=villages)
        .with_withdrawal()
        .select_related("village__policy", "period__village__policy")
        .order_by("village", "number")
    )


def _name(publication):
    return f"{publication.village.slug} {publication.period}"
