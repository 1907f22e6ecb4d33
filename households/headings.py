"""Find the row that heads a table, whatever stands above it.

Nothing here needs Django, so the reader's child process starts fast.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADING_WITHIN = 10

_UNSEEN = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u115f\u1160\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2800\ufeff]+"
)
_DECORATION = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|[*:、。]")
_PRIVATE = re.compile(r"身份证|身份号码|证件号|公民身份")


@dataclass(frozen=True)
class Column:
    """One column we keep: its key and the words that clerks head it with.

    The words stand in order of preference, with spaces between them. A row in
    which every telling column is empty says nothing.
    """

    key: str
    words: str
    required: bool = False
    telling: bool = False


ROSTER_COLUMNS = (
    Column("number", "户号 户编号 家庭编号 编号", required=True, telling=True),
    Column(
        "head",
        "户主 户主姓名 户主名 户主名字 户名 家庭户主 姓名",
        required=True,
        telling=True,
    ),
    Column(
        "group",
        "组别 村民小组 社别 社 组 小组 村民组 组名 社名 社组 组社 "
        "所在社 所在组 所在小组 所属社 所属组 所属小组",
        required=True,
    ),
    Column(
        "phone",
        "户主联系方式 户主电话 联系电话 电话 电话号码 手机 手机号 手机号码 联系方式",
    ),
    Column("relation", "与户主关系 与户主的关系 家庭关系 关系"),
)

DEED_COLUMNS = (
    Column("day", "日期 发生日期 时间 申报时间 登记日期", required=True),
    Column("number", "户号 户编号 家庭编号", required=True, telling=True),
    Column("head", "户主 户主姓名 户主名", telling=True),
    Column("person", "当事人 申报人 姓名"),
    Column("title", "积分事项 事项 事由 加分事由", telling=True),
    Column(
        "item",
        "项目编号 积分项目编号 事项编号 条目编号 项目代码",
        required=True,
        telling=True,
    ),
    Column("plus", "加分 本月加分 加分分值 分值", telling=True),
    Column("minus", "减分 扣分 减分分值 扣分分值", telling=True),
    Column("channel", "申报方式 申报渠道 来源"),
    Column("remark", "备注 说明"),
    Column("evidence", "佐证材料 证明材料 佐证"),
    Column("recorder", "记录人 登记人"),
)


def plain(value: object) -> str:
    """Write any cell as text without spaces, full-width forms or unseen characters."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if text.isascii() and text.isalnum():
        return text
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def heading(value: object) -> str:
    """Write a heading without line breaks, brackets and stars."""
    text = plain(value)
    return _DECORATION.sub("", text) or text


def is_private(title: str) -> bool:
    """Tell whether a heading announces identity numbers."""
    return bool(_PRIVATE.search(plain(title)))


def match_columns(cells: Iterable, columns: Sequence[Column]) -> dict[str, int]:
    """Return the place of every known column among the cells of one row."""
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and not is_private(cell):
            places.setdefault(heading(cell), place)
    found: dict[str, int] = {}
    for column in columns:
        for word in column.words.split():
            if word in places and places[word] not in found.values():
                found[column.key] = places[word]
                break
    return found


def find_headings(
    rows: Sequence[tuple[int, list]], columns: Sequence[Column]
) -> tuple[int, dict[str, int]] | None:
    """Return the best heading row among the first ten, or None.

    :returns: its place in rows and the places of its columns. A row right below
        with as many known words wins: it is the finer half of a heading in two
        lines.
    """
    best = None
    for place, (number, cells) in enumerate(rows):
        if number > HEADING_WITHIN:
            break
        found = match_columns(cells, columns)
        known = len(found)
        if known >= 2 and (
            best is None
            or known > len(best[1])
            or (known == len(best[1]) and place == best[0] + 1)
        ):
            best = place, found
    return best
