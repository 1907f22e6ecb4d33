"""Rows that are written once and then kept."""

from django.db import models
from django.utils.translation import gettext as _


class AppendOnlyError(Exception):
    """A change to something that is only ever added to."""


def refuse(model):
    raise AppendOnlyError(
        _("%(rows)s are written once and never changed; post a correction instead.")
        % {"rows": model._meta.verbose_name_plural}
    )


class AppendOnlyQuerySet(models.QuerySet):
    """Reads as usual; refuses every write but adding."""

    def update(self, **kwargs):
        refuse(self.model)

    async def aupdate(self, **kwargs):
        refuse(self.model)

    def delete(self):
        refuse(self.model)

    def bulk_create(self, objs, *args, **kwargs):
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            refuse(self.model)
        return super().bulk_create(objs, *args, **kwargs)

    def _raw_delete(self, using):
        refuse(self.model)

    update.alters_data = True  # type: ignore[attr-defined]
    aupdate.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]


class AppendOnlyModel(models.Model):
    """A row that is written once and then kept (I-01)."""

    is_append_only = True

    class Meta:
        abstract = True

    def save(self, **kwargs):
        if not self._state.adding:
            refuse(type(self))
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs):
        refuse(type(self))
