"""拟定细则: a draft from the last version, its items, and giving it up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.models import Rulebook, ScoringItem
from ledger.operations import claim_operation
from ledger.refusals import Refused

# What a draft keeps of an item whatever is written in it.
FIXED = ("id", "village", "rulebook", "code", "position", "pillar")
LETTERS = {
    ScoringItem.Pillar.LAW: "F",
    ScoringItem.Pillar.VIRTUE: "D",
    ScoringItem.Pillar.SELF: "Z",
    ScoringItem.Pillar.DEDUCTION: "N",
}


class DraftOpen(Refused):
    """The village has a draft already, or nothing to begin one from."""


class NotADraft(Refused):
    """The rulebook is adopted, discarded, or lies with the township."""


class ItemNotInOrder(Refused):
    """An item's values contradict one another or are missing."""


def written_fields() -> list[str]:
    """Return the fields of an item that a village writes, in their order."""
    fields = ScoringItem._meta.local_fields
    return [field.name for field in fields if field.name not in FIXED]


@transaction.atomic
def draft_rulebook(village: Village, *, by: User, at: datetime) -> Rulebook:
    """Begin the next version as a copy of the last one, which stays in force.

    :raises DraftOpen: if a draft is open, or the village has no rules to copy
    """
    village = lock_village(village)
    rulebooks = Rulebook.objects.filter(village=village)
    if rulebooks.drafts().exists():
        raise DraftOpen(_("There is a draft already. Go on with that one."))
    last = rulebooks.settled().order_by("-version").first()
    if last is None:
        raise DraftOpen(_("The village has no rulebook to begin from."))
    draft = Rulebook.objects.create(
        village=village, version=last.version + 1, drafted_by=by, drafted_at=at
    )
    _copy(last.items.order_by("position", "pk"), draft)
    record_event(
        "rulebook.draft",
        village=village,
        by=by,
        at=at,
        subject=draft,
        version=draft.version,
    )
    return draft


def _copy(items: Sequence[ScoringItem], draft: Rulebook) -> None:
    """Copy items with every field they have, also those that come later."""
    names = [f.attname for f in ScoringItem._meta.local_fields if f.name != "id"]
    ScoringItem.objects.bulk_create(
        ScoringItem(
            **{name: getattr(item, name) for name in names} | {"rulebook_id": draft.pk}
        )
        for item in items
    )


@transaction.atomic
def change_item(
    item: ScoringItem, *, by: User, at: datetime, **values: Any
) -> ScoringItem:
    """Write other values into an item of a draft; code and pillar stay.

    :raises NotADraft: if the rulebook is not being drawn up
    :raises ItemNotInOrder: saying what contradicts
    """
    draft, item = _open_item(item)
    changed = []
    for name in written_fields():
        if name in values and getattr(item, name) != values[name]:
            setattr(item, name, values[name])
            changed.append(name)
    if changed:
        _save(item)
        trace("rulebook.change_item", draft, by, at, item=item.code, fields=changed)
    return item


@transaction.atomic
def add_item(
    draft: Rulebook, pillar: str, *, key: UUID, by: User, at: datetime, **values: Any
) -> ScoringItem:
    """Add an item at the end of its pillar, under a code that was never used.

    Points are counted by code across versions, so no other item may have it.

    :raises NotADraft: if the rulebook is not being drawn up
    :raises ItemNotInOrder: saying what contradicts
    """
    draft = _open(draft)
    said = {"draft": draft.pk, "pillar": pillar, **values}
    _operation, is_first = claim_operation(
        key,
        village=draft.village,
        kind="rulebook.add_item",
        payload={name: str(value) for name, value in said.items()},
        by=by,
        at=at,
    )
    if not is_first:
        return draft.items.filter(pillar=pillar).latest("position", "pk")
    last = draft.items.aggregate(position=Max("position"))["position"] or 0
    item = ScoringItem(
        village=draft.village,
        rulebook=draft,
        pillar=pillar,
        code=_new_code(draft.village, pillar),
        position=last + 1,
        **values,
    )
    _save(item)
    _number(draft)
    trace("rulebook.add_item", draft, by, at, item=item.code)
    return item


@transaction.atomic
def drop_item(item: ScoringItem, *, by: User, at: datetime) -> Rulebook:
    """Leave an item out of a draft; deeds recorded under it keep theirs.

    :raises NotADraft: if the rulebook is not being drawn up
    """
    draft, item = _open_item(item)
    code = item.code
    item.delete()
    _number(draft)
    trace("rulebook.drop_item", draft, by, at, item=code)
    return draft


