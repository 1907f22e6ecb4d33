"""The record form, filled in with what somebody wants to put right."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.desk.record_shown import ShownRecordForm
from ledger.evidence import PHOTOS
from ledger.models import Deed, EvidencePhoto


class ChangeForm(ShownRecordForm):
    """What is recorded in the place of one deed, or of a whole saved form.

    Its photos are kept, unless their ticks are taken away.
    """

    replaces = forms.CharField(widget=forms.HiddenInput)
    kept = forms.MultipleChoiceField(required=False)

    def __init__(self, data=None, files=None, *, replaced, act=None, **options):
        self.replaced = replaced
        self.photos_before = _photos_of(replaced)
        first = replaced[0]
        options["initial"] = {
            "replaces": ",".join(str(deed.pk) for deed in replaced),
            "chosen": ",".join(deed.household.number for deed in replaced),
            "day": first.happened_on.isoformat(),
            "code": first.item.code,
            "points": abs(first.points),
            "channel": first.channel,
            "note": first.note,
            "heard_on": first.heard_on,
            "second_recorder": first.second_recorder_id,
            "kept": list(self.photos_before),
        }
        super().__init__(data, files, act=act, **options)
        if act:
            self.initial["kept"] = data.getlist("kept")
        self.fields["kept"].choices = [(pk, pk) for pk in self.photos_before]
        own = (first.channel, first.get_channel_display())
        if own not in self.fields["channel"].choices:
            self.fields["channel"].choices = [*self.fields["channel"].choices, own]

    def clean(self):
        data = super().clean()
        data["kept"] = [self.photos_before[pk] for pk in data.get("kept", [])]
        if len(data["kept"]) + len(data.get("photos") or []) > PHOTOS:
            self.add_error("photos", _("At most %(count)s photos.") % {"count": PHOTOS})
        return data

    @property
    def photos_shown(self) -> list[tuple[EvidencePhoto, bool]]:
        """Return what is on file, each with whether it is to be kept."""
        kept = self["kept"].value() or []
        return [(photo, pk in kept) for pk, photo in self.photos_before.items()]


def _photos_of(deeds: Sequence[Deed]) -> dict[str, EvidencePhoto]:
    """Return one photo for each file that shows one of some deeds, by its id."""
    photos = EvidencePhoto.objects.filter(
        village=deeds[0].village_id, deed__in=[deed.pk for deed in deeds]
    )
    of_file = {photo.image.name: photo for photo in photos.order_by("-pk")}
    return {str(photo.pk): photo for photo in reversed(of_file.values())}
