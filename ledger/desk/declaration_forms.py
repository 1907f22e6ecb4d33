"""What is filled in to take a declaration down, and to accept it."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household
from households.typed_households import TypedHouseholds
from ledger.forms import DayInput, KeyedForm
from ledger.models import Deed, ScoringItem
from ledger.rulebook_versions import (
    NotInThatVersion,
    Versions,
    item_of_day,
    recordable_items,
)

# A cadre's own record is no declaration, and residents have a page of their own.
CHANNELS = [
    choice
    for choice in Deed.Channel.choices
    if choice[0] not in (Deed.Channel.RECORD, Deed.Channel.WEB)
]


class ItemForm(KeyedForm):
    """A form that names one of the good deeds of the rulebook in force."""

    item = forms.ModelChoiceField(
        ScoringItem.objects.none(), label=gettext_lazy("Which item"), empty_label=None
    )

    def __init__(self, *args, village, items=None, **kwargs):
        super().__init__(*args, village=village, **kwargs)
        self.fields["item"].queryset = items_of(village) if items is None else items

    def take_as_of(self, day) -> None:
        """Take the item as the rules in force on the day of the deed have it."""
        item = self.cleaned_data.get("item")
        if item and day:
            versions = Versions(self.of_village)
            try:
                self.cleaned_data["item"] = item_of_day(item, day, versions)
            except NotInThatVersion as refused:
                self.add_error("item", str(refused))


class DeclareForm(ItemForm):
    """What somebody told a clerk."""

    household = forms.CharField(
        label=gettext_lazy("Whose good deed"),
        help_text=gettext_lazy("The full name or the number of one household."),
    )
    note = forms.CharField(label=gettext_lazy("What was done"), max_length=200)
    day = forms.DateField(label=gettext_lazy("Which day"), widget=DayInput)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=CHANNELS, widget=forms.RadioSelect
    )

    field_order = ["village", "key", "household", "note", "item", "day", "channel"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("day", timezone.localdate())
        self.initial.setdefault("channel", Deed.Channel.ORAL)

    def clean_household(self):
        typed = TypedHouseholds(
            self.cleaned_data["household"],
            Household.objects.filter(village=self.of_village),
        )
        if typed.problems:
            raise ValidationError(typed.problems)
        if len(typed.found) != 1:
            raise ValidationError(_("Name one household."))
        return next(iter(typed.found.values()))

    def clean(self):
        super().clean()
        self.take_as_of(self.cleaned_data.get("day"))
        return self.cleaned_data


class PointsForm(ItemForm):
    """What a declaration is, and what it gives."""

    points = forms.IntegerField(
        label=gettext_lazy("Points"), min_value=1, required=False
    )
    again = forms.BooleanField(
        label=gettext_lazy("It is another deed; accept it as well"), required=False
    )

    is_doubled = False
    happened_on: date | None = None

    def clean(self):
        """Take the item's one value, or its fewest points when none are typed."""
        data = super().clean()
        self.take_as_of(self.happened_on)
        item = data.get("item")
        if item and (not data.get("points") or item.points_min == item.points_max):
            data["points"] = item.points_min
        return data


class AcceptForm(PointsForm):
    """What a declared deed is; the clerk who took it down has named an item."""

    def __init__(self, *args, deed, **kwargs):
        super().__init__(*args, auto_id=f"id_{deed.pk}_%s", **kwargs)
        self.happened_on = deed.happened_on
        self.initial["item"] = deed.item_id
        self.fields["points"].widget.attrs["placeholder"] = deed.item.points_min


class AcceptFiledForm(PointsForm):
    """What a resident's declaration is; nobody has named an item yet."""

    def __init__(self, *args, declaration, **kwargs):
        super().__init__(*args, auto_id=f"id_web{declaration.pk}_%s", **kwargs)
        self.happened_on = declaration.happened_on
        self.fields["item"].empty_label = _("Choose the item")


def good_items(village) -> list[ScoringItem]:
    """Return the good deeds that can be recorded today, in their order."""
    items = recordable_items(Versions(village), today=timezone.localdate())
    return [item for item in items if not item.is_deduction]


def items_of(village):
    """Return the same good deeds for a form to choose from."""
    found = [item.pk for item in good_items(village)]
    items = ScoringItem.objects.filter(village=village, pk__in=found)
    return items.order_by("-rulebook__version", "position")


def points_of(item: ScoringItem) -> str:
    """Write what an item gives: +3, +3–5."""
    if item.points_min == item.points_max:
        return f"+{item.points_min}"
    return f"+{item.points_min}–{item.points_max}"
