"""What a recorder fills in on a courtyard round, for a reminder, at a second look."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models import Household, User, VillagerGroup
from ledger.forms import DayInput, DeskForm, KeyedForm, VillageForm
from ledger.gatherings.rounds import Seen
from ledger.models import Finding, Round

YARDS = [value for value, _label in Finding.Yard.choices]
NOTE_LENGTH = 60


class BeginForm(VillageForm):
    """Which group is walked, and on which day."""

    group = forms.ModelChoiceField(
        VillagerGroup.objects.none(), label=_("Villager group")
    )
    day = forms.DateField(label=_("Day"), widget=DayInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = VillagerGroup.objects.filter(village=self.of_village)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class Checklist:
    """The households of a round's group with what was seen, and what is sent."""

    def __init__(self, round: Round, sent=None):
        self.round = round
        self.homes = list(
            Household.objects.filter(village=round.village_id, group=round.group_id)
            .listed()
            .in_reading_order()
        )
        found = {one.household_id: one for one in round.findings.all()}
        self.rows = [self._row(home, found.get(home.pk), sent) for home in self.homes]

    def changed(self) -> dict[Household, Seen]:
        """Return what was typed otherwise than the page had shown it.

        So two people on one group do not undo each other's rows.
        """
        return {
            row["home"]: row["seen"]
            for row in self.rows
            if row["was"] != _written(row["seen"])
        }

    def _row(self, home: Household, found: Finding | None, sent) -> dict:
        seen = Seen(found.yard, found.is_sorted, found.note) if found else Seen()
        was = _written(seen)
        if sent is not None:
            yard = sent.get(f"yard-{home.pk}", "")
            was = sent.get(f"was-{home.pk}", was)
            seen = Seen(
                yard if yard in YARDS else "",
                f"sorted-{home.pk}" in sent,
                sent.get(f"note-{home.pk}", "").strip()[:NOTE_LENGTH],
            )
        return {"home": home, "seen": seen, "was": was, "finding": found}


class CloseRoundForm(KeyedForm):
    """Which findings were checked before closing."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RemindForm(DeskForm):
    """In which words a household was told, on which day, and when one looks again."""

    words = forms.CharField(
        label=_("What is to be put right"),
        help_text=_("The household reads it; kindly, and only what can be seen."),
        max_length=150,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    told_on = forms.DateField(label=_("Household told on"), widget=DayInput)
    recheck_on = forms.DateField(
        label=_("One looks again from"),
        help_text=_("Until then nothing is taken."),
        widget=DayInput,
    )

    def __init__(self, *args, finding: Finding, days: int, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.initial.update(
            {
                "words": finding.reminder or _words_for(finding),
                "told_on": finding.told_on or today,
                "recheck_on": finding.recheck_on or today + timedelta(days=days),
            }
        )


class RecheckForm(KeyedForm):
    """What was seen the second time; only a failed one needs the rest."""

    outcome = forms.ChoiceField(
        label=_("What was seen"),
        choices=[
            ("passed", _("Put right: nothing is taken")),
            ("failed", _("Still not put right: propose a deduction")),
        ],
        widget=forms.RadioSelect,
    )
    seen_on = forms.DateField(label=_("Seen on"), widget=DayInput)
    points = forms.IntegerField(
        label=_("Points to take"), min_value=1, initial=1, required=False
    )
    note = forms.CharField(
        label=_("Reason"),
        help_text=_("The household will see it."),
        max_length=200,
        required=False,
    )
    second_recorder = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who has seen it too"),
        empty_label="—",
        required=False,
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        serving = self.of_village.stewardships.filter(ended_at=None).values("user")
        others = User.objects.filter(pk__in=serving).exclude(pk=by.pk)
        self.fields["second_recorder"].queryset = (  # type: ignore[attr-defined]
            others.order_by("last_name", "first_name", "pk")
        )
        self.initial.setdefault("seen_on", timezone.localdate())


def _written(seen: Seen) -> str:
    return f"{seen.yard}|{int(seen.is_sorted)}|{seen.note}"


def _words_for(finding: Finding) -> str:
    day: date = finding.round.day
    if finding.note:
        return gettext("On %(day)s we saw: %(note)s. Please put it right.") % {
            "day": day,
            "note": finding.note,
        }
    return gettext("On %(day)s the yard was untidy. Please put it right.") % {
        "day": day
    }
