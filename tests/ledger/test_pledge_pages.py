"""承诺书 at the desk and in the passbook: write, print, enter, take back."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from households.consent import newest_consent
from households.models import Household, HouseholdConsent, Pledge
from households.passbooks import print_cards
from households.roles import Role
from ledger.public.form_tokens import FormToken
from ledger.public.taking_back import kind_of
from tests.factories import (
    AFTER_NOTICE,
    IN_MARCH,
    HouseholdFactory,
    award,
    change,
    publish,
    serve,
)
from tests.ledger.papers import answers, pledge_of, sign
from tests.ledger.reading import text_of
from tests.ledger.tales import tell
from tests.two_villages import visitor


def at(name, *args, **query):
    return reverse(f"ledger_desk:{name}", args=args, query=query or None)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Look at the pages on 7 April 2026."""
    monkeypatch.setattr(timezone, "now", lambda: AFTER_NOTICE)


@pytest.fixture
def admin_desk(village_admin):
    return visitor(village_admin)


@pytest.fixture
def clerk(recorder):
    return visitor(recorder)


@pytest.fixture
def neighbor(household):
    return HouseholdFactory(
        village=household.village, group=household.group, number="002"
    )


def typed(**values):
    return {"village": "taoxi", "key": str(uuid4()), **values}


def words(**values):
    said = {"title": "承诺书", "lines": "守法", "kept": "户号", "contact": "村委会"}
    return typed(**{**said, **values})


def paper(pledge, **values):
    ticks = dict.fromkeys(["keeps_file", "shows_name", "tells_stories"], "yes")
    return typed(**{"pledge": pledge.pk, "signed_on": "2026-04-06", **ticks, **values})


def row(home, how, *ticked):
    ticks = {f"{one}-{home.pk}": "1" for one in ticked}
    return {f"in-{home.pk}": how, **ticks}


def stack(pledge, group, homes, **rows):
    sent = {"pledge": pledge.pk, "signed_on": "2026-04-06", "group": group.number}
    return typed(**sent, home=[home.pk for home in homes], **rows)


# The words


def test_a_village_begins_with_the_words_that_ship(admin_desk, village):
    assert "还没有承诺书" in text_of(admin_desk.get(at("pledges")))

    page = admin_desk.get(at("pledge-new")).text

    assert "遵纪守法，遵守村规民约" in page
    assert "不记身份证号" in page


def test_a_version_is_put_in_force_and_shown(admin_desk, village):
    admin_desk.post(at("pledge-new"), words(lines="守法\n和睦"))
    admin_desk.post(at("pledge-new"), words(lines="守法\n和睦\n干净"))

    page = text_of(admin_desk.get(at("pledges")))

    assert Pledge.objects.count() == 2
    assert "干净" in page
    assert "以前的版本" in page


def test_what_is_missing_brings_the_words_back_as_typed(admin_desk, village):
    page = admin_desk.post(at("pledge-new"), words(title="好村民", contact=""))

    assert "好村民" in page.text
    assert not Pledge.objects.exists()


def test_the_same_words_again_are_refused_with_a_sentence(admin_desk, village):
    admin_desk.post(at("pledge-new"), words())

    page = text_of(admin_desk.post(at("pledge-new"), words()))

    assert "第1版就是这些话" in page


@pytest.mark.parametrize(
    ("role", "writes", "records"),
    [
        (Role.RECORDER, 404, 200),
        (Role.REVIEWER, 404, 404),
        (Role.SUPERVISOR, 404, 404),
        (Role.TOWNSHIP, 404, 404),
    ],
)
def test_the_admin_writes_and_the_recorder_records(village, role, writes, records):
    pledge_of(village)
    person = visitor(serve(village, role))

    assert person.get(at("pledges")).status_code == 200
    assert person.get(at("pledge-new")).status_code == writes
    assert person.get(at("pledge-sheets")).status_code == records


# The sheets


