"""Whole numbers as addresses and forms send them."""

from collections.abc import Iterable

# A number of more digits is in no database.
MOST_DIGITS = 18


def whole_number(text: str | None) -> int | None:
    """Return the number that a text says; nothing when it says none."""
    text = (text or "").strip()
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def whole_numbers(texts: Iterable[str]) -> set[int]:
    """Return the numbers among some texts, as those of the rows a form names."""
    return {number for text in texts if (number := whole_number(text)) is not None}
