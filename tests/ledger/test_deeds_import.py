import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from config.management.commands.run_import import CHECKS
from households.models import Household, ImportBatch
from households.roles import Role
from ledger.deed_sheets.check import check_deeds
from ledger.deed_sheets.importing import DeedsNotImported, import_deeds
from ledger.models import Deed, Operation
from ledger.recording import withdraw_deed
from tests.factories import VillageFactory, record, serve
from tests.households.sheets import workbook
from tests.ledger.deed_sheets import HEADINGS, line, sheet, today_sheet
from tests.ledger.desk import address, neighbors, text_of

MARCH_SHEET = Path(__file__).parent.parent / "data" / "deeds-march.xlsx"
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
UPLOAD = "/admin/entry/import/"


@pytest.fixture
def households(village):
    return neighbors(village, *(f"{number:03d}" for number in range(1, 21)))


@pytest.fixture
def page(client, recorder):
    client.force_login(recorder)
    return client


def check(village, content, by):
    return check_deeds(village, file_name="登记表.xlsx", content=content, by=by, at=NOW)


def upload(content, village):
    file = SimpleUploadedFile("登记表.xlsx", content)
    return {"village": village.slug, "file": file}


def test_the_sheet_of_march_gives_ten_deeds_and_six_refusals(
    village, households, recorder
):
    batch = check(village, MARCH_SHEET.read_bytes(), recorder)
    assert (batch.report["good"], Deed.objects.count()) == (10, 0)

    import_deeds(batch, by=recorder, at=NOW)

    deeds = Deed.objects.order_by("household__number")
    assert [
        (
            deed.household.number,
            f"{deed.happened_on:%m-%d}",
            deed.item.code,
            deed.points,
            deed.channel,
            deed.note,
        )
        for deed in deeds
    ] == [
        ("001", "03-02", "Z01", 2, "record", "参加村组会议"),
        ("002", "03-02", "Z01", 2, "record", "参加村组会议"),
        ("003", "03-03", "D02", 3, "wechat", "帮邻居拉水"),
        ("004", "03-03", "Z06", 10, "phone", "清理蓄水池"),
        ("005", "03-05", "D02", 5, "oral", "送伤员就医"),
        ("006", "03-06", "F06", 5, "sms", "劝阻诈骗"),
        ("007", "03-07", "Z05", 5, "qq", "义务清扫公路"),
        ("008", "03-08", "N01", -2, "record", "乱倒垃圾经提醒不改"),
        ("009", "03-09", "Z03", 5, "record", "庭院最清洁"),
        ("010", "03-10", "F04", 5, "oral", "调解邻里纠纷"),
    ]
    assert {deed.happened_on.year for deed in deeds} == {2026}
    assert {(deed.state, deed.recorded_by) for deed in deeds} == {("pending", recorder)}
    assert [
        (refusal["row"], refusal["column"], refusal["value"])
        for refusal in batch.report["refusals"]
    ] == [
        (13, "日期", "2026-13-40"),
        (14, "户号", "999"),
        (15, "项目编号", "X99"),
        (16, "加分", "200"),
        (17, "减分", "2"),
        (18, "加分", "很多"),
    ]
    for refusal in batch.report["refusals"]:
        assert refusal["problem"]
        assert refusal["remedy"]


@pytest.mark.parametrize(
    ("title", "sheet_name", "written", "day"),
    [
        ("2025年12月登记表", "登记", "12月3日", "2025-12-03"),
        (None, "2025年", "12月3日", "2025-12-03"),
        (None, "登记", "1月3日", "2026-01-03"),
    ],
)
def test_a_day_without_a_year_takes_it_from_the_title_the_sheet_or_other_rows(
    village, households, recorder, title, sheet_name, written, day
):
    above = [[title]] if title else []
    rows = [line(day=written, number="002"), line(day="2026-01-02")]
    content = workbook(sheets={sheet_name: [*above, HEADINGS, *rows]})

    batch = check(village, content, recorder)

    days = {row["number"]: row["day"] for row in batch.rows}
    assert days["002"] == day


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"day": "2026-02-30"}, "日期"),
        ({"day": "2026-03-21"}, "日期"),
        ({"day": "2024-03-02"}, "日期"),
        ({"number": "999"}, "户号"),
        ({"number": "020"}, "户号"),
        ({"head": "别人"}, "户主"),
        ({"item": "X99"}, "项目编号"),
        ({"plus": 6}, "加分"),
        ({"plus": 3.5}, "加分"),
        ({"plus": ""}, "加分"),
        ({"plus": "", "minus": 3}, "减分"),
        ({"plus": 3, "minus": 3}, "减分"),
        ({"plus": -3}, "加分"),
        ({"item": "N01", "plus": 2}, "加分"),
        ({"item": "N01", "plus": "", "minus": 2, "title": ""}, "积分事项"),
        ({"channel": "信鸽"}, "申报方式"),
        ({"title": "字" * 201}, "积分事项"),
    ],
)
def test_a_row_in_disorder_is_refused_by_its_column(
    village, households, recorder, cells, column
):
    Household.objects.filter(number="020").update(status=Household.Status.LEFT)

    batch = check(village, sheet(line(**cells), line(number="002")), recorder)

    (refusal,) = batch.report["refusals"]
    assert (refusal["row"], refusal["column"]) == (2, column)
    assert [row["number"] for row in batch.rows] == ["002"]


