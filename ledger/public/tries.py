"""How often one address has tried this minute or today, counted for all processes.

Each try is one byte added to a small file, which every process of the machine
sees at once. The files of past minutes and days are thrown away.
"""

import shutil
import time
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

KEPT_MINUTES = 2
DAILY = "today-"  # how the name of a kind begins that is counted by the day


def tries_of(request: HttpRequest, kind: str) -> int:
    """Return how many tries of a kind were noted for an address, this minute or day."""
    try:
        return _mark(request, kind).stat().st_size
    except FileNotFoundError:
        return 0


def note_try(request: HttpRequest, kind: str) -> None:
    """Note one more try of a kind for the address of a request."""
    mark = _mark(request, kind)
    if not mark.parent.exists():
        _forget_past(mark.parent.parent, _now(kind))
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with mark.open("ab", buffering=0) as marks:
        marks.write(b".")


def neighborhood(request: HttpRequest) -> str:
    """Return what is counted as one address: IPv4 whole, of IPv6 the network.

    Behind our own proxy the last name in X-Forwarded-For is the one it wrote;
    whatever stands before it, anybody may have written.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS:
        forwarded = request.headers.get("X-Forwarded-For", given)
        given = forwarded.rpartition(",")[2].strip()
    try:
        address = ip_address(given)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _mark(request: HttpRequest, kind: str) -> Path:
    name = salted_hmac("ledger.tries", neighborhood(request)).hexdigest()
    return Path(settings.DATA_DIR, "tries", kind, str(_now(kind)), name)


def _now(kind: str) -> int:
    """Return the number of this minute, or of this day."""
    if kind.startswith(DAILY):
        return timezone.localdate().toordinal()
    return int(time.time()) // 60


def _forget_past(tries: Path, now: int) -> None:
    if not tries.exists():
        return
    for past in tries.iterdir():
        if int(past.name) < now - KEPT_MINUTES:
            shutil.rmtree(past, ignore_errors=True)
