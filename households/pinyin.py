"""First letters of names and words, as people type them to find somebody: lqs."""

import re
import unicodedata
from functools import cache
from itertools import product

_SEPARATOR = re.compile(r"[\s,、;/]+")


def initials_of_name(name: str) -> str:
    """Return the initials of a name, one word for every reading of the surname.

    The surname is read in every way there is, since the usual reading of a
    character is often another one: 曾国富 gives "cgf zgf". Of four characters
    the first two are taken for the surname.
    """
    # Imported here: its dictionaries take a quarter of a second and 50 MB.
    from pypinyin import Style, pinyin

    characters = [character for character in name if character.isalpha()]
    surname = 2 if len(characters) == 4 else 1
    letters = [
        readings if place < surname else readings[:1]
        for place, character in enumerate(characters)
        for readings in pinyin(character, style=Style.FIRST_LETTER, heteronym=True)
    ]
    words = ("".join(word).lower()[:20] for word in product(*letters))
    return " ".join(dict.fromkeys(words))[:100]


def typed_initials(text: str) -> str:
    """Return initials that somebody typed as they are stored: "zgf cgf".

    :raises ValueError: if there is anything but letters and separators
    """
    words = _SEPARATOR.split(unicodedata.normalize("NFKC", text).lower())
    words = [word for word in dict.fromkeys(words) if word]
    if not all(re.fullmatch("[a-z]{1,20}", word) for word in words):
        raise ValueError(text)
    return " ".join(words)


@cache
def initials_of_words(words: str) -> str:
    """Return the initials of a title: 庭院整洁达标 gives "tyzjdb"."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(words, style=Style.FIRST_LETTER, errors="ignore"))
