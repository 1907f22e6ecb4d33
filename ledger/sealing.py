"""The one form in which a document is written, digested and chained.

The format is a promise to everyone who keeps a copy: integers and NFC strings,
keys sorted, UTF-8, one line and a line feed. The digest is the SHA-256 of two
hex strings one after the other: the digest of the month before, and the SHA-256
of the document without `digest`.
"""

import hashlib
import hmac
import json
import unicodedata

from households.models import Village
from ledger.models import Entry


def canonical(content: object) -> bytes:
    """Write content in the one canonical form, with its line feed."""
    text = json.dumps(
        _composed(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return f"{text}\n".encode()


def genesis_digest(village: Village) -> str:
    """Return what a village's first publication names as the month before."""
    return hashlib.sha256(f"{village.slug}:{village.genesis}".encode()).hexdigest()


def seal(content: dict) -> dict:
    """Return the document with its digest."""
    inner = hashlib.sha256(canonical(content)).hexdigest()
    chained = f"{content['previous_digest']}{inner}".encode()
    return {**content, "digest": hashlib.sha256(chained).hexdigest()}


def is_sealed(document: dict) -> bool:
    """Tell whether a document carries the digest of its own content."""
    content = {key: value for key, value in document.items() if key != "digest"}
    return seal(content)["digest"] == document.get("digest")


def commitment(entry: Entry) -> str:
    """Commit to one entry without showing it.

    The salt comes from the household's secret, so that nobody can guess the
    few possible entries, and erasing the secret makes the commitment opaque.
    """
    salted = salt_of(entry).encode() + canonical(committed(entry))
    return hashlib.sha256(salted).hexdigest()


def salt_of(entry: Entry) -> str:
    """Return an entry's salt: its household alone is shown it, to check itself."""
    secret, number = entry.household.secret, str(entry.number)
    return hmac.new(secret.encode(), number.encode(), hashlib.sha256).hexdigest()


def committed(entry: Entry) -> dict[str, int | str]:
    """Return what of an entry is committed to."""
    content: dict[str, int | str] = {
        "household": entry.household.number,
        "kind": entry.kind,
        "number": entry.number,
        "points": entry.points,
        "year": entry.year,
    }
    if entry.period:
        content["month"] = str(entry.period)
    if entry.deed:
        content["day"] = entry.deed.happened_on.isoformat()
        content["item"] = entry.deed.item.code
    if entry.reverses:
        content["reverses"] = entry.reverses.number
    return content


def _composed(content):
    if isinstance(content, dict):
        return {key: _composed(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_composed(value) for value in content]
    if isinstance(content, str):
        return unicodedata.normalize("NFC", content)
    if isinstance(content, int) and not isinstance(content, bool):
        return content
    raise TypeError(f"A publication holds text and whole numbers, not {content!r}.")
