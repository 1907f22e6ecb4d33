"""A village lives through its months: recorded, decided, published, answered.

Everything happens at its moment, in order, by the operations of the pages.
What lies later than the demo's present does not happen, so the last month is
left as a village really stands: half recorded, the month before on notice.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from config.demo import sayings
from config.demo.almanac import Fate, Happening, moment, plan_month, plan_today
from config.demo.awards import Awards
from config.demo.desk import Desk
from config.demo.gatherings import gather, walk_round
from config.demo.homes import Homes
from config.demo.pledges import sign_pledges
from config.demo.repairs import Repairs
from config.demo.shop import Shop
from config.demo.stories import Stories
from config.demo.township import People
from ledger.correcting import decide_correction, propose_correction
from ledger.expiring import expire_points
from ledger.freezing import notice_end
from ledger.models import Deed, Entry, Period, Publication
from ledger.months import advance_village, cut_off_month, first_day, next_month
from ledger.objections import answer_objection, file_objection
from ledger.publishing import publish_month
from ledger.recording import withdraw_deed
from ledger.withdrawing import withdraw_publication

# The month on notice was published so many days before the demo's present.
DAYS_ON_NOTICE = 2
# The month, counted from the newest, whose notice was hung and taken back once.
TOO_EARLY = 4
REVIEW_EVENINGS = (1, 4)  # Tuesday and Friday


class Year:
    """The months of one village, from the first to the demo's present."""

    def __init__(self, people: People, months: list[date], now: datetime, rng: Random):
        self.people = people
        self.village = people.village
        self.months = months
        self.now = now
        self.today = timezone.localdate(now)
        self.rng = rng
        self.desk = Desk(people, since=months[0], rng=rng)
        self.shop = Shop(people, expect=self._expect, now=now)
        self.stories = Stories(people, expect=self._expect)
        self.repairs = Repairs(people, self.desk, expect=self._expect, now=now)
        self.awards = Awards(people, months, expect=self._expect)
        self._agenda: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._ticket = count()

    def live(self) -> None:
        """Let everything happen up to the present."""
        for index, month in enumerate(self.months):
            self._expect_records(month)
            self._expect_closing(month)
            self._expect_second_thoughts(index, month)
        self.shop.plan(self.months)
        self._expect_records(first_day(self.today))
        for happening in plan_today(self.people, self.now, self.rng):
            self._expect(happening.at, partial(self._record, happening))
        while self._agenda and self._agenda[0][0] <= self.now:
            at, _ticket, act = heappop(self._agenda)
            act(at)
        gather(self.people, self.now)
        walk_round(self.people, self.now)
        sign_pledges(self.people, self.now)
        Homes(self.people).change(self.now)

    def _expect(self, at: datetime, act: Callable[[datetime], object]) -> None:
        heappush(self._agenda, (at, next(self._ticket), act))

    def _expect_records(self, month: date) -> None:
        for happening in plan_month(self.people, month, self.rng):
            if timezone.localdate(happening.at) < self.today:
                self._expect(happening.at, partial(self._record, happening))

    def _expect_closing(self, month: date) -> None:
        cut_off, by_timer = self._cut_off(month), moment(next_month(month), 0, 10)
        self._expect(cut_off - timedelta(hours=1), partial(self._settle_places, month))
        if cut_off < by_timer:
            self._expect(cut_off, partial(self._cut_off_early, month))
        self._expect(by_timer, self._advance)
        self._expect(self._published(month), partial(self._publish, month))

    def _expect_second_thoughts(self, index: int, month: date) -> None:
        """Expect a correction and objections; one of each kind is always recent.

        The newest board carries no correction, so that a first visitor sees it
        as it mostly is; the month before it does.
        """
        published = self._published(month)
        if month == self.months[-1]:
            yesterday = moment(self.today - timedelta(days=1), 16, 20)
            self._expect(yesterday, partial(self._object, month, sayings.OPEN))
            return
        is_last_final = index == len(self.months) - 2
        is_booked_before_last = index == max(0, len(self.months) - 3)
        if is_booked_before_last or (index % 4 == 1 and not is_last_final):
            a_week_final = moment(next_month(month) + timedelta(days=11), 10)
            self._expect(a_week_final, partial(self._propose_correction, month))
        if is_last_final or index % 5 == 3:
            next_day = published + timedelta(days=1, hours=6)
            is_upheld = not is_last_final
            self._expect(next_day, partial(self._object_to_line, month, is_upheld))

    # When

    def _published(self, month: date) -> datetime:
        if month == self.months[-1]:
            return moment(self.today - timedelta(days=DAYS_ON_NOTICE), 9, 30)
        return moment(next_month(month) + timedelta(days=month.month % 3 + 1), 9, 30)

    def _cut_off(self, month: date) -> datetime:
        day_before = timezone.localdate(self._published(month)) - timedelta(days=1)
        return min(moment(next_month(month), 0, 10), moment(day_before, 12))

    def _decided(self, deed: Deed) -> datetime | None:
        """Say when a record is decided: some evening, at last before publication."""
        last = None
        if deed.period.month in self.months:
            published = timezone.localdate(self._published(deed.period.month))
            last = moment(published - timedelta(days=1), 19, 30)
        is_put_off = self.rng.random() < 0.25
        if is_put_off:
            return last
        day = timezone.localdate(deed.recorded_at) + timedelta(days=1)
        yesterday = self.today - timedelta(days=1)
        while day.weekday() not in REVIEW_EVENINGS and day != yesterday:
            day += timedelta(days=1)
        evening = moment(day, 19, 30)
        return min(evening, last) if last else evening

    # What

    def _record(self, happening: Happening, at: datetime) -> None:
        if happening.fate == Fate.DECLARED:
            self.desk.declare(happening, at)
            return
        deeds = self.desk.record(happening, at)
        if not deeds:
            return
        if happening.fate == Fate.WITHDRAWN:
            self._expect(at + timedelta(minutes=20), partial(self._withdraw, deeds[0]))
            return
        evening = self._decided(deeds[0])
        if evening:
            self._expect(evening, partial(self.desk.decide, deeds, happening.fate))

    def _withdraw(self, deed: Deed, at: datetime) -> None:
        withdraw_deed(deed, by=deed.recorded_by, at=at)

    def _settle_places(self, month: date, at: datetime) -> None:
        is_newest = month == self.months[-1]
        for wish in self.desk.wishes_for_places(month, at, share_sixth=is_newest):
            self._record(wish, at)

    def _cut_off_early(self, month: date, at: datetime) -> None:
        period = Period.objects.get(village=self.village, month=month)
        cut_off_month(period, by=self.people.staff["reviewer"], at=at)

    def _advance(self, at: datetime) -> None:
        """Do what the timer does."""
        steps = advance_village(self.village, at=at)
        expire_points(self.village, at=at)
        final = [step.split()[1] for step in steps if step.startswith("final ")]
        if final:
            self.shop.plan_markets(at)
        for month in map(date.fromisoformat, [f"{name}-01" for name in final]):
            if month.month == 12:
                self.awards.plan(month.year, at)

    def _publish(self, month: date, at: datetime) -> None:
        period = Period.objects.get(village=self.village, month=month)
        publication = publish_month(period, by=self.people.staff["admin"], at=at)
        after_notice = notice_end(self.village, at) + timedelta(hours=7, minutes=10)
        self._expect(after_notice, self._advance)
        months_later = len(self.months) - 1 - self.months.index(month)
        if months_later + 1 == TOO_EARLY and publication.revision == 1:
            soon = at + timedelta(minutes=6)
            self._expect(soon, partial(self._take_back, month, publication))
            return
        self.stories.plan(month, at, months_later=months_later)
        self.repairs.plan(month, at, months_later=months_later)

    def _take_back(self, month: date, publication: Publication, at: datetime) -> None:
        withdraw_publication(
            publication,
            by=self.people.staff["admin"],
            at=at,
            reason=sayings.TAKEN_BACK,
            # Not drawn from the seed, so that nothing after it turns out otherwise.
            key=uuid5(NAMESPACE_URL, f"{self.village.slug} {month}"),
        )
        self._expect(at + timedelta(minutes=25), partial(self._publish, month))

    def _propose_correction(self, month: date, at: datetime) -> None:
        entry = self._some_entry(month)
        correction = propose_correction(
            entry,
            reason=self.rng.choice(sayings.CORRECTED),
            by=self.people.staff["recorder"],
            at=at,
        )
        self._expect(
            at + timedelta(days=1, minutes=25),
            partial(self._correct, correction),
        )

    def _correct(self, correction, at: datetime) -> None:
        reviewer = self.people.staff["reviewer"]
        decide_correction(correction, approve=True, by=reviewer, at=at)
        self.desk.gain(correction.entry.deed, -correction.entry.points)

    def _object(self, month: date, text: str, at: datetime, entry: Entry | None = None):
        return file_objection(
            Publication.objects.of(self.village).get(period__month=month),
            text=text,
            channel=Deed.Channel.PHONE if entry else Deed.Channel.ORAL,
            household=entry.household if entry else self.people.households[0],
            entry=entry,
            by=self.people.staff["admin"],
            at=at,
        )

    def _object_to_line(self, month: date, is_upheld: bool, at: datetime) -> None:
        text, answer = sayings.UPHELD if is_upheld else sayings.DISMISSED
        entry = self._some_entry(month)
        objection = self._object(month, text, at, entry)
        self._expect(
            at + timedelta(days=1, hours=19),
            partial(self._answer, objection, is_upheld, answer),
        )

    def _answer(self, objection, is_upheld: bool, answer: str, at: datetime) -> None:
        answer_objection(
            objection,
            uphold=is_upheld,
            answer=answer,
            by=self.people.staff["supervisor"],
            at=at,
        )
        if is_upheld:
            self.desk.gain(objection.entry.deed, -objection.entry.points)

    def _some_entry(self, month: date) -> Entry:
        """Choose a small gain of a month that nobody has questioned yet."""
        entries = Entry.objects.filter(
            village=self.village,
            period__month=month,
            kind=Entry.Kind.ADDITION,
            points__lte=5,
            reversals=None,
            deed__item__code__in=("Z01", "Z05", "F01", "Z04"),
        )
        return self.rng.choice(list(entries.in_order()))
