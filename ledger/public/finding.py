"""Find my household: by its number, or by the full name of its head."""

import unicodedata
from dataclasses import dataclass

from households.masking import COMPOUND_SURNAMES
from households.models import Household, Village

LONGEST_QUESTION = 30


@dataclass(frozen=True)
class Answer:
    """What a search leads to; `numbers` are those of households in the roster."""

    state: str
    numbers: frozenset[str] = frozenset()


def typed(text: str) -> str:
    """Read what was typed: no spaces around, half-width digits, one line."""
    plain = unicodedata.normalize("NFKC", text)
    return " ".join(plain.split())[:LONGEST_QUESTION]


def look_up(village: Village, question: str) -> Answer:
    """Match a full name or a number exactly, so that nobody can leaf through.

    The roster only tells which number a name has. Whatever is then shown of
    that household comes from the publication.
    """
    if not question:
        return Answer("nothing-typed")
    if question.isdecimal():
        return Answer("number", frozenset({question, question.zfill(3)}))
    if len(question) == 1:
        return Answer("surname-only")
    households = Household.objects.filter(village=village, head_name=question)
    numbers = frozenset(households.values_list("number", flat=True))
    if not numbers and question in COMPOUND_SURNAMES:
        return Answer("surname-only")
    return Answer("name", numbers)


def households_named(village: Village, question: str) -> list[Household]:
    """Return whom a full name or a number names exactly, of those living here."""
    homes = Household.objects.filter(village=village).exclude(
        status=Household.Status.LEFT
    )
    number = question.removesuffix("号").removesuffix("户").strip()
    tries = [
        {"number": number},
        {"number": number.zfill(3)},
        {"head_name": question},
        {"head_name": question.removesuffix("家")},
    ]
    return next(filter(None, (list(homes.filter(**one)) for one in tries)), [])
