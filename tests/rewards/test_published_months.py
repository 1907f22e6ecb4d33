"""What the shop books between two publications changes nothing that was published."""

import json
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import transaction

from households.roles import Role
from ledger.document import commitment
from ledger.expiring import expire_points
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry
from rewards.canceling import cancel_redemption
from rewards.invariants import SHOP_INVARIANTS
from tests.factories import (
    HouseholdFactory,
    approve,
    award,
    exchange,
    finalize,
    offer,
    publish,
    record,
    serve,
)

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
IN_DECEMBER = datetime(2026, 12, 10, tzinfo=UTC)
IN_JANUARY = datetime(2027, 1, 10, tzinfo=UTC)
# What may differ between two documents of the same month by the shop's entries.
OF_THE_CHAIN = {"commitments", "last_entry", "digest"}


@pytest.fixture
def homes(village):
    """Three households with a final December and an approved January."""
    homes = [
        HouseholdFactory(
            village=village, group=village.groups.get(number=number % 2 + 1)
        )
        for number in range(3)
    ]
    for home, points in zip(homes, (50, 30, 20), strict=True):
        award(home, "D03", points, at=IN_DECEMBER)
    approve(record(homes[2], "N01", 3, at=IN_DECEMBER), at=IN_DECEMBER)
    publish(village, month=DECEMBER, at=datetime(2027, 1, 3, tzinfo=UTC))
    finalize(village, month=DECEMBER, at=datetime(2027, 1, 9, tzinfo=UTC))
    award(homes[1], "D02", 5, at=IN_JANUARY)
    return homes


def live_at_the_shop(homes):
    """Redeem twice, cancel one of the slips, and let the rest expire."""
    village = homes[0].village
    shopkeeper = serve(village, Role.SHOPKEEPER)
    in_march = datetime(2027, 3, 20, 2, tzinfo=UTC)
    salt = offer(village, at=IN_JANUARY)
    exchange(homes[0], {salt: 10}, by=shopkeeper, at=in_march)
    slip = exchange(homes[1], {salt: 5}, by=shopkeeper, at=in_march)
    cancel_redemption(slip, reason="拿错了", key=uuid4(), by=shopkeeper, at=in_march)
    expire_points(village, at=datetime(2027, 4, 1, tzinfo=UTC))
    kinds = village.entries.filter(kind__in=Entry.SPENDING).in_order()
    assert [*kinds.values_list("kind", flat=True)] == [
        *["redemption", "redemption", "cancellation"],
        *["expiry"] * 3,
    ]


def publish_january(village):
    publication = publish(village, month=JANUARY, at=datetime(2027, 4, 5, tzinfo=UTC))
    return json.loads(publication.document)


def without_the_shop(village):
    """Publish January as it would be had nobody ever redeemed, and take it back."""
    with transaction.atomic():
        document = publish_january(village)
        transaction.set_rollback(True)
    return document


def test_rows_totals_and_counts_are_those_of_a_village_without_a_shop(homes):
    village = homes[0].village
    expected = without_the_shop(village)

    live_at_the_shop(homes)
    document = publish_january(village)

    assert {key for key in document if document[key] != expected[key]} == OF_THE_CHAIN
    assert document["totals"]["additions"] == 5
    assert len(document["commitments"]) == len(expected["commitments"]) + 6


def test_every_entry_of_the_shop_is_committed_to_in_the_month_that_follows(homes):
    village = homes[0].village
    before = village.publications.get().last_entry

    live_at_the_shop(homes)
    document = publish_january(village)

    new = village.entries.filter(number__gt=before).in_order()
    assert document["commitments"] == [commitment(entry) for entry in new]
    assert document["last_entry"] == before + len(new)


def test_a_published_document_stays_and_every_promise_holds(homes):
    village = homes[0].village
    december = village.publications.get().document

    live_at_the_shop(homes)
    publish_january(village)

    assert village.publications.get(number=1).document == december
    promises = [*INVARIANTS, *SHOP_INVARIANTS]
    assert {"I-33", "I-36"} <= {promise.id for promise in promises}
    assert [str(violation) for violation in violations(None, promises)] == []


def test_spending_and_expiry_lower_no_score_and_no_points_of_a_month(homes):
    village = homes[0].village
    scores = {
        home: (home.entries.score(2026), home.entries.score(2027)) for home in homes
    }

    live_at_the_shop(homes)

    assert scores == {
        home: (home.entries.score(2026), home.entries.score(2027)) for home in homes
    }
    rows = {row["number"]: row for row in publish_january(village)["rows"]}
    assert rows[homes[1].number]["month"] == 5
    assert "month" not in rows[homes[0].number]