def test_a_day_without_a_year_anywhere_is_refused(village, households, recorder):
    batch = check(village, sheet(line(day="3月3日")), recorder)

    (refusal,) = batch.report["refusals"]
    assert (refusal["column"], refusal["value"]) == ("日期", "3月3日")


def test_a_row_tells_everything_that_is_wrong_with_it(village, households, recorder):
    batch = check(village, sheet(line(day="x", number="999", item="X99")), recorder)

    columns = [refusal["column"] for refusal in batch.report["refusals"]]
    assert columns == ["日期", "户号", "项目编号"]


def test_the_head_is_compared_without_padding(village, households, recorder):
    Household.objects.filter(number="001").update(head_name="苏芳")

    batch = check(village, sheet(line(head="苏　芳")), recorder)

    assert batch.report["good"] == 1


def test_the_same_deed_twice_in_a_sheet_is_refused_the_second_time(
    village, households, recorder
):
    batch = check(village, sheet(line(), line()), recorder)

    (refusal,) = batch.report["refusals"]
    assert (refusal["row"], batch.report["good"]) == (3, 1)
    assert "2" in refusal["problem"]


def test_what_is_recorded_already_is_refused(village, households, recorder):
    record(households[0], "D02", 3, at=NOW, happened_on=date(2026, 3, 2))

    batch = check(village, sheet(line(), line(number="002")), recorder)

    (refusal,) = batch.report["refusals"]
    assert (refusal["row"], refusal["value"]) == (2, "D02")
    assert batch.report["good"] == 1


def test_the_same_file_again_changes_nothing_and_says_so(
    village, households, recorder, village_admin
):
    content = MARCH_SHEET.read_bytes()
    import_deeds(check(village, content, recorder), by=recorder, at=NOW)

    for person in (recorder, village_admin):
        again = check(village, content, person)
        assert (again.report["good"], again.report["known"]) == (0, 10)
        assert len(again.report["refusals"]) == 6
        with pytest.raises(DeedsNotImported):
            import_deeds(again, by=person, at=NOW)
    assert Deed.objects.count() == 10


def test_two_checks_of_one_file_record_its_deeds_once(
    village, households, recorder, village_admin
):
    content = MARCH_SHEET.read_bytes()
    mine, theirs = (check(village, content, by) for by in (recorder, village_admin))
    import_deeds(mine, by=recorder, at=NOW)

    with pytest.raises(DeedsNotImported):
        import_deeds(theirs, by=village_admin, at=NOW)

    assert Deed.objects.count() == 10


def test_a_withdrawn_import_does_not_come_back_by_the_same_file(
    village, households, recorder
):
    content = sheet(line())
    import_deeds(check(village, content, recorder), by=recorder, at=NOW)
    withdraw_deed(Deed.objects.get(), by=recorder, at=NOW)

    batch = check(village, content, recorder)

    assert (batch.report["good"], batch.report["known"]) == (0, 1)


def test_a_row_recorded_since_the_check_is_refused_and_the_others_stand(
    village, households, recorder
):
    batch = check(village, sheet(line(), line(number="002")), recorder)
    record(households[0], "D02", 3, at=NOW, happened_on=date(2026, 3, 2))

    batch = import_deeds(batch, by=recorder, at=NOW)

    assert batch.report["recorded"] == 1
    assert [refusal["row"] for refusal in batch.report["refusals"]] == [2]
    assert Deed.objects.count() == 2


def test_checking_opens_no_month_and_uses_no_key(village, households, recorder):
    check(village, sheet(line()), recorder)

    assert village.periods.count() == 0
    assert Operation.objects.count() == 0


def test_what_is_no_sheet_is_refused_whole(village, recorder):
    batch = check(village, b"%PDF-1.7", recorder)

    assert batch.state == ImportBatch.State.FAILED
    with pytest.raises(DeedsNotImported):
        import_deeds(batch, by=recorder, at=NOW)


