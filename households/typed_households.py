"""Households as a recorder types them: 001-012，015 罗青山 lqs."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from households.headings import plain
from households.models import Household

_SEPARATOR = re.compile(r"[,、;\r\n]+")
_DASH = re.compile(r"\s*[-‐‑‒–—−~〜～至到]+\s*")
_DASH_BETWEEN_NUMBERS = re.compile(rf"(?<=\d){_DASH.pattern}(?=\d)")


class TypedHouseholds:
    """The households somebody named, in that order, and what was not understood.

    `misread` gives the problem with each such word, `candidates` the
    households that a word with several meanings may stand for.
    """

    def __init__(self, text: str, village_households: Iterable[Household]):
        self.found: dict[int, Household] = {}
        self.misread: dict[str, str] = {}
        self.candidates: dict[int, Household] = {}
        self._all = list(village_households)
        self._by_number = {_number(h.number): h for h in self._all}
        self._by_name: dict[str, list[Household]] = {}
        self._by_initials: dict[str, list[Household]] = {}
        for household in self._all:
            self._by_name.setdefault(plain(household.head_name), []).append(household)
            if household.status != Household.Status.LEFT:
                for word in household.head_initials.split():
                    self._by_initials.setdefault(word, []).append(household)
        for part in _SEPARATOR.split(unicodedata.normalize("NFKC", text)):
            self._read(part.strip())

    @property
    def problems(self) -> list[str]:
        return list(self.misread.values())

    def _read(self, part: str) -> None:
        """Take a part whole when it names somebody, else word by word."""
        if not part:
            return
        if self._one(part) is not None or self._range(part) is not None:
            self._take(part)
            return
        for word in _DASH_BETWEEN_NUMBERS.sub("-", part).split():
            self._take(word)

    def _take(self, word: str) -> None:
        matches = self._one(word)
        is_range = matches is None
        if matches is None:
            matches = self._range(word)
        if matches is None:
            self.misread[word] = self._not_understood(word)
        elif len(matches) > 1 and not is_range:
            self.candidates |= {household.pk: household for household in matches}
            self.misread[word] = self._several(word, matches)
        else:
            self.found |= {household.pk: household for household in matches}

    def _one(self, word: str) -> Sequence[Household] | None:
        household = self._by_number.get(_number(word))
        if household:
            return [household]
        return self._by_name.get(plain(word)) or self._by_initials.get(word.lower())

    def _range(self, word: str) -> Sequence[Household] | None:
        """Return the households living here from one number to another."""
        ends = _DASH.split(word)
        if len(ends) != 2 or not all(_number(end) in self._by_number for end in ends):
            return None
        first, last = (_number(end) for end in ends)
        if not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
            return None
        return [
            household
            for household in self._all
            if household.status == Household.Status.ACTIVE
            and household.number.isdigit()
            and int(first) <= int(household.number) <= int(last)
        ]

    def _several(self, word: str, matches: Sequence[Household]) -> str:
        if plain(word) in self._by_name:
            return _(
                "%(count)s households are called %(name)s: use the number, %(of)s."
            ) % {
                "count": len(matches),
                "name": word,
                "of": "、".join(household.number for household in matches),
            }
        return _("“%(typed)s” may be %(of)s: use the number.") % {
            "typed": word,
            "of": "、".join(str(household) for household in matches[:8]),
        }

    def _not_understood(self, word: str) -> str:
        if _DASH.search(word) and any(character.isdigit() for character in word):
            return _("“%(typed)s” cannot be read. Write it like this: 001-012,015") % {
                "typed": word
            }
        return _("“%(typed)s”: no such household. Use the full name or the number.") % {
            "typed": word
        }


def _number(text: str) -> str:
    """Write a household number so that 1, 01 and 001 are the same."""
    text = plain(text).removesuffix("号").removesuffix("户")
    return text.zfill(3) if text.isascii() and text.isdigit() else text
