"""Public pages are rendered once and then kept as bytes.

A public page is a pure function of a document, the month's state and the day.
It is rendered when one of these changes, never per request.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from threading import Lock

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

KEPT_BYTES = 32 * 1024 * 1024
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Kept:
    """One page: its bytes packed, and the tag that names them."""

    etag: str
    packed: bytes


class Shelf:
    """The pages of this process, the longest unread thrown out first."""

    def __init__(self, limit: int = KEPT_BYTES):
        self._limit = limit
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def take(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return the page under a key, making it when it is not there."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        # Two readers may make the same page at once; both get the same bytes.
        page = make()
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._bytes += len(page.packed)
            while self._bytes > self._limit:
                self._drop(next(iter(self._pages)))
        return page

    def _drop(self, key: Hashable) -> None:
        page = self._pages.pop(key, None)
        if page:
            self._bytes -= len(page.packed)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0


shelf = Shelf()


def page(
    request: HttpRequest, template: str, facts: Hashable, context: Callable[[], dict]
) -> HttpResponse:
    """Answer with a page kept under its address and the facts it depends on.

    `context` is called only when the page has to be rendered.
    """
    big = wants_large_text(request)
    key = (request.path, template, facts, get_language(), big)
    kept = shelf.take(key, lambda: keep(_render(template, context(), big)))
    return _answer(request, kept, HTML)


def download(
    request: HttpRequest,
    content_type: str,
    facts: Hashable,
    content: Callable[[], Kept],
) -> HttpResponse:
    """Answer with a file kept under its address and the facts it depends on."""
    key = (request.path, facts, get_language())
    return _answer(request, shelf.take(key, content), content_type)


def answer_once(
    request: HttpRequest, template: str, context: dict, *, status: int = 200
) -> HttpResponse:
    """Answer a question that nobody else asks; neither we nor a proxy keep it."""
    body = _render(template, context, wants_large_text(request))
    response = HttpResponse(body, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def pack(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Send a page that nobody keeps in fewer bytes.

    Only for pages that hold no token and repeat nothing that was typed: what is
    packed together can be told from its length.
    """
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content)
        response.headers["Content-Encoding"] = "gzip"
    return response


def wants_large_text(request: HttpRequest) -> bool:
    return request.COOKIES.get("big") == "1"


def keep(content: str | bytes, etag: str = "") -> Kept:
    """Pack a page; it is named by its own bytes unless it has a name already."""
    plain = content.encode() if isinstance(content, str) else content
    etag = etag or f'W/"{sha256(plain).hexdigest()[:32]}"'
    return Kept(etag, gzip.compress(plain, mtime=0))


def _render(template: str, context: dict, big: bool) -> str:
    """Render without the request, so that no page can echo it or set a cookie.

    The page's own name tells the menus which of their entries is current.
    """
    current = PurePath(template).stem
    return render_to_string(template, {**context, "big": big, "current": current})


def _answer(request: HttpRequest, kept: Kept, content_type: str) -> HttpResponse:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    body = kept.packed if packed else gzip.decompress(kept.packed)
    response = HttpResponse(body, content_type=content_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    response.headers["ETag"] = kept.etag
    known = get_conditional_response(request, etag=kept.etag, response=response)
    return known or response
