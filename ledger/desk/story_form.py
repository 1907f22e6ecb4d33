"""What a clerk fills in to tell a good deed; nothing of it is demanded at once."""

from datetime import UTC, datetime

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ledger.desk.photos_field import StoryPhotoField
from ledger.evidence import PHOTO_BYTES
from ledger.forms import DayInput, DeskForm, KeyedForm
from ledger.models import Story
from ledger.telling import Telling

# What nobody can have seen: whoever sends it is asked to look again.
NEVER = datetime(1, 1, 1, tzinfo=UTC)


class SeenField(forms.CharField):
    """When the version was written that somebody looked at."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def clean(self, value):
        seen = parse_datetime(super().clean(value))
        return seen if seen and seen.tzinfo else NEVER


class StoryForm(KeyedForm):
    """A story's words, its photo, and what the family agreed to."""

    seen = SeenField()
    headline = forms.CharField(
        label=_("Headline"),
        help_text=_("One line that makes people read on; no name in it."),
        max_length=30,
        required=False,
    )
    text = forms.CharField(
        label=_("The story"),
        help_text=_(
            "3 to 8 sentences: what happened, what was done, how it ended. No names, "
            "and nothing of anybody's health, money or benefits."
        ),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    witnesses = forms.CharField(
        label=_("Who can confirm it"),
        help_text=_("By role, without names: two neighbors, the group leader."),
        max_length=60,
        required=False,
    )
    photo = StoryPhotoField(
        label=_("Photo"),
        help_text=_("%(limit)s MB at most; it is made small. No children's faces.")
        % {"limit": PHOTO_BYTES // 1024 // 1024},
        required=False,
    )
    remove_photo = forms.BooleanField(label=_("Leave out the photo"), required=False)
    photo_alt = forms.CharField(
        label=_("What the photo shows"),
        help_text=_("For those who cannot see it."),
        max_length=80,
        required=False,
    )
    consent_by = forms.CharField(
        label=_("Who of the family agreed"),
        help_text=_("Only staff see it."),
        max_length=30,
        required=False,
    )
    consent_how = forms.ChoiceField(
        label=_("How"), choices=[("", "—"), *Story.ConsentWay.choices], required=False
    )
    consent_on = forms.DateField(
        label=_("On which day"), widget=DayInput, required=False
    )
    shows_full_name = forms.BooleanField(
        label=_("The full name may be shown"), required=False
    )
    shows_photo = forms.BooleanField(label=_("The photo may be shown"), required=False)

    def __init__(self, *args, story: Story | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if story:
            for name in Telling.__dataclass_fields__:
                self.initial.setdefault(name, getattr(story, name))
            self.initial["seen"] = story.written_at.isoformat()
        if story is None or not story.photo:
            del self.fields["remove_photo"]

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def telling(self) -> Telling:
        """Return what was filled in, apart from the photo."""
        names = Telling.__dataclass_fields__
        return Telling(**{name: self.cleaned_data[name] for name in names})

    def photo_change(self) -> bytes | None:
        """Return the new photo, nothing for none at all, None to keep what is there."""
        if self.cleaned_data["photo"]:
            return self.cleaned_data["photo"]
        return b"" if self.cleaned_data.get("remove_photo") else None


class PublishStoryForm(DeskForm):
    """The second person's deliberate yes."""

    seen = SeenField()
    checked = forms.BooleanField(
        label=_("I have read it, and the family's consent is there"),
        error_messages={"required": _("Read it, then tick the box.")},
    )


class SeenForm(DeskForm):
    """Which version somebody looked at."""

    seen = SeenField()
