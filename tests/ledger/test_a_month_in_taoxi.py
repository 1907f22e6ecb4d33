import json
from datetime import timedelta

from ledger.freezing import rebuild_document
from ledger.invariants import violations
from ledger.models import Entry
from ledger.months import cut_off_month, finalize_month
from ledger.publishing import publish_month
from ledger.review import approve_deed
from ledger.sealing import is_sealed
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    HouseholdFactory,
    approve,
    record,
)


def test_a_month_from_the_first_deed_to_points_that_can_be_spent(
    village, household, recorder, reviewer
):
    neighbor = HouseholdFactory(
        village=village, group=household.group, number="002", head_name="欧阳小春"
    )
    meeting = record(household, "Z01", 2, by=recorder)
    mediation = record(household, "F04", 8, by=recorder)
    dumping = record(neighbor, "N01", 3, by=recorder)
    period = meeting.period
    assert period.state == "recording"

    approve_deed(meeting, by=reviewer, at=END_OF_MARCH)
    approve_deed(
        mediation, by=reviewer, at=END_OF_MARCH, magnitude=6, reason="按协议计"
    )
    approve(dumping, by=reviewer)
    period = cut_off_month(period, by=reviewer, at=END_OF_MARCH)
    assert period.state == "reviewing"
    assert Entry.objects.count() == 0

    publication = publish_month(period, by=reviewer, at=FIRST_OF_APRIL)

    period.refresh_from_db()
    mine = Entry.objects.filter(household=household)
    theirs = Entry.objects.filter(household=neighbor)
    assert period.state == "on_notice"
    assert (mine.score(2026), theirs.score(2026)) == (60 + 2 + 6, 60 - 3)
    assert (mine.balance(), theirs.balance()) == (0, 0)
    assert period.notice_ends_at.isoformat() == "2026-04-06T09:00:00+00:00"

    document = json.loads(publication.document)
    assert is_sealed(document)
    assert document["rows"] == [
        {
            "group": 1,
            "number": "001",
            "name": household.head_name[0] + "○" + household.head_name[-1],
            "score": 68,
            "month": 8,
            "place": 1,
        },
        {"group": 1, "number": "002", "name": "欧阳○春"},
    ]
    assert document["totals"] == {
        "base": 120,
        "additions": 8,
        "deductions": 3,
        "repairs": 0,
        "reversals": 0,
    }
    assert document["deductions"] == []
    assert rebuild_document(publication) == publication.document

    finalize_month(period, by=None, at=AFTER_NOTICE + timedelta(hours=1))

    assert (mine.balance(), theirs.balance()) == (8, 0)
    assert theirs.spendable().total() == -3
    assert list(violations(village)) == []
