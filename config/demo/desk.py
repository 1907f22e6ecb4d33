"""The village's desk: records deeds, decides them, and counts what they add up to."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from config.demo import sayings
from config.demo.almanac import Fate, Happening
from config.demo.deeds import NOTES, Note
from config.demo.township import People
from ledger.declaring import declare_deed
from ledger.models import Deed, ScoringItem
from ledger.receiving import file_declaration
from ledger.recording import DuplicateDeed, record_deeds
from ledger.review import CapReached, approve_deed, approve_deeds, reject_deed


class Desk:
    """Recorder, reviewer and village admin at work, one of them never alone."""

    def __init__(self, people: People, *, since: date, rng: Random):
        self.people = people
        self.since = since
        self.rng = rng
        self.items = {item.code: item for item in people.rulebook.items.all()}
        # Points above the base that stand or are going to, by year and household.
        self.gained: dict[int, Counter[int]] = {}

    def record(self, happening: Happening, at: datetime) -> list[Deed]:
        """Record what happened; nothing when it stands recorded already."""
        item = self.items[happening.code]
        by, other = self._two_people()
        try:
            deeds = record_deeds(
                happening.households,
                item,
                happened_on=max(happening.happened_on, self.since),
                magnitude=happening.note.points or item.points_min,
                channel=happening.channel,
                note=happening.note.text,
                second_recorder=other if item.is_deduction else None,
                key=UUID(int=self.rng.getrandbits(128), version=4),
                by=by,
                at=at,
            ).deeds
        except DuplicateDeed:
            return []
        if happening.fate not in (Fate.REJECTED, Fate.WITHDRAWN):
            for deed in deeds:
                self.gain(deed, _final_points(deed, happening.fate))
        return deeds

    def declare(self, happening: Happening, at: datetime) -> None:
        """Take down what a resident declared, or filed; it waits to be accepted."""
        if happening.channel == Deed.Channel.WEB:
            self._file(happening, at)
            return
        by, _other = self._two_people()
        declare_deed(
            happening.households[0],
            self.items[happening.code],
            happened_on=max(happening.happened_on, self.since),
            channel=happening.channel,
            note=happening.note.text,
            key=UUID(int=self.rng.getrandbits(128), version=4),
            by=by,
            at=at,
        )

    def decide(self, deeds: list[Deed], fate: Fate, at: datetime) -> None:
        """Decide deeds as a reviewer does, each by its fate and within its caps."""
        if fate == Fate.REJECTED:
            for deed in deeds:
                self._reject(deed, self.rng.choice(sayings.REJECTED), at)
            return
        # One is drawn for each deed, also for those that need none: so a seed
        # gives the same demo however many are decided at once.
        reasons = [self.rng.choice(sayings.CHANGED) for _deed in deeds]
        if fate == Fate.APPROVED and not deeds[0].is_deduction:
            self._approve_all(deeds, at)
            return
        for deed, reason in zip(deeds, reasons, strict=True):
            points = abs(_final_points(deed, fate))
            try:
                self._approve(deed, points, reason, at)
            except CapReached as reached:
                self._keep_within_caps(deed, points, reached.remaining, at)

    def gain(self, deed: Deed, points: int) -> None:
        """Note points that a household gains in the year of a deed's month."""
        of_year = self.gained.setdefault(deed.period.month.year, Counter())
        of_year[deed.household_id] += points

    def wishes_for_places(
        self, month: date, at: datetime, *, share_sixth: bool
    ) -> list[Happening]:
        """Return the small deeds after which the first three places differ.

        With `share_sixth`, two households stand sixth, as ties are worth seeing.
        """
        places = self.gained.get(month.year, Counter()).most_common()
        if len(places) < 8:
            return []
        wishes = []
        above = places[3][1]
        for household, points in reversed(places[:3]):
            wanted = max(points, above + 1)
            wishes += self._small_deeds(household, wanted - points, at)
            above = wanted
        behind = places[5][1] - places[6][1]
        if share_sixth and behind <= 5:
            wishes += self._small_deeds(places[6][0], behind, at)
        return wishes

    def _file(self, happening: Happening, at: datetime) -> None:
        file_declaration(
            happening.households[0],
            text=happening.note.text,
            happened_on=max(happening.happened_on, self.since),
            key=UUID(int=self.rng.getrandbits(128), version=4),
            at=at,
        )

    def _two_people(self):
        people = [self.people.staff["recorder"], self.people.staff["admin"]]
        return people if self.rng.random() < 0.8 else reversed(people)

    def _approve_all(self, deeds, at):
        reviewer = self.people.staff["reviewer"]
        for deed, refused in approve_deeds(deeds, by=reviewer, at=at).refused:
            if not isinstance(refused, CapReached):
                raise refused
            self._keep_within_caps(deed, deed.points, refused.remaining, at)

    def _approve(self, deed, points, reason, at):
        is_changed = points != abs(deed.points)
        heard_on = deed.happened_on + timedelta(days=1)
        approve_deed(
            deed,
            by=self.people.staff["reviewer"],
            at=at,
            magnitude=points,
            reason=reason if is_changed else "",
            heard_on=min(heard_on, timezone.localdate(at)) if deed.points < 0 else None,
        )

    def _reject(self, deed, reason, at):
        reject_deed(deed, by=self.people.staff["reviewer"], at=at, reason=reason)

    def _keep_within_caps(self, deed, wanted, remaining, at):
        given = remaining if remaining >= deed.item.points_min else 0
        if given:
            self._approve(deed, given, sayings.CAPPED, at)
        else:
            self._reject(deed, sayings.CAP_REACHED, at)
        self.gain(deed, deed.item.signed(given) - deed.item.signed(wanted))

    def _small_deeds(self, household: int, points: int, at: datetime):
        """Make up points by the fewest deeds that are worth exactly so many."""
        is_help = points >= 3
        notes = [Note(NOTES["D02"][3].text, points)] if is_help else NOTES["D05"]
        return [
            Happening(
                at=at,
                code="D02" if is_help else "D05",
                note=note,
                households=[h for h in self.people.households if h.pk == household],
                happened_on=timezone.localdate(at) - timedelta(days=days_late),
            )
            for days_late, note in enumerate(notes[: 1 if is_help else points])
        ]


def _final_points(deed: Deed, fate: Fate) -> int:
    item: ScoringItem = deed.item
    return item.signed(item.points_min) if fate == Fate.CHANGED else deed.points
