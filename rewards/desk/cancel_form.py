"""Why a slip is taken back."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ledger.forms import KeyedForm


class CancelForm(KeyedForm):
    """One of the usual reasons, own words, or both."""

    class Preset(models.TextChoices):
        WRONG_GOODS = "wrong_goods", _("Wrong goods")
        WRONG_HOUSEHOLD = "wrong_household", _("Wrong household")
        NOT_WANTED = "not_wanted", _("The goods are not wanted after all")

    preset = forms.ChoiceField(
        label=_("Reason"), choices=Preset, widget=forms.RadioSelect, required=False
    )
    words = forms.CharField(label=_("In your own words"), max_length=80, required=False)

    def clean(self):
        """Join the reason in the village's language: it is read in years to come."""
        data = super().clean()
        with translation.override("zh-hans"):
            preset = data.get("preset") and str(self.Preset(data["preset"]).label)
        reason = "；".join(filter(None, [preset, data.get("words", "").strip()]))
        if not reason:
            raise ValidationError(_("Write why the slip is canceled."))
        data["reason"] = reason
        return data
