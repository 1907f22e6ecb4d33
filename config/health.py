"""Whether this server can keep its promises, in one word for a probe."""

import logging

from django.db import Error
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from households.safeguards import missing_guards

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def health(request):
    """Say ok while the database answers and all its safeguards stand."""
    try:
        missing = missing_guards()
    except Error:
        logger.exception("The database does not answer.")
        return _unwell()
    if missing:
        logger.error("Safeguards are missing: %s", ", ".join(missing))
        return _unwell()
    return HttpResponse("ok", content_type="text/plain")


def _unwell():
    return HttpResponse("unavailable", content_type="text/plain", status=503)
