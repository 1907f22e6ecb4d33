"""A whole record form: which item, which households, which day, what is doubtful."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from households.models import Household, User
from ledger.cautions import cautions
from ledger.evidence import PHOTO_BYTES, PHOTOS, PhotoRefused, read_photo
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
from ledger.typed_households import TypedHouseholds

SKIP, AGAIN = "skip", "again"
CHOICES = [(SKIP, _("Skip them")), (AGAIN, _("Record them as well"))]


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to four photos, each read and re-encoded before anything is saved."""

    widget = SeveralFiles(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        uploads = [super(PhotosField, self).clean(file) for file in data or []]
        if len(uploads) > PHOTOS:
            raise ValidationError(
                gettext("At most %(count)s photos.") % {"count": PHOTOS}
            )
        try:
            return [read_photo(upload) for upload in uploads]
        except PhotoRefused as refused:
            raise ValidationError(str(refused)) from None


class RecordForm(KeyedForm):
    """One deed of one household or of forty."""

    asked = forms.CharField(widget=forms.HiddenInput, required=False)
    choice = forms.ChoiceField(
        label=_("What about these households?"),
        choices=CHOICES,
        widget=forms.HiddenInput,
        required=False,
    )
    item = forms.ChoiceField(label=_("Which item"))
    households = forms.CharField(
        label=_("Which households"),
        help_text=_("Numbers, ranges or full names: 001-012,015 罗青山"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    groups = forms.MultipleChoiceField(
        label=_("Tick a whole group"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    left_out = forms.CharField(
        label=_("Without these households"),
        help_text=_("Who of the ticked groups was not there."),
        required=False,
    )
    day = forms.DateField(label=_("Day"), widget=DayInput)
    points = forms.IntegerField(
        label=_("Points for each household"),
        help_text=_("May stay empty when the item has only one value."),
        min_value=1,
        required=False,
    )
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[c for c in Deed.Channel.choices if c[0] != Deed.Channel.WEB],
        widget=forms.RadioSelect,
        initial=Deed.Channel.RECORD,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("A deduction needs its reason here; only the household reads it."),
        max_length=200,
        required=False,
    )
    heard_on = forms.DateField(
        label=_("Household told and heard on (deductions)"),
        widget=DayInput,
        required=False,
    )
    second_recorder = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Second recorder (deductions)"),
        empty_label="—",
        required=False,
    )
    photos = PhotosField(
        label=_("Photos"),
        help_text=_("Up to %(count)s, %(limit)s MB each.")
        % {"count": PHOTOS, "limit": PHOTO_BYTES // 1024 // 1024},
        required=False,
    )

    field_order = ["village", "key", "asked", "choice"]

    def __init__(self, *args, village, by, **kwargs):
        super().__init__(*args, village=village, **kwargs)
        self.initial = {
            "day": timezone.localdate(),
            "channel": Deed.Channel.RECORD,
            **self.initial,
        }
        self.items = {str(item.pk): item for item in items_in_force(village)}
        self.fields["item"].choices = [("", "—"), *_by_pillar(self.items.values())]
        living = Count(
            "households", filter=Q(households__status=Household.Status.ACTIVE)
        )
        self.fields["groups"].choices = [
            (
                group.pk,
                gettext("%(group)s %(count)s households")
                % {"group": group.name, "count": group.living},
            )
            for group in village.groups.annotate(living=living).order_by("number")
        ]
        self.fields["second_recorder"].queryset = (
            User.objects.filter(
                pk__in=village.stewardships.filter(ended_at=None).values("user")
            )
            .exclude(pk=by.pk)
            .order_by("last_name", "first_name", "pk")
        )
        self.cautions = []

    def clean_item(self):
        return self.items[self.cleaned_data["item"]]

    def clean(self):
        data = super().clean()
        data["chosen"] = self._chosen(data)
        item = data.get("item")
        if item:
            self._check_points(item, data)
            if item.is_deduction and not data.get("note", "").strip():
                self.add_error("note", _("Give a reason; the household will see it."))
        if not self.errors:
            self._look_twice(data)
        return data

    def refuse(self, refused: Refused) -> None:
        """Show what an operation refused beside the field it is about."""
        self.add_error(_FIELD_OF_REFUSAL.get(type(refused)), str(refused))

    def _chosen(self, data):
        of_village = list(
            Household.objects.filter(village=self.of_village).in_reading_order()
        )
        typed = TypedHouseholds(data.get("households", ""), of_village)
        absent = TypedHouseholds(data.get("left_out", ""), of_village)
        ticked = set(data.get("groups", []))
        chosen = typed.found | {
            household.pk: household
            for household in of_village
            if str(household.group_id) in ticked
            and household.status == Household.Status.ACTIVE
        }
        if typed.problems:
            self.add_error("households", typed.problems)
        elif not chosen:
            self.add_error("households", _("Choose at least one household."))
        if absent.problems:
            self.add_error("left_out", absent.problems)
        return [h for h in chosen.values() if h.pk not in absent.found]

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
        self.cautions = cautions(
            data["chosen"],
            data["item"],
            happened_on=data["day"],
            magnitude=data["points"],
            key=data["key"],
        )
        doubtful = {caution.household.pk for caution in self.cautions}
        question = f"{data['item'].pk} {data['day']} {sorted(doubtful)}"
        if doubtful and not (data["choice"] and data["asked"] == question):
            self.ask(question)
        elif data["choice"] != AGAIN:
            data["chosen"] = [h for h in data["chosen"] if h.pk not in doubtful]
            if not data["chosen"]:
                self.add_error("households", _("Nobody is left to record."))

    def ask(self, question: str) -> None:
        """Put the question to the recorder, with skipping as the safe answer."""
        self.change(asked=question, choice=SKIP)
        self.fields["choice"].widget = forms.RadioSelect(choices=CHOICES)
        self.add_error("choice", _("Choose whether to skip them."))

    @property
    def lost_photos(self):
        """Tell whether photos were sent that a browser cannot send again."""
        return bool(self.errors and self.files)


_FIELD_OF_REFUSAL = {
    OutOfRange: "points",
    ReasonNeeded: "note",
    SecondRecorderNotFit: "second_recorder",
    DayNotAccepted: "day",
    NotOfThisVillage: "households",
}


def items_in_force(village):
    """Return the items that can be recorded today, as they stand in the rulebook."""
    rulebook = village.rulebooks.in_force(timezone.localdate()).first()
    if rulebook is None:
        return ScoringItem.objects.none()
    return rulebook.items.select_related("village").order_by("position", "pk")


def _by_pillar(items):
    """Group the items under their pillar, each with its points and limits."""
    groups: dict[str, list] = {}
    for item in items:
        line = (str(item.pk), f"{item} {_points_of(item)}")
        groups.setdefault(item.get_pillar_display(), []).append(line)
    return list(groups.items())


def _points_of(item):
    sign = "−" if item.is_deduction else "+"
    points = f"{sign}{item.points_min}"
    if item.points_max != item.points_min:
        points = f"{points}…{item.points_max}"
    limits = []
    if item.month_cap is not None:
        limits.append(gettext("at most %(cap)s a month") % {"cap": item.month_cap})
    if item.year_cap is not None:
        limits.append(gettext("at most %(cap)s a year") % {"cap": item.year_cap})
    return f"{points} · {' · '.join(limits)}" if limits else points
