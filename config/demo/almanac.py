"""What happens in a village in a month: who does what, and what becomes of it."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from random import Random

from django.utils import timezone

from config.demo.deeds import GATHERINGS, NOTES, Note
from config.demo.township import People
from households.models import Household
from ledger.models import Deed

# The village that the numbers below are thought for; others go by proportion.
USUAL_HOUSEHOLDS = 186
# Gatherings by day and hour, with the households that come; odd and even months.
EVERY_MONTH = {"Z01": (12, 19, 46), "D05": (9, 14, 13)}
ODD_MONTHS = {"F01": (16, 19, 26), "Z05": (8, 9, 14)}
EVEN_MONTHS = {"Z04": (18, 15, 32), "Z03": (14, 10, 14)}
FESTIVE_MONTHS = {1: (17, 19, 12), 6: (6, 10, 10), 10: (2, 19, 10)}
SINGLE_DEEDS = 31
# How often each item comes up among the single deeds.
OFTEN = {
    "D02": 10,
    "D05": 7,
    "F02": 4,
    "F03": 3,
    "Z06": 3,
    "Z05": 2,
    "F04": 2,
    "D01": 1.5,
    "Z02": 1.5,
    "Z09": 1.5,
    "Z01": 1,
    "F01": 1,
    "D07": 1,
    "Z08": 0.8,
    "Z07": 0.7,
    "F05": 0.6,
    "F06": 0.6,
    "D04": 0.5,
    "D06": 0.3,
}
# Once a year for certain, so that every item is seen.
SURE = {
    1: ["D09"],
    2: ["D06"],
    3: ["D01", "D07"],
    4: ["Z07", "Z06", "F04"],
    5: ["D03"],
    6: ["F05", "F03"],
    7: ["D04", "F02"],
    8: ["D08", "F06"],
    9: ["D08"],
    10: ["D02"],
    11: ["Z08", "Z02"],
    12: ["D01"],
}
DEDUCTIONS = {
    1: ["N06"],
    2: ["N05", "N02"],
    3: ["N03"],
    4: ["N01"],
    5: ["N04"],
    6: ["N02"],
    7: ["N08"],
    8: ["N07", "N02"],
    9: ["N01"],
    10: ["N02"],
    11: ["N09"],
    12: ["N02"],
}
YEAR_END = 12
# These come of a round through a group and meet several households there.
ROUNDS = {"N01", "N02"}
# What residents told the village hall in the last hours, and how.
DECLARED = {
    "D02": Deed.Channel.WECHAT,
    "F03": Deed.Channel.PHONE,
    "D05": Deed.Channel.WECHAT,
    "Z09": Deed.Channel.ORAL,
    "D03": Deed.Channel.WEB,
}
CHANNELS = {
    Deed.Channel.RECORD: 30,
    Deed.Channel.ORAL: 24,
    Deed.Channel.WECHAT: 20,
    Deed.Channel.PHONE: 12,
    Deed.Channel.WEB: 6,
    Deed.Channel.SMS: 4,
    Deed.Channel.QQ: 4,
}


class Fate(Enum):
    """What becomes of a deed after it is recorded."""

    APPROVED = "approved"
    CHANGED = "changed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DECLARED = "declared"


@dataclass(frozen=True)
class Happening:
    """One record somebody makes: a deed of one household or of many."""

    at: datetime
    code: str
    note: Note
    households: list[Household]
    happened_on: date
    channel: str = Deed.Channel.RECORD
    fate: Fate = Fate.APPROVED


def plan_month(people: People, month: date, rng: Random) -> list[Happening]:
    """Plan one month of a village; a pure function of its random source."""
    planner = _Planner(people, month, rng)
    return [
        *planner.gatherings(),
        *planner.single_deeds(),
        *planner.sure_deeds(),
        *planner.deductions(),
    ]


def plan_today(people: People, now: datetime, rng: Random) -> list[Happening]:
    """Plan what a visitor finds recorded on the day itself, minutes ago."""
    today = timezone.localdate(now)
    planner = _Planner(people, today.replace(day=1), rng)
    reviewer = people.staff["reviewer"]
    planned = [
        ("Z05", choose(people, max(2, len(people.households) // 16), rng)),
        *((code, choose(people, 1, rng)) for code in ("D02", "F03", "D02", "Z09")),
        ("N01", planner.careless(1)),
    ]
    if reviewer.household:
        planned.append(("D01", [reviewer.household]))
    declared = [
        Happening(
            at=now - timedelta(hours=7 * number),
            code=code,
            note=planner.note(NOTES[code]),
            households=choose(people, 1, rng),
            happened_on=today - timedelta(days=number),
            channel=channel,
            fate=Fate.DECLARED,
        )
        for number, (code, channel) in enumerate(DECLARED.items(), start=1)
    ]
    return declared + [
        Happening(
            at=max(moment(today, 0), now - timedelta(minutes=17 * number)),
            code=code,
            note=planner.note(NOTES[code]),
            households=households,
            happened_on=today,
            channel=Deed.Channel.WECHAT if number % 2 else Deed.Channel.RECORD,
        )
        for number, (code, households) in enumerate(planned, start=1)
    ]


def choose(people: People, number: int, rng: Random) -> list[Household]:
    """Choose households, the keen ones more likely, in the order of the roster."""
    keys = {
        household.pk: rng.random() ** (1 / people.keenness[household.pk])
        for household in people.households
        if people.keenness[household.pk]
    }
    chosen = set(sorted(keys, key=keys.__getitem__, reverse=True)[:number])
    return [household for household in people.households if household.pk in chosen]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), timezone.get_current_timezone())


class _Planner:
    def __init__(self, people: People, month: date, rng: Random):
        self.people = people
        self.month = month
        self.rng = rng
        self.scale = len(people.households) / USUAL_HOUSEHOLDS

    def gatherings(self) -> Iterator[Happening]:
        """Record the lists of those who came, the evening of the same day."""
        lists = {**EVERY_MONTH, **(ODD_MONTHS if self.month.month % 2 else EVEN_MONTHS)}
        if self.month.month in FESTIVE_MONTHS:
            lists["Z09"] = FESTIVE_MONTHS[self.month.month]
        for code, (day, hour, usual) in lists.items():
            number = self._number(usual * self.rng.uniform(0.9, 1.1))
            yield self._happening(
                moment(self._day(day + self.rng.randrange(3)), hour + 1, 10),
                code,
                self.note(GATHERINGS[code]),
                choose(self.people, number, self.rng),
            )

    def single_deeds(self) -> Iterator[Happening]:
        fitting = {code: OFTEN[code] for code in OFTEN if self._fitting(NOTES[code])}
        number = self._number(SINGLE_DEEDS * self.rng.uniform(0.9, 1.1))
        for code in self.rng.choices(list(fitting), list(fitting.values()), k=number):
            yield self._single(code, self._fate(), self._late_days())

    def sure_deeds(self) -> Iterator[Happening]:
        for code in SURE[self.month.month]:
            yield self._single(code, Fate.APPROVED, days_late=0, latest_day=24)
        if self.month.month == YEAR_END:
            note = self.note(NOTES["F07"])
            blameless = self.blameless(self._number(24))
            yield self._happening(moment(self._day(28), 9, 40), "F07", note, blameless)

    def deductions(self) -> Iterator[Happening]:
        for code in DEDUCTIONS[self.month.month]:
            number = self.rng.choice((3, 3, 4)) if code in ROUNDS else 1
            recorded_at = moment(self._day(self.rng.randrange(5, 22)), 17, 20)
            yield self._happening(
                recorded_at,
                code,
                self.note(NOTES[code]),
                self.careless(number),
            )

    def _single(self, code, fate, days_late, latest_day=31):
        last = calendar.monthrange(self.month.year, self.month.month)[1]
        day = self._day(self.rng.randint(1, min(last, latest_day)))
        at = moment(day, self.rng.randrange(8, 21), self.rng.randrange(60))
        return Happening(
            at=at,
            code=code,
            note=self.note(NOTES[code]),
            households=choose(self.people, 1, self.rng),
            happened_on=day - timedelta(days=days_late),
            channel=self.rng.choices(list(CHANNELS), list(CHANNELS.values()))[0],
            fate=fate,
        )

    def _happening(self, at, code, note, households):
        return Happening(
            at=at,
            code=code,
            note=note,
            households=households,
            happened_on=timezone.localdate(at),
        )

    def careless(self, number: int) -> list[Household]:
        """Choose households of one group among those who take part the least."""
        careless, _blameless = self.rng.choice(self._halves())
        return self.rng.sample(careless, min(number, len(careless)))

    def blameless(self, number: int) -> list[Household]:
        """Choose households that are never among the careless."""
        keen = [home for _careless, blameless in self._halves() for home in blameless]
        return self.rng.sample(keen, min(number, len(keen)))

    def _halves(self) -> list[tuple[list[Household], list[Household]]]:
        """Part each group into those who take part less and those who do more."""
        keenness = self.people.keenness
        groups: dict[int, list[Household]] = {}
        for home in self.people.households:
            if keenness[home.pk]:
                groups.setdefault(home.group_id, []).append(home)
        halves = []
        for homes in groups.values():
            homes.sort(key=lambda home: keenness[home.pk])
            middle = len(homes) // 2
            halves.append((homes[:middle], homes[middle:]))
        return halves

    def _fate(self) -> Fate:
        weights = {
            Fate.APPROVED: 86,
            Fate.CHANGED: 5,
            Fate.REJECTED: 5,
            Fate.WITHDRAWN: 4,
        }
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _late_days(self) -> int:
        return self.rng.choices((0, 1, 2, 3, 18), (50, 25, 13, 10, 2))[0]

    def _fitting(self, notes: list[Note]) -> list[Note]:
        month = self.month.month
        return [note for note in notes if not note.months or month in note.months]

    def note(self, notes: list[Note]) -> Note:
        return self.rng.choice(self._fitting(notes) or notes)

    def _number(self, usual: float) -> int:
        return max(1, round(usual * self.scale))

    def _day(self, day: int) -> date:
        return self.month.replace(day=day)
