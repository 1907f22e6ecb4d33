"""A long sheet is recorded some rows at a time, can be stopped, and goes on."""

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.today import desk_of
from households import import_process
from households.import_batches import open_batch
from households.import_process import QUIET, progress_of
from households.models import AuditEvent, Household, ImportBatch
from households.roles import Role
from ledger.deed_sheets.check import check_deeds, finish_deeds_check
from ledger.deed_sheets.importing import (
    ROWS_AT_ONCE,
    DeedsNotImported,
    begin_import,
    import_deeds,
    record_rows,
    stop_import,
)
from ledger.desk import importing
from ledger.models import Deed, Operation
from tests.factories import VillageFactory, record, serve
from tests.ledger.deed_sheets import long_sheet
from tests.ledger.desk import address, neighbors, text_of

State = ImportBatch.State
NUMBERS = [f"{number:03d}" for number in range(1, 101)]
ROWS = 250


@pytest.fixture
def households(village):
    return neighbors(village, *NUMBERS)


@pytest.fixture
def content(households):
    return long_sheet(NUMBERS, ROWS, last_day=timezone.localdate())


@pytest.fixture
def checked(village, content, recorder):
    return check(village, content, recorder)


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


@pytest.fixture
def started(monkeypatch):
    """Keep the commands that would have been started; nothing is left for waiting."""
    started = []
    starting = SimpleNamespace(
        Popen=lambda command, **options: started.append(command), DEVNULL=None
    )
    monkeypatch.setattr(import_process, "subprocess", starting)
    monkeypatch.setattr(importing, "RECORDED_AT_ONCE_SECONDS", 0)
    return started


def check(village, content, by):
    return check_deeds(
        village,
        file_name="登记表.xlsx",
        content=content,
        by=by,
        at=timezone.now(),
    )


def begun(batch, by, *, at=None):
    """Begin an import and return it as it now is."""
    assert begin_import(batch, by=by, at=at or timezone.now())
    return ImportBatch.objects.get(pk=batch.pk)


def stopped(batch, by):
    """Record the first rows of a checked sheet and stop."""
    batch = begun(batch, by)
    record_rows(batch, at=timezone.now())
    stop_import(batch, by=by, at=timezone.now())
    return ImportBatch.objects.get(pk=batch.pk)


def abandoned(batch, by):
    """Record the first rows of a checked sheet, then be killed."""
    batch = begun(batch, by)
    record_rows(batch, at=timezone.now())
    long_ago = timezone.now() - QUIET - timedelta(seconds=1)
    ImportBatch.objects.filter(pk=batch.pk).update(heard_at=long_ago)
    return ImportBatch.objects.get(pk=batch.pk)


def tasks(village, person, *, now=None):
    """Return the lines about imports on somebody's desk."""
    mine = desk_of(person, village.slug, now=now or timezone.now())["mine"]
    return [task for task in mine if "/import/" in task.address]


# Some rows at a time


def test_rows_are_recorded_some_at_a_time(village, checked, recorder):
    batch = begun(checked, recorder)
    counts = []

    while record_rows(batch, at=timezone.now()):
        now = ImportBatch.objects.get(pk=batch.pk)
        counts.append((now.state, now.rows_done, now.rows_total, Deed.objects.count()))

    assert counts == [
        (State.IMPORTING, 100, ROWS, 100),
        (State.IMPORTING, 200, ROWS, 200),
    ]
    done = ImportBatch.objects.get(pk=batch.pk)
    assert (done.state, done.report["recorded"]) == (State.IMPORTED, ROWS)
    assert Deed.objects.filter(recorded_by=recorder).pending().count() == ROWS
    assert Operation.objects.count() == ROWS


