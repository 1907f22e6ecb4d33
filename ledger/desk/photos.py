"""Evidence photos: handed out only here, only to who serves the village."""

from django.views.decorators.http import require_safe

from households.downloads import hand_out_photo
from ledger.desk.access import staff_object
from ledger.models import EvidencePhoto


@staff_object(EvidencePhoto.objects.all, "ledger.view_evidencephoto", cacheable=True)
@require_safe
def evidence(request, photo):
    """Hand out one photo."""
    return hand_out_photo(photo.image)
