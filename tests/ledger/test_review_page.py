import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from households.models import AuditEvent
from households.roles import Role
from ledger.forms import RejectForm
from ledger.limits import remaining_points
from ledger.models import Decision, Deed
from ledger.review import reopen_deed
from ledger.review_rows import review_rows
from tests.factories import (
    HouseholdFactory,
    VillageFactory,
    approve,
    publish,
    serve,
)
from tests.ledger.desk import (
    IN_LAST_MONTH,
    LAST_MONTH,
    address,
    fill_last_month,
    neighbors,
    record_last_month,
    text_of,
)


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


@pytest.fixture
def deed(household):
    return record_last_month(household)


def month_page(village, **query):
    return address("review", LAST_MONTH, village=village.slug, **query)


def rows_of(response):
    return [row for batch in response.context["batches"] for row in batch.rows]


def numbers(count):
    return (f"{number:03d}" for number in range(1, count + 1))


def test_the_list_counts_what_waits_in_each_month(page, village, household):
    approve(record_last_month(household, "Z05"))
    record_last_month(household, "Z01")

    response = page.get("/admin/review/")

    (period,) = response.context["periods"]
    assert (period.pending, period.approved, period.rejected) == (1, 1, 0)


def test_a_deed_is_approved_from_the_list(page, village, deed):
    page.post(address("review-deed", deed.pk), {"outcome": "approve"})

    deed.refresh_from_db()
    assert deed.state == Deed.State.APPROVED


def test_a_deed_is_approved_with_other_points_and_a_reason(page, household):
    deed = record_last_month(household, "F04", 10)
    form = {"outcome": "adjust", "adjust-points": "6", "adjust-reason": "按协议计"}

    page.post(address("review-deed", deed.pk), form)

    deed.refresh_from_db()
    assert (deed.state, deed.points) == (Deed.State.APPROVED, 6)
    assert Decision.objects.get().reason == "按协议计"


def test_a_rejection_joins_the_usual_reason_and_own_words_in_chinese(page, deed):
    form = {
        "outcome": "reject",
        "reject-preset": "unproven",
        "reject-words": "没有签到表",
    }

    page.cookies["lang"] = "en"

    page.post(address("review-deed", deed.pk), form)

    deed.refresh_from_db()
    with translation.override("zh-hans"):
        usual = str(RejectForm.Preset.UNPROVEN.label)
    assert deed.state == Deed.State.REJECTED
    assert Decision.objects.get().reason == f"{usual}；没有签到表"


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "reject", "reject-words": " "},
        {"outcome": "adjust", "adjust-points": "6"},
        {"outcome": "adjust", "adjust-points": "11", "adjust-reason": "多给"},
        {"outcome": "adjust", "adjust-points": "many", "adjust-reason": "多给"},
        {"outcome": "praise"},
        {},
    ],
)
def test_a_decision_in_disorder_decides_nothing_and_keeps_what_was_typed(
    page, household, form
):
    deed = record_last_month(household, "F04", 5)

    response = page.post(address("review-deed", deed.pk), form)

    deed.refresh_from_db()
    assert deed.state == Deed.State.PENDING
    assert response.status_code == 200
    assert Decision.objects.count() == 0
    if "adjust-reason" in form:
        assert "多给" in text_of(response)


def test_a_deduction_needs_the_day_on_which_the_household_was_heard(page, household):
    deed = record_last_month(household, "N01", 2)
    decide = address("review-deed", deed.pk)

    page.post(decide, {"outcome": "approve"})
    deed.refresh_from_db()
    assert deed.state == Deed.State.PENDING

    page.post(decide, {"outcome": "approve", "approve-heard_on": f"{IN_LAST_MONTH}"})
    deed.refresh_from_db()
    assert (deed.state, deed.heard_on) == (Deed.State.APPROVED, IN_LAST_MONTH)


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "approve"},
        {"outcome": "adjust", "adjust-points": "6", "adjust-reason": "按协议计"},
        {"outcome": "reject", "reject-preset": "unproven"},
    ],
)
def test_a_decision_sent_twice_counts_once(page, household, reviewer, form):
    deed = record_last_month(household, "F04", 5)

    page.post(address("review-deed", deed.pk), form)
    second = page.post(address("review-deed", deed.pk), form)

    (decision,) = Decision.objects.all()
    *_first, message = second.context["messages"]
    assert str(reviewer) in str(message)
    assert f"{timezone.localtime(decision.at):%Y-%m-%d %H:%M}" in str(message)