def test_more_rows_ask_the_database_no_more(village, recorder, households):
    asked = {}
    for rows, days_ago in [(ROWS_AT_ONCE // 2, 0), (ROWS_AT_ONCE, 1)]:
        last_day = timezone.localdate() - timedelta(days=days_ago)
        content = long_sheet(NUMBERS, rows, last_day=last_day)
        batch = begun(check(village, content, recorder), recorder)
        with CaptureQueriesContext(connection) as queries:
            record_rows(batch, at=timezone.now())
        asked[rows] = len(queries)

    assert Deed.objects.count() == ROWS_AT_ONCE + ROWS_AT_ONCE // 2
    assert max(asked.values()) < 40
    assert asked[ROWS_AT_ONCE] <= asked[ROWS_AT_ONCE // 2]


def test_rows_and_the_place_reached_are_one_transaction(checked, recorder):
    batch = begun(checked, recorder)

    with CaptureQueriesContext(connection) as queries:
        record_rows(batch, at=timezone.now())

    first, last = queries[0]["sql"], queries[-1]["sql"]
    assert first.startswith("SAVEPOINT ")
    assert last == f"RELEASE {first}"


def test_a_roster_taken_back_since_the_check_refuses_its_rows(
    village, checked, recorder
):
    Household.objects.filter(number__in=["001", "002"]).delete()

    batch = import_deeds(checked, by=recorder, at=timezone.now())

    late = Counter(refusal["value"] for refusal in batch.report["refusals"])
    assert late == {"001": 3, "002": 3}
    assert batch.report["recorded"] == Deed.objects.count() == ROWS - 6


def test_whoever_lost_the_role_meanwhile_records_no_further(village, checked, recorder):
    batch = begun(checked, recorder)
    record_rows(batch, at=timezone.now())
    recorder.stewardships.update(ended_at=timezone.now())

    assert not record_rows(batch, at=timezone.now())

    assert ImportBatch.objects.get().state == State.STOPPED
    assert Deed.objects.count() == ROWS_AT_ONCE


def test_a_long_check_tells_how_far_it_is(village, households, recorder):
    content = long_sheet(NUMBERS, 600, last_day=timezone.localdate())
    batch = open_batch(
        village,
        ImportBatch.Kind.DEEDS,
        file_name="登记表.xlsx",
        content=content,
        by=recorder,
        at=timezone.now(),
    )
    told = []

    finish_deeds_check(
        batch,
        content,
        at=timezone.now(),
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(250, 600), (500, 600)]


# Stopped, killed, and on from there


def test_a_stopped_import_keeps_its_rows_and_says_how_many(
    page, village, checked, recorder
):
    batch = stopped(checked, recorder)

    assert not record_rows(batch, at=timezone.now())
    shown = text_of(page.get(address("import-batch", batch.pk)))

    assert Deed.objects.count() == 100
    assert "已记100行，没记150行" in shown
    assert address("import-confirm", batch.pk) in shown
    assert "http-equiv" not in shown
    acts = AuditEvent.objects.filter(action__startswith="deeds.").order_by("pk")
    assert [event.action for event in acts] == [
        "deeds.check",
        "deeds.begin",
        "deeds.stop",
    ]


def test_the_same_file_again_records_only_the_rest(village, checked, content, recorder):
    stopped(checked, recorder)

    again = check(village, content, recorder)
    assert (again.report["good"], again.report["known"]) == (150, 100)
    again = import_deeds(again, by=recorder, at=timezone.now())

    assert (again.rows_total, again.report["recorded"]) == (150, 150)
    assert Deed.objects.count() == Operation.objects.count() == ROWS


def test_a_stopped_import_goes_on_where_it_stopped(village, checked, recorder):
    batch = stopped(checked, recorder)

    batch = import_deeds(batch, by=recorder, at=timezone.now())

    assert (batch.state, batch.rows_before) == (State.IMPORTED, 100)
    assert batch.report["recorded"] == ROWS
    assert Deed.objects.count() == Operation.objects.count() == ROWS


def test_a_stopped_import_meets_rows_that_came_otherwise_without_harm(
    village, checked, content, recorder, village_admin
):
    batch = stopped(checked, recorder)
    again = check(village, content, village_admin)
    import_deeds(again, by=village_admin, at=timezone.now())

    batch = import_deeds(batch, by=recorder, at=timezone.now())

    assert (batch.state, batch.report["recorded"]) == (State.IMPORTED, 100)
    assert batch.report["refusals"] == []
    assert Deed.objects.count() == ROWS


def test_a_killed_import_is_said_to_have_broken_off_and_goes_on(
    page, village, checked, recorder, started
):
    batch = abandoned(checked, recorder)

    shown = text_of(page.get(address("import-batch", batch.pk)))
    assert "中断了" in shown
    assert "已记100行，没记150行" in shown
    page.post(address("import-confirm", batch.pk))
    assert len(started) == 1
    call_command("run_import", str(batch.pk))

    assert ImportBatch.objects.get().state == State.IMPORTED
    assert Deed.objects.count() == Operation.objects.count() == ROWS


def test_rows_refused_before_a_stop_are_reported_once(village, checked, recorder):
    household = Household.objects.get(number="001")
    record(household, "D02", at=timezone.now())
    batch = stopped(checked, recorder)

    batch = import_deeds(batch, by=recorder, at=timezone.now())

    assert [refusal["value"] for refusal in batch.report["refusals"]] == ["001"]
    assert batch.report["recorded"] == ROWS - 1


def test_stopping_what_is_done_or_not_begun_changes_nothing(
    page, village, content, checked, recorder
):
    page.post(address("import-stop", checked.pk))
    assert ImportBatch.objects.get().state == State.CHECKED

    import_deeds(checked, by=recorder, at=timezone.now())
    page.post(address("import-stop", checked.pk))
    assert ImportBatch.objects.get().state == State.IMPORTED


def test_two_who_confirm_are_one_import(
    client, village, checked, recorder, village_admin, started
):
    for person in (recorder, village_admin, recorder):
        client.force_login(person)
        answer = client.post(address("import-confirm", checked.pk), follow=True)
        assert list(answer.context["messages"]) == []

    batch = ImportBatch.objects.get()
    assert len(started) == 1
    assert (batch.started_by, batch.rows_done) == (recorder, ROWS_AT_ONCE)
    assert Deed.objects.count() == ROWS_AT_ONCE


def test_two_processes_on_one_import_record_each_row_once(village, checked, recorder):
    """An old process may wake up after somebody has gone on without it."""
    one, other = begun(checked, recorder), ImportBatch.objects.get()

    for batch in (one, other, one, other):
        record_rows(batch, at=timezone.now())

    assert ImportBatch.objects.get().rows_recorded == ROWS
    assert Deed.objects.count() == Operation.objects.count() == ROWS


def test_a_second_import_in_the_village_takes_turns_with_the_first(
    village, checked, recorder, village_admin, households
):
    earlier = timezone.localdate() - timedelta(days=10)
    content = long_sheet(NUMBERS, ROWS, last_day=earlier)
    first = begun(checked, recorder)
    second = begun(check(village, content, village_admin), village_admin)

    while [record_rows(batch, at=timezone.now()) for batch in (first, second)] != [
        False,
        False,
    ]:
        pass

    recorded = Counter(Deed.objects.values_list("recorded_by", flat=True))
    assert recorded == {recorder.pk: ROWS, village_admin.pk: ROWS}


# The pages


def test_a_long_sheet_is_recorded_beside_the_server(page, village, checked, started):
    shown = page.post(address("import-confirm", checked.pk), follow=True)

    assert started[0][1:] == ["manage.py", "run_import", str(checked.pk)]
    assert 'value="100" max="250"' in text_of(shown)
    assert "已处理 100 / 250 行，大约还要" in text_of(shown)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in text_of(
        shown
    )
    assert address("import-stop", checked.pk) in text_of(shown)
    call_command("run_import", str(checked.pk))
    shown = page.get(address("import-batch", checked.pk))
    assert "已导入250笔" in text_of(shown)
    assert "http-equiv" not in text_of(shown)
    assert Deed.objects.count() == ROWS


def test_a_short_sheet_is_recorded_in_the_answer(
    page, village, households, recorder, started
):
    content = long_sheet(NUMBERS, ROWS_AT_ONCE, last_day=timezone.localdate())
    batch = check(village, content, recorder)

    shown = page.post(address("import-confirm", batch.pk), follow=True)

    assert "已导入100笔" in text_of(shown)
    assert started == []
    assert tasks(village, recorder) == []
    assert address("import-seen", batch.pk) not in text_of(shown)


def test_a_process_that_cannot_start_is_one_that_broke_off(
    page, village, checked, started, monkeypatch
):
    def fail(command, **options):
        raise OSError

    monkeypatch.setattr(import_process.subprocess, "Popen", fail)

    shown = page.post(address("import-confirm", checked.pk), follow=True)

    assert shown.status_code == 200
    assert Deed.objects.count() == ROWS_AT_ONCE


def test_the_time_left_is_judged_by_this_go_alone(village, checked, recorder):
    batch = stopped(checked, recorder)
    at = timezone.now() + timedelta(hours=1)
    batch = begun(batch, recorder, at=at)
    assert progress_of(batch, at=at) == (None, False)

    record_rows(batch, at=at + timedelta(seconds=10))
    batch.refresh_from_db()

    assert progress_of(batch, at=at + timedelta(seconds=10)) == (5, False)
    silent = at + timedelta(seconds=11) + QUIET
    assert progress_of(batch, at=silent).has_stopped


@pytest.mark.parametrize("name", ["import-confirm", "import-stop", "import-seen"])
def test_a_wrong_or_strange_import_is_not_found(client, village, checked, name):
    stranger = serve(VillageFactory(), Role.RECORDER)
    reviewer = serve(village, Role.REVIEWER)
    for person, pk in [
        (stranger, checked.pk),
        (reviewer, checked.pk),
        (checked.uploaded_by, uuid4()),
    ]:
        client.force_login(person)
        assert client.post(address(name, pk)).status_code == 404
    assert client.get(address(name, checked.pk)).status_code == 405
    assert not Deed.objects.exists()


def test_the_command_has_nothing_to_do_for_what_was_stopped(village, checked, recorder):
    batch = stopped(checked, recorder)

    with pytest.raises(CommandError):
        call_command("run_import", str(batch.pk))
    assert Deed.objects.count() == ROWS_AT_ONCE


def test_a_closed_upload_cannot_be_begun(village, recorder):
    batch = check(village, b"%PDF-1.7", recorder)

    with pytest.raises(DeedsNotImported):
        begin_import(batch, by=recorder, at=timezone.now())


# Today's desk


def test_the_desk_follows_an_import_until_its_end_is_known(
    page, village, checked, recorder, started
):
    page.post(address("import-confirm", checked.pk))
    (task,) = tasks(village, recorder)
    assert task.detail == "登记表.xlsx · 100 / 250 行"
    titles = [task.title]

    stop_import(checked, by=recorder, at=timezone.now())
    titles += [task.title for task in tasks(village, recorder)]
    page.post(address("import-seen", checked.pk))
    assert tasks(village, recorder) == []
    page.post(address("import-confirm", checked.pk))
    call_command("run_import", str(checked.pk))
    titles += [task.title for task in tasks(village, recorder)]
    assert titles == ["份登记表正在导入", "份登记表没导完", "份登记表导入完成"]

    page.get(task.address)
    assert len(tasks(village, recorder)) == 1
    page.post(address("import-seen", checked.pk))
    assert tasks(village, recorder) == []


def test_the_desk_tells_nobody_else_and_not_for_ever(
    client, village, checked, recorder, village_admin
):
    import_deeds(checked, by=recorder, at=timezone.now())

    assert tasks(village, village_admin) == []
    client.force_login(village_admin)
    client.post(address("import-seen", checked.pk))
    assert len(tasks(village, recorder)) == 1
    later = timezone.now() + timedelta(days=8)
    assert tasks(village, recorder, now=later) == []


def test_a_killed_import_waits_on_the_desk(village, checked, recorder):
    abandoned(checked, recorder)

    (task,) = tasks(village, recorder)

    assert task.title == "份登记表没导完"
