"""The village shop of the demo: bought, counted, exchanged, by the pages' operations.

Goods are put on the list before the first month. When a month is final people
come on four market days; once a month the shelf is filled up from the fund.
What happens follows from the village's own secret, so a seed gives one demo.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from config.demo.almanac import moment
from config.demo.township import FIRST, People
from config.demo.wares import OIL, SALT, WARES
from households.models import Household
from ledger.models import Entry
from ledger.querysets import with_entries
from rewards.canceling import cancel_redemption
from rewards.counting import Counted, count_shelf
from rewards.fund import correct_fund_movement, record_fund_movement
from rewards.goods import add_reward
from rewards.models import FundMovement, Reward, Shortage
from rewards.redeeming import redeem
from rewards.stock import note_shortage, receive_stock

Expect = Callable[[datetime, Callable[[datetime], object]], None]
Kind = FundMovement.Kind


# The market days after a month became final, and when its first customer comes.
MARKET_DAYS = (2, 9)
OPENS_AT = (8, 40)
# The part of the households that comes in a month.
LEAST_GUESTS, MOST_GUESTS = 0.10, 0.11
# The number of the slip that is canceled.
CANCELED = 3
# What the township gives for each household and year, in fen, and half a year later
# once more to the first village. The others lack it, and their desks say so.
GRANT, SECOND_GRANT = 1_200, 500


class Shop:
    """Shopkeeper and village admin, buying, handing over and writing it down."""

    def __init__(self, people: People, *, expect: Expect, now: datetime):
        self.people = people
        self.expect = expect
        self.village = people.village
        self.keeper, self.admin = people.staff["shop"], people.staff["admin"]
        self.now = now
        self.rng = Random(f"shop {people.village.genesis}")
        self.size = len(people.households) / 100
        self._vouchers = 0

    def plan(self, months: list[date]) -> None:
        """Expect what does not wait for a month to be final."""
        expect = self.expect
        opening = moment(months[0].replace(day=2), 10)
        expect(opening, self._open)
        for index, month in enumerate(months):
            fifth = month.replace(day=5)
            if index % 12 == 0:
                expect(moment(fifth, 9), partial(self._take_grant, GRANT))
            if index % 12 == 6 and self.village.slug == FIRST:
                expect(moment(fifth, 9), partial(self._take_grant, SECOND_GRANT))
            if index % 6 == 1:
                expect(moment(fifth, 9, 30), partial(self._take_gift, index))
            expect(moment(fifth, 15), partial(self._fill_up, index, len(months)))
        middle = months[len(months) // 2]
        expect(moment(middle.replace(day=25), 17), self._count)
        typed = moment(months[-1].replace(day=6), 16)
        expect(typed, self._write_wrongly)
        # Two customers shortly before the demo's present.
        for minutes in (47, 18):
            at = self.now - timedelta(minutes=minutes)
            if timezone.localdate(at) == timezone.localdate(self.now):
                expect(at, partial(self._hold_market, 1))

    def plan_markets(self, final_at: datetime) -> None:
        """Expect the market days of a month that became final."""
        share = self.rng.uniform(LEAST_GUESTS, MOST_GUESTS)
        guests = max(len(MARKET_DAYS), round(share * len(self.people.households)))
        for index, days in enumerate(MARKET_DAYS):
            day = timezone.localdate(final_at) + timedelta(days=days)
            count = guests // len(MARKET_DAYS) + (index < guests % len(MARKET_DAYS))
            self.expect(moment(day, *OPENS_AT), partial(self._hold_market, count))

    # Goods and money

    def _open(self, at: datetime) -> None:
        for position, ware in enumerate(WARES, start=1):
            add_reward(
                Reward(
                    village=self.village,
                    name=ware.name,
                    unit=ware.unit,
                    picture=ware.picture,
                    low_stock_mark=ware.low,
                    position=position,
                ),
                points=ware.points,
                fen=ware.fen,
                key=self._key(),
                by=self.admin,
                at=at,
            )

    def _take_grant(self, fen_each: int, at: datetime) -> None:
        fen = round(fen_each * max(1, self.size)) * 100
        note = f"{at.year}年积分兑换专项"
        self._write(Kind.GRANT, fen, at, "清溪镇人民政府", note=note)

    def _take_gift(self, index: int, at: datetime) -> None:
        if index > 1 and self.village.slug != FIRST:
            return
        if index == 1:
            self._write(Kind.DONATION, 80_000, at, "清溪供销社", note="捐助积分超市")
            self._receive("毛巾", 10, at, donor="清溪供销社")
        else:
            self._write(
                Kind.DONATION, 50_000, at, "在外乡亲", is_anonymous=True, note="匿名"
            )

    def _fill_up(self, index: int, months: int, at: datetime) -> None:
        """Buy what the shelf lacks; some things were forgotten of late."""
        shelf = self._shelf()
        forgotten = {OIL.name} if index else set()
        if index and index >= months - 2:
            forgotten |= {"酱油", "洗衣粉"}
        wanted = {
            ware: round(ware.full * max(1, self.size)) - shelf[ware.name].on_hand
            for ware in WARES
            if ware.name not in forgotten
        }
        wanted = {ware: count for ware, count in wanted.items() if count > 0}
        if not wanted:
            return
        goods = "、".join(f"{w.name}{n}{w.unit}" for w, n in wanted.items())
        voucher = self._write(
            Kind.PURCHASE,
            sum(ware.fen * count for ware, count in wanted.items()),
            at,
            "清溪供销社批发部",
            note=goods,
        ).voucher
        for ware, count in wanted.items():
            self._receive(ware.name, count, at, voucher=voucher)

    def _write_wrongly(self, at: datetime) -> None:
        """Write a purchase with a zero too many, take it back, write it anew."""
        wrong = self._write(Kind.PURCHASE, 36_000, at, "清溪日杂店", note="货架标签")
        later = at + timedelta(minutes=6)
        reason = "多写了一个零，应为36元"
        correct_fund_movement(
            wrong, reason=reason, key=self._key(), by=self.admin, at=later
        )
        self._write(Kind.PURCHASE, 3_600, later, "清溪日杂店", note="货架标签")

    def _write(self, kind, fen, at, party, *, note, is_anonymous=False):
        self._vouchers += 1
        sort = "付" if kind == Kind.PURCHASE else "收"
        return record_fund_movement(
            self.village,
            kind=kind,
            fen=fen,
            happened_on=timezone.localdate(at),
            party=party,
            voucher=f"{sort}-{at.year}-{self._vouchers:03d}",
            note=note,
            is_anonymous=is_anonymous,
            key=self._key(),
            by=self.admin,
            at=at,
        )

    def _receive(self, name, count, at, **source) -> None:
        reward = Reward.objects.get(village=self.village, name=name)
        receive_stock(reward, count, key=self._key(), by=self.keeper, at=at, **source)

    def _count(self, at: datetime) -> None:
        """Count the shelf; two bags of salt were broken."""
        counts = []
        for name, reward in self._shelf().items():
            broken = min(2, reward.on_hand) if name == SALT.name else 0
            counted, reason = reward.on_hand - broken, "破了两袋" if broken else ""
            counts.append(Counted(reward, reward.on_hand, counted, reason))
        count_shelf(self.village, counts, key=self._key(), by=self.keeper, at=at)

    # Market days

    def _hold_market(self, guests: int, at: datetime) -> None:
        """Let some come who can pay, rather those with many points."""
        shelf = self._shelf()
        homes = self._who_can_pay()
        for number in range(min(guests, len(homes))):
            home = homes.pop(self.rng.randrange(max(1, len(homes) // 2)))
            minutes = 7 * number + (self.rng.randrange(5) if number else 0)
            comes_at = at + timedelta(minutes=minutes)
            self.expect(comes_at, partial(self._serve, home, shelf))

    def _serve(self, home, shelf, at: datetime) -> None:
        self._wish(home, shelf, at)
        basket = self._basket(home.spendable, shelf)
        if not basket:
            return
        slip = redeem(
            home,
            {shelf[name]: count for name, count in basket.items()},
            key=self._key(),
            collected_by="孙女" if self.rng.random() < 0.06 else "",
            by=self.keeper,
            at=at,
        )
        for name, count in basket.items():
            shelf[name].on_hand -= count
        if slip.number == CANCELED:
            self.expect(at + timedelta(minutes=2), partial(self._cancel, slip))

    def _cancel(self, slip, at: datetime) -> None:
        cancel_redemption(
            slip,
            reason="拿错了东西，重新兑",
            key=self._key(),
            by=self.keeper,
            at=at,
        )

    def _wish(self, home, shelf, at: datetime) -> None:
        """Note that somebody asked for the oil that is out, once at a time."""
        oil = shelf[OIL.name]
        if home.spendable < OIL.points or oil.on_hand:
            return
        if not Shortage.objects.filter(reward=oil).waiting().exists():
            note_shortage(oil, home, by=self.keeper, at=at)

    def _basket(self, spendable: int, shelf) -> dict[str, int]:
        """Fill a basket for at least the smallest redemption.

        Whoever has saved enough takes the oil while there is any.
        """
        least = self.village.policy.smallest_redemption
        limit = self.rng.randint(least, min(spendable, 2 * least))
        left, basket = limit, {}
        if spendable >= OIL.points and shelf[OIL.name].on_hand:
            limit, left, basket = OIL.points, 0, {OIL.name: 1}
        while left > 0:
            fitting = [
                ware
                for ware in WARES
                if ware.points <= left
                and shelf[ware.name].on_hand > basket.get(ware.name, 0)
            ]
            if not fitting:
                break
            [ware] = self.rng.choices(fitting, [ware.liked for ware in fitting])
            basket[ware.name] = basket.get(ware.name, 0) + 1
            left -= ware.points
        return basket if limit - left >= least else {}

    def _who_can_pay(self) -> list:
        """Return the households that can redeem, the richest first."""
        final = Q(booked__kind__in=Entry.EARNING) & Q(
            booked__period__finalized_at__isnull=False
        )
        spent = Q(booked__kind__in=Entry.SPENDING)
        least = self.village.policy.smallest_redemption
        listed = Household.objects.filter(village=self.village).listed()
        homes = (
            with_entries(listed, village=self.village)
            .annotate(spendable=Sum("booked__points", filter=final | spent))
            .filter(spendable__gte=least)
            .order_by("-spendable", "pk")
        )
        return list(homes)

    def _shelf(self) -> dict:
        rewards = Reward.objects.filter(village=self.village).with_on_hand()
        return {reward.name: reward for reward in rewards.in_shelf_order()}

    def _key(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)
