"""What waits in the villages when a test begins; runs inside the server's data.

`Server.seed` calls these by name. Days are counted from today, so that the
tests are the same on every day of the year.
"""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.utils import timezone

from households.models import Household, User, Village
from households.passbooks import issue_passbooks, print_cards
from ledger.declaring import declare_deed
from ledger.models import Deed
from ledger.months import cut_off_month, period_for
from ledger.objections import file_objection
from ledger.publishing import publish_month
from ledger.receiving import file_declaration
from ledger.recording import record_deeds
from ledger.review import approve_deed
from rewards.models import Reward
from rewards.stock import receive_stock, set_price
from tests.factories import bring

ROSTER = Path(__file__).resolve().parent.parent / "data" / "roster-wps.xlsx"
# The review of B6: 200 records in 31 batches, 12 of them flagged.
RECORDS, BATCHES, FLAGGED = 200, 31, 12
CLEAN, UNPROVEN, DEDUCTIONS = 19, 10, 2
HEADS = ["周新禾", "罗青山", "谢春耕", "唐丰年", "魏麦黄", "李修竹", "许稻香", "程白露"]


def full_review_desk():
    """Let 200 records of 桃溪村 wait: 19 clean batches, and 12 that are flagged."""
    village = Village.objects.get(slug="taoxi")
    pending = Deed.objects.filter(village=village, state=Deed.State.PENDING)
    pending.update(state=Deed.State.WITHDRAWN)
    homes = _new_homes(village, 40)
    items = village.rulebooks.earliest("version").items.order_by("position")
    additions = list(items.additions())
    for index, item in enumerate(additions[:CLEAN]):
        _record(homes[: 10 if index < 17 else 9], item, note="一起做的")
    unproven = additions[:UNPROVEN]
    for home, item in zip(homes[20:], unproven, strict=False):
        _record([home], item, note="")
    for home, item in zip(homes[30:], items.deductions()[:DEDUCTIONS], strict=False):
        _record(
            [home],
            item,
            note="当面说过了",
            heard_on=timezone.localdate(),
            second_recorder=_person("taoxi-admin"),
        )


def two_declarations():
    """Let two neighbors of 桃溪村 have declared a deed today by phone."""
    village = Village.objects.get(slug="taoxi")
    item = village.rulebooks.earliest("version").items.get(code="D02")
    for home in village.households.filter(number__in=["150", "151"]):
        declare_deed(
            home,
            item,
            happened_on=timezone.localdate(),
            channel=Deed.Channel.PHONE,
            note="给坡上的赵婆婆家收了半天玉米，背到院坝里码好。",
            key=uuid4(),
            by=_person("taoxi-recorder"),
            at=timezone.now(),
        )


def declared_on_the_web():
    """Let somebody have declared a deed of household 152 on the web."""
    file_declaration(
        Household.objects.get(village__slug="taoxi", number="152"),
        text="给坡上的赵婆婆家挑了三担水。",
        happened_on=timezone.localdate(),
        phone="13900139000",
        key=uuid4(),
        at=timezone.now(),
    )


def clean_month():
    """Let the last month of 青石村 be reviewed, cut off, and not published."""
    village = _qingshi()
    deeds = _record_last_month(village, "D02", ["001", "002", "003"], magnitude=3)
    for deed in deeds:
        approve_deed(deed, by=_person("qingshi-reviewer"), at=timezone.now())
    cut_off_month(deeds[0].period, by=None, at=timezone.now())


