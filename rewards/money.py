"""Money as people write it and as it is kept: yuan on a page, fen in the ledger."""

import re

from django.utils.translation import gettext as _

from households.headings import plain
from ledger.refusals import Refused

# Digits with or without commas between the thousands, and up to two decimals.
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{1,2}))?")


class NotAnAmount(Refused):
    """What was typed is no amount of money."""


def read_yuan(typed: str) -> int:
    """Return in fen what is typed in yuan: 1,234.5 or １２３４.50元 are 123,450.

    Read digit by digit, so that no fen is lost to rounding.

    :raises NotAnAmount: for anything that is not plainly one amount above nothing
    """
    text = plain(typed).replace("。", ".").removeprefix("¥").removesuffix("元")
    amount = _AMOUNT.fullmatch(text)
    if amount is None or not text.isascii():
        raise NotAnAmount(_("Write an amount in yuan, like 1,234.50."))
    yuan, decimals = amount.groups(default="")
    return int(yuan.replace(",", "")) * 100 + int(decimals.ljust(2, "0"))


def write_yuan(fen: int) -> str:
    """Write an amount in yuan, with decimals where it has any: 1,234 or −0.50."""
    yuan, rest = divmod(abs(fen), 100)
    sign = "−" if fen < 0 else ""
    return f"{sign}{yuan:,}.{rest:02d}" if rest else f"{sign}{yuan:,}"
