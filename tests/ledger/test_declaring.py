from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from households.roles import Role
from ledger.declaring import (
    NotAGoodDeed,
    NotDeclared,
    accept_declaration,
    declare_deed,
    decline_declaration,
)
from ledger.models import Deed
from ledger.months import DayNotAccepted
from ledger.operations import KeyUsedForSomethingElse
from ledger.publishing import NotReadyToPublish
from ledger.recording import DuplicateDeed, NotOfThisVillage, OutOfRange
from ledger.review import AlreadyDecided, OwnHousehold, OwnRecord, ReasonMissing
from tests.factories import (
    END_OF_MARCH,
    IN_MARCH,
    HouseholdFactory,
    VillageFactory,
    approve,
    item_of,
    publish,
    record,
    serve,
)
from tests.ledger.desk import address, text_of

PAGE = "/admin/declarations/"


def declare(household, code="D02", *, by=None, at=IN_MARCH, **values):
    values.setdefault("happened_on", timezone.localdate(at))
    return declare_deed(
        household,
        item_of(household.village, code),
        channel=values.pop("channel", "wechat"),
        note=values.pop("note", "帮邻居收了两亩油菜"),
        key=values.pop("key", None) or uuid4(),
        by=by or serve(household.village, Role.RECORDER),
        at=at,
        **values,
    )


def accept(deed, code="D02", points=3, *, by=None, at=IN_MARCH, **values):
    return accept_declaration(
        deed,
        item_of(deed.village, code),
        magnitude=points,
        key=values.pop("key", None) or uuid4(),
        by=by or serve(deed.village, Role.RECORDER),
        at=at,
        **values,
    )


def test_a_declaration_waits_and_gives_nothing(household, recorder):
    deed = declare(household, by=recorder)

    assert (deed.state, deed.channel, deed.points > 0) == ("declared", "wechat", True)
    with pytest.raises(NotReadyToPublish):
        publish(household.village)
    with pytest.raises(AlreadyDecided):
        approve(deed)


def test_i13_a_declaration_sent_twice_is_one(household, recorder):
    key = uuid4()

    first = declare(household, by=recorder, key=key)
    assert declare(household, by=recorder, key=key) == first
    with pytest.raises(KeyUsedForSomethingElse):
        declare(household, by=recorder, key=key, note="别的事")


def test_an_accepted_declaration_is_pending_with_item_and_points(household, recorder):
    deed = declare(household, "D05", by=recorder)

    accepted = accept(deed, "D02", 4, by=recorder)

    assert (accepted.state, accepted.item.code, accepted.points) == (
        "pending",
        "D02",
        4,
    )
    assert (accepted.channel, accepted.second_recorder) == ("wechat", None)


def test_i06_neither_who_took_it_down_nor_who_accepted_it_reviews_it(
    household, village
):
    clerk, accepting = (serve(village, Role.RECORDER) for _ in range(2))
    for person in (clerk, accepting):
        person.stewardships.create(village=village, role=Role.REVIEWER)
    deed = accept(declare(household, by=clerk), by=accepting)

    assert (deed.recorded_by, deed.second_recorder) == (accepting, clerk)
    for person in (clerk, accepting):
        with pytest.raises(OwnRecord):
            approve(deed, by=person)
    assert approve(deed).state == "approved"


def test_an_accepted_declaration_keeps_every_promise_when_published(household, village):
    approve(accept(declare(household)), at=END_OF_MARCH)
    publish(village)

    call_command("verify_ledger")


def test_accepting_twice_accepts_once(household, recorder):
    deed, key = declare(household), uuid4()
    accept(deed, by=recorder, key=key)

    assert accept(deed, by=recorder, key=key).state == "pending"
    with pytest.raises(NotDeclared):
        accept(deed, by=recorder)
    with pytest.raises(NotDeclared):
        decline_declaration(deed, reason="重复", by=recorder, at=IN_MARCH)


def test_what_is_recorded_already_is_accepted_only_when_meant(household):
    record(household, "D02", 3)
    deed = declare(household)

    with pytest.raises(DuplicateDeed):
        accept(deed)
    assert accept(deed, again=True).state == "pending"


def test_points_out_of_range_and_items_from_elsewhere_are_refused(household):
    deed = declare(household)

    with pytest.raises(OutOfRange):
        accept(deed, points=500)
    elsewhere = item_of(VillageFactory(), "D02")
    with pytest.raises(NotOfThisVillage):
        accept_declaration(
            deed,
            elsewhere,
            magnitude=3,
            key=uuid4(),
            by=serve(household.village, Role.RECORDER),
            at=IN_MARCH,
        )
    with pytest.raises(NotAGoodDeed):
        declare(household, "N01")
    with pytest.raises(NotAGoodDeed):
        accept(deed, "N01", 2)


