"""What clerks type, read as what they mean: one cell at a time."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from households.headings import plain

NAME_LENGTH = 30
GROUP_LENGTH = 20

_HEAD_MARK = re.compile(r"[(\[【〔](?:户主|本人)[)\]】〕]|^户主[::]")
_DOTS = str.maketrans("•‧∙・．", "·····")
_DASHES = str.maketrans("−‐‑‒–", "-----")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2, "二": 2}
_TENS = {"十": 10, "百": 100}
_NUMERAL = "[0-9]+|[零〇一二两三四五六七八九十百]+"
_GROUP = re.compile(
    rf"(?:.*[村居])?第?({_NUMERAL})"
    r"(社|村民小组|村民组|小组|组|生产队|大队|队|屯|片)?"
)
_GROUP_UNITS = {"村民小组": "组", "村民组": "组", "小组": "组", "生产队": "队"}
_IDENTITY = re.compile(r"(?<!\d)(?:\d{15,19}|\d{17}[Xx])(?!\d)")
_IDENTITY_DAMAGED = re.compile(r"\d(?:\.\d+)?[Ee]\+?1[4-9]")
_DATE_LIKE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?.*|\d{1,2}月\d{1,2}[日号]?"
    r"|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{1,2}"
)
_HOUSEHOLD_NUMBER = re.compile(r"[^\W_](?:[\w-]{0,10}[^\W_])?")
_NONE_MARKS = {"", "/", "-", "--", "—", "——", "―", "无", "\\"}
_POINTS = re.compile(rf"([+-]?)({_NUMERAL})分?")
_FULL_DAY = re.compile(r"(\d{4}|\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT_DAY = re.compile(r"(\d{1,2})[-/.月](\d{1,2})[日号]?")
_TIME_OF_DAY = re.compile(r"[\sT]+\d{1,2}:\d{2}.*$", re.DOTALL)
_SERIAL_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000


class CellProblem(ValueError):
    """A cell that cannot be read: what is wrong and how to put it right."""

    def __init__(self, problem: str, remedy: str):
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Phone(NamedTuple):
    """The number that is kept, and whether the cell held another one."""

    number: str
    had_others: bool


def chinese_number(text: str) -> int | None:
    """Read digits or a Chinese numeral below one thousand; None for anything else."""
    if re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    total, digit = 0, None
    for character in text:
        if character in _TENS:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character in _DIGITS and digit in (None, 0):
            digit = _DIGITS[character]
        else:
            return None
    return total + (digit or 0) if text else None


def looks_like_identity_number(value) -> bool:
    """Tell whether a cell holds an identity number, whole or damaged by Excel."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return abs(value) >= 10**14
    text = plain(value)
    return bool(_IDENTITY.search(text) or _IDENTITY_DAMAGED.fullmatch(text))


def household_number(value) -> str:
    """Read a household number as text; plain numbers get three digits.

    :raises CellProblem: when there is none, or Excel turned it into a date
    """
    text = plain(value).removeprefix("'").removesuffix("号").removesuffix("户")
    if not text:
        raise CellProblem(
            _("The household number is missing"),
            _("Give every household its own number"),
        )
    refuse_identity_number(text)
    if _DATE_LIKE.fullmatch(text):
        raise _number_became_a_date()
    if re.fullmatch(r"[0-9]{1,6}(?:\.0+)?", text):
        text = str(int(text.partition(".")[0])).zfill(3)
        if int(text):
            return text
    elif (
        isinstance(value, str)
        and not text.isdecimal()
        and _HOUSEHOLD_NUMBER.fullmatch(text)
    ):
        return text
    raise CellProblem(
        _("This is not a household number"),
        _("Use up to six digits, such as 001"),
    )


def _number_became_a_date() -> CellProblem:
    return CellProblem(
        _("Excel turned this household number into a date"),
        _("Set the column's format to text and type the number again"),
    )


def person_name(value) -> str:
    """Read a name without padding or a （户主） mark; the · of long names stays.

    :raises CellProblem: when there is none or it is longer than thirty characters
    """
    text = plain(value)
    refuse_identity_number(value)
    text = _HEAD_MARK.sub("", text).translate(_DOTS).strip("·")
    if not text:
        raise CellProblem(
            _("The name of the head of household is missing"),
            _("Write the name of the head of household"),
        )
    if isinstance(value, date) or not any(map(str.isalpha, text)):
        raise CellProblem(
            _("This is not a name"),
            _("Write the name of the head of household"),
        )
    if len(text) > NAME_LENGTH:
        raise CellProblem(
            _("The name has %(count)s characters") % {"count": len(text)},
            _("Write one name of at most %(limit)s characters")
            % {"limit": NAME_LENGTH},
        )
    return text


