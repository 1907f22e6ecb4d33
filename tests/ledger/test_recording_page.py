from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from households.models import AuditEvent, Household
from households.roles import Role
from households.typed_households import TypedHouseholds
from ledger.models import Deed, EvidencePhoto
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    approve,
    item_of,
    record,
    serve,
)
from tests.ledger.desk import (
    IN_LAST_MONTH,
    LAST_MONTH,
    address,
    neighbors,
    record_form,
    record_last_month,
    text_of,
)

ENTRY = "/admin/entry/"


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def saved(village, form):
    return f"{ENTRY}?village={village.slug}&saved={form['key']}"


def fields(response):
    """Return what the form of a page would send again."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in values.items() if value is not None}


def press(page, form, **button):
    """Press a button that changes the form, and return what it then holds."""
    return fields(page.post(ENTRY, {**form, **button}))


def photo(color="red"):
    file = BytesIO()
    Image.new("RGB", (40, 30), color).save(file, "JPEG")
    return SimpleUploadedFile("photo.jpg", file.getvalue(), "image/jpeg")


def test_one_form_records_a_deed_for_every_household_named(page, village):
    neighbors(village, "001", "002", "003", "004")
    HouseholdFactory(
        village=village,
        group=village.groups.get(number=2),
        number="015",
        head_name="罗青山",
    )

    form = record_form(village, households="001－003，罗青山")
    response = page.post(ENTRY, form, follow=True)

    deeds = Deed.objects.order_by("household__number")
    assert [deed.household.number for deed in deeds] == ["001", "002", "003", "015"]
    assert {(deed.points, deed.state) for deed in deeds} == {(5, "pending")}
    assert response.redirect_chain == [(saved(village, form), 302)]


def test_whole_groups_can_be_ticked_without_those_who_were_absent(page, village):
    neighbors(village, "001", "002", "003")
    neighbors(village, "004", status=Household.Status.LEFT)
    neighbors(village, "005", status=Household.Status.AWAY)
    group = village.groups.get(number=1)

    ticked = press(page, record_form(village, households=""), group=group.pk)
    dropped = press(page, ticked, drop="002")
    page.post(ENTRY, dropped)

    recorded = Deed.objects.values_list("household__number", flat=True)
    assert ticked["chosen"] == "001,002,003"
    assert sorted(recorded) == ["001", "003"]


def test_a_group_ticked_twice_is_not_ticked(page, village):
    neighbors(village, "001", "002")
    group = village.groups.get(number=1)

    once = press(page, record_form(village, households="002"), group=group.pk)
    twice = press(page, once, group=group.pk)

    assert (once["chosen"], twice["chosen"]) == ("001,002", "")


def test_what_was_typed_is_added_and_what_was_not_understood_stays(page, village):
    neighbors(village, "001", "002")
    form = record_form(village, households="002 999，001", note="清扫", points="5")

    response = page.post(ENTRY, {**form, "add": "1"})

    shown = response.context["form"]
    assert shown["chosen"].value() == "001,002"
    assert shown["households"].value() == "999"
    assert list(shown.selection.misread) == ["999"]
    assert (shown["note"].value(), shown["points"].value()) == ("清扫", "5")
    assert "“999”" in text_of(response)
    assert Deed.objects.count() == 0


def test_initials_find_a_household_and_offer_a_choice_when_several_fit(page, village):
    neighbors(village, "001", head_name="罗青山", head_initials="lqs")
    neighbors(village, "002", head_name="刘秋生", head_initials="lqs")
    neighbors(village, "003", head_name="曾国富", head_initials="cgf zgf")
    form = record_form(village, households="zgf，LQS")

    response = page.post(ENTRY, {**form, "add": "1"})
    picked = press(page, fields(response), pick="002")

    offered = response.context["form"].selection.candidates
    assert [household.number for household in offered] == ["001", "002"]
    assert response.context["form"]["chosen"].value() == "003"
    assert (picked["chosen"], picked["households"]) == ("002,003", "")


def test_everybody_can_be_taken_out_again(page, village):
    neighbors(village, "001", "002")
    added = press(page, record_form(village, households="001,002"), add="1")

    assert press(page, added, clear="1")["chosen"] == ""


@pytest.mark.parametrize("typed", ["Z03", "z3", "自3", "自０３", "Ｚ０３"])
def test_a_code_among_the_households_chooses_the_item(page, village, typed):
    neighbors(village, "001")
    form = record_form(village, households=f"001 {typed}", item="Z05", points="5")

    shown = press(page, form, add="1")

    assert shown["item"] == str(item_of(village, "Z03").pk)
    assert (shown["chosen"], shown["households"], shown["points"]) == ("001", "", "")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("法1", ["F01"]),
        ("庭院整洁达", ["Z03"]),
        ("tyzj", ["Z03"]),
        ("courtyard", ["Z03"]),
        ("扣1", ["N01"]),
        ("没有这样的", []),
    ],
)
def test_an_item_is_found_by_code_word_or_pinyin(page, village, typed, codes):
    neighbors(village, "001")
    form = record_form(village, find=typed, households="")

    response = page.post(ENTRY, {**form, "add": "1"})

    expected = codes or ["Z05"]
    assert response.context["form"].item_now.code == expected[0]


def test_the_usual_items_are_the_last_eight_of_this_recorder(page, village, recorder):
    (household,) = neighbors(village, "001")
    codes = ["D01", "D02", "D04", "D06", "D07", "Z02", "F04", "F06", "Z05"]
    for code in codes:
        record(household, code, at=timezone.now(), by=recorder)

    tiles = page.get(ENTRY).context["form"].tiles

    usual = {tile.item.code for tile in tiles if tile.is_usual}
    assert usual == set(codes[1:])


def test_a_new_recorder_finds_eight_items_that_add_points(page, village):
    neighbors(village, "001")

    tiles = page.get(ENTRY).context["form"].tiles

    usual = [tile.item for tile in tiles if tile.is_usual]
    assert len(usual) == 8
    assert not any(item.is_deduction for item in usual)


def test_the_last_list_of_five_or_more_can_be_taken_again(page, village):
    neighbors(village, "001", "002", "003", "004", "005")
    page.post(ENTRY, record_form(village, households="001-005"))
    page.post(ENTRY, record_form(village, households="001-002", item="Z01"))
    Household.objects.filter(number="003").update(status=Household.Status.LEFT)
    form = record_form(village, households="", item="Z02")

    taken = press(page, form, last="1")

    assert taken["chosen"] == "001,002,004,005"


def test_what_is_doubtful_shows_before_saving_and_is_skipped(page, village):
    known, _other = neighbors(village, "001", "002")
    record(known, "Z05", at=timezone.now())
    form = record_form(village, households="001-002")

    looked = page.post(ENTRY, {**form, "look": "1"})
    response = page.post(ENTRY, fields(looked))

    assert [c.household for c in looked.context["form"].cautions] == [known]
    assert looked.context["form"].count == 1
    assert response.status_code == 302
    assert Deed.objects.filter(household=known).count() == 1
    assert Deed.objects.count() == 2


def test_an_empty_form_after_a_save_keeps_item_and_day_and_offers_to_undo(
    page, village
):
    neighbors(village, "001", "002")
    yesterday = timezone.localdate() - timedelta(days=1)
    form = record_form(village, households="001,002", day=yesterday.isoformat())

    response = page.post(ENTRY, form, follow=True)

    empty = response.context["form"]
    assert empty.item_now.code == "Z05"
    assert empty["day"].value() == yesterday.isoformat()
    assert empty.selection.households == []
    assert len(response.context["undoable"]) == 2
    assert address("entry-undo", form["key"]) in text_of(response)


def test_a_day_of_long_ago_is_typed(page, village):
    neighbors(village, "001")
    day = timezone.localdate() - timedelta(days=9)

    page.post(ENTRY, record_form(village, day="other", other_day=day.isoformat()))

    assert Deed.objects.get().happened_on == day


def test_the_script_gets_the_form_alone_and_the_next_address(page, village):
    neighbors(village, "001")
    form = record_form(village)

    asked = page.post(ENTRY, {**form, "add": "1"}, headers={"X-Desk": "1"})
    kept = page.post(ENTRY, form, headers={"X-Desk": "1"})

    assert "<html" not in text_of(asked)
    assert 'id="entry-who"' in text_of(asked)
    assert kept.json() == {"next": saved(village, form)}


def test_a_key_that_is_none_loses_nothing(page, village):
    neighbors(village, "001")

    shown = press(page, record_form(village, key="nonsense"), add="1")

    assert shown["chosen"] == "001"


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_save_that_is_not_known_shows_an_empty_form(page, village, key):
    neighbors(village, "001")

    response = page.get(ENTRY, {"saved": key})

    assert response.status_code == 200
    assert "operation" not in response.context


def test_a_form_sent_twice_counts_once_and_shows_the_first_result(page, village):
    neighbors(village, "001", "002")
    form = record_form(village, households="001,002")

    first = page.post(ENTRY, form)
    second = page.post(ENTRY, form)

    assert first["Location"] == second["Location"]
    assert Deed.objects.count() == 2


def test_a_form_that_skipped_someone_also_counts_once(page, village):
    known, _other = neighbors(village, "001", "002")
    record(known, "Z05", at=timezone.now())
    form = record_form(village, households="001,002")
    asked = page.post(ENTRY, form).context["form"].data["asked"]

    answers = [
        page.post(ENTRY, {**form, "asked": asked, "choice": "skip"}) for _ in "ab"
    ]

    assert {answer["Location"] for answer in answers} == {saved(village, form)}
    assert Deed.objects.count() == 2


def test_a_key_used_for_something_else_keeps_the_form_and_gets_a_new_key(
    page, village, recorder
):
    neighbors(village, "001", "002")
    form = record_form(village)
    page.post(ENTRY, form)

    response = page.post(ENTRY, {**form, "households": "002", "note": "别的事"})

    again = response.context["form"]
    assert Deed.objects.count() == 1
    assert again.data["note"] == "别的事"
    assert again.data["key"] != form["key"]
    assert again.non_field_errors()
    assert AuditEvent.objects.filter(action="deed.record", outcome="refused").exists()


def test_a_deed_recorded_already_is_asked_about_and_can_be_skipped(page, village):
    known, _other = neighbors(village, "001", "002")
    record(known, "Z05", at=timezone.now())
    form = record_form(village, households="001-002")

    asking = page.post(ENTRY, form)
    assert Deed.objects.count() == 1
    assert str(known) in text_of(asking)
    asked = asking.context["form"].data["asked"]
    page.post(ENTRY, {**form, "asked": asked, "choice": "skip"})

    assert Deed.objects.filter(household=known).count() == 1
    assert Deed.objects.count() == 2


def test_a_deed_recorded_already_can_be_recorded_once_more(page, village):
    (known,) = neighbors(village, "001")
    record(known, "Z05", at=timezone.now())
    form = record_form(village)
    asked = page.post(ENTRY, form).context["form"].data["asked"]

    page.post(ENTRY, {**form, "asked": asked, "choice": "again"})

    assert Deed.objects.filter(household=known).count() == 2


def test_an_answer_about_other_households_is_asked_again(page, village):
    first, second = neighbors(village, "001", "002")
    record(first, "Z05", at=timezone.now())
    form = record_form(village, households="001")
    asked = page.post(ENTRY, form).context["form"].data["asked"]
    record(second, "Z05", at=timezone.now())

    changed = {**form, "households": "001,002", "asked": asked, "choice": "again"}
    response = page.post(ENTRY, changed)

    assert response.status_code == 200
    assert Deed.objects.count() == 2


def test_a_full_limit_is_shown_before_saving(page, village):
    (household,) = neighbors(village, "001")
    for day in (2, 3, 4):
        record_last_month(household, happened_on=LAST_MONTH.replace(day=day))

    response = page.post(ENTRY, record_form(village, day=f"{IN_LAST_MONTH}"))

    (caution,) = response.context["form"].cautions
    assert Deed.objects.count() == 3
    assert "15" in caution.sentence
    assert caution.sentence in text_of(response)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"households": "999"}, "households"),
        ({"households": "001,999"}, "households"),
        ({"households": "018-0x1"}, "households"),
        ({"households": ""}, "households"),
        ({"item": "", "households": "001"}, "item"),
        ({"households": "陈一样"}, "households"),
        ({"points": "6"}, "points"),
        ({"item": "F04", "points": ""}, "points"),
        ({"day": "2999-01-01"}, "day"),
        ({"day": "2020-01-01"}, "day"),
        ({"day": "other"}, "day"),
        ({"day": "other", "other_day": "x"}, "other_day"),
        ({"day": "x"}, "day"),
        ({"item": "N01", "points": "2", "note": " "}, "note"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_a_form_in_disorder_saves_nothing_and_loses_nothing(
    page, village, typed, field
):
    neighbors(village, "001")
    neighbors(village, "002", "003", head_name="陈一样")
    form = {**record_form(village, note="记得"), **typed}
    if item := typed.get("item"):
        form["item"] = item_of(village, item).pk

    response = page.post(ENTRY, form)

    again = response.context["form"]
    assert field in again.errors
    assert Deed.objects.count() == 0
    assert {name: again.data.get(name) for name in form} == {
        name: str(value) for name, value in form.items()
    }


def test_a_second_recorder_must_be_somebody_else_of_the_village(
    page, village, recorder, reviewer
):
    neighbors(village, "001")
    stranger = serve(VillageFactory(), Role.RECORDER)
    form = record_form(village, item="N01", points="2", note="乱倒垃圾")

    for person in (recorder, stranger):
        response = page.post(ENTRY, {**form, "second_recorder": person.pk})
        assert "second_recorder" in response.context["form"].errors
    page.post(ENTRY, {**form, "second_recorder": reviewer.pk})

    deed = Deed.objects.get()
    assert (deed.points, deed.second_recorder) == (-2, reviewer)


def test_what_was_recorded_can_be_undone_once_until_somebody_decides(
    page, village, recorder
):
    _first, second = neighbors(village, "001", "002")
    form = record_form(village, households="001,002")
    page.post(ENTRY, form)
    approve(Deed.objects.get(household=second))
    undo = address("entry-undo", form["key"])

    page.post(undo)
    again = page.post(undo, follow=True)

    states = dict(Deed.objects.values_list("household__number", "state"))
    assert states == {"001": "withdrawn", "002": "approved"}
    events = AuditEvent.objects.filter(action="deed.withdraw")
    assert events.count() == 1
    assert len(again.context["messages"]) == 2
    assert again.context["undoable"] == []


def test_nobody_undoes_what_somebody_else_recorded(client, page, village):
    neighbors(village, "001")
    form = record_form(village)
    page.post(ENTRY, form)
    client.force_login(serve(village, Role.RECORDER))

    result = client.get(address("entry-result", form["key"]))
    client.post(address("entry-undo", form["key"]))

    assert result.context["undoable"] == []
    assert Deed.objects.get().state == "pending"


def test_photos_are_kept_once_however_often_the_form_arrives(page, village, media):
    neighbors(village, "001", "002")
    form = record_form(village, households="001,002")

    for _ in range(2):
        page.post(ENTRY, {**form, "photos": [photo(), photo("blue")]})

    assert EvidencePhoto.objects.count() == 4
    assert len(set(EvidencePhoto.objects.values_list("image", flat=True))) == 2
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2


def test_a_refused_form_says_that_its_photos_are_gone(page, village, media):
    neighbors(village, "001")

    response = page.post(
        ENTRY, record_form(village, households="999", photos=[photo()])
    )

    assert response.context["form"].lost_photos
    assert not list(media.iterdir())


def test_more_than_four_photos_and_other_files_are_refused(page, village, media):
    neighbors(village, "001")
    many = [photo() for _ in range(5)]
    text = SimpleUploadedFile("photo.jpg", b"no photo at all", "image/jpeg")

    for photos in (many, [text]):
        response = page.post(ENTRY, record_form(village, photos=photos))
        assert "photos" in response.context["form"].errors

    assert Deed.objects.count() == 0


def test_a_village_without_households_is_sent_to_the_roster(page, village):
    response = page.get(ENTRY)

    assert response.context["form"].selection.is_village_empty
    assert "<form" not in text_of(response).partition('id="content-main"')[2]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.SHOPKEEPER])
def test_only_who_records_finds_the_page(client, village, role):
    client.force_login(serve(village, role))

    assert client.get(ENTRY).status_code == 404
    assert client.post(ENTRY, record_form(village)).status_code == 404
    assert client.get(address("entry-result", uuid4())).status_code == 404


def test_another_village_cannot_be_named(page, village):
    other = VillageFactory()
    HouseholdFactory(village=other, number="001")

    assert page.get(ENTRY, {"village": other.slug}).status_code == 404
    assert page.post(ENTRY, record_form(other)).status_code == 404
    foreign_item = item_of(other, "Z05").pk
    neighbors(village, "001")
    response = page.post(ENTRY, {**record_form(village), "item": foreign_item})

    assert "item" in response.context["form"].errors
    assert Deed.objects.count() == 0


def test_a_result_of_another_village_is_not_found(page, village):
    other = VillageFactory()
    theirs = record(HouseholdFactory(village=other), at=timezone.now())
    key = theirs.operation.key

    assert page.get(address("entry-result", key)).status_code == 404
    assert page.post(address("entry-undo", key)).status_code == 404


def test_households_are_read_as_people_type_them(village):
    first, second, third = neighbors(village, "001", "002", "003")
    hyphen = neighbors(village, "3-12", head_name="司马光")[0]
    (to_far,) = neighbors(village, "004", head_name="马至远")
    households = Household.objects.filter(village=village).order_by("number")

    def read(text):
        return set(TypedHouseholds(text, households).found.values())

    assert read("1、０2；003号") == {first, second, third}
    assert read("001 - 003") == {first, second, third}
    assert read("001至002 003") == {first, second, third}
    assert read("3-12") == {hyphen}
    assert read("司 马 光") == {hyphen}
    assert read("马至远 001 - 002") == {to_far, first, second}
    assert read("002-001") == set()
