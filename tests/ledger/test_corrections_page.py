import pytest
from django.utils import timezone

from households.roles import Role
from ledger.models import Correction, Entry
from tests.factories import VillageFactory, approve, publish, serve
from tests.ledger.desk import LAST_MONTH, address, record_last_month, text_of


@pytest.fixture
def entry(village, household):
    """A published line: 5 points for a clean-up that was somebody else's."""
    approve(record_last_month(household))
    publish(village, month=LAST_MONTH, at=timezone.now())
    return Entry.objects.get(kind="addition")


@pytest.fixture
def correction(entry, client, recorder):
    client.force_login(recorder)
    client.post(address("correction-propose", entry.pk), {"reason": "记错了户"})
    return Correction.objects.get()


def test_a_published_line_is_found_by_household_and_a_correction_proposed(
    client, village, entry, recorder
):
    client.force_login(recorder)
    propose = address("correction-propose", entry.pk)

    found = client.get("/admin/corrections/", {"q": entry.household.number})
    client.post(propose, {"reason": "记错了户"})

    correction = Correction.objects.get()
    assert propose in text_of(found)
    assert (correction.entry, correction.reason) == (entry, "记错了户")
    assert not Entry.objects.filter(kind="reversal").exists()


def test_a_proposal_sent_twice_counts_once(client, entry, correction):
    response = client.post(
        address("correction-propose", entry.pk), {"reason": "记错了户"}, follow=True
    )

    assert Correction.objects.count() == 1
    assert [message.level_tag for message in response.context["messages"]][-1] == (
        "warning"
    )


def test_a_proposal_needs_a_reason(client, entry, recorder):
    client.force_login(recorder)

    response = client.post(address("correction-propose", entry.pk), {"reason": " "})

    assert "reason" in response.context["form"].errors
    assert Correction.objects.count() == 0


def test_another_person_approves_it_once(client, village, entry, correction, reviewer):
    client.force_login(reviewer)

    for _ in range(2):
        client.post(address("correction", correction.pk), {"outcome": "approve"})

    correction.refresh_from_db()
    reversal = Entry.objects.get(kind="reversal")
    assert correction.state == "approved"
    assert (reversal.reverses, reversal.points) == (entry, -5)
    assert reversal.period.month > LAST_MONTH


def test_a_refusal_needs_an_answer(client, correction, reviewer):
    client.force_login(reviewer)
    decide = address("correction", correction.pk)

    response = client.post(decide, {"outcome": "refuse"})
    assert response.context["form"].errors
    client.post(decide, {"outcome": "refuse", "answer": "签到表上有名字"})

    correction.refresh_from_db()
    assert (correction.state, correction.answer) == ("refused", "签到表上有名字")
    assert not Entry.objects.filter(kind="reversal").exists()


def test_nobody_decides_what_they_proposed(client, village, correction, recorder):
    recorder.stewardships.create(village=village, role=Role.REVIEWER)

    response = client.post(address("correction", correction.pk), {"outcome": "approve"})

    correction.refresh_from_db()
    assert correction.state == "proposed"
    assert response.context["form"].errors


def test_the_list_shows_what_waits_and_what_is_decided(client, correction, reviewer):
    client.force_login(reviewer)

    waiting = client.get("/admin/corrections/")
    client.post(address("correction", correction.pk), {"outcome": "approve"})
    decided = client.get("/admin/corrections/")

    assert list(waiting.context["proposed"]) == [correction]
    assert list(decided.context["proposed"]) == []
    assert list(decided.context["decided"]) == [correction]


def test_roles_and_villages_are_kept_apart(client, village, entry, correction):
    propose = address("correction-propose", entry.pk)
    decide = address("correction", correction.pk)
    stranger = serve(VillageFactory(), Role.ADMIN)
    supervisor = serve(village, Role.SUPERVISOR)

    client.force_login(stranger)
    assert client.get(decide).status_code == 404
    assert client.post(propose, {"reason": "x"}).status_code == 404
    assert client.post(decide, {"outcome": "approve"}).status_code == 404
    client.force_login(supervisor)
    assert client.get(decide).status_code == 200
    assert client.get(propose).status_code == 404
    assert client.post(decide, {"outcome": "approve"}).status_code == 404
    correction.refresh_from_db()
    assert correction.state == "proposed"
