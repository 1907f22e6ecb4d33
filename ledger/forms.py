"""What staff fill in to decide, publish, correct and answer."""

from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from households.models import Household
from households.spreadsheets import FILE_BYTES
from households.typed_households import TypedHouseholds
from ledger.models import Deed, Entry, Publication


class DayInput(forms.DateInput):
    """A day as browsers want it, whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DeskForm(forms.Form):
    """A form that leaves its frame, its token and its buttons to the page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class VillageForm(DeskForm):
    """A form that says which village it is about."""

    village = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, village, **kwargs):
        super().__init__(*args, **kwargs)
        self.of_village = village
        self.initial["village"] = village.slug


class KeyedForm(VillageForm):
    """A form whose key makes a double submit count once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())

    def renew_key(self) -> None:
        """Keep what was typed and make the next save a new act."""
        self.change(key=str(uuid4()))

    def change(self, **values: str) -> None:
        """Put other values into what was sent, to show the form once more."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[name] = value
        self.data = data


class DecisionForm(DeskForm):
    """One of the ways to decide a deed."""

    name = ""

    def __init__(self, *args, deed, **kwargs):
        super().__init__(*args, prefix=self.name, **kwargs)
        if "points" in self.fields:
            self.initial["points"] = abs(deed.points)
        if "heard_on" in self.fields:
            self.initial["heard_on"] = deed.heard_on
            if not deed.is_deduction:
                del self.fields["heard_on"]


class Heard(forms.Form):
    heard_on = forms.DateField(
        label=_("Household told and heard on"), widget=DayInput, required=False
    )


class ApproveForm(Heard, DecisionForm):
    name = "approve"


class AdjustForm(Heard, DecisionForm):
    name = "adjust"

    points = forms.IntegerField(label=_("Points"), min_value=1)
    reason = forms.CharField(label=_("Reason"), max_length=200)


class RejectForm(DecisionForm):
    """Why a deed is refused: one of the usual reasons, own words, or both."""

    name = "reject"

    class Preset(models.TextChoices):
        REPEATED = "repeated", _("The same thing is recorded already")
        UNPROVEN = "unproven", _("Not enough evidence")
        NO_RULE = "no_rule", _("Not in the rules")
        WRONG_POINTS = "wrong_points", _("The points are wrong")
        WRONG_HOUSEHOLD = "wrong_household", _("Recorded for the wrong household")

    preset = forms.ChoiceField(
        label=_("Reason"), choices=[("", "—"), *Preset.choices], required=False
    )
    words = forms.CharField(
        label=_("In your own words"), max_length=150, required=False
    )

    def clean(self):
        """Join the reason in the village's language: the household reads it."""
        data = super().clean()
        with translation.override("zh-hans"):
            preset = data.get("preset") and str(self.Preset(data["preset"]).label)
        reason = "；".join(filter(None, [preset, data.get("words", "").strip()]))
        if not reason:
            raise ValidationError(_("Give a reason; the household will see it."))
        data["reason"] = reason
        return data


class ReopenForm(DecisionForm):
    name = "reopen"

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ConfirmForm(VillageForm):
    """A deliberate yes: a tick, and the password again."""

    # The password first and with the focus: then two taps are left.
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True}
        ),
        strip=False,
    )
    checked = forms.BooleanField(label=_("I have checked"))

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        """Ask the login's own door, so that guessing is counted and locked out."""
        person = authenticate(
            self.request,
            username=self.request.user.get_username(),
            password=self.cleaned_data["password"],
        )
        if person != self.request.user:
            raise ValidationError(_("The password is not right."))


class WithdrawForm(KeyedForm):
    """Why a notice is taken back, and which of the month's notices is meant."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        help_text=_("It stays in the month's history for the staff. Name nobody."),
        error_messages={
            "required": _("Give a reason; it stays in the month's history.")
        },
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ProposeCorrectionForm(DeskForm):
    reason = forms.CharField(
        label=_("What is wrong"),
        help_text=_("Residents read this beside the correction. Name nobody."),
        max_length=200,
    )


class DecideCorrectionForm(DeskForm):
    answer = forms.CharField(
        label=_("Answer"),
        help_text=_("Needed to refuse."),
        max_length=200,
        required=False,
    )


class FileObjectionForm(KeyedForm):
    """An objection that somebody brought by word, phone or paper."""

    publication = forms.ModelChoiceField(Publication.objects.none(), label=_("Month"))
    household = forms.CharField(
        label=_("Household it is about"),
        help_text=_("Number or full name; empty when it is about the whole month."),
        required=False,
    )
    line = forms.IntegerField(
        label=_("Line of the ledger it is about"),
        help_text=_("Its number; empty when it is about no single line."),
        min_value=1,
        required=False,
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Deed.Channel, initial=Deed.Channel.ORAL
    )
    text = forms.CharField(
        label=_("What is wrong"),
        help_text=_("Do not write down who objects."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, publications, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["publication"].queryset = publications
        self.fields["publication"].label_from_instance = lambda p: str(p.period)
        self.fields["publication"].initial = publications.first()

    def clean_household(self):
        households = Household.objects.filter(village=self.of_village)
        typed = TypedHouseholds(self.cleaned_data["household"], households)
        if typed.problems:
            raise ValidationError(typed.problems)
        if len(typed.found) > 1:
            raise ValidationError(_("Name one household."))
        return next(iter(typed.found.values()), None)

    def clean(self):
        """Find the line in the month and the household it is said to be of."""
        data = super().clean()
        data["entry"] = None
        if data.get("line") and data.get("publication"):
            entries = Entry.objects.filter(
                village=self.of_village, period=data["publication"].period
            )
            data["entry"] = entries.filter(number=data["line"]).first()
            if data["entry"] is None:
                self.add_error("line", _("This month has no such line."))
            elif data.get("household") not in (None, data["entry"].household):
                self.add_error("line", _("This line is of another household."))
            else:
                data["household"] = data["entry"].household
        return data


class AnswerObjectionForm(DeskForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("dismissed", _("The points stay")), ("upheld", _("It is put right"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"),
        help_text=_("Whoever objected will read it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DeedsUploadForm(VillageForm):
    """A recorder's sheet."""

    file = forms.FileField(
        label=_("Sheet of deeds"),
        help_text=_(
            "An .xlsx workbook or a .csv table, at most 2 MB. Needed: day, household "
            "number, item code, and points in one of two columns, added or deducted."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.xls,.et"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES:
            raise ValidationError(
                _("The file is larger than %(limit)s MB. Split it into smaller ones."),
                params={"limit": FILE_BYTES // 1024 // 1024},
            )
        return file
