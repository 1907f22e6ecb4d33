"""One household as the roster's keepers write it down."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.consent import newest_consent
from households.pinyin import initials_of_name, typed_initials
from households.scoped_admin import VillageForm


class HouseholdForm(VillageForm):
    """A household with the initials of its head, worked out or corrected by hand."""

    initials = forms.CharField(
        label=_("Initials of the head"),
        help_text=_(
            "What is typed to find this household, like lqs. A space between "
            "several ways; empty: worked out from the name."
        ),
        max_length=100,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["initials"] = self.instance.head_initials

    def clean_initials(self):
        try:
            return typed_initials(self.cleaned_data["initials"])
        except ValueError:
            raise ValidationError(
                _("Only the letters a to z, like lqs; a space between several ways.")
            ) from None

    def clean_phone(self):
        """Keep no phone of a household that wants no file (I-64)."""
        phone = self.cleaned_data["phone"]
        newest = newest_consent(self.instance) if phone and self.instance.pk else None
        if newest and newest.keeps_file is False:
            raise ValidationError(
                _(
                    "This household agreed to no file, so its phone is not kept. Leave "
                    "it empty, or record a new signed pledge first."
                )
            )
        return phone

    @property
    def head_initials(self) -> str:
        """Return the corrected initials, else those of the name."""
        name = self.cleaned_data.get("head_name", self.instance.head_name)
        return self.cleaned_data["initials"] or initials_of_name(name)
