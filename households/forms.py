from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from households.models import Village
from households.spreadsheets import FILE_BYTES


class RosterUploadForm(forms.Form):
    """A roster, and the village it is of."""

    village = forms.ModelChoiceField(Village.objects.none(), label=_("Village"))
    file = forms.FileField(
        label=_("Roster"),
        help_text=_(
            "An .xlsx workbook or a .csv table, at most 2 MB. Needed: household "
            "number, head of household, group; the phone if there is one."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.xls,.et"}),
    )

    def __init__(self, *args, villages, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages
        only = villages[0] if len(villages[:2]) == 1 else None
        if only:
            self.fields["village"].initial = only
            self.fields["village"].widget = forms.HiddenInput()
        self.helper = FormHelper()
        self.helper.add_input(Submit("check", _("Check")))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES:
            raise ValidationError(
                _("The file is larger than %(limit)s MB. Split it into smaller ones."),
                params={"limit": FILE_BYTES // 1024 // 1024},
            )
        return file


class RosterImportForm(forms.Form):
    """The yes to a checked roster."""

    replace = forms.BooleanField(
        label=_("Replace these heads, groups and phones with those of the file"),
        required=False,
    )

    def __init__(self, *args, batch, **kwargs):
        super().__init__(*args, **kwargs)
        report = batch.report
        if report["conflict"]:
            self.fields["replace"].required = True
        elif not report["details"]:
            del self.fields["replace"]
        self.helper = FormHelper()
        self.helper.form_action = reverse(
            "households:roster-import-confirm", args=[batch.pk]
        )
        self.helper.add_input(
            Submit(
                "import",
                _("Import %(count)s new households") % {"count": report["new"]},
            )
        )