@transaction.atomic
def restore_item(draft: Rulebook, code: str, *, by: User, at: datetime) -> ScoringItem:
    """Put an item back as the last version has it, dropped or changed as it is.

    :raises NotADraft: if the rulebook is not being drawn up
    :raises ItemNotInOrder: if the last version has no such item
    """
    draft = _open(draft)
    before = last_version(draft)
    old = None
    if before:
        # Sought here: what a form sends need not be a text that a database takes.
        old = next((one for one in before.items.all() if one.code == code), None)
    if old is None:
        raise ItemNotInOrder(_("The last version has no item of this code."))
    item = draft.items.filter(code=code).first() or ScoringItem(
        village=draft.village, rulebook=draft, code=code
    )
    for name in ["pillar", "position", *written_fields()]:
        setattr(item, name, getattr(old, name))
    _save(item)
    _number(draft)
    trace("rulebook.restore_item", draft, by, at, item=code)
    return item


@transaction.atomic
def move_item(item: ScoringItem, *, up: bool, by: User, at: datetime) -> ScoringItem:
    """Move an item one place within its pillar; at its end it stays.

    :raises NotADraft: if the rulebook is not being drawn up
    """
    draft, item = _open_item(item)
    row = list(draft.items.filter(pillar=item.pillar).order_by("position", "pk"))
    place = row.index(item)
    other = place - 1 if up else place + 1
    if 0 <= other < len(row):
        neighbor = row[other]
        item.position, neighbor.position = neighbor.position, item.position
        ScoringItem.objects.bulk_update([item, neighbor], ["position"])
        trace("rulebook.move_item", draft, by, at, item=item.code)
    return item


@transaction.atomic
def discard_draft(draft: Rulebook, *, by: User, at: datetime) -> Rulebook:
    """Give a draft up, at whatever stage before its vote; what was said of it stays.

    :raises NotADraft: if it was adopted or given up before
    """
    draft = any_draft(draft)
    draft.discarded_at = at
    draft.save(update_fields=["discarded_at"])
    trace("rulebook.discard", draft, by, at)
    return draft


def last_version(draft: Rulebook) -> Rulebook | None:
    """Return the version that a draft was begun from."""
    settled = Rulebook.objects.filter(village=draft.village_id).settled()
    return settled.filter(version__lt=draft.version).order_by("-version").first()


def any_draft(draft: Rulebook) -> Rulebook:
    """Lock the village of a draft and return the draft as it now is.

    :raises NotADraft: if it was adopted or given up
    """
    lock_village(draft.village)
    draft = Rulebook.objects.select_related("village").get(pk=draft.pk)
    if draft.in_force_from or draft.discarded_at:
        raise NotADraft(
            _("This version is no draft any more: %(stage)s.")
            % {"stage": draft.stage.label}
        )
    return draft


def _open(draft: Rulebook) -> Rulebook:
    draft = any_draft(draft)
    if draft.sent_at:
        raise NotADraft(
            _("The draft lies with the township. Take it back before you change it.")
        )
    return draft


def _open_item(item: ScoringItem) -> tuple[Rulebook, ScoringItem]:
    draft = _open(item.rulebook)
    found = draft.items.filter(pk=item.pk).first()
    if found is None:
        raise NotADraft(_("This item was left out of the draft meanwhile."))
    return draft, found


def _new_code(village: Village, pillar: str) -> str:
    letter = LETTERS[ScoringItem.Pillar(pillar)]
    items = ScoringItem.objects.filter(village=village, code__startswith=letter)
    numbers = [item.code.removeprefix(letter) for item in items]
    highest = max((int(text) for text in numbers if text.isdecimal()), default=0)
    return f"{letter}{highest + 1:02d}"


def _number(draft: Rulebook) -> None:
    """Number the items anew: pillar after pillar, in the order they have."""
    order = ScoringItem.Pillar.values
    items = sorted(
        draft.items.all(), key=lambda i: (order.index(i.pillar), i.position, i.code)
    )
    for position, item in enumerate(items, start=1):
        item.position = position
    ScoringItem.objects.bulk_update(items, ["position"])


def _save(item: ScoringItem) -> None:
    try:
        item.full_clean()
    except ValidationError as wrong:
        raise ItemNotInOrder(" ".join(wrong.messages)) from wrong
    item.save()


def trace(action: str, draft: Rulebook, by: User, at: datetime, **facts: Any) -> None:
    """Leave the trace of a step of a draft."""
    record_event(action, village=draft.village, by=by, at=at, subject=draft, **facts)