def test_the_page_checks_shows_and_imports_only_the_good_rows(
    page, village, households
):
    content = today_sheet("001", "002", "999")

    checked = page.post(UPLOAD, upload(content, village), follow=True)
    assert Deed.objects.count() == 0
    assert "999" in text_of(checked)
    batch = ImportBatch.objects.get()
    imported = page.post(address("import-confirm", batch.pk), follow=True)

    assert Deed.objects.count() == 2
    assert "999" in text_of(imported)


def test_confirming_twice_imports_once(page, village, households):
    page.post(UPLOAD, upload(today_sheet("001"), village))
    batch = ImportBatch.objects.get()

    for _ in range(2):
        response = page.post(address("import-confirm", batch.pk), follow=True)

    assert Deed.objects.count() == 1
    assert list(response.context["messages"]) == []


def test_uploading_twice_imports_nothing_by_itself(page, village, households):
    for _ in range(2):
        page.post(UPLOAD, upload(today_sheet("001"), village))

    assert ImportBatch.objects.count() == 2
    assert Deed.objects.count() == 0


def test_a_file_that_cannot_be_read_says_why(page, village):
    response = page.post(UPLOAD, upload(b"%PDF-1.7", village), follow=True)

    assert "PDF" in text_of(response)


def test_the_page_and_its_batches_belong_to_the_village(
    client, page, village, households, reviewer
):
    page.post(UPLOAD, upload(today_sheet("001"), village))
    batch = ImportBatch.objects.get()

    for person in (reviewer, serve(VillageFactory(), Role.RECORDER)):
        client.force_login(person)
        assert client.get(address("import-batch", batch.pk)).status_code == 404
        assert client.post(address("import-confirm", batch.pk)).status_code == 404
    client.force_login(reviewer)
    assert client.get(UPLOAD).status_code == 404
    assert Deed.objects.count() == 0


# The command


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "登记表.xlsx"
    path.write_bytes(today_sheet("001", "002"))
    return path


def run(file, village="taoxi", by="recorder", **options):
    call_command("import_deeds", file, village=village, by=by, **options)


def test_the_command_imports_and_reports(capsys, village, households, recorder, file):
    run(file)

    deeds = Deed.objects.all()
    assert {(deed.recorded_by, deed.state) for deed in deeds} == {(recorder, "pending")}
    assert deeds.count() == 2
    assert "2" in capsys.readouterr().out


def test_the_command_imports_the_good_rows_and_fails_for_the_others(
    capsys, village, households, recorder, tmp_path
):
    path = tmp_path / "登记表.xlsx"
    path.write_bytes(today_sheet("001", "999"))

    with pytest.raises(CommandError, match="1"):
        run(path)

    assert Deed.objects.count() == 1
    assert "999" in capsys.readouterr().out


def test_a_dry_run_records_nothing(capsys, village, households, recorder, file):
    run(file, dry_run=True)

    assert Deed.objects.count() == 0
    assert "2" in capsys.readouterr().out


def test_the_command_again_changes_nothing(village, households, recorder, file):
    run(file)
    run(file)

    assert Deed.objects.count() == 2


def test_the_command_wants_a_village_a_person_and_their_role(
    village, households, recorder, reviewer, file
):
    for wrong in (
        {"village": "nowhere"},
        {"by": "nobody"},
        {"by": "reviewer"},
        {"village": VillageFactory().slug},
    ):
        with pytest.raises(CommandError):
            run(file, **wrong)
    with pytest.raises(CommandError):
        run(file.with_name("missing.xlsx"))
    assert Deed.objects.count() == 0


def test_the_background_check_reads_a_sheet_of_deeds(village, households, recorder):
    batch = ImportBatch.objects.create(
        village=village,
        kind=ImportBatch.Kind.DEEDS,
        file_name="登记表.xlsx",
        sha256="0" * 64,
        uploaded_by=recorder,
        uploaded_at=timezone.now(),
    )
    CHECKS[batch.kind](batch, today_sheet("001"), at=timezone.now())

    batch.refresh_from_db()
    assert (batch.state, batch.report["good"]) == ("checked", 1)


def test_the_page_hands_out_a_template_with_the_items_and_the_refused_rows(
    client, village, recorder
):
    client.force_login(recorder)
    content = MARCH_SHEET.read_bytes()
    batch = check_deeds(
        village, file_name="表.xlsx", content=content, by=recorder, at=timezone.now()
    )

    template = client.get(f"/admin/entry/import/template/?village={village.slug}")
    problems = client.get(f"/admin/entry/import/{batch.pk}/refused/")

    assert load_workbook(io.BytesIO(template.content))["积分项目"].max_row == 34
    assert "2026-13-40" in problems.content.decode()
    assert problems.headers["Content-Disposition"].startswith("attachment")
