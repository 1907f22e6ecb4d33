"""信用修复 on the desk: written down, looked at, decided, printed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.today import desk_of
from households.roles import Role
from ledger.models import Entry, Repair
from ledger.repairs.repairing import decide_repair
from tests.factories import (
    HouseholdFactory,
    approve,
    ask,
    check,
    make_good,
    publish,
    serve,
)
from tests.ledger.desk import LAST_MONTH, address, record_last_month, text_of


@pytest.fixture
def lost(village, household):
    """A published deduction that somebody else recorded and approved."""
    approve(record_last_month(household, "N04", 15), at=timezone.now())
    publish(village, month=LAST_MONTH, at=timezone.now())
    return Entry.objects.get(kind=Entry.Kind.DEDUCTION)


@pytest.fixture
def asked(lost):
    return ask(lost, text="已经拆了", at=timezone.now())


@pytest.fixture
def checked(asked):
    return check(asked, at=timezone.now())


def seen(**changed):
    today = timezone.localdate().isoformat()
    return {"finding": "done", "checked_on": today, "note": "棚子没了", **changed}


def tasks(user, which="mine"):
    desk = desk_of(user, None, now=timezone.now())
    return {task.title: task for task in desk[which]}


def test_a_deduction_is_found_and_its_repair_written_down_once(client, lost, recorder):
    client.force_login(recorder)
    page = address("repair-ask", lost.pk)
    found = client.get(address("repairs"), {"q": lost.household.number})
    form = client.get(page).context["form"]
    typed = {
        "village": lost.village.slug,
        "key": str(form.initial["key"]),
        "text": "拆了",
        "channel": "oral",
    }
    client.post(page, typed)
    client.post(page, typed)

    repair = Repair.objects.get()
    assert page in text_of(found)
    assert (repair.asked_by, repair.text) == (recorder, "拆了")
    assert "已经申请过" in text_of(client.get(page))


def test_a_form_without_words_keeps_what_it_has(client, lost, recorder):
    client.force_login(recorder)

    answer = client.post(
        address("repair-ask", lost.pk),
        {"village": lost.village.slug, "text": "", "channel": "phone"},
    )

    assert "text" in answer.context["form"].errors
    assert answer.context["form"]["channel"].value() == "phone"


def test_a_clerk_writes_down_what_was_seen_and_a_reviewer_gives_points_back(
    client, asked, recorder, reviewer
):
    page = address("repair", asked.pk)
    client.force_login(recorder)
    client.post(page, seen(finding="forced"))
    client.force_login(reviewer)
    shown = text_of(client.get(page))
    client.post(page, {"outcome": "approve", "reason": ""})

    entry = Entry.objects.get(kind=Entry.Kind.REPAIR)
    assert "恢复8分" in shown
    assert (entry.points, entry.posted_by) == (8, reviewer)
    asked.refresh_from_db()
    assert (asked.checked_by, asked.state) == (recorder, "approved")


def test_a_refusal_needs_a_reason_and_posts_nothing(client, checked, reviewer):
    client.force_login(reviewer)
    page = address("repair", checked.pk)

    without = client.post(page, {"outcome": "refuse", "reason": " "})
    client.post(page, {"outcome": "refuse", "reason": "地基还在"})

    assert "户里会看到" in text_of(without)
    checked.refresh_from_db()
    assert (checked.state, checked.reason) == ("refused", "地基还在")
    assert not Entry.objects.filter(kind=Entry.Kind.REPAIR).exists()


def test_what_was_seen_stays_typed_when_the_day_is_wrong(client, asked, recorder):
    client.force_login(recorder)

    answer = client.post(
        address("repair", asked.pk), seen(checked_on="2020-01-01", note="很干净")
    )

    assert "很干净" in text_of(answer)
    assert "复查日期应在" in text_of(answer)


def test_each_step_belongs_to_its_role(client, asked, recorder, reviewer, supervisor):
    page = address("repair", asked.pk)
    client.force_login(reviewer)
    assert client.post(page, seen()).status_code == 404
    client.force_login(supervisor)
    assert client.get(page).status_code == 200
    assert client.post(page, seen()).status_code == 404
    check(asked, at=timezone.now())
    client.force_login(recorder)
    assert client.post(page, {"outcome": "approve"}).status_code == 404


def test_many_lost_points_cost_the_same_questions_as_few(
    client, village, household, village_admin
):
    other = HouseholdFactory(village=village, group=household.group, number="002")
    for home, codes in ((household, ["N01"]), (other, ["N01", "N02", "N03", "N04"])):
        for code in codes:
            approve(record_last_month(home, code), at=timezone.now())
    publish(village, month=LAST_MONTH, at=timezone.now())
    client.force_login(village_admin)
    page, asked = f"{address('repairs')}?village={village.slug}", []
    client.get(page)

    for home in (household, other):
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(f"{page}&q={home.number}")
        asked.append((len(shown.context["lines"]), len(queries)))

    (one, few), (four, many) = asked
    assert (one, four) == (1, 4)
    assert many == few


def test_a_step_that_is_sent_twice_is_taken_once_and_said_so(
    client, asked, recorder, reviewer
):
    page = address("repair", asked.pk)
    steps = [(recorder, seen()), (reviewer, {"outcome": "approve", "reason": ""})]
    for person, form in steps:
        client.force_login(person)
        client.post(page, form)
        again = client.post(page, form, follow=True)
        assert "现在不能办这一步" in text_of(again)

    assert Entry.objects.filter(kind=Entry.Kind.REPAIR).count() == 1


def test_whoever_had_a_hand_in_it_is_told_and_cannot_go_on(client, village, lost):
    both = serve(village, Role.REVIEWER)
    both.stewardships.create(village=village, role=Role.RECORDER)
    asked = ask(lost, by=both, at=timezone.now())
    checked = check(asked, at=timezone.now())
    client.force_login(both)
    page = address("repair", checked.pk)

    shown = client.get(page)
    sent = client.post(page, {"outcome": "approve", "reason": ""})

    assert "由别人来办" in text_of(shown)
    assert 'value="approve"' not in text_of(shown)
    assert "由别人审定" in text_of(sent)
    assert not Entry.objects.filter(kind=Entry.Kind.REPAIR).exists()


def test_what_was_not_put_right_can_only_be_refused(client, asked, reviewer):
    checked = check(asked, finding="not_done", at=timezone.now())
    client.force_login(reviewer)

    shown = text_of(client.get(address("repair", checked.pk)))

    assert 'value="approve"' not in shown
    assert 'value="refuse"' in shown


def test_a_repair_waits_first_for_a_look_then_for_a_decision(
    asked, recorder, reviewer, supervisor
):
    look, decide = "件整改等复查", "件修复等审定"
    assert tasks(recorder)[look].button
    assert not tasks(reviewer, "others")[look].button
    checked = check(asked, at=timezone.now())
    assert tasks(reviewer)[decide].button
    assert decide in tasks(supervisor, "others")
    decide_repair(checked, approve=True, by=reviewer, at=timezone.now())
    assert decide not in tasks(reviewer) | tasks(supervisor, "others")


def test_nobody_is_called_to_their_own_household(asked, recorder, reviewer):
    for person in (recorder, reviewer):
        person.household = asked.entry.household
        person.save()

    assert "件整改等复查" not in tasks(recorder)
    check(asked, at=timezone.now())
    assert "件修复等审定" not in tasks(reviewer)


def test_the_sheet_for_the_look_says_everything_but_a_name(client, checked, recorder):
    client.force_login(recorder)

    shown = text_of(client.get(address("repair-slip", checked.pk)))

    assert "自行拆除恢复原状" in shown
    assert "☑ 已整改" in shown
    assert checked.entry.household.head_name not in shown


def test_the_list_shows_what_waits_and_what_was_decided(client, lost, reviewer):
    repair = make_good(lost, by=reviewer, at=timezone.now())
    client.force_login(reviewer)

    shown = text_of(client.get(address("repairs")))

    assert repair.number in shown
    assert "已恢复积分 +15" in shown
