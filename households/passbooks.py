"""The households' cards: make their codes, print them, replace them, read them.

A code is made from the passbook's id and version with a key that lives outside
the database, which keeps only the code's hash: a card can be printed again and
replaced, and whoever takes the database can open no passbook (I-47).
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Passbook, User, Village
from households.querysets import HouseholdQuerySet

# Crockford's base 32: no I, L, O, U, which are read as something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 26  # of 5 bits each: 130 bits
TOKEN = re.compile(f"[{ALPHABET}]{{{TOKEN_LENGTH}}}")
# What a scanner types: the address of a QR code, or nothing but the code.
SCANNED = re.compile(rf"(?:.*/p/)?({TOKEN.pattern})(?:[/?#].*)?", re.IGNORECASE)


class CardsNotPrinted(Exception):
    """No card was made; the message can be shown to a steward."""


@dataclass(frozen=True)
class Card:
    """One household's card, with the code that nothing else may keep or show."""

    household: Household
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """Return what the card's QR code says: our own address, whoever asks."""
        return f"{settings.PUBLIC_URL}/p/{self.token}/"


def token_of(passbook: Passbook) -> str:
    """Return the code of a passbook's present card: 26 characters, 130 bits."""
    digest = hmac.digest(
        settings.PASSBOOK_KEY.encode(),
        f"{passbook.pk}/{passbook.version}".encode(),
        hashlib.sha256,
    )
    bits = int.from_bytes(digest)
    places = range(256 - 5, 256 - 5 - 5 * TOKEN_LENGTH, -5)
    return "".join(ALPHABET[bits >> place & 31] for place in places)


def find_passbook(token: str) -> Passbook | None:
    """Find the passbook that a card opens; none for what is no present code."""
    token = token.upper()
    if not TOKEN.fullmatch(token):
        return None
    return Passbook.objects.filter(token_hash=_hash(token)).first()


def token_in(scanned: str) -> str | None:
    """Return the code in what a scanner read from a card, if there is one."""
    match = SCANNED.fullmatch(unicodedata.normalize("NFKC", scanned).strip())
    return match and match[1].upper()


def was_replaced(token: str, village: Village) -> bool:
    """Tell whether a code is of a card that this village has replaced since.

    Old codes are kept nowhere; they are made again from the earlier versions.
    """
    for passbook in Passbook.objects.filter(village=village, version__gt=1):
        for version in range(1, passbook.version):
            old = Passbook(pk=passbook.pk, version=version)
            if hmac.compare_digest(token_of(old), token.upper()):
                return True
    return False


@transaction.atomic
def issue_passbooks(
    village: Village, households: Iterable[Household], *, at: datetime
) -> list[Passbook]:
    """Give each household a passbook, all by one statement; return the new ones."""
    lock_village(village)
    have = set(
        Passbook.objects.filter(village=village).values_list("household_id", flat=True)
    )
    passbooks = [
        Passbook(village=village, household=household, issued_at=at)
        for household in households
        if household.pk not in have
    ]
    for passbook in passbooks:
        passbook.token_hash = _hash(token_of(passbook))
    return Passbook.objects.bulk_create(passbooks)


@transaction.atomic
def print_cards(
    village: Village, households: HouseholdQuerySet, *, by: User | None, at: datetime
) -> list[Card]:
    """Make the present cards of some households, and mark them as printed.

    Whoever has no passbook yet is given one. Returns the cards in the order of
    group and number.

    :raises CardsNotPrinted: if nobody is left to print for, or a card was made
        with another key, so that a new print of it would open nothing
    """
    lock_village(village)
    chosen = list(
        households.filter(village=village)
        .listed()
        .select_related("group")
        .in_reading_order()
    )
    if not chosen:
        raise CardsNotPrinted(_("There is no household to print a card for."))
    issue_passbooks(village, chosen, at=at)
    passbooks = {
        passbook.household_id: passbook
        for passbook in Passbook.objects.filter(village=village)
    }
    cards = [Card(home, token_of(passbooks[home.pk])) for home in chosen]
    _require_our_key(cards, passbooks)
    mine = [passbooks[household.pk] for household in chosen]
    Passbook.objects.filter(pk__in=[passbook.pk for passbook in mine]).update(
        printed_at=at
    )
    record_event(
        "passbook.print",
        village=village,
        by=by,
        at=at,
        subject=chosen[0] if len(chosen) == 1 else "",
        cards=len(chosen),
        first=sum(passbook.printed_at is None for passbook in mine),
        households=[household.pk for household in chosen],
    )
    return cards


@transaction.atomic
def reissue_passbook(
    passbook: Passbook, *, replacing: int, by: User | None, at: datetime
) -> Passbook:
    """Replace a household's card: from now on the old one opens nothing.

    `replacing` is the version that the person saw, so that the same form sent
    twice replaces one card and not its replacement too.
    """
    lock_village(passbook.village)
    passbook = Passbook.objects.select_related("village", "household").get(
        pk=passbook.pk
    )
    if passbook.version != replacing:
        return passbook
    passbook.version += 1
    passbook.token_hash = _hash(token_of(passbook))
    passbook.issued_at = at
    passbook.printed_at = None
    passbook.save(update_fields=["version", "token_hash", "issued_at", "printed_at"])
    record_event(
        "passbook.reissue",
        village=passbook.village,
        by=by,
        at=at,
        subject=passbook.household,
        version=passbook.version,
    )
    return passbook


def without_printed_card(households: HouseholdQuerySet) -> HouseholdQuerySet:
    """Keep the households whose present card was never printed."""
    return households.exclude(Exists(_printed()))


def count_cards(village: Village) -> dict[int, dict[str, int]]:
    """Return by group id how many cards there are to print, and how many are new."""
    rows = (
        Household.objects.filter(village=village)
        .listed()
        .values("group_id")
        .annotate(cards=Count("pk"), printed=Count("pk", filter=Exists(_printed())))
    )
    return {
        row["group_id"]: {"cards": row["cards"], "new": row["cards"] - row["printed"]}
        for row in rows
    }


def _printed():
    return Passbook.objects.printed().filter(
        village=OuterRef("village"), household=OuterRef("pk")
    )


def _require_our_key(cards: Iterable[Card], passbooks: dict[int, Passbook]) -> None:
    strange = sum(
        _hash(card.token) != passbooks[card.household.pk].token_hash for card in cards
    )
    if strange:
        raise CardsNotPrinted(
            _(
                "%(count)s of these cards were made with another passbook key, and "
                "printing them again would make cards that open nothing. Ask whoever "
                "keeps the server to put the old key back."
            )
            % {"count": strange}
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
