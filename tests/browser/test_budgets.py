"""What a cadre's tasks cost by finger, mouse and keyboard: never more than allowed."""

import logging

import pytest

from tests.browser.budgets import BUDGETS
from tests.browser.hands import Hands, OverBudget

# pytest --log-cli-level=INFO shows what each task took.
log = logging.getLogger(__name__)
PEOPLE = sorted({budget.person for budget in BUDGETS.values()})
EVERY_TASK = pytest.mark.parametrize("name", BUDGETS)


@pytest.fixture(scope="module")
def villages(server, signed_in):
    """Fill the villages once and sign everybody in; return their cookies."""
    server.seed(
        "full_review_desk",
        "two_declarations",
        "declared_on_the_web",
        "clean_month",
        "ten_households_without_a_card",
    )
    cookies = signed_in(*PEOPLE)
    server.remember()
    return cookies


@pytest.fixture
def attempt(server, villages, open_as):
    """Return a function that does a task from its start, as things stood at first."""

    def from_the_start(budget, *, most):
        server.go_back()
        page = open_as(villages[budget.person], budget.viewport)
        page.goto(budget.start)
        hands = Hands(page, most)
        budget.task(page, hands)
        return hands

    return from_the_start


@EVERY_TASK
def test_a_task_stays_within_its_budget(attempt, name):
    budget = BUDGETS[name]

    hands = attempt(budget, most=budget.most)

    took = (hands.interactions, hands.seconds, hands.waited)
    log.info("%s: %s, %.1f s and %.1f s of the machine", name, *took)
    assert hands.interactions == budget.measured <= budget.most
    assert hands.takes_at_most(budget.seconds)


@EVERY_TASK
def test_one_interaction_less_than_a_task_takes_is_too_few(attempt, name):
    with pytest.raises(OverBudget):
        attempt(BUDGETS[name], most=BUDGETS[name].measured - 1)
