"""What staff fill in to draw up, comment on and adopt the rules."""

from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.models import RulebookVote, ScoringItem
from ledger.rules.asking import Verdict
from ledger.rules.drafting import written_fields
from ledger.rules.voting import Vote, usual_day

ONLY_DEDUCTIONS = ("repair", "repair_percent", "repair_days")
# More than any village has; what is typed beyond it is a slip of the pen.
MOST_PEOPLE = 100_000


class ItemForm(forms.ModelForm):
    """One item, with every field that a village writes."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    renew_key = KeyedForm.renew_key
    change = KeyedForm.change

    class Meta:
        model = ScoringItem
        fields = written_fields()
        widgets = {"criterion": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
        # Of a new item it is not known yet whether it takes points away.
        is_asked = not self.is_bound or "repair_percent" in self.data
        if not (self.instance.is_deduction and is_asked):
            for name in ONLY_DEDUCTIONS:
                self.fields.pop(name, None)

    def values(self) -> dict:
        """Return what was filled in, by the name of the field."""
        return {
            name: self.cleaned_data[name]
            for name in written_fields()
            if name in self.fields
        }


class PillarForm(DeskForm):
    """To which part of the rules a new item belongs."""

    pillar = forms.ChoiceField(
        label=_("Part of the rules"), choices=ScoringItem.Pillar.choices
    )


class CommentForm(KeyedForm):
    """What the township says of a draft."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[(v, v.label) for v in Verdict if v != Verdict.ANSWER],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("Comment"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Name the code of the item you mean. The village reads it."),
    )


class AnswerForm(KeyedForm):
    """What the village answers the township."""

    text = forms.CharField(
        label=_("Answer to the township"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VoteForm(KeyedForm):
    """What the minutes say, and from when the rules count."""

    meeting = forms.CharField(
        label=_("Name of the meeting"),
        help_text=_("As in the minutes: second villagers' assembly of 2026."),
        max_length=60,
    )
    kind = forms.ChoiceField(
        label=_("Kind of meeting"),
        choices=RulebookVote.Kind.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "More than half of all adult villagers must come, else two thirds."
        ),
    )
    held_on = forms.DateField(label=_("Held on"), widget=DayInput)
    entitled = forms.IntegerField(
        label=_("Entitled to vote"), min_value=1, max_value=MOST_PEOPLE
    )
    present = forms.IntegerField(label=_("Present"), min_value=1, max_value=MOST_PEOPLE)
    women = forms.IntegerField(
        label=_("Of them women"), min_value=0, max_value=MOST_PEOPLE, required=False
    )
    votes_for = forms.IntegerField(label=_("For"), min_value=0, max_value=MOST_PEOPLE)
    against = forms.IntegerField(label=_("Against"), min_value=0, max_value=MOST_PEOPLE)
    abstained = forms.IntegerField(
        label=_("Abstained"), min_value=0, max_value=MOST_PEOPLE
    )
    filing_number = forms.CharField(
        label=_("Filing number"),
        help_text=_("The number under which the township keeps it."),
        max_length=40,
    )
    in_force_from = forms.DateField(
        label=_("In force from"),
        widget=DayInput,
        help_text=_("Usually the first of a month, best 1 January."),
    )

    def __init__(self, *args, draft, **kwargs):
        super().__init__(*args, village=draft.village, **kwargs)
        self.initial.setdefault("kind", RulebookVote.Kind.HOUSEHOLDS)
        self.initial.setdefault(
            "in_force_from", usual_day(draft, today=timezone.localdate())
        )

    def vote(self) -> Vote:
        names = Vote.__dataclass_fields__
        return Vote(**{name: self.cleaned_data[name] for name in names})
