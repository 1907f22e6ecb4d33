from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from households import import_process
from households.import_batches import open_batch
from households.import_process import progress_of
from households.models import Household, ImportBatch
from households.roles import Role
from households.roster import check_roster
from tests.factories import UserFactory, VillageFactory, serve
from tests.households.sheets import HEADINGS, households, workbook

SAMPLES = Path(__file__).parent.parent / "data"
UPLOAD = "/admin/roster/import/"
GOOD = [["001", "周兴禾", "1社", ""], ["002", "阎福田", "2社", ""]]


@pytest.fixture
def village(db):
    return VillageFactory(name="桃溪村", slug="taoxi", rulebook=False)


@pytest.fixture
def clerk(village, client):
    clerk = serve(village, Role.ADMIN)
    client.force_login(clerk)
    return clerk


def upload(client, village, content, *, name="花名册.xlsx"):
    data = {"village": village.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(UPLOAD, data, follow=True)


def checked(village, *rows):
    return check_roster(
        village,
        file_name="花名册.xlsx",
        content=workbook(HEADINGS, *rows),
        by=None,
        at=timezone.now(),
    )


def page_of(batch):
    return reverse("households:roster-import-batch", args=[batch.pk])


def test_a_roster_goes_from_upload_to_import_and_back(client, clerk, village):
    content = (SAMPLES / "roster-wps.xlsx").read_bytes()
    check = upload(client, village, content)
    batch = ImportBatch.objects.get()

    assert check.redirect_chain == [(page_of(batch), 302)]
    assert "186" in check.text
    assert "潘宁" not in check.text
    assert "潘宁" in client.get(page_of(batch), {"page": 2}).text
    assert "身份证号码" in check.text
    assert not Household.objects.exists()

    result = client.post(f"{page_of(batch)}import/", follow=True)
    assert "186" in result.text
    assert Household.objects.filter(village=village).count() == 186

    client.post(f"{page_of(batch)}undo/", follow=True)
    assert not Household.objects.exists()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UNDONE
    assert batch.uploaded_by == clerk


def test_a_roster_with_faults_shows_each_and_offers_no_import(client, clerk, village):
    content = (SAMPLES / "roster-faults.xlsx").read_bytes()

    page = upload(client, village, content)

    for fault in (">12</td>", ">203</td>", "王" * 60, "2026-03-12"):
        assert fault in page.text
    assert f"{page_of(ImportBatch.objects.get())}import/" not in page.text


def test_a_forced_import_of_a_refused_roster_changes_nothing(client, clerk, village):
    batch = checked(village, *GOOD, ["001", "重号", "1社", ""])

    client.post(f"{page_of(batch)}import/", follow=True)

    assert not Household.objects.exists()


def test_other_heads_are_replaced_only_with_the_tick(client, clerk, village):
    client.post(f"{page_of(checked(village, *GOOD))}import/")
    batch = checked(village, ["001", "周新主", "1社", ""])

    page = client.get(page_of(batch))
    assert "周兴禾" in page.text
    assert "周新主" in page.text

    without = client.post(f"{page_of(batch)}import/", follow=True)
    assert without.redirect_chain == []
    assert Household.objects.get(number="001").head_name == "周兴禾"

    client.post(f"{page_of(batch)}import/", {"replace": "on"})
    assert Household.objects.get(number="001").head_name == "周新主"


def test_another_phone_is_taken_over_only_with_the_tick(client, clerk, village):
    client.post(f"{page_of(checked(village, *GOOD))}import/")
    again = ["001", "周兴禾", "1社", "13900000009"]

    client.post(f"{page_of(checked(village, again))}import/")
    assert Household.objects.get(number="001").phone == ""

    client.post(f"{page_of(checked(village, again))}import/", {"replace": "on"})
    assert Household.objects.get(number="001").phone == "13900000009"


def test_a_roster_that_is_all_known_says_so(client, clerk, village):
    client.post(f"{page_of(checked(village, *GOOD))}import/")

    again = checked(village, *GOOD)
    page = client.get(page_of(again))

    assert f"{page_of(again)}import/" not in page.text


def test_a_file_that_is_no_table_gets_its_own_page(client, clerk, village):
    page = upload(client, village, b"%PDF-1.7", name="名册.pdf")

    assert page.status_code == 200
    assert "PDF" in page.text


def test_a_file_that_is_too_large_stays_on_the_form(client, clerk, village):
    page = upload(client, village, b"x" * (2 * 1024 * 1024 + 1))

    assert page.redirect_chain == []
    assert not ImportBatch.objects.exists()


def test_names_from_the_file_cannot_bring_in_markup(client, clerk, village):
    batch = checked(village, ["001", "<script>alert(1)</script>", "1社", ""])

    assert "<script>alert" not in client.get(page_of(batch)).text


def test_the_village_is_a_choice_only_for_who_serves_several(client, clerk, village):
    assert 'type="hidden" name="village"' in client.get(UPLOAD).text

    other = VillageFactory(name="双河村", rulebook=False)
    serve(other, Role.ADMIN, username="other")
    other.stewardships.create(user=clerk, role=Role.ADMIN)

    page = client.get(UPLOAD)
    assert "双河村" in page.text
    assert "<select" in page.text


# Who may


@pytest.mark.parametrize(
    "role",
    [Role.RECORDER, Role.REVIEWER, Role.SUPERVISOR, Role.SHOPKEEPER, Role.TOWNSHIP],
)
def test_other_roles_may_not_import(client, village, role):
    batch = checked(village, *GOOD)
    client.force_login(serve(village, role))

    assert client.get(UPLOAD).status_code == 403
    assert upload(client, village, workbook(HEADINGS, *GOOD)).status_code == 403
    assert client.get(page_of(batch)).status_code == 403
    assert client.post(f"{page_of(batch)}import/").status_code == 403
    assert client.post(f"{page_of(batch)}undo/").status_code == 403
    assert not Household.objects.exists()


def test_a_superuser_may_not_import_either(client, village):
    batch = checked(village, *GOOD)
    client.force_login(UserFactory(is_superuser=True))

    assert client.get(UPLOAD).status_code == 403
    assert client.post(f"{page_of(batch)}import/").status_code == 403


def test_nobody_gets_past_the_login(client, village):
    batch = checked(village, *GOOD)

    for path in (UPLOAD, page_of(batch)):
        assert client.get(path)["Location"].startswith("/admin/login/")
    assert client.post(f"{page_of(batch)}import/").status_code == 302
    assert not Household.objects.exists()


def test_the_batch_of_another_village_is_like_one_that_never_was(client, clerk):
    theirs = checked(VillageFactory(rulebook=False), *GOOD)
    nobodys = ImportBatch(pk=uuid4())

    for batch in (theirs, nobodys):
        assert client.get(page_of(batch)).status_code == 404
        assert client.post(f"{page_of(batch)}import/").status_code == 404
        assert client.post(f"{page_of(batch)}undo/").status_code == 404
    assert not Household.objects.exists()


def test_a_roster_cannot_be_sent_to_another_village(client, clerk):
    theirs = VillageFactory(rulebook=False)

    page = upload(client, theirs, workbook(HEADINGS, *GOOD))

    assert page.redirect_chain == []
    assert not ImportBatch.objects.exists()


def test_reading_a_page_changes_nothing(client, clerk, village):
    batch = checked(village, *GOOD)

    client.get(page_of(batch))
    assert client.get(f"{page_of(batch)}import/").status_code == 405
    assert client.get(f"{page_of(batch)}undo/").status_code == 405

    assert not Household.objects.exists()


# Large files


@pytest.fixture
def started(monkeypatch):
    """Keep the commands that would have been started, with the file they get."""
    started = []

    def start(command, *, stdin, **options):
        started.append((command, stdin.read()))

    starting = SimpleNamespace(Popen=start, DEVNULL=None)
    monkeypatch.setattr(import_process, "subprocess", starting)
    return started


def test_a_large_roster_is_checked_beside_the_server(
    client, clerk, village, started, monkeypatch, tmp_path
):
    content = workbook(HEADINGS, *households(3000))

    waiting = upload(client, village, content)

    batch = ImportBatch.objects.get()
    assert batch.state == ImportBatch.State.CHECKING
    assert '<meta http-equiv="refresh" content="2">' in waiting.text
    ((command, received),) = started
    assert command[1:] == ["manage.py", "run_import", str(batch.pk)]
    assert received == content

    (tmp_path / "input").write_bytes(received)
    with (tmp_path / "input").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        with CaptureQueriesContext(connection) as asked:
            call_command("run_import", str(batch.pk))

    assert any('"rows_done" = 2500' in query["sql"] for query in asked)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKED
    assert (batch.rows_done, batch.rows_total) == (3000, 3000)
    assert 'http-equiv="refresh"' not in client.get(page_of(batch)).text


def test_the_waiting_page_says_how_much_is_left(client, clerk, village):
    batch = open_batch(
        village,
        "roster",
        file_name="名册.xlsx",
        content=b"",
        by=clerk,
        at=timezone.now(),
    )
    ImportBatch.objects.update(
        uploaded_at=timezone.now() - timedelta(seconds=10),
        rows_done=1000,
        rows_total=3000,
    )

    page = client.get(page_of(batch))

    assert 'value="1000" max="3000"' in page.text
    batch.refresh_from_db()
    progress = progress_of(batch, at=batch.uploaded_at + timedelta(seconds=10))
    assert progress == (20, False)


def test_a_check_that_never_came_back_is_said_to_have_stopped(client, clerk, village):
    long_ago = timezone.now() - timedelta(minutes=5)
    batch = open_batch(
        village, "roster", file_name="x", content=b"", by=clerk, at=long_ago
    )

    page = client.get(page_of(batch))

    assert 'http-equiv="refresh"' not in page.text
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKING


def test_an_open_check_cannot_be_imported(client, clerk, village):
    batch = open_batch(
        village, "roster", file_name="x", content=b"", by=clerk, at=timezone.now()
    )

    client.post(f"{page_of(batch)}import/")

    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKING
