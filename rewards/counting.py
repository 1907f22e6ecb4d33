"""盘点: what was counted on the shelf is taken over, every line of it or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.operations import claim_operation
from ledger.refusals import Refused
from rewards.models import Reward, StockMovement
from rewards.stock import MOST_UNITS, move_stock

REASON_LENGTH = 100


@dataclass(frozen=True)
class Counted:
    """What one kind of goods came to on the shelf, in units.

    `expected` is the number the page showed when counting began.
    """

    reward: Reward
    expected: int
    counted: int
    reason: str = ""

    @property
    def difference(self) -> int:
        return self.counted - self.expected


class CountRefused(Refused):
    """Some lines of a count cannot be taken over; `sentences` says why, by goods."""

    def __init__(self, sentences: dict[int, str]):
        super().__init__(" ".join(sentences.values()))
        self.sentences = sentences


@transaction.atomic
def count_shelf(
    village: Village, counts: Sequence[Counted], *, key: UUID, by: User, at: datetime
) -> list[StockMovement]:
    """Take over what was counted on the shelf, all lines together or none.

    Returns the adjustments, one for each line that differs. The same key
    returns the same adjustments (I-13).

    :raises CountRefused: with a sentence for each line where goods moved meanwhile,
        the number is impossible, or a difference has no reason
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="count_stock",
        payload={"counts": [[c.reward.pk, c.counted, c.reason] for c in counts]},
        by=by,
        at=at,
    )
    if not is_first:
        made = StockMovement.objects.filter(village=village, operation=operation)
        return list(made.order_by("number"))
    wrong = problems_of(village, counts)
    if wrong or not counts:
        raise CountRefused(wrong or {0: _("Write what you counted.")})
    adjustments = move_stock(
        village,
        [
            StockMovement(
                reward=line.reward,
                kind=StockMovement.Kind.ADJUSTMENT,
                quantity=line.difference,
                reason=line.reason.strip(),
            )
            for line in counts
            if line.difference
        ],
        operation=operation,
        by=by,
        at=at,
    )
    record_event(
        "stock.count",
        village=village,
        by=by,
        at=at,
        subject=operation,
        counted={str(line.reward.pk): line.counted for line in counts},
        differences={
            str(line.reward.pk): line.difference for line in counts if line.difference
        },
    )
    return adjustments


def problems_of(village: Village, counts: Sequence[Counted]) -> dict[int, str]:
    """Return a sentence for each line that cannot be taken over, by goods."""
    on_hand = dict(
        Reward.objects.filter(village=village, pk__in=[c.reward.pk for c in counts])
        .with_on_hand()
        .values_list("pk", "on_hand")
    )
    return {
        line.reward.pk: sentence
        for line in counts
        if (sentence := _problem(line, on_hand[line.reward.pk]))
    }


def _problem(line: Counted, on_hand: int) -> str:
    """Say what is wrong with one line, if anything is."""
    goods = {"goods": line.reward.name}
    if not 0 <= line.counted <= MOST_UNITS:
        return _("%(goods)s: write how many you counted, from 0 to %(most)s.") % {
            **goods,
            "most": f"{MOST_UNITS:,}",
        }
    if on_hand != line.expected:
        return _("%(goods)s moved while you counted: now %(count)s. Count again.") % {
            **goods,
            "count": on_hand,
        }
    if line.difference and not line.reason.strip():
        return _("%(goods)s: write why the count differs by %(difference)s.") % {
            **goods,
            "difference": f"{line.difference:+d}",
        }
    if len(line.reason.strip()) > REASON_LENGTH:
        return _("%(goods)s: the reason is longer than %(length)s characters.") % {
            **goods,
            "length": REASON_LENGTH,
        }
    return ""
