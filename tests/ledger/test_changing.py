"""Putting right what one has just recorded, as long as nobody has decided it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from households.models import AuditEvent
from households.roles import Role
from ledger.changing import NotChangeable, change_deeds
from ledger.models import Deed, EvidencePhoto
from ledger.months import cut_off_month
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import DuplicateDeed, OutOfRange, record_deeds, withdraw_deed
from ledger.review import approve_deed, reject_deed
from tests.factories import (
    END_OF_MARCH,
    IN_MARCH,
    HouseholdFactory,
    approve,
    item_of,
    record,
    serve,
)
from tests.ledger.desk import address, neighbors, record_form, text_of
from tests.ledger.test_recording_page import (  # noqa: F401 - a fixture
    ENTRY,
    media,
    photo,
)


def change(deeds, code="Z05", points=5, *, by, households=None, **values):
    return change_deeds(
        deeds,
        households or [deed.household for deed in deeds],
        item_of(deeds[0].village, code),
        happened_on=values.pop("happened_on", deeds[0].happened_on),
        magnitude=points,
        channel="record",
        note=values.pop("note", "说明"),
        key=values.pop("key", None) or uuid4(),
        by=by,
        at=values.pop("at", IN_MARCH + timedelta(minutes=5)),
        **values,
    )


def test_a_changed_deed_is_recorded_anew_and_the_old_one_stays_on_file(
    household, recorder
):
    deed = record(household, "D02", 3, by=recorder)

    changed = change([deed], "D02", 5, by=recorder)

    deed.refresh_from_db()
    (new,) = changed.deeds
    assert (deed.state, deed.points) == ("withdrawn", 3)
    assert (new.state, new.points, new.recorded_by) == ("pending", 5, recorder)
    event = AuditEvent.objects.get(action="deed.change")
    assert event.facts["replaces"] == [deed.pk]
    assert event.subject == f"operation {changed.operation.pk}"


def test_what_is_replaced_is_no_repeat_and_fills_no_limit(household, recorder):
    deed = record(household, "Z05", by=recorder)

    changed = change([deed], "Z05", note="扫了两条路", by=recorder)

    assert changed.deeds[0].note == "扫了两条路"
    assert Deed.objects.pending().count() == 1


def test_a_repeat_of_another_deed_is_still_a_repeat(household, recorder):
    record(household, "Z05", by=recorder)
    deed = record(household, "Z03", by=recorder)

    with pytest.raises(DuplicateDeed):
        change([deed], "Z05", by=recorder)

    deed.refresh_from_db()
    assert deed.state == "pending"


def test_a_refused_change_leaves_the_old_deed_as_it_was(household, recorder):
    deed = record(household, "D02", 3, by=recorder)

    with pytest.raises(OutOfRange):
        change([deed], "D02", 500, by=recorder)

    deed.refresh_from_db()
    assert deed.state == "pending"
    assert not AuditEvent.objects.filter(action="deed.change").exists()


def test_i13_a_change_sent_twice_is_one(household, recorder):
    deed, key = record(household, "D02", 3, by=recorder), uuid4()

    first = change([deed], "D02", 5, by=recorder, key=key)
    again = change([deed], "D02", 5, by=recorder, key=key)

    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.deeds == first.deeds
    assert Deed.objects.count() == 2
    with pytest.raises(KeyUsedForSomethingElse):
        change([deed], "D02", 4, by=recorder, key=key)


def test_what_somebody_decided_meanwhile_stays_and_says_who(
    household, recorder, reviewer
):
    for decide in (approve_deed, reject_deed):
        deed = record(household, "Z05", by=recorder, again=True)
        decide(deed, by=reviewer, at=END_OF_MARCH, reason="证明不够")

        with pytest.raises(NotChangeable, match=reviewer.get_full_name()):
            change([deed], by=recorder)
    assert Deed.objects.count() == 2


def test_one_decided_deed_holds_up_the_whole_form(household, recorder, reviewer):
    neighbor = HouseholdFactory(village=household.village, group=household.group)
    deeds = record_deeds(
        [household, neighbor],
        item_of(household.village, "Z05"),
        happened_on=IN_MARCH.date(),
        magnitude=5,
        channel="record",
        key=uuid4(),
        by=recorder,
        at=IN_MARCH,
    ).deeds
    approve(deeds[1], by=reviewer)

    with pytest.raises(NotChangeable, match=neighbor.number):
        change(deeds, by=recorder)

    assert set(Deed.objects.values_list("state", flat=True)) == {"pending", "approved"}


def test_nobody_changes_what_another_person_recorded(household, recorder, village):
    deed = record(household, by=recorder)

    with pytest.raises(NotChangeable, match=recorder.get_full_name()):
        change([deed], by=serve(village, Role.RECORDER, first_name="另一人"))


def test_a_month_that_is_cut_off_changes_no_more(household, recorder):
    deed = record(household, by=recorder)
    cut_off_month(deed.period, by=None, at=END_OF_MARCH)

    with pytest.raises(NotChangeable, match="2026-03"):
        change([deed], by=recorder, at=END_OF_MARCH)


def test_what_was_undone_is_recorded_again_and_not_changed(household, recorder):
    deed = record(household, by=recorder)
    withdraw_deed(deed, by=recorder, at=IN_MARCH)

    with pytest.raises(NotChangeable):
        change([deed], by=recorder)


# The page


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def saved(page, village):
    """Two households of one saved form, and the form."""
    neighbors(village, "001", "002", "003")
    form = record_form(
        village, item="D02", households="001,002", points="3", note="帮工"
    )
    page.post(ENTRY, form)
    return form


def fields(response):
    """Return what the form of a page would send again."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields if name != "photos"}
    return {name: value for name, value in values.items() if value is not None}


