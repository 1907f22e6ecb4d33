"""受理网上申报 at the desk: cards beside those taken down, accepted or declined."""

from datetime import timedelta

import pytest
from django.utils import timezone

from households.roles import Role
from ledger.models import Declaration
from ledger.objections import file_objection
from ledger.receiving import file_declaration
from tests.factories import HouseholdFactory, award, item_of, publish, record, serve
from tests.ledger.desk import IN_LAST_MONTH, LAST_MONTH, address, text_of
from tests.ledger.test_declaring import declare
from tests.ledger.test_receiving import file

PAGE = "/admin/declarations/"


@pytest.fixture(autouse=True)
def _photos_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def filed(household):
    return file(household, at=timezone.now(), phone="13900139000", photo=b"a photo")


def accept(page, declaration, code="D02", **typed):
    """Choose the item on the first card from the web and press the button."""
    ((_declaration, form, _decline), *_others) = page.get(PAGE).context["filed_cards"]
    return page.post(
        address("filed-accept", declaration.pk),
        {
            "village": declaration.village.slug,
            "key": form.initial["key"],
            "item": code and item_of(declaration.village, code).pk,
            "points": "",
            **typed,
        },
        follow=True,
    )


def test_a_card_tells_what_was_declared_and_how_to_ask_back(page, filed):
    text = text_of(page.get(PAGE))

    for words in (filed.text, filed.number, "网上", "13900139000", "办完这一件"):
        assert words in text
    assert 'href="tel:13900139000"' in text


def test_the_photo_is_handed_to_staff_alone(page, filed, client):
    url = address("filed-photo", filed.pk)

    answer = page.get(url)
    assert b"".join(answer) == b"a photo"
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    client.logout()
    assert client.get(url).status_code == 302
    client.force_login(serve(filed.village, Role.REVIEWER))
    assert client.get(url).status_code == 404


def test_without_a_photo_there_is_none(page, household):
    declaration = file(household, at=timezone.now())

    assert page.get(address("filed-photo", declaration.pk)).status_code == 404


def test_a_card_is_accepted_with_the_item_the_clerk_chooses(page, filed, recorder):
    response = accept(page, filed, points="4")

    filed.refresh_from_db()
    assert (filed.state, filed.phone) == ("accepted", "")
    assert (filed.deed.points, filed.deed.recorded_by) == (4, recorder)
    assert response.context["filed_cards"] == []
    assert "+4" in text_of(response)


def test_without_an_item_nothing_is_accepted(page, filed):
    response = accept(page, filed, code="")

    ((_declaration, form, _decline),) = response.context["filed_cards"]
    assert form.errors["item"]
    filed.refresh_from_db()
    assert filed.state == "waiting"


def test_what_is_doubled_is_asked_about(page, filed, household):
    record(household, "D02", 3, at=timezone.now())

    asked = accept(page, filed)
    assert 'name="again"' in text_of(asked)
    ((_declaration, form, _decline),) = asked.context["filed_cards"]
    accept(page, filed, key=form.data["key"], again="on")

    filed.refresh_from_db()
    assert filed.state == "accepted"


def test_a_card_is_declined_with_a_reason(page, filed):
    url = address("filed-decline", filed.pk)
    slug = filed.village.slug

    refused = page.post(url, {"village": slug})
    assert refused.context["filed_cards"][0][2].errors
    page.post(url, {"village": slug, "reject-preset": "unproven"})

    filed.refresh_from_db()
    assert filed.state == "declined"
    assert filed.reason


def test_nobody_declines_their_own_household(client, filed):
    neighbor = serve(filed.village, Role.RECORDER, household=filed.household)
    client.force_login(neighbor)

    url = address("filed-decline", filed.pk)
    answer = client.post(
        url, {"village": filed.village.slug, "reject-preset": "unproven"}
    )

    assert "这是你自己家的" in text_of(answer)
    filed.refresh_from_db()
    assert filed.state == "waiting"


def test_both_ways_out_are_undone_from_the_list(page, filed, household):
    other = file(household, at=timezone.now())
    accept(page, filed)
    slug = filed.village.slug
    page.post(
        address("filed-decline", other.pk),
        {"village": slug, "reject-preset": "unproven"},
    )
    assert len(page.get(PAGE).context["settled_filed"]) == 2

    for declaration in (filed, other):
        page.post(address("filed-undo", declaration.pk), {"village": slug})
        declaration.refresh_from_db()
        assert declaration.state == "waiting"
    assert page.get(PAGE).context["settled_filed"] == []
    again = page.post(address("filed-undo", other.pk), {"village": slug}, follow=True)
    assert "这条申报本来就在等受理。" in text_of(again)


def test_undoing_the_record_itself_undoes_the_acceptance(page, filed):
    accept(page, filed)
    filed.refresh_from_db()

    page.post(address("entry-undo", filed.deed.operation.key))

    filed.refresh_from_db()
    assert filed.state == "waiting"


def test_many_cards_ask_few_questions(page, village, django_assert_max_num_queries):
    for number in range(12):
        home = HouseholdFactory(
            village=village, group=village.groups.first(), number=f"1{number:02d}"
        )
        file(home, at=timezone.now())
        declare(home, at=timezone.now())

    with django_assert_max_num_queries(14):
        answer = page.get(PAGE)
    assert answer.context["waiting"] == 24


def test_the_desk_counts_what_came_by_the_web_and_by_word(page, filed, household):
    declare(household, at=timezone.now())
    declare(household, "D05", at=timezone.now() - timedelta(days=1))

    (task,) = [
        task
        for task in page.get("/admin/").context["mine"]
        if task.address.startswith(PAGE)
    ]

    assert task.count == 3
    assert "微信2、网上1" in task.detail


def test_a_card_of_another_village_is_not_there(page, filed):
    theirs = file(HouseholdFactory(), at=timezone.now())

    for name in ("filed-accept", "filed-decline", "filed-undo"):
        answer = page.post(address(name, theirs.pk), {"village": filed.village.slug})
        assert answer.status_code == 404
    assert page.get(address("filed-photo", theirs.pk)).status_code == 404
    assert Declaration.objects.get(pk=theirs.pk).state == "waiting"


def test_an_objection_from_the_web_shows_its_grounds_and_how_to_answer(
    client, household, supervisor
):
    award(household, "Z05", 5, at=timezone.now(), happened_on=IN_LAST_MONTH)
    publication = publish(household.village, month=LAST_MONTH, at=timezone.now())
    objection = file_objection(
        publication,
        text="少了一笔",
        grounds="王婆婆看见的",
        contact="13900139000",
        channel="web",
        by=None,
        at=timezone.now(),
    )
    client.force_login(supervisor)

    text = text_of(client.get(address("objection", objection.pk)))

    assert "王婆婆看见的" in text
    assert "13900139000" in text
    assert "答复两周后删掉" in text
    assert "网上" in text


def test_what_is_filed_at_once_waits_at_once(page, household):
    file_declaration(
        household,
        text="帮邻居收了两亩油菜",
        happened_on=timezone.localdate(),
        key="5f0c3a35-2c8d-4d0a-9f2e-2a8a2f6f7c11",
        at=timezone.now(),
    )

    assert len(page.get(PAGE).context["filed_cards"]) == 1
