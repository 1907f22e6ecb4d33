"""The village tells some of its good deeds: asked, written, read by another, published.

A few things are left as a village leaves them: one story waits for its second
reader, and one family has changed its mind.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from config.demo.almanac import moment
from config.demo.pictures import draw_evening
from config.demo.tales import TALES, Tale
from config.demo.township import FIRST, People
from ledger.models import Deed, Story
from ledger.telling import (
    Telling,
    hand_over_story,
    publish_story,
    withdraw_story,
    write_story,
)

# How many deeds are told of the newest month, of the one before it and so on;
# the last of the newest waits, and the last of CHANGED_MIND is taken down.
STORIES = (4, 2, 3, 2)
CHANGED_MIND = 2
CONSENTS = (
    ("户主本人", Story.ConsentWay.WORD),
    ("户主的爱人", Story.ConsentWay.PHONE),
    ("户主本人", Story.ConsentWay.PAPER),
    ("户主的儿媳", Story.ConsentWay.WORD),
)
WHAT_THE_PICTURE_SHOWS = "示意图：傍晚，几个人背着背篓，往山坡上的一户人家走"


class Stories:
    """The recorder writes, the reviewer or the village admin reads and publishes."""

    def __init__(
        self,
        people: People,
        *,
        expect: Callable[[datetime, Callable[[datetime], object]], None],
    ):
        self.people = people
        self.expect = expect
        self._told: set[str] = set()
        self._is_illustrated = people.village.slug == FIRST

    def plan(self, month: date, published_at: datetime, *, months_later: int) -> None:
        """Expect the stories of a month that has just been published."""
        if months_later >= len(STORIES):
            return
        next_day = moment(timezone.localdate(published_at) + timedelta(days=1), 10, 20)
        self.expect(next_day, partial(self._tell, month, months_later))

    def _tell(self, month: date, months_later: int, at: datetime) -> None:
        chosen = list(self._worth_telling(month, STORIES[months_later]))
        is_newest = months_later == 0
        if is_newest:
            # The picture is one of neighbors who help.
            chosen.sort(key=lambda told: told[0].item.code != "D02")
        for index, (deed, tale) in enumerate(chosen):
            is_last = 0 < index == len(chosen) - 1
            waits = is_newest and is_last
            story = self._write(
                deed,
                tale,
                index,
                at + timedelta(minutes=20 * index),
                is_newest and index == 0 and self._is_illustrated,
            )
            if waits:
                return
            evening = moment(timezone.localdate(at), 19, 5 + index)
            self.expect(evening, partial(self._publish, story))
            if is_last and months_later == CHANGED_MIND:
                a_week_later = evening + timedelta(days=7)
                self.expect(a_week_later, partial(self._take_down, story))

    def _worth_telling(self, month: date, wanted: int) -> Iterator[tuple[Deed, Tale]]:
        """Choose deeds that have a tale nobody has heard yet, of every pillar."""
        deeds = (
            Deed.objects.filter(
                village=self.people.village, period__month=month, note__in=TALES
            )
            .tellable()
            .select_related("household", "item", "village")
            .order_by("pk")
        )
        by_pillar: dict[str, list[Deed]] = {}
        for deed in deeds:
            if deed.note not in self._told:
                self._told.add(deed.note)
                by_pillar.setdefault(deed.item.pillar, []).append(deed)
        rounds = [
            (turn, deed.pk, deed)
            for of_pillar in by_pillar.values()
            for turn, deed in enumerate(of_pillar)
        ]
        chosen = [deed for _turn, _pk, deed in sorted(rounds, key=lambda r: r[:2])]
        self._told -= {deed.note for deed in chosen[wanted:]}
        for deed in chosen[:wanted]:
            yield deed, TALES[deed.note]

    def _write(
        self, deed: Deed, tale: Tale, index: int, at: datetime, is_illustrated: bool
    ) -> Story:
        consent_by, consent_how = CONSENTS[index % len(CONSENTS)]
        telling = Telling(
            **tale._asdict(),
            photo_alt=WHAT_THE_PICTURE_SHOWS if is_illustrated else "",
            consent_by=consent_by,
            consent_how=consent_how,
            consent_on=timezone.localdate(at) - timedelta(days=1),
            shows_full_name=deed.household.full_name_consented_on is not None,
            shows_photo=is_illustrated,
        )
        recorder = self.people.staff["recorder"]
        story = write_story(
            deed,
            telling,
            photo=draw_evening() if is_illustrated else b"",
            # Not drawn from the seed, so that nothing after it turns out otherwise.
            key=uuid5(NAMESPACE_URL, f"{deed.village.slug} story {deed.note}"),
            by=recorder,
            at=at,
        )
        return hand_over_story(story, seen=story.written_at, by=recorder, at=at)

    def _publish(self, story: Story, at: datetime) -> None:
        reader = self.people.staff["reviewer"]
        if reader.household_id == story.deed.household_id:
            reader = self.people.staff["admin"]
        publish_story(story, seen=story.written_at, by=reader, at=at)

    def _take_down(self, story: Story, at: datetime) -> None:
        withdraw_story(story, by=self.people.staff["admin"], at=at)
