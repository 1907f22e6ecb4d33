"""What is filled in to prepare an award list, hang it out, confirm or withdraw it."""

from collections.abc import Iterator, Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household
from ledger.forms import ConfirmForm, DayInput, VillageForm
from rewards.awarding import Note
from rewards.confirming import MOST_VOTES, Vote
from rewards.desk.fields import WholeField
from rewards.models import AwardNote, AwardRound, Reward
from rewards.models.gifts import MOST_IN_A_GIFT


class ListForm(VillageForm):
    """Praise, who is struck off and why, and the goods of the gift."""

    def __init__(
        self,
        *args,
        round: AwardRound,
        households: Sequence[Household],
        goods: Sequence[Reward],
        has_notes: bool,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.households = households if has_notes else []
        self.goods = goods
        notes = AwardNote.objects.filter(village=round.village_id, round=round)
        said = {note.household_id: note for note in notes}
        for home in self.households:
            note = said.get(home.pk)
            for name, longest in (("citation", 30), ("struck_reason", 60)):
                self.fields[f"{name}-{home.pk}"] = forms.CharField(
                    max_length=longest, required=False
                )
                self.initial[f"{name}-{home.pk}"] = getattr(note, name, "")
        gifts = dict(round.gifts.values_list("reward", "quantity"))
        for reward in goods:
            self.fields[f"gift-{reward.pk}"] = WholeField(
                min_value=0, max_value=MOST_IN_A_GIFT, required=False
            )
            self.initial[f"gift-{reward.pk}"] = gifts.get(reward.pk) or ""

    def fields_of(self, home: Household) -> dict:
        """Return the two boxes beside a household."""
        return {
            "citation": self[f"citation-{home.pk}"],
            "struck_reason": self[f"struck_reason-{home.pk}"],
        }

    @property
    def gift_lines(self) -> Iterator[dict]:
        for reward in self.goods:
            yield {"reward": reward, "field": self[f"gift-{reward.pk}"]}

    @property
    def problems(self) -> Iterator[str]:
        """Yield what is wrong, each with the household or the goods it is about."""
        yield from map(str, self.non_field_errors())
        for home in self.households:
            for field in self.fields_of(home).values():
                for error in field.errors:
                    yield f"{home.number} {home.head_name}: {error}"
        for line in self.gift_lines:
            for error in line["field"].errors:
                yield f"{line['reward'].name}: {error}"

    @property
    def notes(self) -> list[Note]:
        data = self.cleaned_data
        return [
            Note(home, data[f"citation-{home.pk}"], data[f"struck_reason-{home.pk}"])
            for home in self.households
        ]

    @property
    def gift(self) -> dict[Reward, int]:
        data = self.cleaned_data
        return {reward: data[f"gift-{reward.pk}"] or 0 for reward in self.goods}


class HangOutForm(VillageForm):
    """A deliberate yes to the list as it stands."""

    checked = forms.BooleanField(
        label=gettext_lazy("I have checked the list; from now on it stays as it is")
    )


class VoteForm(ConfirmForm):
    """The vote of the village meeting, the tick, and the password again."""

    meeting = forms.CharField(label=gettext_lazy("Which meeting"), max_length=60)
    voted_on = forms.DateField(label=gettext_lazy("Day of the vote"), widget=DayInput)
    votes_for = WholeField(
        label=gettext_lazy("In favor"), min_value=0, max_value=MOST_VOTES
    )
    votes_against = WholeField(
        label=gettext_lazy("Against"), min_value=0, max_value=MOST_VOTES
    )
    abstained = WholeField(
        label=gettext_lazy("Abstained"), min_value=0, max_value=MOST_VOTES
    )
    record = forms.CharField(
        label=gettext_lazy("Record of the vote"),
        help_text=gettext_lazy(
            "Where it is kept: the number in the minute book. It is not public."
        ),
        max_length=100,
    )

    field_order = (
        "village",
        "meeting",
        "voted_on",
        "votes_for",
        "votes_against",
        "abstained",
        "record",
        "password",
        "checked",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("meeting", _("meeting of the villagers' deputies"))
        self.fields["password"].widget.attrs.pop("autofocus", None)

    @property
    def vote(self) -> Vote:
        data = self.cleaned_data
        return Vote(
            meeting=data["meeting"],
            day=data["voted_on"],
            votes_for=data["votes_for"],
            votes_against=data["votes_against"],
            abstained=data["abstained"],
            record=data["record"],
        )


class TakeBackForm(VillageForm):
    """Why a list is withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it withdrawn?"),
        help_text=gettext_lazy("It stays in the books of the staff. Name nobody."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