def test_a_sheet_has_three_questions_and_what_refusing_costs(clerk, household):
    pledge_of(household.village)

    blank = text_of(clerk.get(at("pledge-sheets")))
    own = text_of(clerk.get(at("pledge-sheets", home=household.pk)))

    assert blank.count("☐ 不同意") == 3
    assert "不同意，照样用积分兑换" in blank
    assert household.head_name not in blank
    assert household.head_name in own


def test_a_group_is_printed_in_one_run_with_masked_names_if_wished(
    clerk, household, neighbor
):
    pledge_of(household.village)
    change(household.village, "move_out", household=neighbor)
    third = HouseholdFactory(
        village=household.village, group=household.group, number="003"
    )
    group = household.group.number

    page = clerk.get(at("pledge-sheets", group=group, names="masked")).text

    assert page.count('class="sheet"') == 2
    assert third.number in page
    assert household.head_name not in page
    assert 'class="sheet"' not in clerk.get(at("pledge-sheets", group="x")).text


def test_without_words_there_is_nothing_to_print_or_enter(clerk, household):
    for address in (
        at("pledge-sheets"),
        at("pledge-stack", group=household.group.number),
        at("home-pledge", household.pk),
    ):
        assert clerk.get(address).url.startswith(at("pledges"))


# One paper


def test_one_paper_is_entered_from_the_file_and_stands_there(clerk, household):
    pledge = pledge_of(household.village)
    sent = paper(pledge, tells_stories="no")

    for _time in range(2):
        done = clerk.post(at("home-pledge", household.pk), sent)

    assert done.url == at("home", household.pk) + "#pledge"
    assert HouseholdConsent.objects.count() == 1
    page = text_of(clerk.get(at("home", household.pk)))
    assert "第1版，2026年4月6日签" in page
    assert "事迹宣传: 不同意" in page


def test_a_paper_without_an_answer_comes_back_as_typed(clerk, household):
    pledge = pledge_of(household.village)

    page = clerk.post(
        at("home-pledge", household.pk),
        paper(pledge, shows_name="", signed_on="2026-04-05"),
    )

    assert "2026-04-05" in page.text
    assert not HouseholdConsent.objects.exists()


def test_a_refused_paper_says_why(clerk, household):
    pledge = pledge_of(household.village)

    page = clerk.post(
        at("home-pledge", household.pk), paper(pledge, signed_on="2026-04-08")
    )

    assert "日期不能比今天晚" in text_of(page)


def test_a_form_used_for_something_else_is_told_so_once(clerk, household):
    pledge = pledge_of(household.village)
    sent = paper(pledge)
    clerk.post(at("home-pledge", household.pk), sent)

    page = clerk.post(at("home-pledge", household.pk), {**sent, "shows_name": "no"})

    assert newest_consent(household).shows_name
    key = re.search(r'name="key" value="([^"]+)"', page.text)[1]
    assert key != sent["key"]
    clerk.post(
        at("home-pledge", household.pk), {**sent, "shows_name": "no", "key": key}
    )
    assert not newest_consent(household).shows_name


def test_a_day_of_before_the_papers_is_shown_as_such(clerk, household):
    pledge_of(household.village)
    Household.objects.update(full_name_consented_on="2026-01-01")

    page = text_of(clerk.get(at("home", household.pk)))

    assert "2026年1月1日登记的，没有这张纸，仍然有效" in page
    assert "另有1户是以前同意的" in text_of(clerk.get(at("pledges")))


def test_a_file_that_is_not_wanted_is_said_plainly(clerk, household):
    sign(household, answers(keeps_file=False))

    assert "不留电话" in text_of(clerk.get(at("home", household.pk)))


def test_an_older_version_and_a_new_head_are_marked(clerk, household):
    sign(household)
    pledge_of(household.village, lines="新", at=AFTER_NOTICE)
    assert "以前的版本" in text_of(clerk.get(at("home", household.pk)))

    change(household.village, "head", household=household, head_name="陈小满")

    assert "新户主还没签" in text_of(clerk.get(at("home", household.pk)))


# A stack


