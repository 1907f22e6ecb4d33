"""A whole record form: which item, which households, which day, what is doubtful."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from households.models import User
from ledger.cautions import Caution, cautions
from ledger.desk.item_tiles import Tile, item_by_code, tiles_of
from ledger.desk.photos_field import PhotosField
from ledger.desk.selection import Selection
from ledger.evidence import PHOTO_BYTES, PHOTOS
from ledger.forms import DayInput, KeyedForm
from ledger.models import Deed, ScoringItem
from ledger.months import DayNotAccepted
from ledger.recording import (
    NotOfThisVillage,
    OutOfRange,
    ReasonNeeded,
    SecondRecorderNotFit,
    check_range,
)
from ledger.refusals import Refused
from ledger.rulebook_versions import (
    NotInThatVersion,
    Versions,
    item_of_day,
    recordable_items,
)

SKIP, AGAIN = "skip", "again"
CHOICES = [(SKIP, _("Skip them")), (AGAIN, _("Record them as well"))]
OTHER_DAY = "other"


class RecordForm(KeyedForm):
    """One deed of one household or of forty.

    With `act`, the name and value of a button, the form is not judged: it
    comes back with what was typed, changed as the button says.
    """

    # The deeds that a save takes the place of.
    replaced: Sequence[Deed] = ()

    asked = forms.CharField(required=False)
    choice = forms.ChoiceField(
        label=_("What about these households?"), choices=CHOICES, required=False
    )
    chosen = forms.CharField(required=False)
    find = forms.CharField(label=_("Find an item"), required=False)
    item = forms.ChoiceField(label=_("Which item"), required=False)
    households = forms.CharField(label=_("Which households"), required=False)
    day = forms.CharField(label=_("Day"), required=False)
    other_day = forms.DateField(label=_("Day"), widget=DayInput, required=False)
    points = forms.IntegerField(
        label=_("Points for each household"), min_value=1, required=False
    )
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[c for c in Deed.Channel.choices if c[0] != Deed.Channel.WEB],
        initial=Deed.Channel.RECORD,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    heard_on = forms.DateField(
        label=_("Household told and heard on"), widget=DayInput, required=False
    )
    second_recorder = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Second recorder"),
        empty_label="—",
        required=False,
    )
    photos = PhotosField(
        label=_("Photos"),
        help_text=_("Up to %(count)s, %(limit)s MB each.")
        % {"count": PHOTOS, "limit": PHOTO_BYTES // 1024 // 1024},
        required=False,
    )

    def __init__(self, data=None, files=None, *, village, by, act=None, **kwargs):
        super().__init__(
            None if act else data, None if act else files, village=village, **kwargs
        )
        self.by = by
        self.versions = Versions(village)
        self.items = recordable_items(self.versions, today=timezone.localdate())
        self.cautions: list[Caution] = []
        self.fields["item"].choices = [(str(item.pk), item) for item in self.items]
        self.fields["second_recorder"].queryset = (
            User.objects.filter(
                pk__in=village.stewardships.filter(ended_at=None).values("user")
            )
            .exclude(pk=by.pk)
            .order_by("last_name", "first_name", "pk")
        )
        self.initial = {
            "day": timezone.localdate().isoformat(),
            "channel": Deed.Channel.RECORD,
            **self.initial,
        }
        kept = item_by_code(self.items, self.initial.pop("code", ""))
        if kept:
            self.initial.setdefault("item", str(kept.pk))
        self.selection = Selection(village, by, self.items, data or self.initial)
        if act:
            self._act(data, *act)

    @cached_property
    def tiles(self) -> list[Tile]:
        return tiles_of(self.items, village=self.of_village, by=self.by)

    # What a button asks for

    def _act(self, data: Mapping[str, str], action: str, value: str) -> None:
        selection = self.selection
        selection.act(action, value)
        self.initial.update(
            {name: data[name] for name in self.fields if name in data},
            chosen=selection.text,
            households=" ".join(selection.misread),
        )
        if found := selection.item or self._found(data.get("find", "")):
            self.initial.update({"item": str(found.pk), "points": "", "find": ""})
        item, day = self._item_of(self.initial), self._day_of(self.initial)
        if item and day:
            with suppress(NotInThatVersion):
                item = item_of_day(item, day, self.versions)
        if item and day and selection.households:
            magnitude = whole_points(self.initial.get("points")) or item.points_min
            question = self._look(item, day, magnitude, _key(self.initial["key"]))
            if self.initial.get("asked") != question:
                self.initial.update({"asked": question, "choice": SKIP})

    def _found(self, typed: str) -> ScoringItem | None:
        """Return the one item that some typed words stand for."""
        if not typed.strip():
            return None
        named = item_by_code(self.items, typed)
        found = [tile.item for tile in self.tiles if tile.fits(typed)]
        return found[0] if named is None and len(found) == 1 else named

    def _item_of(self, values: Mapping[str, object]) -> ScoringItem | None:
        pk = str(values.get("item", ""))
        return next((item for item in self.items if str(item.pk) == pk), None)

    def _day_of(self, values: Mapping[str, object]) -> date | None:
        day = values.get("day")
        with suppress(ValueError):
            return date.fromisoformat(
                str(values.get("other_day", "") if day == OTHER_DAY else day)
            )
        return None

    # What is saved

    def clean(self):
        data = super().clean()
        data["chosen"] = self.selection.households
        if self.selection.misread:
            self.add_error("households", [*self.selection.misread.values()])
        elif not data["chosen"]:
            self.add_error("households", _("Choose at least one household."))
        data["day"] = self._day_of(data)
        if data["day"] is None and "other_day" not in self.errors:
            self.add_error("day", _("Choose the day."))
        item = self._as_of_its_day(self.selection.item or self._item_of(data), data)
        if item:
            self._check_points(item, data)
            if item.is_deduction and not data.get("note", "").strip():
                self.add_error("note", _("Give a reason; the household will see it."))
        elif "item" not in self.errors:
            self.add_error("item", _("Choose what was done."))
        self._look_twice(data)
        return data

    def refuse(self, refused: Refused) -> None:
        """Show what an operation refused beside the field it is about."""
        self.add_error(_FIELD_OF_REFUSAL.get(type(refused)), str(refused))

    def _as_of_its_day(self, item, data) -> ScoringItem | None:
        """Take the item as the rules in force on the day of the deed have it."""
        data["item"] = item
        if item and data.get("day"):
            try:
                data["item"] = item_of_day(item, data["day"], self.versions)
                _take_usual_points(item, data)
            except NotInThatVersion as refused:
                self.add_error("item", str(refused))
                data["item"] = None
        return data["item"]

    def _check_points(self, item, data):
        if data.get("points") is None and "points" not in self.errors:
            data["points"] = item.points_min
            if item.points_min != item.points_max:
                self.add_error(
                    "points",
                    _("“%(item)s” takes %(low)s to %(high)s points.")
                    % {
                        "item": item,
                        "low": item.points_min,
                        "high": item.points_max,
                    },
                )
        elif data.get("points"):
            try:
                check_range(item, data["points"])
            except OutOfRange as refused:
                self.add_error("points", str(refused))

    def _look_twice(self, data):
        """Ask about repeats and full limits, until asked about exactly these."""
        needed = ("chosen", "item", "day", "points", "key")
        if not all(data.get(name) for name in needed):
            return
        question = self._look(data["item"], data["day"], data["points"], data["key"])
        doubtful = {caution.household.pk for caution in self.cautions}
        if doubtful and not (data["choice"] and data["asked"] == question):
            self.change(asked=question, choice=SKIP)
            self.add_error("choice", _("Choose whether to skip them."))
        elif data["choice"] != AGAIN:
            data["chosen"] = [h for h in data["chosen"] if h.pk not in doubtful]
            if not data["chosen"]:
                self.add_error("households", _("Nobody is left to record."))

    def _look(self, item, day, magnitude, key) -> str:
        """Find what is doubtful, and name it so that an answer is to just that."""
        self.cautions = cautions(
            self.selection.households,
            item,
            happened_on=day,
            magnitude=magnitude,
            key=key,
            replaced=self.replaced,
        )
        doubtful = sorted(caution.household.pk for caution in self.cautions)
        return f"{item.pk} {day} {doubtful}" if doubtful else ""


def _take_usual_points(shown: ScoringItem, data: dict) -> None:
    """Take the fewest points of the day's rules for those of the rules shown.

    The page fills in what today's rules give; where that is no choice it shows
    no field, so nobody could put it right.
    """
    item, points = data["item"], data.get("points")
    is_possible = points and item.points_min <= points <= item.points_max
    if points == shown.points_min and not is_possible:
        data["points"] = item.points_min


def whole_points(typed: object) -> int:
    """Return a typed number of points, or 0 for anything else."""
    text = str(typed)
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _key(typed: object) -> UUID:
    try:
        return UUID(str(typed))
    except ValueError:
        return uuid4()


_FIELD_OF_REFUSAL = {
    OutOfRange: "points",
    ReasonNeeded: "note",
    SecondRecorderNotFit: "second_recorder",
    DayNotAccepted: "day",
    NotOfThisVillage: "households",
}
