"""What a clerk fills in to invite to an activity, and to call it off."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ledger.desk.declaration_forms import good_items
from ledger.desk.item_tiles import Tile
from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.gatherings.activities import NotPlannable, Plan
from ledger.models import Activity, ScoringItem
from ledger.recording import OutOfRange
from ledger.refusals import Refused
from ledger.rulebook_versions import NotInThatVersion, Versions, item_of_day

# What villages invite to most, by the codes of the sample rulebook.
PRESETS = {
    "Z05": _("Clean-up day"),
    "F02": _("Patrol shift"),
    "F01": _("Law lecture"),
    "D05": _("Volunteer day"),
    "Z01": _("Village meeting"),
}
_FIELD_OF_REFUSAL = {OutOfRange: "points", NotPlannable: None}


class ClockInput(forms.TimeInput):
    """A time of day as browsers want it, whatever the language of the page."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class ActivityForm(KeyedForm):
    """An activity as everybody will read it on the menu."""

    item = forms.ChoiceField(label=_("Item of the rules"))
    title = forms.CharField(
        label=_("What is it called?"),
        help_text=_("It stands on the menu and in each deed; no names in it."),
        max_length=30,
    )
    points = forms.IntegerField(
        label=_("Points for each household"),
        help_text=_("Empty: as the rules say."),
        min_value=1,
        required=False,
    )
    day = forms.DateField(label=_("Day"), widget=DayInput)
    begins_at = forms.TimeField(label=_("From"), widget=ClockInput)
    ends_at = forms.TimeField(label=_("Until"), widget=ClockInput)
    place = forms.CharField(label=_("Meeting place"), max_length=60)
    places = forms.IntegerField(
        label=_("Places"),
        help_text=_(
            "For households that say beforehand; empty when there is no limit."
        ),
        min_value=1,
        max_value=9999,
        required=False,
    )
    words = forms.CharField(
        label=_("What is done, what to bring"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, activity: Activity | None = None, preset="", **kwargs):
        super().__init__(*args, **kwargs)
        self.items = good_items(self.of_village)
        if activity:
            self.items = [
                activity.item if item.code == activity.item.code else item
                for item in self.items
            ]
            for name in Plan.__dataclass_fields__:
                self.initial.setdefault(name, getattr(activity, name))
            self.initial["item"] = str(activity.item_id)
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((str(item.pk), _labelled(item)) for item in self.items),
        ]
        self.presets = {
            item.code: PRESETS[item.code] for item in self.items if item.code in PRESETS
        }
        chosen = next((item for item in self.items if item.code == preset), None)
        if chosen and preset in self.presets:
            self.initial.update(
                {
                    "item": str(chosen.pk),
                    "title": self.presets[preset],
                    "points": chosen.points_min,
                }
            )

    def clean(self):
        data = super().clean()
        pk = data.get("item")
        item = next((item for item in self.items if str(item.pk) == pk), None)
        data["item"] = item
        if item and data.get("day"):
            # What the activity brings is what the rules of its day say.
            try:
                data["item"] = item_of_day(item, data["day"], Versions(self.of_village))
            except NotInThatVersion as refused:
                self.add_error("item", str(refused))
                data["item"] = None
        if (
            data.get("item")
            and data.get("points") is None
            and "points" not in self.errors
        ):
            data["points"] = data["item"].points_min
        begins, ends = data.get("begins_at"), data.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("It must end after it begins."))
        data["words"] = data.get("words", "").replace("\r\n", "\n")
        return data

    def plan(self) -> Plan:
        """Return what was filled in."""
        names = Plan.__dataclass_fields__
        return Plan(**{name: self.cleaned_data[name] for name in names})

    def refuse(self, refused: Refused) -> None:
        """Show what an operation refused beside the field it is about."""
        self.add_error(_FIELD_OF_REFUSAL.get(type(refused)), str(refused))


class CancelForm(DeskForm):
    """Why an activity is called off, for everybody to read."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everybody reads it on the menu; no names in it."),
        max_length=100,
        error_messages={"required": _("Say why in a few words; everybody reads it.")},
    )


class CloseForm(KeyedForm):
    """Which list was checked before closing."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


def _labelled(item: ScoringItem):
    return format_lazy("{} · {} {}", str(item), Tile(item, False).points, item.unit)
