"""The items of a rulebook as tiles to tap: by shelf, by code, by word or pinyin."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import User, Village
from households.pinyin import initials_of_words
from ledger.models import Deed, Operation, ScoringItem

USUAL = "usual"
USUAL_ITEMS = 8
# How many saves to look back for the items that somebody uses.
RECENT_SAVES = 60
_CODE = re.compile(r"(\D+)0*(\d+)")
# The codes people say: 自3 for Z03. They are names in the rules, not wording.
_SPOKEN = {"law": "法", "virtue": "德", "self": "自", "deduction": "扣"}


@dataclass(frozen=True)
class Tile:
    """One item with what a recorder needs to see of it."""

    item: ScoringItem
    is_usual: bool

    @property
    def spoken(self) -> str:
        return spoken_code(self.item)

    @property
    def points(self) -> str:
        """Write the points as on the paper list: +3, −2, +3至5, +1/小时."""
        item = self.item
        points = f"{'−' if item.is_deduction else '+'}{item.points_min}"
        if item.points_max != item.points_min:
            points = _("%(low)s to %(high)s") % {
                "low": points,
                "high": item.points_max,
            }
        unit = item.unit.removeprefix("每")
        return f"{points}/{unit}" if unit == "小时" else points

    @property
    def limits(self) -> str:
        limits = []
        if item_until := self.item.until:
            limits.append(
                _("only for deeds until %(day)s") % {"day": date_format(item_until)}
            )
        if self.item.month_cap is not None:
            limits.append(_("at most %(cap)s a month") % {"cap": self.item.month_cap})
        if self.item.year_cap is not None:
            limits.append(_("at most %(cap)s a year") % {"cap": self.item.year_cap})
        return " · ".join(limits)

    @property
    def words(self) -> str:
        """Return everything that finds this item, in small letters."""
        item = self.item
        parts = [item.code, self.spoken, item.title, initials_of_words(item.title)]
        return " ".join([*parts, item.title_en]).lower()

    def fits(self, typed: str) -> bool:
        """Tell whether typed words mean this item: a code wholly, words in part."""
        typed = unicodedata.normalize("NFKC", typed).strip()
        return item_by_code([self.item], typed) is not None or typed.lower() in (
            self.words
        )


def spoken_code(item: ScoringItem) -> str:
    """Return the code as people say it: 自3 for Z03."""
    match = _CODE.fullmatch(item.code)
    return f"{_SPOKEN[item.pillar]}{match[2]}" if match else item.code


def item_by_code(items: Sequence[ScoringItem], typed: str) -> ScoringItem | None:
    """Return the item of a code as printed or as spoken: Z03, z3, 自3."""
    typed = _without_zeros(unicodedata.normalize("NFKC", typed).strip().upper())
    for item in items:
        if typed in (_without_zeros(item.code.upper()), spoken_code(item)):
            return item
    return None


def _without_zeros(code: str) -> str:
    match = _CODE.fullmatch(code)
    return "".join(match.groups()) if match else code


def tiles_of(items: Sequence[ScoringItem], *, village: Village, by: User) -> list[Tile]:
    """Return the tiles in the order of the rules; the usual ones are marked."""
    usual = _usual_codes(village, by)
    for item in items:
        if len(usual) < min(USUAL_ITEMS, len(items)) and not item.is_deduction:
            usual.add(item.code)
    return [Tile(item, item.code in usual) for item in items]


def last_list(village: Village, by: User, *, at_least: int = 5) -> list[int]:
    """Return the households of the newest record of somebody for many households."""
    recent = _recent_saves(village, by)
    of_save: dict[int, list[int]] = {}
    for operation, household in Deed.objects.filter(
        village=village, operation__in=recent
    ).values_list("operation", "household"):
        of_save.setdefault(operation, []).append(household)
    for operation in recent:
        if len(of_save.get(operation, [])) >= at_least:
            return of_save[operation]
    return []


def _usual_codes(village: Village, by: User) -> set[str]:
    """Return the codes of the eight items that somebody recorded last."""
    used = (
        Deed.objects.filter(village=village, operation__in=_recent_saves(village, by))
        .values_list("item__code")
        .annotate(last=Max("operation"))
        .order_by("-last")
    )
    return {code for code, _last in used[:USUAL_ITEMS]}


def _recent_saves(village: Village, by: User) -> list[int]:
    saves = Operation.objects.filter(village=village, by=by, kind="record")
    return list(
        saves.order_by("-at", "-pk").values_list("pk", flat=True)[:RECENT_SAVES]
    )