def month_to_review():
    """Let the last month of 青石村 wait for its reviewer, and one objection be open.

    The month before hangs on the board, and somebody objects to it.
    """
    village = _qingshi()
    first_of_last = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(
        day=1
    )
    month_before = period_for(
        village, first_of_last - timedelta(days=1), at=timezone.now()
    )
    for deed in _record(
        village.households.filter(number__in=["001", "002"]),
        village.rulebooks.earliest("version").items.get(code="Z05"),
        note="清扫公路",
        happened_on=month_before.month,
    ):
        approve_deed(deed, by=_person("qingshi-reviewer"), at=timezone.now())
    cut_off_month(month_before, by=None, at=timezone.now())
    reviewer = _person("qingshi-reviewer")
    publication = publish_month(month_before, by=reviewer, at=timezone.now())
    file_objection(
        publication,
        text="002号那天不在村里。",
        channel=Deed.Channel.ORAL,
        household=village.households.get(number="002"),
        by=_person("qingshi-admin"),
        at=timezone.now(),
    )
    _record_last_month(village, "Z05", ["001", "002", "003", "004"], magnitude=5)
    _record_last_month(village, "D02", ["005"], magnitude=5)
    _record_last_month(village, "F03", ["006"], magnitude=4)
    deeds = _record_last_month(village, "Z06", ["007"], magnitude=6)
    cut_off_month(deeds[0].period, by=None, at=timezone.now())
    declare_deed(
        village.households.get(number="008"),
        village.rulebooks.earliest("version").items.get(code="D02"),
        happened_on=timezone.localdate(),
        channel=Deed.Channel.PHONE,
        note="给坡上的赵婆婆家收了半天玉米。",
        key=uuid4(),
        by=_person("qingshi-recorder"),
        at=timezone.now(),
    )


def line_on_notice():
    """Let household 001 of 青石村 have its card, and a line of a month on notice."""
    month_to_review()
    village = Village.objects.get(slug="qingshi")
    home = Household.objects.filter(village=village, number="001")
    print_cards(village, home, by=_person("qingshi-admin"), at=timezone.now())


def every_card():
    """Let every household of 桃溪村 have its card."""
    village = Village.objects.get(slug="taoxi")
    everybody = Household.objects.filter(village=village)
    print_cards(village, everybody, by=_person("taoxi-admin"), at=timezone.now())


def ten_households_without_a_card():
    """Let every household of 桃溪村 have its card but ten that have just come."""
    every_card()
    village = Village.objects.get(slug="taoxi")
    for number in range(10):
        Household.objects.create(
            village=village,
            group=village.groups.order_by("number").last(),
            number=f"{number + 701}",
            head_name=HEADS[number % len(HEADS)],
        )


def shop():
    """Let 青石村 have the shelf of the mock-up, and household 164 have 16 points."""
    village = _qingshi()
    keeper, now = _person("qingshi-shop"), timezone.now()
    goods = [("食盐", "袋", 2, 40), ("酱油", "瓶", 8, 3), ("洗衣粉", "袋", 10, 5)]
    pictures = ["salt", "sauce", "powder"]
    for place, (name, unit, points, stock) in enumerate(goods):
        reward = Reward.objects.create(
            village=village,
            name=name,
            unit=unit,
            picture=pictures[place],
            position=place,
        )
        yesterday = now - timedelta(days=1)
        set_price(reward, points=points, fen=points * 100, by=keeper, at=yesterday)
        receive_stock(reward, stock, key=uuid4(), by=keeper, at=yesterday)
    home = village.households.get(number="164")
    bring(home, 16, at=now)
    issue_passbooks(village, [home], at=now)


def _qingshi():
    call_command("import_households", ROSTER, village="qingshi", verbosity=0)
    return Village.objects.get(slug="qingshi")


def _new_homes(village, count):
    """Give a village more households, so that nothing they did before is in the way."""
    return [
        Household.objects.create(
            village=village,
            group=village.groups.order_by("number").last(),
            number=f"N{number:02d}",
            head_name=HEADS[number % len(HEADS)],
        )
        for number in range(count)
    ]


def _record_last_month(village, code, numbers, *, magnitude):
    last_day = timezone.localdate().replace(day=1) - timedelta(days=1)
    return _record(
        village.households.filter(number__in=numbers),
        village.rulebooks.earliest("version").items.get(code=code),
        note="邻居都看见了",
        magnitude=magnitude,
        happened_on=last_day,
    )


def _record(homes, item, *, magnitude=None, happened_on=None, **values):
    return record_deeds(
        list(homes),
        item,
        happened_on=happened_on or timezone.localdate(),
        magnitude=magnitude or item.points_min,
        channel=Deed.Channel.RECORD,
        key=uuid4(),
        by=_person(f"{item.village.slug}-recorder"),
        at=timezone.now(),
        **values,
    ).deeds


def _person(username):
    return User.objects.get(username=username)