def group_name(value, *, unit: str = "组") -> str:
    """Read a villager group as its number and its unit, such as 2社.

    A bare number gets the unit of the column it stands in. A group known by a
    name keeps its name.

    :raises CellProblem: when there is none
    """
    text = plain(value)
    refuse_identity_number(value)
    if not text:
        raise CellProblem(
            _("The villager group is missing"),
            _("Write the group, such as 1社 or 1组"),
        )
    match = _GROUP.fullmatch(text)
    number = chinese_number(match[1]) if match else None
    if match and number and number < 1000:
        found = match[2] or unit
        return f"{number}{_GROUP_UNITS.get(found, found)}"
    if (
        match
        or isinstance(value, date)
        or len(text) > GROUP_LENGTH
        or not any(map(str.isalpha, text))
    ):
        raise CellProblem(
            _("This is not a villager group"),
            _("Write the group, such as 1社 or 1组"),
        )
    return text


def group_number(name: str) -> int | None:
    """Return the number a group's name begins with, if it has one."""
    match = re.match(r"[0-9]{1,3}(?![0-9])", name)
    return int(match[0]) if match else None


def phone(value) -> Phone:
    """Read the first telephone number of a cell; empty when there is none.

    :raises CellProblem: when the cell holds something else
    """
    if plain(value) in _NONE_MARKS:
        return Phone("", had_others=False)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).translate(_DASHES)
    parts = re.split(r"[/\\、,;|\r\n或]+", text)
    numbers = [number for part in parts for number in _phone_numbers(part)]
    if not numbers:
        refuse_identity_number(value)
        raise CellProblem(
            _("This is not a telephone number"),
            _("Write 11 digits, or an area code and a number such as 023-12345678"),
        )
    return Phone(numbers[0], had_others=len(numbers) > 1)


def _phone_numbers(text: str) -> list[str]:
    digits = re.sub(r"[^0-9]", "", text.partition("转")[0])
    if re.fullmatch(r"(?:1\d{10}){2,3}", digits):
        return [digits[start : start + 11] for start in range(0, len(digits), 11)]
    if match := re.fullmatch(r"(?:00)?(?:86)?(1\d{10})", digits):
        return [match[1]]
    if match := re.fullmatch(r"(0[12]\d|0[3-9]\d{2})(\d{7,8})", digits):
        return [f"{match[1]}-{match[2]}"]
    if re.fullmatch(r"[2-9]\d{6,7}", digits):
        return [digits]
    return []


def points(value) -> int | None:
    """Read signed points: ＋５, 5分, 两分, -2; None for an empty cell or a dash.

    :raises CellProblem: when the cell holds anything else
    """
    text = plain(value).translate(_DASHES)
    if text in _NONE_MARKS:
        return None
    if not isinstance(value, (bool, date)):
        text = re.sub(r"^[加增]", "+", text)
        text = re.sub(r"^[扣减]", "-", text)
        match = _POINTS.fullmatch(text)
        number = chinese_number(match[2]) if match else None
        if match and number is not None:
            return -number if match[1] == "-" else number
    raise CellProblem(
        _("These points are not a whole number"),
        _("Write only a number, such as 2"),
    )


def day(value, *, default_year: int | None = None) -> date:
    """Read a day as clerks write it; a day without a year is of the given year.

    :raises CellProblem: when there is none, it has no year, or no such day exists
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = plain(_TIME_OF_DAY.sub("", str(value))) if value is not None else ""
    text = text.translate(_DASHES)
    if not text:
        raise CellProblem(
            _("The date is missing"), _("Write the day, such as 2026-03-02")
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = text.partition(".")[0]
    if re.fullmatch(r"\d{5}", text) and _FIRST_SERIAL <= int(text) <= _LAST_SERIAL:
        return _SERIAL_EPOCH + timedelta(days=int(text))
    if match := _FULL_DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        year, month, day_of_month = map(int, match.groups())
        year += 2000 if year < 100 else 0
    elif (match := _SHORT_DAY.fullmatch(text)) and isinstance(value, str):
        month, day_of_month = map(int, match.groups())
        if default_year is None:
            raise CellProblem(
                _("The year is missing"), _("Write the day, such as 2026-03-02")
            )
        year = default_year
    else:
        raise CellProblem(
            _("This is not a date"), _("Write the day, such as 2026-03-02")
        )
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise CellProblem(
            _("There is no such day"), _("Write the day, such as 2026-03-02")
        ) from None


def refuse_identity_number(value) -> None:
    """Stop at a cell with an identity number: nothing of the kind is ever kept.

    :raises CellProblem: when the cell looks like an identity number
    """
    if looks_like_identity_number(value):
        raise CellProblem(
            _("This looks like an identity number"),
            _("Take identity numbers out of this column; they are never stored"),
        )