def test_whoever_comes_second_is_told_who_decided_and_when(client, village, deed):
    first = serve(village, Role.REVIEWER, last_name="李")
    decision = Decision.objects.filter(deed=approve(deed, by=first)).get()
    client.force_login(serve(village, Role.REVIEWER))

    response = client.post(
        address("review-deed", deed.pk), {"outcome": "reject", "reject-words": "不对"}
    )

    (message,) = response.context["messages"]
    assert str(first) in str(message)
    assert f"{timezone.localtime(decision.at):%Y-%m-%d %H:%M}" in str(message)
    deed.refresh_from_db()
    assert deed.state == Deed.State.APPROVED


def test_ticked_deeds_are_approved_one_by_one_and_the_refused_are_named(
    page, village, reviewer
):
    good, capped, own = neighbors(village, "001", "002", "003")
    reviewer.household = own
    reviewer.save()
    deeds = [record_last_month(good)]
    for day in (2, 3, 4, 5):
        happened_on = LAST_MONTH.replace(day=day)
        deeds.append(record_last_month(capped, happened_on=happened_on))
    deeds.append(record_last_month(own))

    response = page.post(
        address("review-approve", LAST_MONTH),
        {"village": village.slug, "deed": [deed.pk for deed in deeds]},
        follow=True,
    )

    assert Deed.objects.approved().count() == 4
    assert not Deed.objects.approved().filter(household=own).exists()
    texts = [str(message) for message in response.context["messages"]]
    assert any(str(capped) in text for text in texts)
    assert any(str(own) in text for text in texts)
    assert not any(str(good) in text for text in texts)


def test_ticked_deeds_sent_twice_are_approved_once(page, village, deed):
    form = {"village": village.slug, "deed": [deed.pk]}

    for _ in range(2):
        page.post(address("review-approve", LAST_MONTH), form)

    assert Decision.objects.count() == 1
    assert AuditEvent.objects.filter(action="deed.approved").count() == 1


def test_a_ticked_deed_of_another_village_is_left_alone(page, village, deed):
    theirs = record_last_month(HouseholdFactory(village=VillageFactory()))

    page.post(
        address("review-approve", LAST_MONTH),
        {"village": village.slug, "deed": [theirs.pk, "x"]},
    )

    theirs.refresh_from_db()
    assert theirs.state == Deed.State.PENDING


def test_a_decision_can_be_undone_once_until_publication(page, village, deed):
    approve(deed)
    decide = address("review-deed", deed.pk)

    for _ in range(2):
        page.post(decide, {"outcome": "reopen", "reopen-reason": "看错了"})
    deed.refresh_from_db()
    assert deed.state == Deed.State.PENDING
    assert Decision.objects.filter(outcome="reopened").count() == 1

    approve(deed)
    publish(village, month=LAST_MONTH, at=deed.recorded_at)
    response = page.post(decide, {"outcome": "reopen"})
    deed.refresh_from_db()
    assert deed.state == Deed.State.APPROVED
    assert response.context["forms"] == {}


def test_own_records_and_own_household_are_locked(client, village, household):
    both = serve(village, Role.RECORDER)
    both.stewardships.create(village=village, role=Role.REVIEWER)
    mine = record_last_month(household, by=both)
    client.force_login(both)

    response = client.get(month_page(village))
    client.post(address("review-deed", mine.pk), {"outcome": "approve"})

    (row,) = rows_of(response)
    assert row.lock
    assert "data-act" not in text_of(response).split("<template")[0]
    assert client.get(address("review-deed", mine.pk)).context["forms"] == {}
    mine.refresh_from_db()
    assert mine.state == Deed.State.PENDING


