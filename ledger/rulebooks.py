"""The scoring items of a village: the sample to start with, the vote that adopts."""

import csv
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import User, Village
from ledger.models import Rulebook, ScoringItem
from ledger.refusals import Refused

SAMPLE = Path(__file__).parent / "data" / "scoring_items.csv"
PILLARS = {
    "法治": ScoringItem.Pillar.LAW,
    "德治": ScoringItem.Pillar.VIRTUE,
    "自治": ScoringItem.Pillar.SELF,
    "": ScoringItem.Pillar.DEDUCTION,
}


class AlreadyAdopted(Refused):
    """The rulebook was adopted before, or is a draft with a way of its own."""


@transaction.atomic
def load_sample_rulebook(village: Village, *, in_force_from: date) -> Rulebook:
    """Give a village the 34 sample items, marked 示例 until a vote adopts them.

    A village that has a rulebook keeps it. Returns the village's newest.
    """
    village = lock_village(village)
    existing = village.rulebooks.order_by("-version").first()
    if existing:
        return existing
    rulebook = Rulebook.objects.create(
        village=village, version=1, in_force_from=in_force_from
    )
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        items = [
            ScoringItem(
                village=village,
                rulebook=rulebook,
                position=position,
                code=row["code"],
                pillar=PILLARS[row["pillar"]],
                title=row["title_zh"],
                title_en=row["title_en"],
                criterion=row["criterion_zh"],
                points_min=int(row["points_min"]),
                points_max=int(row["points_max"]),
                unit=row["unit"],
                month_cap=int(row["month_cap"]) if row["month_cap"] else None,
                year_cap=int(row["year_cap"]) if row["year_cap"] else None,
                evidence=row["evidence_zh"],
                repair=row["repair_zh"],
                repair_percent=int(row["repair_percent"] or 0),
                repair_days=int(row["repair_days"]) if row["repair_days"] else None,
            )
            for position, row in enumerate(csv.DictReader(file), start=1)
        ]
    ScoringItem.objects.bulk_create(items)
    return rulebook


@transaction.atomic
def adopt_rulebook(
    rulebook: Rulebook, *, adoption: str, adopted_on: date, by: User, at: datetime
) -> Rulebook:
    """Record the vote that adopts a sample as it stands, in the words of the minutes.

    A draft is adopted by `record_vote` (2018 guidance on 村规民约).

    :raises AlreadyAdopted: if a vote was recorded before, or it is a draft
    """
    lock_village(rulebook.village)
    rulebook = Rulebook.objects.get(pk=rulebook.pk)
    if not rulebook.is_sample:
        raise AlreadyAdopted(_("This rulebook was adopted already, or is a draft."))
    rulebook.adoption = adoption
    rulebook.adopted_on = adopted_on
    rulebook.save(update_fields=["adoption", "adopted_on"])
    record_event(
        "rulebook.adopt", village=rulebook.village, by=by, at=at, subject=rulebook
    )
    return rulebook
