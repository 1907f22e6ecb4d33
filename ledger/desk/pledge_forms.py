"""What is filled in about pledges: the village's words, one paper, a stack, a no."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.consent import Answers
from households.models import Household, HouseholdConsent, Pledge
from households.pledge_words import sample_pledge
from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.pledging import Paper, PledgeWords

Asked = HouseholdConsent.Asked
NOT_IN, ALL_AGREED, AS_TICKED = "", "all", "ticked"
CHOICES = (
    (NOT_IN, _("not in")),
    (ALL_AGREED, _("all three agreed")),
    (AS_TICKED, _("as ticked")),
)


class PledgeForm(KeyedForm):
    """The words of the next version: those in force, else those that we ship."""

    title = forms.CharField(label=_("Title"), max_length=60)
    lines = forms.CharField(
        label=_("What the household pledges"),
        help_text=_("One line for each; the numbers are printed before them."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    kept = forms.CharField(
        label=_("What is kept, and why"),
        help_text=_("One line for each: what the village writes down and what for."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    contact = forms.CharField(
        label=_("Whom to ask"),
        help_text=_("Who answers questions and takes a consent back, and where."),
        max_length=200,
    )

    def __init__(self, *args, newest: Pledge | None, **kwargs):
        super().__init__(*args, **kwargs)
        words = sample_pledge()
        for name, sample in words.items():
            self.initial.setdefault(name, getattr(newest, name) if newest else sample)

    def words(self) -> PledgeWords:
        typed = self.cleaned_data
        return PledgeWords(
            typed["title"], typed["lines"], typed["kept"], typed["contact"]
        )


class SignedForm(KeyedForm):
    """Which version was signed, and on which day."""

    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput)
    pledge = forms.ModelChoiceField(
        Pledge.objects.none(), label=_("Version"), empty_label=None
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        versions = Pledge.objects.filter(village=self.of_village).order_by("-number")
        choice = self.fields["pledge"]
        choice.queryset = versions  # type: ignore[attr-defined]
        choice.label_from_instance = _version_words  # type: ignore[attr-defined]
        self.initial.setdefault("pledge", versions[0].pk)
        self.initial.setdefault("signed_on", timezone.localdate())


class PaperForm(SignedForm):
    """The three ticks of one household's paper."""

    def __init__(self, *args, household: Household, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        for asked in Asked:
            self.fields[asked.value] = forms.ChoiceField(
                label=asked.label,
                choices=[("yes", _("agrees")), ("no", _("does not agree"))],
                widget=forms.RadioSelect,
            )

    def papers(self) -> list[Paper]:
        said = {asked: self.cleaned_data[asked] == "yes" for asked in Asked.values}
        return [Paper(self.household, Answers(**said))]

    def refuse(self, problems: Mapping[int, str], sentence: str) -> None:
        self.add_error(None, sentence)


class StackForm(SignedForm):
    """A row for each household of a group; whose paper is not in is left out."""

    def __init__(self, *args, homes: Sequence[Household], **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = [self._row(home) for home in homes]

    def clean(self):
        data = super().clean()
        if not any(row["choice"] for row in self.rows):
            raise forms.ValidationError(gettext("Mark whose paper is in."))
        if any(row["problem"] for row in self.rows):
            raise forms.ValidationError(
                gettext("Nothing was recorded: put the marked rows right.")
            )
        return data

    def papers(self) -> list[Paper]:
        return [
            Paper(row["home"], _answers(row["choice"], row["ticked"]))
            for row in self.rows
            if row["choice"]
        ]

    def refuse(self, problems: Mapping[int, str], sentence: str) -> None:
        """Say at each row what is in the way; nothing that was typed goes."""
        shared = set(problems.values())
        if len(shared) > 1 or len(problems) < len(self.papers()):
            for row in self.rows:
                row["problem"] = problems.get(row["home"].pk, "")
            sentence = gettext("Nothing was recorded: put the marked rows right.")
        self.add_error(None, sentence)

    def _row(self, home: Household) -> dict:
        choice = self.data.get(f"in-{home.pk}", "")
        ticked = {one for one in Asked.values if f"{one}-{home.pk}" in self.data}
        problem = ""
        if ticked and choice == NOT_IN:
            problem = gettext("Ticks, but the paper is not in: say which.")
        known = choice if choice in (ALL_AGREED, AS_TICKED) else NOT_IN
        return {"home": home, "choice": known, "ticked": ticked, "problem": problem}


class TakeBackForm(DeskForm):
    """What a household no longer agrees to; the page offers what stands."""

    asked = forms.MultipleChoiceField(
        label=_("What the household takes back"),
        choices=Asked.choices,
        widget=forms.CheckboxSelectMultiple,
    )


def _answers(choice: str, ticked: set[str]) -> Answers:
    return Answers(
        **{asked: choice == ALL_AGREED or asked in ticked for asked in Asked.values}
    )


def _version_words(pledge: Pledge) -> str:
    return gettext("version %(number)s, since %(day)s") % {
        "number": pledge.number,
        "day": date_format(pledge.in_force_from),
    }