def test_flags_say_in_words_what_needs_a_look(page, village, reviewer):
    plain, twice, over, bare = neighbors(village, "001", "002", "003", "004")
    clean = record_last_month(plain)
    pair = [record_last_month(twice, again=True) for _ in range(2)]
    for day in (2, 3, 4):
        approve(record_last_month(over, happened_on=LAST_MONTH.replace(day=day)))
    fourth = record_last_month(over)
    bad = record_last_month(bare, "N01", 2)
    without = record_last_month(bare, note="")

    rows = rows_of(page.get(month_page(village)))

    flags = {row.deed.pk: len(row.flags) for row in rows}
    assert flags == {
        clean.pk: 0,
        pair[0].pk: 1,
        pair[1].pk: 1,
        fourth.pk: 1,
        bad.pk: 2,
        without.pk: 1,
    }
    assert [row.deed for row in rows][-1] == clean


def test_the_limits_of_the_list_agree_with_those_of_the_operation(village, reviewer):
    (household,) = neighbors(village, "001")
    for day in (2, 3):
        approve(record_last_month(household, happened_on=LAST_MONTH.replace(day=day)))
    third = record_last_month(household)
    assert remaining_points(third) == 5

    (row,) = review_rows(third.period, [third], by=reviewer)
    assert row.flags == []

    approve(record_last_month(household, happened_on=LAST_MONTH.replace(day=4)))
    assert remaining_points(third) == 0
    (row,) = review_rows(third.period, [third], by=reviewer)
    assert len(row.flags) == 1


def test_a_month_costs_the_same_queries_for_one_deed_and_for_twenty(page, village):
    households = neighbors(village, *(f"{n:03d}" for n in range(1, 21)))
    record_last_month(households[0])
    page.get(month_page(village))
    with CaptureQueriesContext(
        connection,
    ) as one:
        page.get(month_page(village))
    for household in households[1:]:
        record_last_month(household)

    with CaptureQueriesContext(connection) as twenty:
        page.get(month_page(village))

    assert len(twenty) == len(one)


def test_a_reviewed_month_says_so_and_leads_to_publication(page, village, deed):
    approve(deed)

    response = page.get(month_page(village))

    assert address("publication", LAST_MONTH) in text_of(response)
    assert rows_of(response) == []
    assert len(page.get(month_page(village, show="decided")).context["rows"]) == 1


def test_who_does_not_review_sees_but_decides_nothing(client, village, deed, recorder):
    client.force_login(recorder)

    response = client.get(month_page(village))
    refused = client.post(address("review-deed", deed.pk), {"outcome": "approve"})
    ticked = client.post(
        address("review-approve", LAST_MONTH),
        {"village": village.slug, "deed": [deed.pk]},
    )

    assert len(rows_of(response)) == 1
    assert "data-act" not in text_of(response)
    assert (refused.status_code, ticked.status_code) == (404, 404)
    deed.refresh_from_db()
    assert deed.state == Deed.State.PENDING


def test_other_villages_and_the_shopkeeper_find_nothing(client, village, deed):
    for person in (
        serve(VillageFactory(), Role.REVIEWER),
        serve(village, Role.SHOPKEEPER),
    ):
        client.force_login(person)
        decide = address("review-deed", deed.pk)
        assert client.get(month_page(village)).status_code == 404
        assert client.get(decide).status_code == 404
        assert client.post(decide, {"outcome": "approve"}).status_code == 404
    deed.refresh_from_db()
    assert deed.state == Deed.State.PENDING


SCRIPT = {"HTTP_ACCEPT": "application/json"}


def post(page, name, village, **form):
    return page.post(
        address(name, LAST_MONTH), {"village": village.slug, **form}, follow=True
    )


def batches_on(page, village, **query):
    return page.get(month_page(village, **query)).context["batches"].object_list


def test_deeds_alike_stand_in_one_batch_the_flagged_first(page, village, recorder):
    households = neighbors(village, *numbers(5))
    several = [record_last_month(one, by=recorder) for one in households[:3]]
    others = [record_last_month(one, "Z01", by=recorder) for one in households[:4]]
    bare = record_last_month(households[4], by=recorder, note="")

    batches = batches_on(page, village)

    assert [batch.deeds for batch in batches] == [
        f"{bare.pk}",
        ",".join(str(deed.pk) for deed in others),
        ",".join(str(deed.pk) for deed in several),
    ]
    assert [batch.is_clean for batch in batches] == [False, True, True]
    assert [batch.is_open for batch in batches] == [True, False, False]
    assert [batch.next for batch in batches] == [others[0].pk, several[0].pk, None]


