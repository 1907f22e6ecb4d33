"""Photos that come with a record."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.evidence import PHOTOS, PhotoRefused, read_photo


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to four photos, each read and re-encoded before anything is saved."""

    widget = SeveralFiles(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        uploads = [super(PhotosField, self).clean(file) for file in data or []]
        if len(uploads) > PHOTOS:
            raise ValidationError(_("At most %(count)s photos.") % {"count": PHOTOS})
        try:
            return [read_photo(upload) for upload in uploads]
        except PhotoRefused as refused:
            raise ValidationError(str(refused)) from None


class StoryPhotoField(forms.FileField):
    """One photo for a public page, read and made small before anything is saved."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if not upload:
            return b""
        try:
            return read_photo(upload, light=True)
        except PhotoRefused as refused:
            raise ValidationError(str(refused)) from None
