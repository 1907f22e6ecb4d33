"""户籍变动 in the demo: a new head everywhere, and in most villages a split and a move.

They come last of all, so that nobody who has left does anything afterwards.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from config.demo.names import KNOWN
from config.demo.township import FIRST, People
from households.changes import next_free_number
from households.models import ChangeNote, Household
from ledger.expiring import spendable_by_household
from ledger.homes.changes import Change, confirm_change, note_change

Kind = ChangeNote.Kind


class Homes:
    """The village admin notes what changed, the reviewer confirms."""

    def __init__(self, people: People):
        self.people = people

    def change(self, at: datetime) -> None:
        """Let a few households of the village change, by its operations."""
        points = spendable_by_household(self.people.village, at=at)
        served = {user.household_id for user in self.people.staff.values()}
        homes = [
            home
            for home in Household.objects.filter(village=self.people.village)
            .select_related("group")
            .in_reading_order()
            if home.pk not in served and home.head_name not in KNOWN.values()
        ]
        living = [home for home in homes if home.status == Household.Status.ACTIVE]
        if len(living) < 4:
            return
        self._confirm(self._head(living[-1]), at)
        if self.people.village.slug == FIRST:
            return
        living.sort(key=lambda home: (-points.get(home.pk, 0), home.number))
        self._confirm(self._split(living[1], points.get(living[1].pk, 0) // 3), at)
        self._confirm(self._move_out(living[2]), at)
        away = next((h for h in homes if h.status == Household.Status.AWAY), None)
        if away:
            self._note(self._back(away), at)

    def _note(self, change: dict, at: datetime) -> ChangeNote:
        village = self.people.village
        return note_change(
            village,
            Change(takes_effect_on=timezone.localdate(at), **change),
            # Not drawn from the seed, so that nothing else turns out otherwise.
            key=uuid5(NAMESPACE_URL, f"{village.slug} {change['kind']}"),
            by=self.people.staff["admin"],
            at=at,
        )

    def _confirm(self, change: dict, at: datetime) -> None:
        note = self._note(change, at)
        confirm_change(note, by=self.people.staff["reviewer"], at=at)

    def _head(self, home: Household) -> dict:
        return {
            "kind": Kind.HEAD,
            "household": home,
            "head_name": f"{home.head_name[0]}继明",
            "paper": "户口簿首页复印件",
            "signed_by": "新户主本人",
        }

    def _split(self, home: Household, points: int) -> dict:
        head_name = f"{home.head_name[0]}立新"
        return {
            "kind": Kind.SPLIT,
            "household": home,
            "new_number": next_free_number(self.people.village),
            "head_name": head_name,
            "group": home.group,
            "points": points,
            "paper": "分户协议，两户签字",
            "signed_by": home.head_name,
            "signed_by_other": head_name,
        }

    def _move_out(self, home: Household) -> dict:
        return {
            "kind": Kind.MOVE_OUT,
            "household": home,
            "paper": "户口迁移证明",
            "signed_by": home.head_name,
        }

    def _back(self, home: Household) -> dict:
        return {
            "kind": Kind.BACK,
            "household": home,
            "paper": "本人到村登记",
            "signed_by": home.head_name,
        }
