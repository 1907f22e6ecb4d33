"""A village that names its households of 2025, step by step.

It has three places and asks for one month with a good deed; only December was kept.

    household        points   score   place
    001 周兴禾 1社      +30      90      1
    002 吴桂圆 1社      +25      85      2
    003 郑小满 2社      +22      82      3
    004 钱有田 2社      +22      82      3, so four are named
    005 李平安 2社       +20      80      5, next in line
    006 孙早春 2社        –      60      no good deed
"""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from households.models import VillagePolicy
from households.roles import Role
from ledger.objections import file_objection
from ledger.operations import claim_operation
from rewards.awarding import draft_round, open_notice
from rewards.confirming import Vote, confirm_round
from rewards.gifts import decide_gift, hand_over_gifts
from rewards.models import (
    Award,
    AwardGift,
    AwardNote,
    AwardRound,
    GiftHandover,
    GiftReturn,
    StockMovement,
)
from rewards.stock import move_stock
from tests.factories import (
    HouseholdFactory,
    approve,
    finalize,
    offer,
    publish,
    record,
    serve,
)

YEAR = 2025
DECEMBER = date(2025, 12, 1)
IN_DECEMBER = datetime(2025, 12, 20, 2, tzinfo=UTC)
FINAL = datetime(2026, 1, 8, 2, tzinfo=UTC)
DRAFTED = datetime(2026, 1, 9, 2, tzinfo=UTC)
OPENED = datetime(2026, 1, 10, 2, tzinfo=UTC)
# 17 January, 17:00 in the village.
ENDS = datetime(2026, 1, 17, 9, tzinfo=UTC)
VOTED = date(2026, 1, 18)
CONFIRMED = datetime(2026, 1, 18, 6, tzinfo=UTC)
GIVEN = datetime(2026, 1, 20, 2, tzinfo=UTC)
HOMES = [
    ("001", "周兴禾", 1, 30),
    ("002", "吴桂圆", 1, 25),
    ("003", "郑小满", 2, 22),
    ("004", "钱有田", 2, 22),
    ("005", "李平安", 2, 20),
    ("006", "孙早春", 2, 0),
]


def settle(village, *, final=True):
    """Let December happen, and return the households by number."""
    VillagePolicy.objects.filter(village=village).update(award_places=3, award_months=1)
    recorder, reviewer = serve(village, Role.RECORDER), serve(village, Role.REVIEWER)
    homes = {}
    for number, name, group, points in HOMES:
        home = homes[number] = HouseholdFactory(
            village=village,
            group=village.groups.get(number=group),
            number=number,
            head_name=name,
        )
        if points:
            deed = record(home, "D03", points, by=recorder, at=IN_DECEMBER)
            approve(deed, by=reviewer, at=IN_DECEMBER)
    publish(village, month=DECEMBER, by=reviewer)
    if final:
        finalize(village, month=DECEMBER, at=FINAL)
    return homes


def draft(village, *, by=None, at=DRAFTED, key=None, year=YEAR):
    by = by or serve(village, Role.ADMIN)
    return draft_round(village, year, key=key or uuid4(), by=by, at=at)


def hang_out(village, *, by=None):
    """Draft a round and open its notice."""
    by = by or serve(village, Role.ADMIN)
    return open_notice(draft(village, by=by), by=by, at=OPENED)


def vote(**said):
    return Vote(
        **{
            "meeting": "村民代表会议",
            "day": VOTED,
            "votes_for": 28,
            "votes_against": 1,
            "abstained": 2,
            "record": "会议记录本第3号",
            **said,
        }
    )


def confirm(round, *, by=None, at=CONFIRMED, **said):
    by = by or serve(round.village, Role.REVIEWER)
    return confirm_round(round, vote(**said), by=by, at=at)


def confirmed(village):
    return confirm(hang_out(village))


def with_gift(village, *, stock=40, quantity=2):
    """Confirm a round whose households get some rice each; return it and the rice."""
    rice = offer(village, "大米", 20, stock=stock, at=IN_DECEMBER)
    round = hang_out(village)
    decide_gift(round, {rice: quantity}, by=round.opened_by, at=OPENED)
    return confirm(round), rice


def hand_over(round, *numbers, by=None, at=GIVEN, key=None):
    awards = Award.objects.filter(round=round)
    if numbers:
        awards = awards.filter(household__number__in=numbers)
    by = by or serve(round.village, Role.SHOPKEEPER)
    return hand_over_gifts(round, list(awards), key=key or uuid4(), by=by, at=at)


def object_to(village, *, at=OPENED, **about):
    publication = village.publications.get(period__month=DECEMBER)
    return file_objection(
        publication, text="不对", channel="oral", by=None, at=at, **about
    )


def listed(round):
    awards = Award.objects.filter(round=round).in_order()
    return [(a.place, a.household.number, a.name, a.score) for a in awards]


def write_roll(household, reward, *, year, by, keeper, at, word="", is_confirmed=True):
    """Write a round row by row, where no December was ever final.

    With a note and a gift; a confirmed one with a gift handed over and taken back.
    """
    village = household.village
    act = {"village": village, "by": by, "at": at}
    operation, _ = claim_operation(uuid4(), kind="draft_awards", payload={}, **act)
    round = AwardRound.objects.create(
        village=village,
        number=AwardRound.objects.filter(village=village).count() + 1,
        year=year,
        operation=operation,
        drafted_at=at,
        drafted_by=by,
    )
    AwardNote.objects.create(
        village=village,
        round=round,
        household=household,
        citation=f"{word}好",
        written_at=at,
        written_by=by,
    )
    AwardGift.objects.create(village=village, round=round, reward=reward, quantity=1)
    award = Award.objects.create(
        village=village,
        round=round,
        household=household,
        place=1,
        score=90,
        months=4,
        group=household.group.name,
        name=f"{word[:1]}○",
        citation=f"{word}好",
    )
    round.opened_at, round.opened_by = at, by
    round.notice_ends_at = at + timedelta(days=7)
    round.save()
    if not is_confirmed:
        return round
    round.confirmed_at, round.confirmed_by = at + timedelta(days=8), keeper
    round.voted_on, round.votes_for = date(year + 1, 1, 8), 9
    round.meeting, round.record, round.digest = f"{word}会", f"{word}记录", "0" * 64
    round.save()
    handover = GiftHandover.objects.create(
        village=village,
        award=award,
        attempt=1,
        operation=operation,
        handed_at=at,
        handed_by=keeper,
    )
    moved = {"operation": operation, "by": keeper, "at": at}
    move_stock(village, [_of_gift(handover, reward, "gift", -1)], **moved)
    GiftReturn.objects.create(
        village=village,
        handover=handover,
        operation=operation,
        returned_at=at,
        returned_by=keeper,
    )
    move_stock(village, [_of_gift(handover, reward, "gift_back", 1)], **moved)
    return round


def _of_gift(handover, reward, kind, quantity):
    return StockMovement(reward=reward, kind=kind, quantity=quantity, handover=handover)
