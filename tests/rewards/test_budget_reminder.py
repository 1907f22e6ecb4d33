"""预算提醒: on the village admin's desk, on the checklist, before the last yes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from config.today import desk_of
from households.roles import Role
from ledger.months import cut_off_month
from rewards.budget import promise_of
from rewards.desk.budget import told
from rewards.fund import record_fund_movement
from tests.factories import approve, offer, serve
from tests.ledger.desk import record_last_month
from tests.rewards.counter import give
from tests.two_villages import visitor

PASSWORD = "only-for-these-tests"


@pytest.fixture
def grant(village, village_admin):
    def grant(fen):
        return record_fund_movement(
            village,
            kind="grant",
            fen=fen,
            happened_on=timezone.localdate() - timedelta(days=1),
            party="镇财政所",
            voucher="收-1",
            key=uuid4(),
            by=village_admin,
            at=timezone.now(),
        )

    return grant


@pytest.fixture
def period(household, reviewer):
    """Last month, cut off, with 20 approved points and nothing else to do."""
    deed = record_last_month(household, "D03", 20)
    approve(deed, by=reviewer, at=timezone.now())
    return cut_off_month(deed.period, by=None, at=timezone.now())


def budget_of(user):
    return desk_of(user, None, now=timezone.now()).get("budget")


def publication(client, period, name="publication"):
    return client.get(
        reverse(f"ledger_desk:{name}", args=[period.month]),
        {"village": period.village.slug},
    )


def test_the_line_names_points_worth_fund_and_shelf(village, household, grant):
    village.policy.fen_a_point = 50
    village.policy.save()
    give(household, 1_300)
    offer(village, "食盐", 2, stock=10, fen=175)
    grant(60_050)

    line = told(promise_of(village, at=timezone.now()))

    # 1,300 points × 0.50 yuan; 10 bags × 1.75; 600.50 in the fund.
    for amount in ("1,300", "0.50", "650", "600.50", "17.50", "32"):
        assert amount in line


def test_a_covered_promise_is_a_calm_line(client, household, village_admin, grant):
    give(household, 10)
    grant(1_000)
    client.force_login(village_admin)

    page = client.get("/admin/")

    assert page.context["budget"].promise.is_kept
    assert "budget short" not in page.text
    assert page.context["budget"].sentence in page.text


def test_a_promise_that_is_not_covered_says_what_to_do(
    client, household, village_admin, grant
):
    give(household, 10)
    grant(999)
    client.force_login(village_admin)

    page = client.get("/admin/")

    assert page.context["budget"].promise.missing_fen == 1
    assert "budget short" in page.text
    assert "0.01" in page.context["budget"].sentence


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_who_keeps_the_fund_is_reminded(village, role):
    assert budget_of(serve(village, role)) is None


def test_a_village_that_has_promised_nothing_is_calm(village_admin):
    assert budget_of(village_admin).promise.is_kept


def test_the_checklist_warns_and_holds_nothing_up(period, reviewer):
    page = publication(visitor(reviewer), period)

    line = page.context["checks"][-1]
    assert (line.is_met, line.is_advice) == (False, True)
    assert "20" in line.detail
    assert line.detail in page.text
    assert page.context["missing"] == []
    assert page.context["met"] == page.context["to_check"]


def test_the_checklist_is_calm_when_the_fund_covers_it(period, reviewer, grant):
    grant(2_000)

    line = publication(visitor(reviewer), period).context["checks"][-1]

    assert line.is_met


def test_the_last_page_before_publishing_warns_and_lets_it_happen(period, reviewer):
    reviewer.set_password(PASSWORD)
    reviewer.save()
    client = visitor(reviewer)
    client.force_login(reviewer, backend="households.backends.StewardshipBackend")

    page = publication(client, period, "publication-publish")
    (warning,) = page.context["advice"]
    client.post(
        page.request["PATH_INFO"],
        {"village": period.village.slug, "checked": "on", "password": PASSWORD},
    )

    assert warning.detail in page.text
    period.refresh_from_db()
    assert period.is_published


def test_the_last_page_is_calm_when_the_fund_covers_it(period, reviewer, grant):
    grant(2_000)

    page = publication(visitor(reviewer), period, "publication-publish")

    assert page.context["advice"] == []


def test_making_a_month_final_promises_nothing_new(period, reviewer):
    page = publication(visitor(reviewer), period, "publication-finalize")

    assert not page.context["advice"]
