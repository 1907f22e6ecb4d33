"""The four questions of 我要申报, and what may be answered."""

import unicodedata
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household, Village
from ledger.evidence import PhotoRefused, read_photo
from ledger.forms import DayInput
from ledger.public.resident_forms import ResidentForm, one_household, too_long
from ledger.receiving import check_day
from ledger.refusals import Refused

LONGEST = 200
PHONE_DIGITS = 11


class WhichDay(models.TextChoices):
    TODAY = "0", gettext_lazy("Today")
    YESTERDAY = "1", gettext_lazy("Yesterday")
    BEFORE = "2", gettext_lazy("The day before")
    OTHER = "other", gettext_lazy("Another day")


class DeclareForm(ResidentForm):
    """Whose deed, what, when; a phone and a photo when one likes.

    A household that came by its passbook is not asked who it is.
    """

    household = forms.CharField(
        label=gettext_lazy("Whose good deed?"),
        help_text=gettext_lazy("Full name of the head, or the 3-digit number"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": 30, "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What was done?"),
        help_text=gettext_lazy(
            "A sentence or two, for example: carried three loads of water for "
            "Grandmother Wang"
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = forms.ChoiceField(
        label=gettext_lazy("Which day?"),
        choices=WhichDay,
        initial=WhichDay.TODAY,
        required=False,
        widget=forms.RadioSelect,
    )
    other_day = forms.DateField(
        label=gettext_lazy("Year, month, day"), required=False, widget=DayInput
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone"),
        help_text=gettext_lazy(
            "Only village staff see it; when it is settled it is erased."
        ),
        required=False,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}
        ),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy("One photo, 8 MB at most."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    no_photo = forms.BooleanField(
        label=gettext_lazy("Without this photo"), required=False
    )

    def __init__(
        self,
        *args,
        village: Village,
        household: Household | None,
        today: date,
        is_photo_too_large: bool = False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.village = village
        self.own_household = household
        self.today = today
        self.is_photo_too_large = is_photo_too_large
        self.fields["other_day"].widget.attrs |= {
            "max": f"{today}",
            "min": f"{today - timedelta(days=village.policy.backdating_days)}",
        }
        if household:
            del self.fields["household"]

    def choose_day(self, day: date) -> None:
        """Let the radio buttons show a day that was chosen before."""
        days_ago = str((self.today - day).days)
        chosen = days_ago if days_ago in WhichDay.values else WhichDay.OTHER
        self.change(day=chosen, other_day=f"{day}")

    def clean_household(self):
        return one_household(
            self.village,
            self.cleaned_data["household"],
            nothing_typed=_("Enter the head's full name or the 3-digit number."),
        )

    def clean_text(self):
        text = " ".join(self.cleaned_data["text"].split())
        if not text:
            raise ValidationError(_("Enter what good deed was done."))
        if len(text) > LONGEST:
            raise ValidationError(too_long(text, LONGEST))
        return text

    def clean_phone(self):
        """Read a number as people write it, with spaces, dashes or the country."""
        plain = unicodedata.normalize("NFKC", self.cleaned_data["phone"])
        digits = "".join(c for c in plain if c not in " -()").removeprefix("+86")
        if not digits:
            return ""
        if not (digits.isascii() and digits.isdecimal()):
            raise ValidationError(_("Write the phone number in digits only."))
        if len(digits) != PHONE_DIGITS:
            raise ValidationError(
                _("A phone number has 11 digits; this one has %(digits)s.")
                % {"digits": len(digits)}
            )
        return digits

    def clean_photo(self):
        """Make a chosen photo small, upright and free of what it says of its place."""
        if self.is_photo_too_large:
            raise ValidationError(
                _("The photo is too large: 8 MB at most. Choose a smaller one.")
            )
        upload = self.cleaned_data["photo"]
        if not upload:
            return None
        try:
            return read_photo(upload)
        except PhotoRefused as refused:
            raise ValidationError(str(refused)) from None

    def clean(self):
        """Turn the radio buttons into a day, and check that it can be declared."""
        data = super().clean()
        if self.own_household:
            data["household"] = self.own_household
        if "day" in self.errors or "other_day" in self.errors:
            return data
        chosen = data.get("day") or WhichDay.TODAY
        if chosen == WhichDay.OTHER and not data.get("other_day"):
            self.add_error("other_day", _("Choose the day."))
            return data
        day = data["other_day"]
        if chosen != WhichDay.OTHER:
            day = self.today - timedelta(days=int(chosen))
        try:
            check_day(self.village, day, today=self.today)
        except Refused as refused:
            self.add_error("other_day", str(refused))
        data["happened_on"] = day
        return data