def change_address(form, **query):
    return address("entry-change", form["key"], **query)


def test_the_form_comes_filled_in_and_is_saved_in_place_of_the_old(page, saved):
    opened = page.get(change_address(saved))
    form = fields(opened)
    result = page.post(change_address(saved), {**form, "points": "5"}, follow=True)

    assert (form["chosen"], form["points"], form["note"]) == ("001,002", 3, "帮工")
    states = Deed.objects.values_list("household__number", "points", "state")
    assert sorted(states) == [
        ("001", 3, "withdrawn"),
        ("001", 5, "pending"),
        ("002", 3, "withdrawn"),
        ("002", 5, "pending"),
    ]
    assert result.redirect_chain == [(address("entry-result", form["key"]), 302)]


def test_one_deed_of_a_form_can_be_changed_by_itself(page, saved):
    deed = Deed.objects.get(household__number="002")

    form = fields(page.get(change_address(saved, deed=deed.pk)))
    page.post(change_address(saved), {**form, "chosen": "003"})

    states = Deed.objects.values_list("household__number", "state")
    assert sorted(states) == [
        ("001", "pending"),
        ("002", "withdrawn"),
        ("003", "pending"),
    ]


def test_a_button_that_changes_the_form_saves_nothing(page, saved):
    form = fields(page.get(change_address(saved)))

    dropped = fields(page.post(change_address(saved), {**form, "drop": "001"}))
    looked = page.post(change_address(saved), {**form, "look": "1"})

    assert (dropped["chosen"], dropped["replaces"]) == ("002", form["replaces"])
    assert looked.context["form"].cautions == []
    assert Deed.objects.pending().count() == 2


def test_a_decision_made_meanwhile_is_told_and_what_was_typed_stays(
    page, saved, reviewer
):
    form = fields(page.get(change_address(saved)))
    approve(Deed.objects.get(household__number="001"), by=reviewer, at=timezone.now())

    response = page.post(change_address(saved), {**form, "note": "帮了一整天"})

    assert str(reviewer) in text_of(response)
    assert response.context["form"]["note"].value() == "帮了一整天"
    assert Deed.objects.count() == 2


def test_what_is_still_pending_of_a_form_is_offered(page, saved, reviewer):
    approve(Deed.objects.get(household__number="001"), by=reviewer, at=timezone.now())

    assert fields(page.get(change_address(saved)))["chosen"] == "002"