def test_a_declined_declaration_keeps_its_reason(household, recorder):
    deed = declare(household)

    with pytest.raises(ReasonMissing):
        decline_declaration(deed, reason=" ", by=recorder, at=IN_MARCH)
    decline_declaration(deed, reason="同一件事已记过", by=recorder, at=IN_MARCH)

    deed.refresh_from_db()
    decision = deed.decisions.get()
    assert deed.state == "rejected"
    assert (decision.reason, decision.by) == ("同一件事已记过", recorder)


def test_i07_nobody_declines_what_their_own_household_declared(household, village):
    neighbor = serve(village, Role.RECORDER, household=household)

    with pytest.raises(OwnHousehold):
        decline_declaration(declare(household), reason="不算", by=neighbor, at=IN_MARCH)


# The page


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def declared(household):
    return declare(household, at=timezone.now())


def accepted_form(page, deed, **typed):
    """Send the first card as it stands, but for what is typed."""
    ((_deed, form, _decline),) = page.get(PAGE).context["cards"]
    return page.post(
        address("declaration-accept", deed.pk),
        {
            "village": deed.village.slug,
            "key": form.initial["key"],
            "item": form.initial["item"],
            "points": "",
            **typed,
        },
        follow=True,
    )


def test_a_card_is_accepted_as_it_stands(page, declared, recorder):
    response = accepted_form(page, declared)

    declared.refresh_from_db()
    assert (declared.state, declared.recorded_by) == ("pending", recorder)
    assert response.context["cards"] == []


def test_another_item_may_be_chosen_and_gives_its_own_points(page, declared, village):
    accepted_form(page, declared, item=item_of(village, "D05").pk, points="99")

    declared.refresh_from_db()
    assert (declared.state, declared.item.code) == ("pending", "D05")
    assert declared.points == declared.item.points_min


def test_what_is_doubled_is_asked_about(page, declared, household):
    record(household, "D02", 3, at=timezone.now(), again=True)

    asked = accepted_form(page, declared)
    assert 'name="again"' in text_of(asked)
    declared.refresh_from_db()
    assert declared.state == "declared"
    ((_deed, form, _decline),) = asked.context["cards"]
    accepted_form(page, declared, key=form.data["key"], again="on")
    declared.refresh_from_db()
    assert declared.state == "pending"


def test_a_card_is_declined_with_a_reason(page, declared, village):
    url = address("declaration-decline", declared.pk)

    refused = page.post(url, {"village": village.slug})
    assert refused.context["cards"][0][2].errors
    page.post(url, {"village": village.slug, "reject-preset": "unproven"})

    declared.refresh_from_db()
    assert declared.state == "rejected"
    assert declared.decisions.get().reason


def test_a_declaration_by_phone_is_written_down(page, village, household):
    typed = {
        "village": village.slug,
        "key": str(uuid4()),
        "household": household.number,
        "note": "帮邻居收了两亩油菜",
        "item": item_of(village, "D02").pk,
        "day": timezone.localdate().isoformat(),
        "channel": "phone",
    }

    for wrong in ({"household": "999"}, {"channel": "web"}, {"note": ""}):
        assert page.post(f"{PAGE}new/", {**typed, **wrong}).context["form"].errors
    tomorrow = timezone.localdate() + timedelta(days=1)
    future = page.post(f"{PAGE}new/", {**typed, "day": tomorrow.isoformat()})
    assert future.context["form"].errors
    page.post(f"{PAGE}new/", {**typed, "key": str(uuid4())})

    deed = Deed.objects.get()
    assert (deed.state, deed.channel) == ("declared", "phone")


def test_many_cards_ask_few_questions(page, village, django_assert_max_num_queries):
    for number in range(12):
        household = HouseholdFactory(
            village=village, group=village.groups.first(), number=f"1{number:02d}"
        )
        declare(household, at=timezone.now())

    with django_assert_max_num_queries(12):
        assert len(page.get(PAGE).context["cards"]) == 12


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.TOWNSHIP])
def test_only_recorders_accept(client, declared, role):
    client.force_login(serve(declared.village, role))

    url = address("declaration-accept", declared.pk)
    assert client.get(PAGE).status_code == 404
    assert client.post(url, {"village": declared.village.slug}).status_code == 404
    declared.refresh_from_db()
    assert declared.state == "declared"


def test_the_desk_counts_what_was_declared_by_channel(page, declared):
    (task,) = [
        task
        for task in page.get("/admin/").context["mine"]
        if task.address.startswith(PAGE)
    ]

    assert task.count == 1
    assert "1" in task.detail


def test_an_old_day_is_no_declaration(household):
    publish(household.village)

    with pytest.raises(DayNotAccepted):
        declare(household, happened_on=date(2025, 12, 1))
