"""What 我有异议 asks: what is meant, what is wrong, the grounds, how to answer."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household, Village
from ledger.models import Entry
from ledger.public.resident_forms import ResidentForm, one_household, too_long

LONGEST = 500
LONGEST_CONTACT = 50
MONTH, HOUSEHOLD = "month", "household"


class ObjectionForm(ResidentForm):
    """An objection to a whole month, to one household, or to one line.

    Who came from a line of the passbook is not asked what is meant, and who came
    from the passbook not which household.
    """

    about = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        initial=MONTH,
        required=False,
        widget=forms.RadioSelect,
    )
    household = forms.CharField(
        label=gettext_lazy("Which household?"),
        help_text=gettext_lazy("Full name of the head, or the 3-digit number"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": 30, "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        help_text=gettext_lazy(
            "Say it in your own words; you need not give your name."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    grounds = forms.CharField(
        label=gettext_lazy("What are your grounds?"),
        help_text=gettext_lazy("Who saw it, on which day, what paper there is."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    contact = forms.CharField(
        label=gettext_lazy("How to reach you"),
        help_text=gettext_lazy(
            "A phone, for example. Without it nobody can answer you personally. Only "
            "village staff see it; two weeks after the answer it is erased."
        ),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )

    def __init__(
        self,
        *args,
        village: Village,
        household: Household | None,
        entry: Entry | None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.village = village
        self.own_household = household
        self.entry = entry
        if entry:
            del self.fields["about"]
        else:
            self._offer(household)
        if household or entry:
            del self.fields["household"]

    def _offer(self, household: Household | None) -> None:
        """Let a household begin with itself, everybody else with the whole month."""
        choices = [
            (MONTH, _("The whole month")),
            (HOUSEHOLD, _("Our household") if household else _("One household")),
        ]
        about = cast(forms.ChoiceField, self.fields["about"])
        about.choices = choices[::-1] if household else choices
        about.initial = HOUSEHOLD if household else MONTH

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if not text:
            raise ValidationError(_("Say what is wrong."))
        return _short_enough(text, LONGEST)

    def clean_grounds(self):
        return _short_enough(self.cleaned_data["grounds"].strip(), LONGEST)

    def clean_contact(self):
        return _short_enough(self.cleaned_data["contact"].strip(), LONGEST_CONTACT)

    def clean(self):
        """Find out which household is meant, if one is."""
        data = super().clean()
        if self.entry:
            data["household"] = self.entry.household
            return data
        if "about" in self.errors:
            return data
        about = data.get("about") or self.fields["about"].initial
        question = data.get("household", "")
        data["household"] = None
        if about == HOUSEHOLD and self.own_household:
            data["household"] = self.own_household
        elif about == HOUSEHOLD:
            try:
                data["household"] = one_household(
                    self.village,
                    question,
                    nothing_typed=_(
                        "Enter the head's full name or the 3-digit number."
                    ),
                )
            except ValidationError as refused:
                self.add_error("household", refused)
        return data


def _short_enough(text: str, most: int) -> str:
    if len(text) > most:
        raise ValidationError(too_long(text, most))
    return text
