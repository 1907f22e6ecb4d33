"""The frame of the ledger's working pages."""

from households import staff_pages
from households.models import Village
from households.staff_pages import require, staff_object, staff_page

__all__ = ["page", "require", "staff_object", "staff_page"]


def page(request, template: str, village: Village, title: str, **context):
    """Render one of the ledger's working pages inside the admin's frame."""
    return staff_pages.page(
        request, f"ledger/desk/{template}", village, title, **context
    )