def test_a_stack_is_entered_on_one_page(clerk, household, neighbor):
    pledge = pledge_of(household.village)
    group = household.group
    address = at("pledge-stack", group=group.number)
    assert "还有2户没签" in text_of(clerk.get(address))
    rows = {**row(household, "all"), **row(neighbor, "ticked", "shows_name")}

    done = clerk.post(
        at("pledge-stack"), stack(pledge, group, [household, neighbor], **rows)
    )

    assert done.url.startswith(at("pledges"))
    assert newest_consent(household).tells_stories
    said = newest_consent(neighbor)
    assert (said.keeps_file, said.shows_name) == (False, True)
    assert "2户都签了" in text_of(clerk.get(at("pledges")))
    assert "这个组都签了" in text_of(clerk.get(address))


def test_who_is_not_in_the_stack_stays_on_the_list(clerk, household, neighbor):
    pledge = pledge_of(household.village)
    group = household.group

    clerk.post(
        at("pledge-stack"),
        stack(pledge, group, [household, neighbor], **row(household, "all")),
    )

    page = text_of(clerk.get(at("pledge-stack", group=group.number)))
    assert "002" in page
    assert "001" not in page


def test_one_wrong_row_loses_nothing_of_the_others(clerk, household, neighbor):
    pledge = pledge_of(household.village)
    group = household.group
    sign(neighbor, answers(tells_stories=False))
    rows = {**row(household, "ticked", "keeps_file"), **row(neighbor, "ticked")}
    sent = stack(pledge, group, [household, neighbor], **rows)

    page = clerk.post(at("pledge-stack"), {**sent, "signed_on": "2026-04-05"})

    assert not household.consents.exists()
    assert "002户2026年4月6日更新的一份已经登记过了" in text_of(page)
    assert f'name="keeps_file-{household.pk}" value="1" checked' in page.text
    assert "2026-04-05" in page.text
    ticked = rf'id="in-{household.pk}-2" value="ticked" checked'
    assert re.search(ticked, page.text)


@pytest.mark.parametrize(
    ("how", "ticked", "said"),
    [("", [], "请标出哪些户的收上来了"), ("", ["shows_name"], "请选一个")],
)
def test_a_stack_of_nothing_or_of_ticks_alone_is_asked_about(
    clerk, household, how, ticked, said
):
    pledge = pledge_of(household.village)

    page = clerk.post(
        at("pledge-stack"),
        stack(pledge, household.group, [household], **row(household, how, *ticked)),
    )

    assert said in text_of(page)
    assert not HouseholdConsent.objects.exists()


def test_a_day_that_is_wrong_for_all_is_said_once(clerk, household, neighbor):
    pledge = pledge_of(household.village)
    rows = {**row(household, "all"), **row(neighbor, "all")}
    sent = stack(pledge, household.group, [household, neighbor], **rows)

    page = text_of(clerk.post(at("pledge-stack"), {**sent, "signed_on": "2026-04-08"}))

    assert page.count("日期不能比今天晚") == 1


def test_a_neighbor_of_another_village_cannot_be_slipped_in(clerk, household):
    pledge = pledge_of(household.village)
    stranger = HouseholdFactory()

    clerk.post(
        at("pledge-stack"),
        stack(pledge, household.group, [stranger], **row(stranger, "all")),
    )

    assert not HouseholdConsent.objects.exists()


def test_a_household_with_a_new_head_is_on_the_list_again(clerk, household):
    sign(household)
    change(household.village, "head", household=household, head_name="陈小满")

    page = clerk.get(at("pledge-stack", group=household.group.number))

    assert "陈小满" in text_of(page)
    assert "1户里签了0户" in text_of(clerk.get(at("pledges")))


# Taking back


def test_a_consent_is_taken_back_at_the_desk(clerk, household):
    sign(household)
    address = at("home-pledge-take-back", household.pk)
    assert 'value="shows_name"' in clerk.get(address).text

    for _time in range(2):
        clerk.post(address, {"asked": ["shows_name"]})

    assert 'value="shows_name"' not in clerk.get(address).text
    assert HouseholdConsent.objects.count() == 2
    assert "2026年4月7日收回过" in text_of(clerk.get(at("home", household.pk)))


