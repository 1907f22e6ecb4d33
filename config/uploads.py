"""Files named on the command line."""

from pathlib import Path

from django.core.management import CommandError
from django.utils.translation import gettext as _

from households.spreadsheets import FILE_BYTES


def read_upload(file: Path) -> bytes:
    """Read a file, no further than one byte past the limit of an upload.

    :raises CommandError: if it cannot be read
    """
    try:
        with file.open("rb") as content:
            return content.read(FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s")
            % {"file": file, "reason": error.strerror}
        ) from None
