"""Fields of the shop's forms: amounts, whole numbers, a photo of a voucher."""

from django import forms
from django.core.exceptions import ValidationError

from ledger.evidence import PhotoRefused, read_photo
from rewards.money import NotAnAmount, read_yuan, write_yuan


class YuanField(forms.CharField):
    """An amount typed in yuan and kept in fen."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return read_yuan(typed)
        except NotAnAmount as refused:
            raise ValidationError(str(refused)) from None

    def prepare_value(self, value):
        return write_yuan(value) if isinstance(value, int) else value


class WholeField(forms.IntegerField):
    """A whole number, in a box that takes full-width digits too."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


class ScanField(forms.FileField):
    """A photo of a voucher, read and re-encoded before anything is saved."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if not upload:
            return b""
        try:
            return read_photo(upload)
        except PhotoRefused as refused:
            raise ValidationError(str(refused)) from None
