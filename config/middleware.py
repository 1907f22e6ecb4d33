"""What a reader chose to see: large text, language."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils import translation
from django.utils.http import escape_leading_slashes

ONE_YEAR = 365 * 24 * 60 * 60
# The code of a card stands in no redirect, so no choice is made there.
CARDS = "/p/"
CHOICES = {"big": {"0", "1"}, "lang": {code for code, _name in settings.LANGUAGES}}


class SeeOther(HttpResponseRedirect):
    status_code = 303


class ReaderChoiceMiddleware:
    """Keep ?big= and ?lang= in a cookie and take them out of the address.

    A form that is sent with a choice is answered in it, so that nobody loses what
    they typed by asking for larger letters.

    The language is Chinese unless the reader chose otherwise: what the browser
    asks for says little on a phone bought second-hand or set up by a grandchild.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = self._chosen(request)
        if chosen and request.method != "POST":
            return self._see_other(request, chosen)
        request.COOKIES |= chosen
        language = request.COOKIES.get("lang")
        if language not in CHOICES["lang"]:
            language = settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if response.status_code == HTTPStatus.OK:
            self._keep(response, chosen)
        return response

    def _chosen(self, request):
        if request.method not in {"GET", "HEAD", "POST"} or request.path.startswith(
            CARDS
        ):
            return {}
        return {
            name: request.GET[name]
            for name, values in CHOICES.items()
            if request.GET.get(name) in values
        }

    def _see_other(self, request, chosen):
        rest = request.GET.copy()
        for name in chosen:
            del rest[name]
        query = f"?{rest.urlencode()}" if rest else ""
        # A path that begins with two slashes would name another host.
        response = SeeOther(escape_leading_slashes(request.path) + query)
        self._keep(response, chosen)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _keep(self, response, chosen):
        for name, value in chosen.items():
            response.set_cookie(
                name,
                value,
                max_age=ONE_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
