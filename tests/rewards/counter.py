"""The counter as a shopkeeper uses it: find, fill the till, confirm."""

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from ledger.models import Entry
from rewards.models import StockMovement
from tests.factories import bring, offer


def address(name, *args, **query):
    return reverse(f"rewards_desk:{name}", args=args, query=query or None)


def give(household, points):
    """Let a household have points to spend today: moved from another one."""
    bring(household, points, at=timezone.now())


def shelve(village, name="食盐", points=2, **values):
    """Put goods on the shelf, with a price since yesterday."""
    return offer(village, name, points, at=timezone.now() - timedelta(days=1), **values)


def till(household, wanted=None, **typed):
    """Return what the form of one household sends; `wanted` maps goods to counts."""
    counts = {f"count-{goods.pk}": count for goods, count in (wanted or {}).items()}
    return {
        "village": household.village.slug,
        "household": household.number,
        "key": str(uuid4()),
        **counts,
        **typed,
    }


def confirm(client, household, wanted, *, place="counter", **typed):
    """Confirm a redemption and return the answer."""
    sent = till(household, wanted, confirm="1", **typed)
    return client.post(address(place), sent)


def find(client, text, *, place="counter", **headers):
    """Type or scan into the field and return the answer."""
    return client.post(address(place), {"code": text, "find": "1"}, headers=headers)


def balance(household):
    return Entry.objects.filter(household=household).balance()


def on_hand(reward):
    return StockMovement.objects.filter(reward=reward).on_hand()