def test_another_day_recorder_or_number_of_points_makes_another_batch(page, village):
    one, two, three = neighbors(village, *numbers(3))
    first = serve(village, Role.RECORDER)
    record_last_month(one, "D02", 3, by=first)
    record_last_month(two, "D02", 4, by=first)
    record_last_month(three, "D02", 3, by=serve(village, Role.RECORDER))
    day = IN_LAST_MONTH.replace(day=11)
    record_last_month(two, "D02", 3, by=first, happened_on=day)

    assert [len(batch.rows) for batch in batches_on(page, village)] == [1] * 4


def test_a_tab_shows_only_its_kind(page, village):
    one, two, three, four = neighbors(village, *numbers(4))
    record_last_month(one)
    record_last_month(two, channel="wechat")
    bad = record_last_month(three, "N01")
    bare = record_last_month(four, note="")

    response = page.get(month_page(village))
    counts = {name: count for name, _label, count in response.context["tabs"]}

    assert counts == {"all": 4, "flagged": 2, "declared": 1, "deductions": 1}
    shown = rows_of(page.get(month_page(village, show="flagged")))
    assert {row.deed for row in shown} == {bad, bare}
    assert [
        row.deed for row in rows_of(page.get(month_page(village, show="deductions")))
    ] == [bad]


def test_points_that_a_reviewer_changed_are_flagged_when_reopened(page, household):
    deed = approve(record_last_month(household, "F04", 10), magnitude=6, reason="半天")
    reopen_deed(deed, by=serve(deed.village, Role.REVIEWER), at=timezone.now())

    (row,) = rows_of(page.get(month_page(household.village)))

    assert len(row.flags) == 1


def test_a_whole_batch_is_approved_by_one_post(page, village, recorder):
    households = neighbors(village, *numbers(5))
    deeds = [record_last_month(one, by=recorder) for one in households]
    (batch,) = batches_on(page, village)

    strange = f"{batch.deeds},{'9' * 30},x"
    post(page, "review-approve", village, whole="1", deeds=strange)

    assert Deed.objects.approved().count() == len(deeds)


def test_what_has_come_to_need_a_look_is_left_out_of_a_whole_batch(
    page, village, recorder
):
    one, two = neighbors(village, *numbers(2))
    deeds = [record_last_month(household, by=recorder) for household in (one, two)]
    (batch,) = batches_on(page, village)
    record_last_month(two, again=True)

    response = post(page, "review-approve", village, whole="1", deeds=batch.deeds)

    assert list(Deed.objects.approved()) == deeds[:1]
    assert str(two) in " ".join(str(m) for m in response.context["messages"])


def test_after_a_decision_the_page_comes_back_at_the_next_batch(page, village):
    first, second = neighbors(village, *numbers(2))
    deed = record_last_month(first, note="")
    following = record_last_month(second, note="")

    response = page.post(
        address("review-deed", deed.pk),
        {"outcome": "approve", "show": "flagged", "next": following.pk},
        follow=True,
    )

    (url, _status) = response.redirect_chain[0]
    assert url.endswith(f"&show=flagged&at={following.pk}#batch-{following.pk}")
    (batch,) = response.context["batches"]
    assert batch.is_open
    assert response.context["show"] == "flagged"


def test_a_deed_put_aside_waits_on_the_reviewer_s_own_pile(
    page, client, village, household
):
    deed = record_last_month(household)

    post(page, "review-later", village, deeds=deed.pk)

    response = page.get(month_page(village))
    assert rows_of(response) == []
    assert (response.context["later"], response.context["pending"]) == (1, 1)
    assert [r.deed for r in rows_of(page.get(month_page(village, show="later")))] == [
        deed
    ]
    post(page, "review-later", village, deeds=deed.pk, back="1")
    assert len(rows_of(page.get(month_page(village)))) == 1
    post(page, "review-later", village, deeds=deed.pk)
    client.force_login(serve(village, Role.REVIEWER))
    assert len(rows_of(client.get(month_page(village)))) == 1


