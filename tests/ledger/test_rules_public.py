"""The rules page over the versions, and the sheet for every home."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger.rules.drafting import change_item, discard_draft, drop_item
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    adopt,
    agree,
    draft,
    publish,
)
from tests.ledger.reading import text_of


def rules(village, what=""):
    return f"/v/{village.slug}/rules/{what}"


@pytest.fixture
def renewed(village):
    """A second version in which D02 is 邻里守望."""
    made = draft(village, at=timezone.now())
    facts = {"by": made.drafted_by, "at": timezone.now()}
    change_item(made.items.get(code="D02"), title="邻里守望", **facts)
    return made


def test_a_draft_is_nobody_s_business(client, village, renewed):
    agree(renewed, at=timezone.now())

    assert "邻里守望" not in text_of(client.get(rules(village)))
    assert client.get(rules(village, "2/")).status_code == 404
    discard_draft(renewed, by=renewed.drafted_by, at=timezone.now())
    assert client.get(rules(village, "2/")).status_code == 404


def test_the_next_rules_are_announced_with_their_vote(client, village, renewed):
    day = timezone.localdate() + timedelta(days=40)
    assert "新细则" not in text_of(client.get(rules(village)))

    adopt(renewed, in_force_from=day, at=timezone.now())

    now = text_of(client.get(rules(village)))
    assert f"新细则从{day.year}年{day.month}月{day.day}日起施行" in now
    assert "邻里守望" not in now
    following = text_of(client.get(rules(village, "2/")))
    assert "邻里守望" in following
    for words in ("村民会议", "实到50", "同意45", "反对3", "弃权2", "备1号"):
        assert words in following
    assert "邻里守望" not in text_of(client.get(rules(village, "sheet/")))
    assert "邻里守望" in text_of(client.get(rules(village, "sheet/?next")))


def test_earlier_rules_stay_to_be_read(client, village, renewed):
    adopt(renewed, in_force_from=timezone.localdate(), at=timezone.now())

    page = client.get(rules(village))

    assert "邻里守望" in text_of(page)
    assert rules(village, "1/") in page.content.decode()
    earlier = text_of(client.get(rules(village, "1/")))
    assert "邻里互助" in earlier
    assert "由新细则代替" in earlier
    assert client.get(rules(village, "9/")).status_code == 404


def test_the_sheet_says_what_matters_in_large_print(client, village):
    page = client.get(rules(village, "sheet/"))
    told = text_of(page)

    village.policy.refresh_from_db()
    for item in village.rulebooks.get().items.all():
        assert item.title in told
    for words in ("每户每年先有60分", "公示5天", "10分起兑", "60天以内", "0000-000000"):
        assert words in told
    assert "<svg" in page.content.decode()
    assert "示例" in told
    assert "Set-Cookie" not in page
    assert "<script" not in page.content.decode()


def test_a_village_without_rules_has_no_sheet(client, db):
    assert (
        client.get(rules(VillageFactory(rulebook=False), "sheet/")).status_code == 404
    )


def test_rules_that_count_from_today_are_on_every_page_at_once(client, village):
    made = draft(village, at=timezone.now())
    drop_item(made.items.get(code="Z02"), by=made.drafted_by, at=timezone.now())
    told = {f"/v/{village.slug}/": "%s条积分规则", rules(village): "%s条"}
    for address, words in told.items():
        assert words % 34 in text_of(client.get(address))

    adopt(made, in_force_from=timezone.localdate(), at=timezone.now())

    for address, words in told.items():
        assert words % 33 in text_of(client.get(address))


def test_the_link_to_all_villages_comes_with_the_first_other_notice(client, village):
    board = f"/v/{village.slug}/"
    assert "全镇各村" not in text_of(client.get(board))

    other = VillageFactory(township=village.township)
    HouseholdFactory(village=other)
    publish(other)

    assert "全镇各村" in text_of(client.get(board))
