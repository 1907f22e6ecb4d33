"""What is filled in to note a change of a household: one short form for each."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.cells import CellProblem, household_number, person_name
from households.changes import next_free_number
from households.models import ChangeNote, Household, VillagerGroup
from households.typed_households import TypedHouseholds
from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.homes.changes import Change

Kind = ChangeNote.Kind


class ChangeForm(KeyedForm):
    """From which day, on what paper, and who signed it."""

    kind: str = ""
    takes_effect_on = forms.DateField(
        label=gettext_lazy("From the day"), widget=DayInput
    )
    paper = forms.CharField(
        label=gettext_lazy("What paper"),
        help_text=gettext_lazy(
            "Household register, agreement, minutes: what it is and its date. "
            "No identity numbers."
        ),
        max_length=200,
    )
    signed_by = forms.CharField(label=gettext_lazy("Signed by"), max_length=60)

    def __init__(self, *args, household: Household | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        self.initial.setdefault("takes_effect_on", timezone.localdate())
        if "group" in self.fields:
            groups = self.of_village.groups.order_by("number")
            self.fields["group"].queryset = groups  # type: ignore[attr-defined]
            if household:
                self.initial.setdefault("group", household.group_id)
        if "new_number" in self.fields:
            self.initial.setdefault("new_number", next_free_number(self.of_village))

    def clean_head_name(self):
        return _cleaned(person_name, self.cleaned_data["head_name"])

    def clean_new_number(self):
        return _cleaned(household_number, self.cleaned_data["new_number"])

    def asked(self) -> Change:
        """Return what was filled in."""
        typed = self.cleaned_data
        names = Change.__dataclass_fields__
        values = {name: typed[name] for name in names if name in typed}
        return Change(kind=self.kind_of(), household=self.household, **values)

    def kind_of(self) -> str:
        return self.kind

    def read(self) -> list[tuple[str, str]]:
        """Return what was filled in as a person reads it, field by field."""
        typed = {name: self.cleaned_data.get(name) for name in self.fields}
        return [
            (str(field.label), _yes_or_no(typed[field.name]))
            for field in self.visible_fields()
        ]


class HeadForm(ChangeForm):
    kind = Kind.HEAD
    head_name = forms.CharField(label=gettext_lazy("New head"), max_length=30)
    is_same = forms.BooleanField(
        label=gettext_lazy("The same person: the name was written wrongly"),
        required=False,
    )
    field_order = ["village", "key", "head_name", "is_same"]

    def kind_of(self) -> str:
        return Kind.NAME if self.cleaned_data["is_same"] else Kind.HEAD


class MoveInForm(ChangeForm):
    kind = Kind.MOVE_IN
    head_name = forms.CharField(label=gettext_lazy("Head of household"), max_length=30)
    new_number = forms.CharField(label=gettext_lazy("New number"), max_length=20)
    group = forms.ModelChoiceField(
        VillagerGroup.objects.none(),
        label=gettext_lazy("In which group"),
        empty_label=None,
    )
    field_order = ["village", "key", "head_name", "new_number", "group"]


class SplitForm(MoveInForm):
    kind = Kind.SPLIT
    points = forms.IntegerField(
        label=gettext_lazy("Points that go along"),
        help_text=gettext_lazy("As both signed; 0 when none."),
        min_value=0,
        initial=0,
    )
    signed_by_other = forms.CharField(
        label=gettext_lazy("Signed for the new household by"),
        max_length=60,
        required=False,
    )
    field_order = ["village", "key", "head_name", "new_number", "group", "points"]


class MergeForm(ChangeForm):
    kind = Kind.MERGE
    other = forms.CharField(
        label=gettext_lazy("Into which household"),
        help_text=gettext_lazy("The full name or the number of one household."),
    )
    signed_by_other = forms.CharField(
        label=gettext_lazy("Signed for the household that stays by"), max_length=60
    )
    field_order = ["village", "key", "other"]

    def clean_other(self):
        typed = TypedHouseholds(
            self.cleaned_data["other"],
            Household.objects.filter(village=self.of_village),
        )
        if typed.problems:
            raise ValidationError(typed.problems)
        if len(typed.found) != 1:
            raise ValidationError(_("Name one household."))
        return next(iter(typed.found.values()))


class MoveOutForm(ChangeForm):
    kind = Kind.MOVE_OUT


class AwayForm(ChangeForm):
    kind = Kind.AWAY


class BackForm(ChangeForm):
    kind = Kind.BACK


class AnswerForm(DeskForm):
    """Why a noted change is not confirmed."""

    answer = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


FORMS: dict[str, type[ChangeForm]] = {
    form.kind: form
    for form in (
        HeadForm,
        SplitForm,
        MergeForm,
        MoveOutForm,
        MoveInForm,
        AwayForm,
        BackForm,
    )
}


def _yes_or_no(value: object) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)


def _cleaned(read, typed: str) -> str:
    try:
        return read(typed)
    except CellProblem as problem:
        raise ValidationError(str(problem)) from None
