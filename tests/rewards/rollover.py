"""Two households through two New Years, a leap day and two ends of March."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.management import call_command

from households.models import AuditEvent, User, Village
from households.roles import Role
from ledger.invariants import INVARIANTS, violations
from ledger.models import Entry, Period
from rewards.invariants import SHOP_INVARIANTS
from rewards.models import Reward
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    VillagerGroupFactory,
    approve,
    exchange,
    finalize,
    offer,
    publish,
    record,
    serve,
)
from tests.rewards.april import SHANGHAI

# What must stand in the ledger in the end, whenever the timer ran.
LEDGER = sorted(
    [
        *[(home, year, "base", 60) for home in "AB" for year in (2026, 2027, 2028)],
        ("A", 2026, "addition", 30),
        ("A", 2026, "addition", 20),
        ("A", 2027, "addition", 20),
        ("A", 2027, "redemption", -12),
        ("A", 2027, "expiry", -38),
        ("A", 2028, "expiry", -20),
        ("B", 2026, "addition", 20),
        ("B", 2027, "addition", 20),
        ("B", 2027, "expiry", -20),
        ("B", 2028, "redemption", -10),
        ("B", 2028, "expiry", -10),
    ]
)
LAST_DAY = date(2028, 4, 5)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


@dataclass
class People:
    """Who works in the village, and its two households by name."""

    village: Village
    recorder: User
    reviewer: User
    shopkeeper: User
    salt: Reward

    def __post_init__(self):
        group = VillagerGroupFactory(village=self.village)
        self.homes = {
            name: HouseholdFactory(village=self.village, group=group, number=name)
            for name in "AB"
        }

    @property
    def acts(self):
        """What people do, by its day; each once, timer or no timer."""
        return {
            date(2026, 11, 20): [(self.earn, "A", 30), (self.earn, "B", 20)],
            date(2026, 12, 3): [(self.publish, date(2026, 11, 1))],
            date(2026, 12, 9): [(self.finalize, date(2026, 11, 1))],
            date(2026, 12, 20): [(self.earn, "A", 20)],
            date(2027, 1, 3): [(self.publish, date(2026, 12, 1))],
            date(2027, 1, 9): [(self.finalize, date(2026, 12, 1))],
            date(2027, 2, 3): [(self.publish, date(2027, 1, 1))],
            date(2027, 2, 20): [(self.redeem, "A", 6), (self.earn, "B", 20)],
            date(2027, 3, 3): [(self.publish, date(2027, 2, 1))],
            date(2027, 3, 9): [(self.finalize, date(2027, 2, 1))],
            date(2027, 3, 25): [(self.earn, "A", 20)],
            date(2027, 4, 3): [(self.publish, date(2027, 3, 1))],
            date(2027, 4, 9): [(self.finalize, date(2027, 3, 1))],
            date(2028, 2, 29): [(self.redeem, "B", 5)],
        }

    def earn(self, day, name, points):
        home = self.homes[name]
        deed = record(home, "D03", points, by=self.recorder, at=at(day))
        approve(deed, by=self.reviewer, at=at(day))

    def publish(self, day, month):
        publish(self.village, month=month, by=self.reviewer, at=at(day))

    def finalize(self, day, month):
        """Make a month final, unless the timer did."""
        if Period.objects.get(village=self.village, month=month).finalized_at is None:
            finalize(self.village, month=month, at=at(day))

    def redeem(self, day, name, bags):
        exchange(self.homes[name], {self.salt: bags}, by=self.shopkeeper, at=at(day))

    def live(self, *, until=LAST_DAY, timer=()):
        """Let people act by day and the timer run on some evenings, in order.

        `timer` names the day it runs and the day it is told.
        """
        evenings: dict[date, list[date]] = {}
        for day, told in timer:
            evenings.setdefault(day, []).append(told)
        for day in sorted(day for day in {*self.acts, *evenings} if day <= until):
            for act, *facts in self.acts.get(day, []):
                act(day, *facts)
            for told in evenings.get(day, []):
                advance(told)


def settle() -> People:
    """Return the people of a new village that has had no deed yet."""
    village = VillageFactory()
    roles = (Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER)
    staff = [serve(village, role) for role in roles]
    salt = offer(village, by=staff[-1])
    return People(village, *staff, salt)


def advance(day: date) -> None:
    call_command("advance_months", today=day.isoformat())


def ledger() -> list[tuple]:
    """Return what stands in the ledger, whenever and in whatever order it came."""
    facts = ("household__number", "year", "kind", "points")
    return sorted(Entry.objects.values_list(*facts))


def dated() -> dict[tuple, date]:
    """Return the day of each entry that the calendar made, by kind and year."""
    by_calendar = Entry.objects.filter(kind__in=["base", "expiry"], year__gt=2026)
    return {
        (entry.kind, entry.year, entry.household.number): entry.posted_at.astimezone(
            SHANGHAI
        ).date()
        for entry in by_calendar.select_related("household")
    }


def told() -> list[tuple]:
    """Return what the timer noted of itself, in the order it came."""
    events = AuditEvent.objects.filter(by=None, action__regex="^(month|points)")
    return [*events.order_by("pk").values_list("action", "facts")]


def months() -> list[tuple]:
    states = Period.objects.order_by("month")
    return [(str(period), period.state) for period in states]


def broken_promises() -> list[str]:
    return [str(v) for v in violations(None, [*INVARIANTS, *SHOP_INVARIANTS])]
