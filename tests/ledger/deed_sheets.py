"""Sheets of deeds as recorders hand them in."""

from datetime import date, timedelta

from tests.households.sheets import workbook
from tests.ledger.desk import IN_LAST_MONTH

HEADINGS = ["日期", "户号", "户主", "积分事项", "项目编号", "加分", "减分", "申报方式"]
MARCH_HEADINGS = [*HEADINGS[:3], "当事人", *HEADINGS[3:]]
# How clerks write a day, and how they write the same three points.
DAYS = ["%Y-%m-%d", "%Y.%-m.%-d", "%Y年%-m月%-d日", "%Y/%-m/%-d", "%Y%m%d"]
POINTS = [3, "+3", "３", "3分"]
CHANNELS = ["干部记录", "口头", "电话", "短信", "QQ", "微信"]


def line(**cells):
    """One good row of a sheet: three points for helping a neighbor."""
    good = {
        "day": "2026-03-02",
        "number": "001",
        "head": "",
        "title": "帮邻居拉水",
        "item": "D02",
        "plus": 3,
        "minus": "",
        "channel": "口头",
    }
    return list({**good, **cells}.values())


def sheet(*rows, title=None):
    above = [[title]] if title else []
    return workbook(*above, HEADINGS, *rows)


def today_sheet(*numbers):
    """A sheet that is good whenever the tests run."""
    day = IN_LAST_MONTH.isoformat()
    return sheet(*(line(day=day, number=number) for number in numbers))


def long_sheet(numbers, rows, *, last_day: date) -> bytes:
    """Build a sheet in the shape of March's: every household, day after day back."""
    lines = []
    for place in range(rows):
        day = last_day - timedelta(days=place // len(numbers))
        written = day if place % 6 == 5 else day.strftime(DAYS[place % 6])
        lines.append(
            [
                *[written, numbers[place % len(numbers)], "", "", "帮邻居拉水", "D02"],
                *[POINTS[place % len(POINTS)], "", CHANNELS[place % len(CHANNELS)]],
            ]
        )
    title = [f"好人好事登记表（{last_day.year}年）"]
    total = ["合计", "", "", "", "", "", 3 * rows]
    return workbook(title, MARCH_HEADINGS, *lines, total, ["评议小组（签字）"])
