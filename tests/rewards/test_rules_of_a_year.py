"""The annual report names the rules of its year, and no others."""

from datetime import UTC, date, datetime

import pytest

from ledger.rules.drafting import change_item, drop_item
from rewards.annual import sheets
from rewards.annual.figures import village_year
from tests.factories import adopt, award, draft, finalize, publish

IN_DECEMBER = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def renewed(village, household):
    """A good deed in March 2026; from 2027 on Z01 is 3 points and Z02 is gone."""
    award(household, "Z01", 2)
    publish(village)
    finalize(village)
    made = draft(village, at=IN_DECEMBER)
    facts = {"by": made.drafted_by, "at": IN_DECEMBER}
    change_item(made.items.get(code="Z01"), points_min=3, points_max=3, **facts)
    drop_item(made.items.get(code="Z02"), **facts)
    return adopt(made, in_force_from=date(2027, 1, 1), at=IN_DECEMBER)


def test_a_year_has_the_rules_that_were_in_force_in_it(village, renewed):
    draft(village, at=IN_DECEMBER)

    years = {year: village_year(village, year) for year in (2026, 2027)}

    versions = {y: [r.version for r in found.rulebooks] for y, found in years.items()}
    assert versions == {2026: [1], 2027: [2]}
    items = {y: {line.item.code: line for line in f.items} for y, f in years.items()}
    assert items[2026]["Z01"].item.points_max == 2
    assert items[2026]["Z01"].times == 1
    assert items[2027]["Z01"].item.points_max == 3
    assert "Z02" in items[2026]
    assert "Z02" not in items[2027]


def test_the_report_names_votes_and_digests(village, renewed):
    found = village_year(village, 2027)

    *_others, table = sheets.report("标题", [found])

    ((name, version, since, voted, how, digest),) = table.rows
    assert (name, version, since) == (village.name, 2, date(2027, 1, 1))
    assert voted == renewed.adopted_on
    assert "备1号" in how
    assert digest == renewed.vote.digest
