"""积分细则 at the desk: who sees which step, and that nothing typed is lost."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from households.models import Stewardship
from households.roles import Role
from ledger.deed_sheets.check import check_deeds
from ledger.models import Deed, Rulebook, RulebookComment, ScoringItem
from ledger.receiving import file_declaration
from ledger.rules.asking import ask_township
from ledger.rules.drafting import change_item, drop_item
from tests.factories import adopt, agree, draft, serve
from tests.ledger.reading import text_of
from tests.two_villages import visitor

RULES = "/admin/rules/"


@pytest.fixture
def admin(village, village_admin):
    return visitor(village_admin)


@pytest.fixture
def clerk(village):
    return visitor(serve(village, Role.TOWNSHIP))


@pytest.fixture
def drawn(village):
    return draft(village, at=timezone.now())


def page_of(rulebook, what=""):
    return f"{RULES}{rulebook.pk}/{what}"


def filled(form, **values):
    """Return what a browser would send of a form."""
    told = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in told.items()}
    return {**sent, **values}


def tasks_of(person):
    mine = person.get("/admin/").context["mine"]
    return [task for task in mine if "细则" in task.title]


def test_a_draft_is_begun_once_and_gone_on_with(admin, village):
    assert "拟新的一版" in text_of(admin.get(RULES))

    first = admin.post(f"{RULES}begin/", {"village": village.slug})
    second = admin.post(f"{RULES}begin/", {"village": village.slug})

    made = village.rulebooks.drafts().get()
    assert first["Location"] == second["Location"] == page_of(made)
    assert "接着改草案" in text_of(admin.get(RULES))


@pytest.mark.parametrize("role", [Role.RECORDER, Role.REVIEWER, Role.SUPERVISOR])
def test_other_staff_read_the_draft_and_change_nothing(village, drawn, role):
    reader = visitor(serve(village, role))
    item = drawn.items.first()

    assert reader.get(page_of(drawn)).status_code == 200
    for address in (f"{RULES}items/{item.pk}/", page_of(drawn, "vote/")):
        assert reader.get(address).status_code == 404
    for address in ("step/", "comment/", "discard/"):
        assert reader.post(page_of(drawn, address)).status_code == 404


def test_an_item_is_changed_and_warned_of_beside_it(admin, drawn):
    item = drawn.items.get(code="N01")
    address = f"{RULES}items/{item.pk}/"
    form = admin.get(address).context["form"]

    answer = admin.post(address, filled(form, criterion="越级上访的", year_cap=""))

    assert answer["Location"] == f"{page_of(drawn)}#N01"
    item.refresh_from_db()
    assert (item.criterion, item.year_cap) == ("越级上访的", None)
    shown = admin.get(page_of(drawn))
    assert shown.context["refused"] == 1
    assert "《宪法》第四十一条" in text_of(shown)
    assert "disabled" in shown.content.decode()
    assert "一年最多扣" in text_of(admin.get(address))


def test_values_that_contradict_come_back_as_typed(admin, drawn):
    item = drawn.items.get(code="D02")
    address = f"{RULES}items/{item.pk}/"
    form = admin.get(address).context["form"]

    answer = admin.post(address, filled(form, points_min=9, title="互助和看护"))

    assert answer.status_code == 200
    assert "互助和看护" in answer.content.decode()
    assert answer.context["form"].errors
    item.refresh_from_db()
    assert item.title == "邻里互助"


def test_an_addition_is_not_asked_how_it_is_repaired(admin, drawn):
    def asked(code):
        item = drawn.items.get(code=code)
        return set(admin.get(f"{RULES}items/{item.pk}/").context["form"].fields)

    assert asked("N01") - asked("D02") == {"repair", "repair_percent", "repair_days"}


def test_items_are_moved_dropped_and_put_back(admin, drawn):
    first, second = drawn.items.order_by("position")[:2]

    admin.post(f"{RULES}items/{second.pk}/", {"act": "up"})
    admin.post(f"{RULES}items/{first.pk}/", {"act": "drop"})

    assert drawn.items.order_by("position").first() == second
    compared = text_of(admin.get(page_of(drawn, "compare/")))
    assert f"{first.code}恢复原样" in compared
    admin.post(page_of(drawn, "step/"), {"step": "restore", "code": first.code})
    assert drawn.items.filter(code=first.code).exists()


def test_an_item_is_added_once_however_often_the_form_arrives(admin, drawn):
    address = page_of(drawn, "new/")
    form = admin.get(f"{address}?pillar=deduction").context["form"]
    facts = {"title": "占用消防通道", "criterion": "经提醒不移走", "points_min": 2}
    sent = filled(form, **facts, points_max=3, year_cap=9, pillar="deduction")

    for _again in range(2):
        answer = admin.post(address, sent)
        assert answer["Location"] == f"{page_of(drawn)}#N10"

    assert ScoringItem.objects.filter(title="占用消防通道").count() == 1
    found = admin.get(page_of(drawn)).context["warned"]
    assert found == 1


def test_the_township_finds_its_task_comments_and_agrees(admin, clerk, village, drawn):
    assert not any(
        "细则" in task.title for task in clerk.get("/admin/").context["mine"]
    )
    admin.post(page_of(drawn, "step/"), {"step": "ask"})

    (task,) = tasks_of(clerk)
    assert task.address == page_of(drawn)
    form = clerk.get(page_of(drawn)).context["comment_form"]
    empty = clerk.post(page_of(drawn, "comment/"), filled(form, verdict="changes"))
    assert "请写明意见" in text_of(empty)
    words = {"verdict": "changes", "text": "Z01写清楚"}
    clerk.post(page_of(drawn, "comment/"), filled(form, **words))

    drawn.refresh_from_db()
    assert drawn.stage == Rulebook.Stage.DRAFT
    (task,) = tasks_of(admin)
    assert task.address == page_of(drawn)
    shown = admin.get(page_of(drawn))
    assert "Z01写清楚" in text_of(shown)
    answer = filled(shown.context["answer_form"], text="写清楚了", answer="1")
    admin.post(page_of(drawn, "comment/"), answer)
    admin.post(page_of(drawn, "step/"), {"step": "ask"})
    form = clerk.get(page_of(drawn)).context["comment_form"]
    clerk.post(page_of(drawn, "comment/"), filled(form, verdict="agreed"))
    drawn.refresh_from_db()
    assert drawn.stage == Rulebook.Stage.AGREED
    assert RulebookComment.objects.count() == 3
    (task,) = tasks_of(admin)
    assert "表决" in task.title


def test_a_village_does_not_speak_for_its_township(admin, drawn):
    ask_township(drawn, by=drawn.drafted_by, at=timezone.now())

    answer = admin.post(
        page_of(drawn, "comment/"), {"verdict": "agreed", "text": "", "village": "x"}
    )

    assert answer.status_code == 404
    assert not RulebookComment.objects.exists()


@pytest.fixture
def minutes(drawn):
    """What the form of the vote is filled in with: a meeting of yesterday."""
    agree(drawn, at=timezone.now())
    today = timezone.localdate()
    return {
        "meeting": "村民会议",
        "held_on": today - timedelta(days=1),
        "entitled": 60,
        "present": 50,
        "votes_for": 45,
        "against": 3,
        "abstained": 2,
        "filing_number": "备1号",
        "in_force_from": date(today.year + 1, 1, 1),
    }


def test_a_vote_is_looked_at_before_it_is_recorded(admin, drawn, minutes):
    address = page_of(drawn, "vote/")
    sent = filled(admin.get(address).context["form"], **minutes)

    checked = admin.post(address, {**sent, "act": "check"})
    unticked = admin.post(address, {**sent, "act": "record"})
    again = admin.post(address, {**sent, "act": "edit"})

    drawn.refresh_from_db()
    assert drawn.stage == Rulebook.Stage.AGREED
    assert "我已与会议记录核对" in text_of(checked)
    assert "勾" in text_of(unticked)
    assert 'value="备1号"' in again.content.decode()
    for _twice in range(2):
        done = admin.post(address, {**sent, "act": "record", "checked": "1"})
        assert done["Location"] == page_of(drawn)
    drawn.refresh_from_db()
    assert drawn.stage == Rulebook.Stage.VOTED
    assert "实到50" in text_of(admin.get(page_of(drawn)))


def test_a_vote_that_did_not_carry_comes_back_as_typed(admin, drawn, minutes):
    address = page_of(drawn, "vote/")
    sent = filled(admin.get(address).context["form"], **minutes)

    answer = admin.post(address, {**sent, "abstained": 5, "act": "check"})

    assert answer.status_code == 200
    assert "加起来是53" in text_of(answer)
    assert 'value="备1号"' in answer.content.decode()


@pytest.mark.parametrize("many", ["9" * 10, "9" * 30])
def test_more_people_than_any_village_has_are_a_slip(admin, drawn, minutes, many):
    address = page_of(drawn, "vote/")
    numbers = dict.fromkeys(("entitled", "present", "votes_for"), many)
    sent = filled(admin.get(address).context["form"], **{**minutes, **numbers})

    answer = admin.post(address, {**sent, "act": "record", "checked": "1"})

    assert set(numbers) <= set(answer.context["form"].errors)
    drawn.refresh_from_db()
    assert drawn.stage == Rulebook.Stage.AGREED


def test_a_village_that_no_address_can_have_is_not_found(admin, drawn):
    assert admin.get(RULES, {"village": "a\x00b"}).status_code == 404


def test_a_draft_is_discarded_after_a_look(admin, drawn):
    address = page_of(drawn, "discard/")
    assert "现行细则照样算数" in text_of(admin.get(address))

    admin.post(address)

    drawn.refresh_from_db()
    assert drawn.discarded_at
    assert "作废的草案" in text_of(admin.get(RULES))
    assert admin.get(address).status_code == 302


# The record form around a change of version


@pytest.fixture
def since_yesterday(village, drawn):
    """Rules that are in force since yesterday: D02 begins at 4, Z02 is gone."""
    facts = {"by": drawn.drafted_by, "at": timezone.now()}
    change_item(drawn.items.get(code="D02"), points_min=4, **facts)
    change_item(drawn.items.get(code="Z01"), points_min=3, points_max=3, **facts)
    drop_item(drawn.items.get(code="Z02"), **facts)
    yesterday = timezone.localdate() - timedelta(days=1)
    return adopt(drawn, in_force_from=yesterday)


def test_the_record_form_takes_the_rules_of_the_day(
    client, village, household, recorder, since_yesterday
):
    client.force_login(recorder)
    page = client.get("/admin/entry/")
    items = {item.code: item for item in page.context["form"].items}
    assert items["Z02"].until == timezone.localdate() - timedelta(days=2)
    sent = {
        "village": village.slug,
        "key": page.context["form"]["key"].value(),
        "households": household.number,
        "item": items["D02"].pk,
        "channel": "record",
        "day": "other",
        "other_day": timezone.localdate() - timedelta(days=3),
        "points": 3,
    }

    client.post("/admin/entry/", sent)

    deed = Deed.objects.get()
    assert (deed.item.rulebook.version, deed.points) == (1, 3)
    page = client.get("/admin/entry/")
    fixed = {**sent, "key": page.context["form"]["key"].value()}
    client.post("/admin/entry/", {**fixed, "item": items["Z01"].pk, "points": 3})
    assert Deed.objects.get(item__code="Z01").points == 2
    today = {**sent, "day": timezone.localdate(), "item": items["Z02"].pk}
    answer = client.post("/admin/entry/", {**today, "points": 5})
    assert "没有“Z02 建言献策被采纳”" in text_of(answer)
    assert Deed.objects.count() == 2


def test_a_sheet_takes_the_rules_of_each_day(village, household, since_yesterday):
    today = timezone.localdate()
    rows = ["日期,户号,项目编号,加分,说明"]
    rows += [
        f"{today - timedelta(days=5)},001,{code},5,说明" for code in ("Z02", "D02")
    ]
    rows += [f"{today},001,{code},5,说明" for code in ("Z02", "D02")]

    batch = check_deeds(
        village,
        file_name="x.csv",
        content="\n".join(rows).encode(),
        by=serve(village, Role.RECORDER),
        at=timezone.now(),
    )

    versions = [
        ScoringItem.objects.get(pk=row["item"]).rulebook.version for row in batch.rows
    ]
    assert versions == [1, 1, 2]
    (refused,) = batch.report["refusals"]
    assert refused["value"] == "Z02"


def test_a_declaration_is_accepted_under_the_rules_of_its_day(
    client, village, household, recorder, since_yesterday
):
    filed = file_declaration(
        household,
        text="挑水",
        happened_on=timezone.localdate() - timedelta(days=3),
        key=uuid4(),
        at=timezone.now(),
    )
    client.force_login(recorder)
    (card,) = client.get("/admin/declarations/").context["filed_cards"]
    item = since_yesterday.items.get(code="D02")
    sent = filled(card[1], item=item.pk, points=3)

    client.post(f"/admin/declarations/web/{filed.pk}/accept/", sent)

    deed = Deed.objects.get()
    assert (deed.item.code, deed.item.rulebook.version) == ("D02", 1)


def test_what_was_typed_into_a_draft_that_was_sent_meanwhile_comes_back(admin, drawn):
    item = drawn.items.get(code="D02")
    one, new = f"{RULES}items/{item.pk}/", page_of(drawn, "new/")
    forms = {address: admin.get(address).context["form"] for address in (one, new)}
    ask_township(drawn, by=drawn.drafted_by, at=timezone.now())
    typed = {"title": "邻里守望", "criterion": "守望一次", "points_min": 1}
    typed |= {"points_max": 2, "unit": "每次", "pillar": "virtue"}

    for address, form in forms.items():
        answer = admin.post(address, filled(form, **typed))

        assert "先收回" in text_of(answer)
        assert "邻里守望" in answer.content.decode()
        assert admin.get(address)["Location"].startswith(page_of(drawn))


def test_minutes_typed_while_the_draft_was_taken_back_come_back(admin, drawn, minutes):
    address = page_of(drawn, "vote/")
    sent = filled(admin.get(address).context["form"], **minutes)
    admin.post(page_of(drawn, "step/"), {"step": "take_back"})

    answer = admin.post(address, {**sent, "act": "record", "checked": "1"})

    assert "镇里还没有同意" in text_of(answer)
    assert 'value="备1号"' in answer.content.decode()
    assert admin.get(address)["Location"] == page_of(drawn)


def test_a_village_without_township_staff_reads_who_is_missing(admin, drawn, village):
    page = page_of(drawn)
    assert "镇工作人员" in text_of(admin.get(page))
    admin.post(page_of(drawn, "step/"), {"step": "ask"})
    assert "镇工作人员" in text_of(admin.get(page))

    both = serve(village, Role.ADMIN)
    role = {"township": village.township, "role": Role.TOWNSHIP}
    Stewardship.objects.create(user=both, **role, started_at=drawn.drafted_at)
    assert "镇工作人员" in text_of(admin.get(page))

    clerk = serve(village, Role.TOWNSHIP)
    told = text_of(admin.get(page))
    assert "镇工作人员" not in told
    assert str(clerk) in told


def test_a_comment_of_the_township_is_never_lost_to_a_race(admin, clerk, drawn):
    ask_township(drawn, by=drawn.drafted_by, at=timezone.now())
    form = clerk.get(page_of(drawn)).context["comment_form"]
    admin.post(page_of(drawn, "step/"), {"step": "take_back"})

    words = {"verdict": "remark", "text": "第三条太长"}
    answer = clerk.post(page_of(drawn, "comment/"), filled(form, **words))

    assert "现在不在镇里" in text_of(answer)
    assert "第三条太长" in answer.content.decode()
    assert not RulebookComment.objects.exists()
