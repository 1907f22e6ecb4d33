"""Take an imported roster back, as long as nothing rests on it."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext as _

from households.changes import change_household
from households.consent import put_back, signed_since
from households.locking import lock_village
from households.models import (
    Household,
    HouseholdChange,
    ImportBatch,
    User,
    VillagerGroup,
)
from households.pinyin import initials_of_name
from households.roster import REPLACED, RosterNotImported, details, record
from households.roster_comparison import NEW


@transaction.atomic
def undo_roster(batch: ImportBatch, *, by: User | None, at: datetime) -> ImportBatch:
    """Delete what one batch brought in and put back what it replaced.

    :raises RosterNotImported: when a household has since been changed or used
    """
    lock_village(batch.village)
    batch = ImportBatch.objects.select_related("village").get(pk=batch.pk)
    if batch.state == ImportBatch.State.UNDONE:
        return batch
    if batch.state != ImportBatch.State.IMPORTED:
        raise RosterNotImported(_("This upload has not been imported."))
    _require_untouched(batch)
    _put_back(batch, by=by, at=at)
    _delete(batch)
    batch.state = ImportBatch.State.UNDONE
    batch.undone_at = at
    batch.save(update_fields=["state", "undone_at"])
    record("undo", batch, by=by, at=at, deleted=len(batch.report["created"]))
    return batch


def _require_untouched(batch: ImportBatch) -> None:
    brought = [row for row in batch.rows if row["kind"] == NEW]
    groups = {group.name: group.pk for group in batch.village.groups.only("pk", "name")}
    expected = {
        pk: {
            "head_name": row["head"],
            "group_id": groups.get(row["group"]),
            "phone": row["phone"],
            "full_name_consented_on": None,
        }
        for pk, row in zip(batch.report["created"], brought, strict=True)
    }
    expected |= {old["id"]: old["after"] for old in batch.report["replaced"]}
    created = set(batch.report["created"])
    households = Household.objects.filter(village=batch.village_id, pk__in=expected)
    standing = {household.pk: household for household in households}
    touched = [
        household.number
        for pk, household in standing.items()
        if details(household) != expected[pk]
        or (pk in created and household.status != Household.Status.ACTIVE)
    ]
    assert batch.imported_at
    signed = signed_since(standing, village=batch.village_id, at=batch.imported_at)
    touched += [
        standing[pk].number for pk in signed if standing[pk].number not in touched
    ]
    if touched or len(standing) < len(expected):
        raise RosterNotImported(
            _("This can no longer be undone: changed after the import: %(numbers)s")
            % {"numbers": "、".join(sorted(touched)[:10])}
        )


def _put_back(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    replaced = {old["id"]: old for old in batch.report["replaced"]}
    households = list(Household.objects.filter(pk__in=replaced))
    for household in households:
        old = replaced[household.pk]["before"]
        consented_on = old["full_name_consented_on"]
        if household.head_name != old["head_name"]:
            change_household(
                household,
                HouseholdChange.Kind.HEAD,
                head_name=old["head_name"],
                takes_effect_on=timezone.localdate(at),
                paper=_("Roster “%(file)s” taken back")
                % {"file": batch.file_name[:120]},
                signed_by=str(by or ""),
                noted_by=by,
                decided_by=None,
                at=at,
            )
            assert batch.imported_at
            put_back(household, imported_at=batch.imported_at, by=by, at=at)
            initials = replaced[household.pk].get("initials")
            household.head_initials = initials or initials_of_name(old["head_name"])
        household.group_id = old["group_id"]
        household.phone = old["phone"]
        household.full_name_consented_on = consented_on and date.fromisoformat(
            consented_on
        )
    Household.objects.bulk_update(households, REPLACED)


def _delete(batch: ImportBatch) -> None:
    created = Household.objects.filter(
        village=batch.village_id, pk__in=batch.report["created"]
    )
    groups = VillagerGroup.objects.filter(
        village=batch.village_id, pk__in=batch.report["created_groups"]
    )
    try:
        created.delete()
        groups.filter(households=None).delete()
    except (ProtectedError, RestrictedError, IntegrityError):
        raise RosterNotImported(
            _("This can no longer be undone: the new households already have entries.")
        ) from None
