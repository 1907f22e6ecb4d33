"""Documents made by hand, for what no test village is large or lucky enough to show."""

import json
from datetime import datetime, timedelta

from ledger.models import Period, Publication
from ledger.sealing import canonical, seal
from tests.factories import UserFactory


def document(*rows, households=6, **values):
    """Return the text of June 2025 in 桃溪村 with these rows and enough others."""
    others = range(len(rows) + 1, households + 1)
    listed = [*rows, *(row(number, 60, name="王○田") for number in others)]
    groups = sorted({line["group"] for line in listed})
    content = {
        "format": "good-deeds-month/1",
        "village": {"slug": "taoxi", "name": "桃溪村"},
        "month": "2025-06",
        "issue": 6,
        "rulebook": {"version": 1, "adopted": 0},
        "published_at": "2025-07-01T09:30:00+08:00",
        "notice_ends_at": "2025-07-07T17:00:00+08:00",
        "base": 60,
        "ranked_places": 20,
        "deduction_cell": 3,
        "last_entry": 312,
        "counts": counts(len(listed)),
        "groups": [
            {
                "number": group,
                "name": f"{group}社",
                "households": sum(line["group"] == group for line in listed),
            }
            for group in groups
        ],
        "rows": sorted(listed, key=lambda line: (line["group"], line["number"])),
        "deductions": [],
        "corrections": [],
        "totals": {},
        "commitments": [],
        "previous_digest": "0" * 64,
        **values,
    }
    return canonical(seal(content)).decode()


def row(number, score=None, place=None, *, name="周兴禾", group=1, **values):
    """Return one household's row; below the base points it has no score."""
    line = {"group": group, "number": f"{number:03d}", "name": name, **values}
    if score is not None:
        line["score"] = score
    if place is not None:
        line["place"] = place
    return line


def counts(households, law=38, virtue=61, self_governance=44):
    return {
        "households": households,
        "deeds": law + virtue + self_governance,
        "participating": households,
        "points": 290,
        "pillars": {
            "law": {"deeds": law, "points": 70},
            "virtue": {"deeds": virtue, "points": 120},
            "self": {"deeds": self_governance, "points": 100},
        },
    }


def hang(village, text, *, final=False):
    """Publish a document as it stands, as if the village had come to it itself."""
    content = json.loads(text)
    published_at = datetime.fromisoformat(content["published_at"])
    notice_ends_at = datetime.fromisoformat(content["notice_ends_at"])
    period = Period.objects.create(
        village=village,
        month=f"{content['month']}-01",
        cut_off_at=published_at - timedelta(hours=1),
        published_at=published_at,
        notice_ends_at=notice_ends_at,
        finalized_at=notice_ends_at if final else None,
    )
    return Publication.objects.create(
        village=village,
        period=period,
        number=village.publications.count() + 1,
        document=text,
        digest=content["digest"],
        previous_digest=content["previous_digest"],
        last_entry=content["last_entry"],
        published_at=published_at,
        published_by=UserFactory(),
    )