@pytest.mark.parametrize("why", ["decided", "another person's", "cut off", "undone"])
def test_what_cannot_be_changed_says_so_and_offers_no_form(
    why, page, saved, reviewer, village
):
    deeds = list(Deed.objects.all())
    if why == "decided":
        for deed in deeds:
            approve(deed, by=reviewer, at=timezone.now())
    if why == "another person's":
        page.force_login(serve(village, Role.RECORDER))
    if why == "cut off":
        deeds[0].period.cut_off_at = timezone.now()
        deeds[0].period.save()
    if why == "undone":
        page.post(address("entry-undo", saved["key"]))

    response = page.get(change_address(saved), follow=True)
    result = page.get(address("entry-result", saved["key"]))

    assert response.redirect_chain == [(address("entry-result", saved["key"]), 302)]
    assert len(response.context["messages"]) >= 1
    assert change_address(saved) not in text_of(result)


def test_a_form_without_deeds_leads_back(page, saved):
    response = page.post(change_address(saved), {"village": "taoxi", "replaces": "0"})

    assert response["Location"] == address("entry-result", saved["key"])


def test_photos_stay_with_the_deed_unless_they_are_unticked(page, village, media):  # noqa: F811
    neighbors(village, "001", "002")
    saved = record_form(village, households="001,002")
    page.post(ENTRY, {**saved, "photos": [photo(), photo("blue")]})

    opened = page.get(change_address(saved))
    (first, _), (second, _) = opened.context["form"].photos_shown
    form = {**fields(opened), "kept": [str(second.pk)], "photos": [photo("green")]}
    page.post(change_address(saved), form)

    new = EvidencePhoto.objects.filter(deed__state="pending")
    files = set(new.values_list("image", flat=True))
    assert new.count() == 4
    assert second.image.name in files
    assert first.image.name not in files
    assert EvidencePhoto.objects.filter(deed__state="withdrawn").count() == 4


def test_a_button_does_not_forget_which_photos_are_kept(page, village, media):  # noqa: F811
    neighbors(village, "001", "002")
    saved = record_form(village, households="001")
    page.post(ENTRY, {**saved, "photos": [photo(), photo("blue"), photo("green")]})
    opened = page.get(change_address(saved))
    kept = [str(shown.pk) for shown, _ in opened.context["form"].photos_shown]

    form = {**fields(opened), "kept": kept[:2], "households": "002", "add": "1"}
    shown = page.post(change_address(saved), form).context["form"].photos_shown

    assert [is_kept for _, is_kept in shown] == [True, True, False]


def test_old_and_new_photos_are_four_at_most(page, village, media):  # noqa: F811
    neighbors(village, "001")
    saved = record_form(village)
    page.post(ENTRY, {**saved, "photos": [photo() for _ in range(3)]})
    opened = page.get(change_address(saved))
    kept = [str(shown.pk) for shown, _ in opened.context["form"].photos_shown]

    form = {**fields(opened), "kept": kept, "photos": [photo(), photo()]}
    response = page.post(change_address(saved), form)

    assert "photos" in response.context["form"].errors
    assert Deed.objects.count() == 1


def test_the_desk_and_the_saved_line_lead_to_the_change(page, saved, reviewer):
    link = f'href="{change_address(saved)}"'

    assert link in text_of(page.get("/admin/"))
    assert link in text_of(page.get(address("entry", saved=saved["key"])))
    assert link in text_of(page.get(address("entry-result", saved["key"])))


def test_each_pending_deed_of_a_form_has_a_door_of_its_own(page, saved, reviewer):
    first, second = Deed.objects.order_by("household__number")
    result = address("entry-result", saved["key"])
    both = text_of(page.get(result))

    approve(first, by=reviewer, at=timezone.now())
    approved = text_of(page.get(result))

    assert f"?deed={first.pk}" in both
    assert f"?deed={second.pk}" in both
    assert f"?deed={first.pk}" not in approved


def test_a_script_is_told_where_to_go_on(page, saved):
    form = fields(page.get(change_address(saved)))

    added = page.post(
        change_address(saved),
        {**form, "households": "003", "add": "1"},
        headers={"X-Desk": "1"},
    )
    done = page.post(change_address(saved), form, headers={"X-Desk": "1"})

    assert added.context["form"]["chosen"].value() == "001,002,003"
    assert done.json() == {"next": address("entry-result", form["key"])}
