from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from households.models import Household
from tests.factories import VillageFactory
from tests.households.sheets import HEADINGS, workbook

SAMPLES = Path(__file__).parent.parent / "data"


@pytest.fixture
def village(db):
    return VillageFactory(name="桃溪村", slug="taoxi", rulebook=False)


@pytest.fixture
def run(village, capsys):
    def run(file, *options):
        call_command("import_households", str(file), "--village=taoxi", *options)
        return capsys.readouterr().out

    return run


@pytest.fixture
def sheet(tmp_path):
    def sheet(*rows):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(workbook(HEADINGS, *rows))
        return path

    return sheet


def test_the_command_imports_and_reports_the_counts(run):
    report = run(SAMPLES / "roster-wps.xlsx")

    assert Household.objects.count() == 186
    assert "花名册" in report
    assert "186" in report
    assert "6社 31" in report
    assert "身份证号码" in report
    for row in (35, 67, 99, 131, 163, 195, 197, 198):
        assert str(row) in report


def test_a_dry_run_imports_nothing(run):
    report = run(SAMPLES / "roster-gbk.csv", "--dry-run")

    assert "40" in report
    assert not Household.objects.exists()


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_one_refused_row_stops_everything_with_exit_code_one(run, capsys, options):
    with pytest.raises(CommandError) as refused:
        run(SAMPLES / "roster-faults.xlsx", *options)

    assert refused.value.returncode == 1
    assert not Household.objects.exists()
    report = capsys.readouterr().out
    for fault in ("12", "203", "13", "14", "15", "王" * 60, "16", "17", "2026-03-12"):
        assert fault in report


def test_another_head_is_refused_without_update(run, sheet, capsys):
    run(sheet(["001", "周兴禾", "1社", ""]))
    file = sheet(["001", "周新主", "1社", ""])

    with pytest.raises(CommandError):
        run(file)
    assert Household.objects.get().head_name == "周兴禾"
    assert "周新主" in capsys.readouterr().out

    run(file, "--update")
    assert Household.objects.get().head_name == "周新主"


def test_the_same_file_again_changes_nothing(run, sheet):
    file = sheet(["001", "周兴禾", "1社", ""])
    run(file)

    report = run(file)

    assert Household.objects.count() == 1
    assert "unchanged." in report or "没有变化。" in report


def test_another_phone_is_said_and_kept_as_it_was_without_update(run, sheet):
    run(sheet(["001", "周兴禾", "1社", "13900000001"]))

    report = run(sheet(["001", "周兴禾", "1社", "13900000002"]))

    assert "2 · " in report or "第2行 · 户号001" in report
    assert Household.objects.get().phone == "13900000001"


def test_an_unreadable_file_is_one_sentence(run, tmp_path):
    (tmp_path / "名册.pdf").write_bytes(b"%PDF-1.7")

    with pytest.raises(CommandError, match="PDF"):
        run(tmp_path / "名册.pdf")


def test_a_missing_file_or_village_is_one_sentence(run, tmp_path):
    with pytest.raises(CommandError, match="nothing"):
        run(tmp_path / "nothing.xlsx")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("import_households", "x.xlsx", "--village=nowhere")