def test_a_script_is_told_after_every_act_how_many_deeds_are_put_aside(
    page, village, household
):
    first, second = (record_last_month(household, code) for code in ("Z05", "Z01"))
    form = {"village": village.slug, "deeds": first.pk}

    aside = page.post(address("review-later", LAST_MONTH), form, **SCRIPT).json()
    decided = post_script(page, village, deed=second.pk).json()
    aside_decided = post_script(page, village, deed=first.pk).json()

    assert (aside["later"], aside["pending"]) == (1, 2)
    assert (decided["later"], decided["pending"]) == (1, 1)
    assert (aside_decided["later"], aside_decided["pending"]) == (0, 0)


def test_the_last_acts_are_listed_and_undone_one_by_one(
    page, village, recorder, reviewer
):
    deeds = [record_last_month(h, by=recorder) for h in neighbors(village, *numbers(4))]
    post(page, "review-approve", village, deed=[deed.pk for deed in deeds[:3]])
    page.post(address("review-deed", deeds[3].pk), {"outcome": "approve"})
    theirs = record_last_month(HouseholdFactory(village=village), "Z01")
    approve(theirs)

    newest, whole = page.get(month_page(village)).context["actions"]
    assert (newest.deeds, whole.deeds) == (1, 3)
    post(page, "review-undo", village, action=whole.key)

    assert set(Deed.objects.pending()) == set(deeds[:3])
    (left,) = page.get(month_page(village)).context["actions"]
    assert left.key == newest.key


def test_nobody_undoes_another_person_s_act_from_the_list(page, village, deed):
    approve(deed)
    theirs = Decision.objects.get()

    for key in (theirs.pk, "x", ""):
        post(page, "review-undo", village, action=key)

    deed.refresh_from_db()
    assert deed.state == Deed.State.APPROVED


def test_a_script_is_told_what_was_done_and_what_refused(page, village, recorder):
    one, two = neighbors(village, *numbers(2))
    good = record_last_month(one, by=recorder)
    late = record_last_month(two, by=recorder)
    first = serve(village, Role.REVIEWER)
    approve(late, by=first)

    told = page.post(
        address("review-approve", LAST_MONTH),
        {"village": village.slug, "deed": [good.pk, late.pk]},
        **SCRIPT,
    ).json()

    assert told["done"] == [good.pk]
    assert (told["pending"], told["reviewed"]) == (0, 2)
    assert told["action"] == Decision.objects.get(deed=good).pk
    (refused,) = told["refused"]
    assert refused["deed"] == late.pk
    assert str(first) in refused["sentence"]


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "reject"},
        {"outcome": "adjust", "adjust-points": "99", "adjust-reason": "多给"},
        {"outcome": "adjust", "adjust-points": "", "adjust-reason": "多给"},
    ],
)
def test_a_script_is_told_why_a_form_was_refused(page, household, form):
    deed = record_last_month(household, "F04", 5)

    told = page.post(address("review-deed", deed.pk), form, **SCRIPT).json()

    assert told["done"] == []
    assert told["refused"][0]["sentence"]
    assert Decision.objects.count() == 0


def test_a_script_fetches_the_inside_of_one_batch(page, village, recorder):
    one, two = neighbors(village, *numbers(2))
    deed = record_last_month(one, by=recorder, note="扫了公路")
    record_last_month(two, "Z01", by=recorder)

    inside = page.get(month_page(village, open=deed.pk, part=1))
    approve(deed)
    gone = page.get(month_page(village, open=deed.pk, part=1))

    assert "扫了公路" in text_of(inside)
    assert "<html" not in text_of(inside)
    assert "data-act" not in text_of(gone)


def test_four_hundred_deeds_open_in_twelve_queries(page, village):
    fill_last_month(village)
    page.get(month_page(village))

    with CaptureQueriesContext(connection) as queries:
        response = page.get(month_page(village))

    assert response.context["pending"] == 400
    assert len(response.context["batches"].object_list) == 60
    assert len(queries) <= 12, [query["sql"][:120] for query in queries]


def post_script(page, village, **form):
    form["village"] = village.slug
    return page.post(address("review-approve", LAST_MONTH), form, **SCRIPT)