def test_taking_back_nothing_asks_what(clerk, household):
    sign(household)

    page = clerk.post(at("home-pledge-take-back", household.pk), {})

    assert page.status_code == 200
    assert HouseholdConsent.objects.count() == 1


def test_where_nothing_stands_nothing_is_offered(clerk, household):
    address = at("home-pledge-take-back", household.pk)

    assert clerk.get(address).url == at("home", household.pk)


# In the passbook


@pytest.fixture
def holder(client, household, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    mine = Household.objects.filter(pk=household.pk)
    (card,) = print_cards(household.village, mine, by=None, at=IN_MARCH)
    client.get(f"/p/{card.token}/")
    return client


@pytest.mark.parametrize(
    ("path", "asked"),
    [("household-file", "keeps_file"), ("all-stories", "tells_stories")],
)
def test_a_household_takes_back_with_its_card(holder, household, path, asked):
    Household.objects.update(phone="13500135000")
    story = tell(told_of(household))
    sign(household)
    address = f"/my/data/{path}/"
    token = FormToken(kind_of(asked), household.village_id, household.pk)
    assert address in holder.get("/my/data/").text
    assert holder.get(address).status_code == 200

    holder.post(address, {"token": str(token), "sure": "1"})

    story.refresh_from_db()
    household.refresh_from_db()
    said = newest_consent(household)
    assert getattr(said, asked) is False
    assert (said.recorded_by, said.shows_name) == (None, True)
    assert (household.phone == "") == (asked == "keeps_file")
    assert (story.withdrawn_at is not None) == (asked == "tells_stories")
    page = text_of(holder.get("/my/data/"))
    assert "收回" in page
    assert address not in holder.get("/my/data/").text


def told_of(household):
    deed = award(household, "D02", 5)
    publish(household.village)
    return deed


def test_the_token_of_one_consent_takes_back_no_other(holder, household):
    sign(household)
    token = FormToken(kind_of("keeps_file"), household.village_id, household.pk)

    holder.post("/my/data/all-stories/", {"token": str(token), "sure": "1"})

    assert newest_consent(household).tells_stories


def test_the_file_to_take_along_lists_every_paper(holder, household):
    sign(household, answers(tells_stories=False))

    (listed,) = holder.get("/my/data/file/").json()["consents"]

    assert (listed["version"], listed["signed_on"]) == (1, "2026-04-06")
    assert [one["agreed"] for one in listed["answers"]] == [True, True, False]


# Beside it


def test_the_admin_s_form_shows_the_day_and_changes_nothing(admin_desk, household):
    Household.objects.update(full_name_consented_on="2026-01-01")
    address = f"/admin/households/household/{household.pk}/change/"
    values = {"group": household.group_id, "initials": "", "phone": ""}

    admin_desk.post(address, {**values, "full_name_consented_on": "2026-02-02"})

    household.refresh_from_db()
    assert str(household.full_name_consented_on) == "2026-01-01"
    assert "full_name_consented_on" not in re.findall(
        r'name="([^"]+)"', admin_desk.get(address).text
    )


def test_the_admin_s_form_takes_no_phone_of_who_wants_no_file(admin_desk, household):
    sign(household, answers(keeps_file=False))
    address = f"/admin/households/household/{household.pk}/change/"
    values = {"group": household.group_id, "initials": "", "phone": "13500135000"}

    page = admin_desk.post(address, values)

    household.refresh_from_db()
    assert household.phone == ""
    assert "不留电话" in text_of(page)


def test_a_story_s_page_says_what_the_paper_says(clerk, household, neighbor):
    deed = told_of(household)
    write = at("story-write", deed.pk)
    assert "没在纸上说过" in text_of(clerk.get(write))

    sign(household)
    assert "签字同意宣传" in text_of(clerk.get(write))

    sign(household, answers(tells_stories=False))
    assert clerk.get(write).url.startswith(at("stories"))
    assert write not in clerk.get(at("story-new")).text


def test_who_signed_after_a_day_is_not_asked_again(clerk, household):
    sign(household, at=AFTER_NOTICE - timedelta(days=2))

    page = text_of(clerk.get(at("pledges")))

    assert "1户里签了1户" in page
