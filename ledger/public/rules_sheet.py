"""明白纸: the rules on one sheet of A4, both sides, in print that elders read."""

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from households.qr_codes import qr_svg
from ledger.public import pages
from ledger.public.noticeboard import Noticeboard
from ledger.public.rules_page import rules_of, rules_page


@require_safe
def sheet(request, slug):
    """Show the sheet of a village: the next version as soon as it is announced."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    village = noticeboard.village
    read = rules_of(village, today)
    if "next" in request.GET and read.announced:
        read = rules_of(village, today, version=read.announced.version)
    if read.rulebook is None:
        raise Http404
    address = f"{settings.PUBLIC_URL}{reverse('ledger:board', args=[slug])}"
    return pages.page(
        request,
        "ledger/rules_sheet.html",
        (noticeboard.facts(today), read.facts, village.policy.smallest_redemption),
        lambda: {
            **noticeboard.furniture(),
            **rules_page(read),
            "address": address,
            "code": qr_svg(address),
        },
    )
