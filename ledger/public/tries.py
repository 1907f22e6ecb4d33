"""How often one address has tried in vain this minute, counted for all processes.

Each try is one byte added to a small file, which every process of the machine
sees at once. The files of past minutes are thrown away.
"""

import shutil
import time
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

KEPT_MINUTES = 2


def tries_of(request: HttpRequest, kind: str) -> int:
    """Return how many tries of a kind were noted this minute for an address."""
    try:
        return _mark(request, kind).stat().st_size
    except FileNotFoundError:
        return 0


def note_try(request: HttpRequest, kind: str) -> None:
    """Note one more try of a kind for the address of a request."""
    mark = _mark(request, kind)
    if not mark.parent.exists():
        _forget_past_minutes(mark.parent.parent)
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
    minute = str(int(time.time()) // 60)
    return Path(settings.DATA_DIR, "tries", kind, minute, name)


def _forget_past_minutes(tries: Path) -> None:
    if not tries.exists():
        return
    oldest_kept = int(time.time()) // 60 - KEPT_MINUTES
    for minute in tries.iterdir():
        if int(minute.name) < oldest_kept:
            shutil.rmtree(minute, ignore_errors=True)
