"""A person's session at the desk: half an hour idle, twelve hours in all.

Whoever sends a form after that signs in again and goes on with what they
wrote: it travels through the login page, signed, and is kept nowhere.
"""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.core import signing
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

SINCE, SEEN = "signed_in_at", "seen_at"
# A session is written once a minute at most, however much is clicked.
SEEN_STEP = 60
CARRIED_BYTES = 200_000
SALT = "config.staff_sessions"


def now() -> int:
    return int(timezone.now().timestamp())


def note_login(sender, request, **kwargs) -> None:
    """Start the clocks of a session when somebody logs in."""
    request.session[SINCE] = request.session[SEEN] = now()


class StaffSessionMiddleware:
    """End a session that was left alone, or has lasted a day's work."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_desk(request) and request.user.is_authenticated:
            if is_over(request.session):
                request.signed_out = request.user.pk
                logout(request)
                if request.method == "GET":
                    messages.warning(request, expired())
            else:
                keep_awake(request.session)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Let nobody lose a form because they were away while they wrote it.

        Runs after the check of the form's token, so that what is carried on was
        written on a page of ours.
        """
        was_signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.method != "POST" or not is_desk(request) or not was_signed_in:
            return None
        is_door = request.path in (reverse("admin:login"), reverse("admin:logout"))
        if request.user.is_authenticated or is_door:
            return None
        if request.headers.get("Accept") == "application/json":
            told = {"done": [], "refused": [], "sentence": expired()}
            return JsonResponse(told, status=401)
        carried = pack(request)
        if not carried or "X-Desk" in request.headers:
            return None
        return admin.site.sign_in_again(request, carried)


def is_desk(request) -> bool:
    return request.path.startswith(reverse("admin:index"))


def is_over(session) -> bool:
    """Tell whether a session was left alone too long, or is too old in all."""
    idle = now() - session.get(SEEN, now())
    age = now() - session.get(SINCE, now())
    return idle >= settings.SESSION_IDLE_AGE or age >= settings.SESSION_COOKIE_AGE


def keep_awake(session) -> None:
    if SINCE not in session:
        session[SINCE] = now()
    if now() - session.get(SEEN, 0) >= SEEN_STEP:
        session[SEEN] = now()


def expired() -> str:
    return _("You were away too long. Please log in again.")


def pack(request) -> str:
    """Return what a form said, signed; without passwords and files."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    sent = {
        "address": request.get_full_path(),
        "fields": fields,
        "files": bool(request.FILES),
        "by": getattr(request, "signed_out", None),
    }
    carried = signing.dumps(sent, salt=SALT, compress=True)
    return carried if fields and len(carried) < CARRIED_BYTES else ""


def unpack(carried: str, *, by) -> dict | None:
    """Return what a form said, unless another person has signed in since."""
    try:
        sent = signing.loads(carried, salt=SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    return sent if sent["by"] in {None, by.pk} else None
