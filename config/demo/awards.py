"""The demo's awards: when December is final a list, its notice, the vote, the gifts."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from config.demo.almanac import moment
from config.demo.township import FIRST, People
from households.models import VillagePolicy
from ledger.refusals import Refused
from rewards.awarding import draft_round, open_notice, withdraw_round
from rewards.confirming import Vote, confirm_round
from rewards.gifts import decide_gift, hand_over_gifts
from rewards.models import Award, AwardRound, Reward
from rewards.stock import receive_stock

Expect = Callable[[datetime, Callable[[datetime], object]], None]

GIFT = {"大米": 1, "酱油": 2}
GIVER = "清溪镇人民政府"
MEETING, RECORD = "村民代表会议", "会议记录本第{}号"
NOT_AS_IT_HUNG = "公示期间情况有变，撤回名单重新评。"
# So many households of the other villages have not come for their gift yet.
WAITING = 2


class Awards:
    """Village admin, reviewer and shopkeeper, who name the households of a year."""

    def __init__(self, people: People, months: list[date], *, expect: Expect):
        self.people, self.months, self.expect = people, months, expect
        self.village = people.village
        self.staff = people.staff

    def plan(self, year: int, final_at: datetime) -> None:
        """Expect the round of a year whose December has just become final."""
        day = timezone.localdate(final_at) + timedelta(days=1)
        self.expect(moment(day, 15), partial(self._hang_out, year))

    def _hang_out(self, year: int, at: datetime) -> None:
        """Put the list on notice; a year begun late asks for fewer months."""
        kept = sum(month.year == year for month in self.months)
        self._ask_for(min(self._usual, max(1, kept // 2)))
        admin = self.staff["admin"]
        goods = Reward.objects.filter(village=self.village, name__in=GIFT)
        try:
            round = draft_round(
                self.village, year, key=self._key("draft", year), by=admin, at=at
            )
            gift = {reward: GIFT[reward.name] for reward in goods}
            decide_gift(round, gift, by=admin, at=at)
            round = open_notice(round, by=admin, at=at + timedelta(minutes=40))
        except Refused:  # An objection is open, or nobody may be named.
            return
        finally:
            self._ask_for(self._usual)
        ends_on = timezone.localdate(round.notice_ends_at)
        voted_at = moment(ends_on + timedelta(days=1), 10)
        self.expect(voted_at, partial(self._confirm, round))

    def _confirm(self, round: AwardRound, at: datetime) -> None:
        vote = Vote(
            meeting=MEETING,
            day=timezone.localdate(at),
            votes_for=29,
            votes_against=0,
            abstained=2,
            record=RECORD.format(round.number),
        )
        try:
            confirm_round(round, vote, by=self.staff["reviewer"], at=at)
        except Refused:  # Something came up while the list hung.
            withdraw_round(round, reason=NOT_AS_IT_HUNG, by=self.staff["admin"], at=at)
        else:
            given_at = at + timedelta(days=2)
            self.expect(given_at, partial(self._hand_over, round))

    def _hand_over(self, round: AwardRound, at: datetime) -> None:
        listed = list(Award.objects.filter(village=self.village, round=round))
        is_first = self.village.slug == FIRST
        came = listed if is_first else listed[: max(1, len(listed) - WAITING)]
        keeper = self.staff["shop"]
        for gift in round.gifts.select_related("reward__village"):
            receive_stock(
                gift.reward,
                gift.quantity * len(listed),
                key=self._key(gift.reward.name, round.year),
                by=keeper,
                at=at - timedelta(hours=1),
                donor=GIVER,
            )
        key = self._key("gifts", round.year)
        hand_over_gifts(round, came, key=key, by=keeper, at=at)

    @property
    def _usual(self) -> int:
        return VillagePolicy._meta.get_field("award_months").default

    def _ask_for(self, months: int) -> None:
        policy = VillagePolicy.objects.filter(village=self.village)
        policy.update(award_months=months)

    def _key(self, what: str, year: int) -> UUID:
        # Not drawn from the seed, so that nothing after it turns out otherwise.
        return uuid5(NAMESPACE_URL, f"{self.village.slug} {what} {year}")
