"""撤回 as staff meet it, and what residents then still see."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from households.roles import Role
from ledger.models import Deed, Download, Entry, Publication, Withdrawal
from ledger.objections import file_objection
from tests.factories import VillageFactory, approve, publish, serve
from tests.ledger.desk import LAST_MONTH, address, neighbors, record_last_month, text_of
from tests.ledger.reading import read
from tests.ledger.test_public_promises import crawl
from tests.two_villages import everything

SENTENCES = {
    "downloaded": "已经有人下载过，不能撤回；有错请走“更正”。",
    "objected": "已经有人提了异议，不能撤回；请答复异议，有错走“更正”。",
    "late": "发布已超过10分钟，不能撤回；有错请走“更正”。",
}
BOARD = "/v/taoxi/"
MONTH = f"{BOARD}months/{LAST_MONTH:%Y-%m}/"


@pytest.fixture
def page(client, reviewer):
    client.force_login(reviewer)
    return client


@pytest.fixture
def reviewed(village):
    for household in neighbors(village, "001", "002", "003"):
        approve(record_last_month(household), at=timezone.now())
    return village.periods.get(month=LAST_MONTH)


@pytest.fixture
def published(village, reviewed):
    """Last month, published three minutes ago."""
    return publish_last_month(village, minutes_ago=3)


def publish_last_month(village, *, minutes_ago=0):
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return publish(village, month=LAST_MONTH, at=at)


def withdraw_address():
    return address("publication-withdraw", LAST_MONTH)


def month_page(village):
    return address("publication", LAST_MONTH, village=village.slug)


def form(village, **values):
    return {
        "village": village.slug,
        "key": str(uuid4()),
        "revision": 1,
        "reason": "记错了户",
        **values,
    }


def said(response):
    return [str(message) for message in response.context["messages"]]


# The staff's pages


def test_the_month_offers_a_withdrawal_with_the_minutes_left(page, village, published):
    response = page.get(month_page(village))

    assert withdraw_address() in text_of(response)
    assert "还剩7分钟" in text_of(response)


def test_a_withdrawal_is_confirmed_with_a_reason_and_told_about(
    page, village, published, reviewer
):
    confirm = page.get(withdraw_address(), {"village": village.slug})
    assert "为什么撤回" in text_of(confirm)

    response = page.post(withdraw_address(), form(village), follow=True)

    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.publication, withdrawal.by) == (published, reviewer)
    assert said(response) == [f"{LAST_MONTH.month}月公示已撤回。"]
    assert "记错了户" in text_of(response)
    assert address("publication-publish", LAST_MONTH) in text_of(response)
    assert withdraw_address() not in text_of(response)
    months = page.get("/admin/publication/", {"village": village.slug})
    assert "已撤回1次" in text_of(months)


def test_the_second_notice_stands_beside_the_first_in_the_history(
    page, village, published
):
    page.post(withdraw_address(), form(village), follow=True)
    second = publish_last_month(village)

    response = page.get(month_page(village))

    assert [notice.revision for notice in response.context["history"]] == [2, 1]
    assert text_of(response).count("已撤回") == 1
    assert second.short_digest in text_of(response)
    assert published.short_digest in text_of(response)


def test_a_month_without_withdrawals_tells_no_history(page, village, published):
    response = page.get(month_page(village))

    assert response.context["history"] == []
    assert "公示经过" not in text_of(response)


def test_a_withdrawal_without_a_reason_asks_for_it(page, village, published):
    response = page.post(withdraw_address(), form(village, reason=" "))

    assert response.status_code == 200
    assert "请写明原因" in text_of(response)
    assert not Withdrawal.objects.exists()


def test_a_double_click_withdraws_once_and_says_it_worked(page, village, published):
    filled = form(village)

    answers = [page.post(withdraw_address(), filled, follow=True) for _ in range(2)]

    assert Withdrawal.objects.count() == 1
    assert said(answers[0]) == said(answers[1])


def test_a_form_left_open_does_not_withdraw_the_second_notice(page, village, published):
    left_open = form(village)
    page.post(withdraw_address(), form(village), follow=True)
    publish_last_month(village)

    response = page.post(withdraw_address(), left_open, follow=True)

    assert "已经撤回" in said(response)[0]
    assert Publication.objects.standing().count() == 1


@pytest.mark.parametrize("fact", SENTENCES)
def test_what_cannot_be_withdrawn_says_why_and_where_to_go(
    page, village, reviewed, fact
):
    published = publish_last_month(village, minutes_ago=11 if fact == "late" else 3)
    if fact == "downloaded":
        page.get(f"{MONTH}standings.csv")
    if fact == "objected":
        file_objection(
            published, text="少了", channel="oral", by=None, at=timezone.now()
        )

    shown = page.get(withdraw_address(), {"village": village.slug})
    response = page.post(withdraw_address(), form(village), follow=True)

    assert SENTENCES[fact] in text_of(shown)
    assert 'name="reason"' not in text_of(shown)
    assert said(response) == [SENTENCES[fact]]
    assert withdraw_address() not in text_of(response)
    assert not Withdrawal.objects.exists()


def test_ten_minutes_later_the_month_says_nothing_of_it(page, village, reviewed):
    publish_last_month(village, minutes_ago=11)

    assert "撤回" not in text_of(page.get(month_page(village)))


def test_a_month_that_is_not_published_leads_back_to_itself(page, village, reviewed):
    response = page.get(withdraw_address(), {"village": village.slug})

    assert response.url == month_page(village)


@pytest.mark.parametrize("role", [Role.RECORDER, Role.SUPERVISOR, Role.TOWNSHIP])
def test_who_does_not_publish_does_not_withdraw(client, village, published, role):
    client.force_login(serve(village, role))

    shown = client.get(month_page(village))

    assert withdraw_address() not in text_of(shown)
    for method in (client.get, client.post):
        assert method(withdraw_address(), form(village)).status_code == 404
    assert not Withdrawal.objects.exists()


def test_who_publishes_elsewhere_withdraws_nothing_here(client, village, published):
    client.force_login(serve(VillageFactory(), Role.REVIEWER))

    assert client.post(withdraw_address(), form(village)).status_code == 404
    assert not Withdrawal.objects.exists()


def test_a_posted_deed_leads_to_the_corrections(page, village, published):
    page.post(withdraw_address(), form(village))
    deed = Deed.objects.first()

    shown = page.get(address("review-deed", deed.pk))
    response = page.post(
        address("review-deed", deed.pk), {"outcome": "reopen", "reopen-reason": "错"}
    )

    assert shown.context["forms"] == {}
    assert "这一笔已经入账，请走“更正”。" in text_of(shown)
    assert address("corrections") in text_of(shown)
    deed.refresh_from_db()
    assert (response.status_code, deed.state) == (200, Deed.State.APPROVED)


def test_the_desk_offers_no_undo_of_what_is_posted(page, village, reviewer):
    (household,) = neighbors(village, "001")
    deed = approve(record_last_month(household), by=reviewer, at=timezone.now())
    desk = address("review", LAST_MONTH, village=village.slug)
    assert page.get(desk).context["actions"]
    publish_last_month(village)
    page.post(withdraw_address(), form(village))

    assert page.get(desk).context["actions"] == []
    assert Entry.objects.filter(deed=deed).exists()


# What residents see


@pytest.fixture
def elsewhere(db):
    """Two other published villages, so that the township has an overview."""
    for village in (VillageFactory(), VillageFactory()):
        village.groups.create(number=1, name="1社")
        (household,) = neighbors(village, "001")
        approve(record_last_month(household), at=timezone.now())
        publish_last_month(village, minutes_ago=60)


def test_a_withdrawn_month_is_as_if_it_had_not_been_published(
    client, page, village, published, elsewhere
):
    """Every page was rendered and kept before; none of them is shown again."""
    addresses = [
        "/",
        BOARD,
        f"{BOARD}months/",
        f"{BOARD}find/",
        f"{BOARD}find/?q=001",
    ]
    before = {path: read(client, path) for path in addresses}
    read(client, MONTH)
    read(client, f"{BOARD}groups/1/")

    page.post(withdraw_address(), form(village))

    for path in addresses:
        assert published.short_digest not in read(client, path), path
        assert read(client, path) != before[path], path
    read(client, MONTH, status=404)
    read(client, f"{BOARD}groups/1/", status=404)
    for name in ("publication.json", "standings.csv"):
        assert client.get(MONTH + name).status_code == 404


def test_the_second_notice_says_that_it_is_the_second(client, page, village, published):
    page.post(withdraw_address(), form(village))
    publish_last_month(village)

    month = read(client, MONTH)
    document = client.get(f"{MONTH}publication.json").json()

    assert "这是本月第2次公示" in month
    assert document["revision"] == 2


@pytest.mark.parametrize("name", ["publication.json", "standings.csv"])
def test_the_first_download_is_noted_before_the_bytes_go_out(client, published, name):
    for _ in range(2):
        response = client.get(MONTH + name)

    assert response.status_code == 200
    assert Download.objects.get().publication == published


@pytest.mark.parametrize("name", ["publication.json", "standings.csv"])
def test_asking_for_the_head_alone_takes_nothing_away(client, published, name):
    assert client.head(MONTH + name).status_code == 200
    assert not Download.objects.exists()


def test_a_download_after_the_ten_minutes_writes_nothing(client, village, reviewed):
    publish_last_month(village, minutes_ago=12)
    writes = Writes()

    with connection.execute_wrapper(writes):
        client.get(f"{MONTH}publication.json")
        client.get(f"{MONTH}standings.csv")

    assert writes.seen == []


def test_i43_reading_writes_nothing_but_the_first_download(client, village, published):
    """The two files are the one exception: that they left is a log entry."""
    before = everything()

    found = crawl(client, BOARD)

    assert {f"{MONTH}standings.csv", f"{MONTH}publication.json"} <= set(found)
    after = everything()
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"ledger.Download"}
    assert after["ledger.Download"][0] == 1


class Writes:
    """Note every statement that changes a row or locks one."""

    def __init__(self):
        self.seen = []

    def __call__(self, execute, sql, params, many, context):
        if sql.lstrip("( ").split(" ", 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self.seen.append(sql)
        return execute(sql, params, many, context)
