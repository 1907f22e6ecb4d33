"""Files handed to staff: named by us or shown as they are, kept by no cache."""

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def download(content: bytes, filename: str, content_type: str) -> HttpResponse:
    """Answer with a file to save."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=filename
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def hand_out_photo(image) -> FileResponse:
    """Answer with a photo of ours, so that a browser shows it and runs nothing."""
    response = FileResponse(image.open("rb"), content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
