from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.people import User
from households.models.places import Village
from households.scoping import VillageScopedQuerySet


class ImportBatch(models.Model):
    """One uploaded sheet: read, shown back, then taken over whole or not at all."""

    class Kind(models.TextChoices):
        ROSTER = "roster", _("Roster")
        DEEDS = "deeds", _("Deeds")

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        STOPPED = "stopped", _("Stopped")
        IMPORTED = "imported", _("Imported")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Could not be read")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="imports", verbose_name=_("village")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.CHECKING
    )
    # None at the server's own console, where nobody has logged in.
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    # Checked rows, what was dropped and what was refused. No cell of a column
    # that we do not keep ever gets here.
    rows = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # Recording a long sheet, which goes on beside the server: who began it, the
    # last sign of life, where this go began, and whether its end was seen.
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False
    )
    started_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    rows_before = models.PositiveIntegerField(default=0)
    rows_recorded = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["village", "uploaded_at"], name="households_imports")
        ]

    def __str__(self):
        return self.file_name
