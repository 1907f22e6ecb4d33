"""Evidence photos: handed out only here, only to who serves the village."""

from django.http import FileResponse
from django.views.decorators.http import require_safe

from ledger.desk.access import staff_object
from ledger.models import EvidencePhoto


@staff_object(EvidencePhoto.objects.all, "ledger.view_evidencephoto", cacheable=True)
@require_safe
def evidence(request, photo):
    """Hand out one photo, so that a browser shows a picture and runs nothing."""
    response = FileResponse(photo.image.open("rb"), content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
