"""评优 on the desk, at the shop, on the board, in the passbook and the report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.today import desk_of
from households.models import Household
from households.roles import Role
from ledger.own_data import own_data_of
from rewards.annual.details import awards_table
from rewards.annual.figures import village_year
from rewards.annual.one_table import fields, one_table
from rewards.annual.sheets import year_table
from rewards.awarding import Note, open_notice, write_notes
from rewards.models import Award, AwardRound, GiftHandover, GiftReturn
from tests.factories import offer, serve
from tests.ledger.reading import read, text_of
from tests.ledger.test_own_data import scan
from tests.rewards.roll import (
    DRAFTED,
    ENDS,
    GIVEN,
    IN_DECEMBER,
    OPENED,
    VOTED,
    YEAR,
    confirm,
    draft,
    hand_over,
    hang_out,
    object_to,
    settle,
    vote,
    with_gift,
)
from tests.two_villages import visitor

DESK, PUBLIC = f"/admin/awards/{YEAR}/", f"/v/taoxi/honours/{YEAR}/"
GIFTS = "/admin/shop/gifts/"


@pytest.fixture
def homes(village):
    return settle(village)


@pytest.fixture
def at(monkeypatch):
    def stop(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return stop


def post(client, act, **said):
    return client.post(DESK, {"village": "taoxi", "act": act, **said}, follow=True)


def said_on(client):
    return text_of(client.get(DESK))


# The desk


def test_a_village_admin_takes_a_list_to_its_notice(village, homes, village_admin, at):
    client, rice = visitor(village_admin), offer(village, "大米", 20, at=IN_DECEMBER)
    at(DRAFTED)

    post(client, "draft", key="")
    post(
        client,
        "save",
        **{
            f"citation-{homes['001'].pk}": "全年帮工26天",
            f"struck_reason-{homes['002'].pk}": "自愿放弃",
            f"gift-{rice.pk}": "2",
        },
    )
    page = said_on(client)
    assert "自愿放弃" in client.get(DESK).text
    assert "李平安" in page
    post(client, "open", checked="on")

    round = AwardRound.objects.get()
    assert round.state == "on_notice"
    numbers = [a.household.number for a in Award.objects.in_order()]
    assert numbers == ["001", "003", "004"]
    assert round.gifts.get().quantity == 2
    assert "公示中，至1月16日17:00" in said_on(client)


def test_what_was_typed_comes_back_when_it_is_refused(
    village, homes, village_admin, at
):
    at(DRAFTED)
    draft(village, by=village_admin)
    client, rice = visitor(village_admin), offer(village, "大米", 20, at=IN_DECEMBER)
    typed = {f"citation-{homes['001'].pk}": "帮邻居挑水", f"gift-{rice.pk}": "999"}

    response = post(client, "save", **typed)

    assert "帮邻居挑水" in response.text
    assert "大米" in text_of(response)
    assert not AwardRound.objects.get().gifts.exists()


def test_another_person_confirms_with_vote_and_password(village, homes, reviewer, at):
    round = hang_out(village)
    reviewer.set_password("very-long-word")
    reviewer.save()
    client, said = visitor(reviewer), vote()
    at(ENDS + timedelta(days=1))
    form = {
        "meeting": said.meeting,
        "voted_on": VOTED.isoformat(),
        "votes_for": "28",
        "votes_against": "1",
        "abstained": "2",
        "record": said.record,
        "checked": "on",
    }

    wrong = post(client, "confirm", **form, password="wrong")
    assert "会议记录本第3号" in wrong.text
    assert "密码不对" in text_of(wrong)
    post(client, "confirm", **form, password="very-long-word")

    round.refresh_from_db()
    assert round.confirmed_by == reviewer
    assert "同意28票，反对1票，弃权2票" in said_on(client)


def test_who_opened_it_finds_no_form_to_confirm(village, homes, village_admin, at):
    hang_out(village, by=village_admin)
    at(ENDS)

    page = said_on(visitor(village_admin))

    assert "公示是你开的，要由别人来确认" in page
    assert "凭表决确认" in page


def test_an_objection_and_who_fell_off_stand_on_the_page(village, homes, reviewer, at):
    hang_out(village)
    objection = object_to(village)
    Household.objects.filter(number="002").update(status="left")
    at(ENDS)

    page = said_on(visitor(reviewer))

    assert objection.number in page
    assert "002号吴桂圆：已迁出" in page


def test_a_list_is_withdrawn_with_its_reason_kept(village, homes, village_admin, at):
    hang_out(village)
    client = visitor(village_admin)
    at(OPENED)

    post(client, "withdraw", reason="有一户要补")

    page = said_on(client)
    assert "第1份名单" in page
    assert "有一户要补" in page
    assert "准备名单" in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.TOWNSHIP, Role.REVIEWER])
def test_who_may_only_look_changes_nothing(village, homes, role, at):
    round = draft(village)
    client = visitor(serve(village, role))
    at(DRAFTED)

    assert "按规则入选" in said_on(client)
    for act in ("draft", "save", "open", "withdraw", "nothing"):
        assert post(client, act, checked="on", reason="x").status_code == 404

    round.refresh_from_db()
    assert round.state == "drafted"


def test_the_desk_of_today_says_what_waits(village, homes, village_admin, reviewer):
    def tasks(user, now):
        desk = desk_of(user, None, now=now)
        return {task.title: task for task in (*desk["mine"], *desk["others"])}

    prepare, confirm_it = "份光荣榜要准备", "份光荣榜等表决确认"
    assert tasks(village_admin, DRAFTED)[prepare].is_mine
    assert not tasks(reviewer, DRAFTED)[prepare].is_mine
    round = hang_out(village, by=village_admin)
    assert not {prepare, confirm_it} & set(tasks(reviewer, OPENED))
    assert tasks(reviewer, ENDS)[confirm_it].is_mine
    assert not tasks(village_admin, ENDS)[confirm_it].is_mine
    rice = offer(village, "大米", 20, at=IN_DECEMBER)
    round.gifts.create(village=village, reward=rice, quantity=1)
    confirm(round, by=reviewer)
    assert tasks(village_admin, GIVEN)["份评优礼包没领"].count == 4


# The shop


def test_the_shopkeeper_ticks_who_was_given_the_gift_and_undoes_it(
    village, homes, keeper, at
):
    with_gift(village)
    client = visitor(keeper)
    at(GIVEN)
    assert "还有4份评优礼包没领" in text_of(client.get("/admin/shop/"))
    page = client.get(GIFTS)
    key = page.context["form"]["key"].value()
    first = Award.objects.in_order().first()

    form = {"village": "taoxi", "year": YEAR, "key": key, "awards": [first.pk]}
    for _again in range(2):
        client.post(GIFTS, form)

    handover = GiftHandover.objects.get()
    assert handover.award == first
    undo = {"village": "taoxi", "key": client.get(GIFTS).context["given"][0]["key"]}
    client.post(f"{GIFTS}{handover.pk}/undo/", undo)
    assert GiftReturn.objects.get().handover == handover


def test_without_a_tick_or_goods_the_page_says_what_to_do(village, homes, keeper, at):
    with_gift(village, stock=3)
    client = visitor(keeper)
    at(GIVEN)
    key = client.get(GIFTS).context["form"]["key"].value()
    form = {"village": "taoxi", "year": YEAR, "key": key}

    assert "请勾选领了礼包的户" in text_of(client.post(GIFTS, form))
    for strange in ("9" * 30, "x", "0"):
        assert client.post(GIFTS, {**form, "awards": [strange]}).status_code == 200
    awards = [award.pk for award in Award.objects.all()]
    short = client.post(GIFTS, {**form, "awards": awards})

    assert "大米要8袋，只有3袋" in text_of(short)
    assert short.text.count(" checked") == 4


def test_the_village_admin_prints_the_list_and_hands_nothing_over(
    village, homes, village_admin, at
):
    with_gift(village)
    client = visitor(village_admin)
    at(GIVEN)

    sheet = text_of(client.get(f"{GIFTS}sheet/"))
    client.post(GIFTS, {"village": "taoxi", "awards": [Award.objects.first().pk]})

    assert "礼包：大米2袋" in sheet
    assert "001 周兴禾" in sheet
    assert not GiftHandover.objects.exists()


# The board


def test_on_notice_it_is_a_list_with_masked_names_and_the_way_to_object(
    village, homes, client, at
):
    round = draft(village)
    note = Note(homes["001"], "全年帮工26天")
    write_notes(round, [note], by=round.drafted_by, at=DRAFTED)
    at(OPENED)
    assert "周" not in read(client, PUBLIC).replace("周年", "")
    open_notice(round, by=round.drafted_by, at=OPENED)

    page = client.get(PUBLIC)

    text = text_of(page)
    assert "公示中，至1月17日17:00" in text
    assert "周○禾" in text
    assert "周兴禾" not in page.text
    assert "全年帮工26天" in text
    assert "/v/taoxi/objection/?month=2025-12" in page.text
    assert "孙早春" not in text
    assert "公示期已满" in text_at(client, at, ENDS)


def text_at(client, at, moment):
    at(moment)
    return text_of(client.get(PUBLIC))


def test_confirmed_it_hangs_in_red_with_its_vote_and_names_who_agreed(
    village, homes, client, at
):
    agreed = Household.objects.filter(number="001")
    agreed.update(full_name_consented_on=OPENED.date())
    round, _rice = with_gift(village)
    at(GIVEN)

    page = read(client, PUBLIC)

    assert "优秀家庭4户" in page
    assert "周兴禾" in page
    assert "吴○圆" in page
    assert "大米2袋" in page
    assert "同意28票，反对1票，弃权2票" in page
    assert "会议记录本" not in page
    assert round.digest[:4] in page
    agreed.update(full_name_consented_on=None)
    assert "周○禾" in read(client, PUBLIC)
    assert "周兴禾" not in read(client, PUBLIC)


def test_a_withdrawn_list_leaves_the_page_at_once(
    village, homes, client, village_admin, at
):
    round = hang_out(village)
    at(OPENED)
    assert "周○禾" in read(client, PUBLIC)

    post(visitor(village_admin), "withdraw", reason=f"重来{round.number}")

    text = read(client, PUBLIC)
    assert "周○禾" not in text
    assert "光荣榜还没有评出来" in text


# The household and the report


def test_a_household_reads_its_award_in_its_passbook_and_its_own_data(
    village, homes, client, settings, tmp_path, at
):
    settings.DATA_DIR = tmp_path
    round, _rice = with_gift(village)
    hand_over(round, "001")
    mine = Household.objects.filter(number="001")
    at(GIVEN)
    scan(client, Household.objects.get(number="005"))
    assert "优秀家庭" not in text_of(client.get("/my/", {"year": YEAR}))
    scan(client, mine.get())

    passbook = text_of(client.get("/my/", {"year": YEAR}))
    data = client.get("/my/data/file/").json()

    assert "2025年优秀家庭" in passbook
    assert "礼包：大米2袋" in passbook
    assert "2026年1月20日已领" in passbook
    [honor] = data["awards"]
    assert (honor["year"], honor["place"], honor["state"]) == (2025, 1, "confirmed")
    assert "awards" not in own_data_of(mine.get())


def test_the_report_names_only_what_was_confirmed(village, homes):
    hang_out(village)
    waiting = village_year(village, YEAR)
    assert not awards_table("", [waiting]).rows
    column = [field.name for field in fields()].index("is_awarded")
    assert {row[column] for row in one_table("", [waiting]).rows} == {"否"}

    confirm(AwardRound.objects.get())

    year = village_year(village, YEAR)
    assert [row[3] for row in awards_table("", [year]).rows] == [
        "001",
        "002",
        "003",
        "004",
    ]
    assert awards_table("", [year]).rows[0][-1] == AwardRound.objects.get().digest
    flat = [row[column] for row in one_table("", [year]).rows]
    assert flat == ["是"] * 4 + ["否"] * 2
    told = [row[-2] for row in year_table("", [year]).rows]
    assert told == ["是"] * 4 + [""] * 2
