"""Some households put right what they lost points for; one still waits for a look."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from config.demo import sayings
from config.demo.almanac import moment
from config.demo.desk import Desk
from config.demo.township import People
from households.models import User
from ledger.models import Deed, Entry, Repair
from ledger.repairs.repairing import ask_repair, check_repair, decide_repair
from ledger.repairs.terms import item_of

# Of the months counted from the newest: asked and not looked at yet, looked at and
# not decided, refused; of the others every third one gives points back.
WAITING, SEEN, IN_VAIN, EVERY = 0, 1, 6, 3


class Repairs:
    """Households ask, the recorder goes and looks, the reviewer decides."""

    def __init__(
        self,
        people: People,
        desk: Desk,
        *,
        expect: Callable[[datetime, Callable[[datetime], object]], None],
        now: datetime,
    ):
        self.people = people
        self.desk = desk
        self.expect = expect
        self.today = timezone.localdate(now)

    def plan(self, month: date, published_at: datetime, *, months_later: int) -> None:
        """Expect that somebody asks the day after a month was published."""
        fates = (WAITING, SEEN, IN_VAIN)
        if months_later in fates or months_later % EVERY == 2:
            published_on = timezone.localdate(published_at)
            asked = moment(published_on + timedelta(days=1), 20, 15)
            self.expect(asked, partial(self._ask, month, months_later))

    def _ask(self, month: date, months_later: int, at: datetime) -> None:
        entry = self._loss(month)
        if entry is None:
            return
        repair = ask_repair(
            entry,
            text=sayings.PUT_RIGHT[item_of(entry).code],
            channel=Deed.Channel.WEB,
            # Not drawn from the seed, so that nothing after it turns out otherwise.
            key=uuid5(NAMESPACE_URL, f"{self.people.village.slug} {month} repair"),
            by=None,
            at=at,
        )
        if months_later == WAITING:
            return
        asked_on = timezone.localdate(at)
        looked = moment(asked_on + timedelta(days=4), 16, 40)
        if months_later == SEEN:
            looked = moment(self.today - timedelta(days=1), 16, 40)
        self.expect(looked, partial(self._look, repair, months_later))

    def _look(self, repair: Repair, months_later: int, at: datetime) -> None:
        is_done = months_later != IN_VAIN
        finding = Repair.Finding.DONE if is_done else Repair.Finding.NOT_DONE
        repair = check_repair(
            repair,
            finding=finding,
            note=sayings.SEEN_DONE if is_done else sayings.SEEN_NOT_DONE,
            checked_on=timezone.localdate(at),
            by=self._neighbor_of(repair),
            at=at,
        )
        if months_later != SEEN:
            evening = moment(timezone.localdate(at) + timedelta(days=1), 19, 50)
            self.expect(evening, partial(self._decide, repair, is_done))

    def _decide(self, repair: Repair, is_done: bool, at: datetime) -> None:
        decided = decide_repair(
            repair,
            approve=is_done,
            reason="" if is_done else sayings.NOT_GIVEN_BACK,
            by=self._reviewer,
            at=at,
        )
        if is_done:
            posted = Entry.objects.get(
                village=self.people.village, repairs=repair.entry
            )
            gained = self.desk.gained.setdefault(posted.year, Counter())
            gained[posted.household_id] += decided.points

    def _neighbor_of(self, repair: Repair) -> User:
        """Choose who looks on the spot: nobody does at home."""
        recorder, admin = (self.people.staff[role] for role in ("recorder", "admin"))
        lives_there = recorder.household_id == repair.entry.household_id
        return admin if lives_there else recorder

    @property
    def _reviewer(self):
        return self.people.staff["reviewer"]

    def _loss(self, month: date) -> Entry | None:
        """Choose a deduction of a month that people speak about freely."""
        lost = Entry.objects.filter(
            village=self.people.village,
            period__month=month,
            kind=Entry.Kind.DEDUCTION,
            reversals=None,
            deed__item__code__in=sayings.PUT_RIGHT,
        )
        return lost.select_related("deed__item").in_order().first()
