"""What staff fill in about a deduction that was put right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.models import Deed, Repair


class AskRepairForm(KeyedForm):
    """What a household says it has put right, by word, phone or paper."""

    text = forms.CharField(
        label=_("What was put right"),
        help_text=_("What, when, and where somebody can look at it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Deed.Channel, initial=Deed.Channel.ORAL
    )


class CheckRepairForm(DeskForm):
    """What somebody saw on the spot."""

    finding = forms.ChoiceField(
        label=_("Finding"), choices=Repair.Finding, widget=forms.RadioSelect
    )
    checked_on = forms.DateField(label=_("Looked at on"), widget=DayInput)
    note = forms.CharField(
        label=_("What was seen"),
        help_text=_("What it looks like now, who was there, what paper there is."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecideRepairForm(DeskForm):
    """Why points come back, or why not; a refusal needs words."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The household will read it; needed when nothing is given back."),
        max_length=200,
        required=False,
    )
