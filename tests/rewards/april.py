"""What happens at the shop and in the fund in April 2026, and where it is read."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from rewards.counting import Counted, count_shelf
from rewards.fund import record_fund_movement

SHANGHAI = ZoneInfo("Asia/Shanghai")
REDEMPTIONS = "/v/taoxi/redemptions/"
SHOP = "/v/taoxi/shop/"
FUND = "/v/taoxi/fund/"
PAGES = [REDEMPTIONS, SHOP, FUND]


def on(day, hour=10):
    return datetime(2026, 4, day, hour, tzinfo=SHANGHAI)


def recount(reward, counted, **facts):
    by, at = facts.pop("by"), facts.pop("at")
    line = Counted(reward, counted=counted, reason="破了", **facts)
    count_shelf(reward.village, [line], key=uuid4(), by=by, at=at)


def money(village, by, kind, yuan, day=date(2026, 4, 1), **values):
    values = {"party": "镇财政所", "voucher": "收-001", **values}
    return record_fund_movement(
        village,
        kind=kind,
        fen=round(yuan * 100),
        happened_on=day,
        key=uuid4(),
        by=by,
        at=datetime(2026, 4, 20, 9, tzinfo=SHANGHAI),
        **values,
    )
