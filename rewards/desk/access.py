"""The frame of the shop's working pages."""

from django.utils import timezone

from households import staff_pages
from households.models import Village
from households.staff_pages import staff_object, staff_page
from ledger.models import Period

__all__ = ["page", "staff_object", "staff_page"]


def page(request, template: str, village: Village, title: str, **context):
    """Render one of the shop's working pages, with the months in its head."""
    context.setdefault("months", months_of(village))
    return staff_pages.page(
        request, f"rewards/desk/{template}", village, title, **context
    )


def months_of(village: Village) -> list[Period]:
    """Return the newest two months: whose points can be spent, and what comes next."""
    begun = Period.objects.filter(village=village, month__lte=timezone.localdate())
    return list(reversed(begun.order_by("-month")[:2]))
