"""A photo that is too large is read past, not stored, and its form goes on."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

PHOTO_BYTES = 8 * 1024 * 1024


class PhotoLimit(FileUploadHandler):
    """Stop taking a file as soon as it is larger than a photo may be."""

    def __init__(self, request=None):
        super().__init__(request)
        self.was_exceeded = False

    def receive_data_chunk(self, raw_data, start):
        if start + len(raw_data) > PHOTO_BYTES:
            self.was_exceeded = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        """Leave the file to the handlers behind this one."""
