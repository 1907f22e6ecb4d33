"""The checking program that anybody can run: it finds every change we can think of."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.correcting import decide_correction, propose_correction
from ledger.sealing import canonical, seal
from tests.factories import (
    AFTER_NOTICE,
    HouseholdFactory,
    approve,
    award,
    finalize,
    publish,
    record,
    serve,
    withdraw,
)
from tests.ledger.test_publishing import APRIL, IN_APRIL

PROGRAM = (
    Path(__file__).resolve().parents[2] / "static" / "verify" / "verify_publication.py"
)
MONTHS = ["2026-03", "2026-04", "2026-05"]


@pytest.fixture
def folder(village, tmp_path):
    """Three months of a village: ties, deductions, a withdrawal and a correction."""
    group = village.groups.get(number=1)
    homes = [
        HouseholdFactory(village=village, group=group, number=f"{n:03d}")
        for n in range(1, 8)
    ]
    HouseholdFactory(village=village, group=group, number="008", status="away")
    for home, points in zip(homes[:5], [5, 5, 4, 3, 3], strict=True):
        award(home, "D02", points)
    award(homes[5], "Z05", 5)
    deed = award(homes[6], "D02", 4)
    approve(record(homes[2], "N02", 2))
    withdraw(publish(village))
    publish(village)
    finalize(village, at=AFTER_NOTICE)
    award(homes[4], "Z05", 5, at=IN_APRIL)
    admin, reviewer = serve(village, "admin"), serve(village, "reviewer")
    correction = propose_correction(
        deed.entries.get(), reason="记错了户", by=admin, at=IN_APRIL
    )
    decide_correction(correction, approve=True, by=reviewer, at=IN_APRIL)
    publish(village, month=APRIL)
    finalize(village, month=APRIL, at=datetime(2026, 5, 8, 2, 0, tzinfo=UTC))
    may = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
    award(homes[1], "D02", 5, at=may)
    publish(village, month=may.date().replace(day=1))
    for publication in village.publications.standing():
        (tmp_path / f"{publication.period}.json").write_text(publication.document)
    return tmp_path


def check(*places):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, places)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def rewrite(folder, month, change, *, sealed=True):
    """Change a month as its keeper could, with a digest that fits it again."""
    path = folder / f"{month}.json"
    content = json.loads(path.read_text())
    change(content)
    if sealed:
        del content["digest"]
        content = seal(content)
    path.write_bytes(canonical(content))


def first_ranked(content):
    return next(row for row in content["rows"] if row.get("place") == 1)


def tied(content):
    return next(row for row in content["rows"] if "tied" in row)


def test_what_was_published_is_found_right_with_its_printed_codes(folder, village):
    code, said = check(folder)

    assert (code, said.splitlines()[-1]) == (0, "全部都对")
    assert len(said.splitlines()) == 4
    for publication in village.publications.standing():
        assert f"{publication.period}  校验码 {publication.short_digest}  对" in said


def test_files_can_be_named_one_by_one_in_any_order(folder):
    assert check(*(folder / f"{month}.json" for month in MONTHS[::-1]))[0] == 0


def test_a_number_changed_in_a_file_is_found_by_its_digest(folder):
    rewrite(folder, "2026-04", lambda c: first_ranked(c).update(score=99), sealed=False)

    code, said = check(folder)

    assert code == 1
    assert "校验码和内容对不上" in said


def test_a_file_that_was_opened_and_saved_again_is_not_the_original(folder):
    path = folder / "2026-04.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))

    assert "文件不是原样" in check(folder)[1]


def test_an_old_month_with_a_new_digest_no_longer_joins_the_next(folder):
    rewrite(folder, "2026-03", lambda c: c["deductions"].clear() or c.update(issue=2))

    code, said = check(folder)

    assert code == 1
    assert "没有接上2026-03" in said


def test_a_missing_month_is_noticed(folder):
    (folder / "2026-04.json").unlink()

    code, said = check(folder)

    assert code == 1
    assert "缺了月份" in said


TAMPERINGS = {
    "a household left out": (lambda c: c["rows"].pop(), "列出来7户"),
    "points added": (
        lambda c: first_ranked(c).update(score=first_ranked(c)["score"] + 1),
        "积分加起来",
    ),
    "a better place": (lambda c: first_ranked(c).update(place=2), "名次是2"),
    "a tie hidden": (lambda c: tied(c).pop("tied"), "并列"),
    "a deed counted twice": (
        lambda c: c["counts"].update(deeds=c["counts"]["deeds"] + 1),
        "三类好事",
    ),
    "other sums": (lambda c: c["totals"].update(additions=500), "加分合计"),
    "a small cell shown": (
        lambda c: c["deductions"].append(
            {"item": "N", "title": "x", "group": 1, "points": 0, "households": 1}
        ),
        "不到3户",
    ),
    "an entry slipped in": (lambda c: c["commitments"].append("0" * 64), "凭据"),
    "a seal that is none": (lambda c: c["commitments"].__setitem__(0, "x"), "写法不对"),
    "a household twice": (
        lambda c: c["rows"].__setitem__(1, c["rows"][0]),
        "出现两次",
    ),
    "another order": (lambda c: c["rows"].reverse(), "没有按社和户号排"),
    "a move made up": (lambda c: first_ranked(c).update(moved=7), "升降"),
    "an earlier day": (
        lambda c: c.update(published_at="2026-01-01T00:00:00+08:00"),
        "比上月还早",
    ),
    "a fraction": (lambda c: c.update(base=60.5), "不是原样"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_lie_with_a_fitting_digest_is_found_where_it_contradicts(folder, name):
    change, words = TAMPERINGS[name]
    path = folder / "2026-05.json"
    content = json.loads(path.read_text())
    change(content)
    del content["digest"]
    path.write_bytes(_sealed(content))

    code, said = check(folder)

    assert code == 1
    assert words in said


def _sealed(content):
    """Seal without our own encoder, which refuses what is no whole number."""
    import hashlib

    def write(value):
        style = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
        return f"{json.dumps(value, **style)}\n".encode()

    inner = hashlib.sha256(write(content)).hexdigest()
    chained = f"{content['previous_digest']}{inner}".encode()
    return write({**content, "digest": hashlib.sha256(chained).hexdigest()})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"village": 1}', "\ufeff{}"])
def test_what_is_no_publication_is_said_to_be_none(tmp_path, content):
    (tmp_path / "x.json").write_text(content)

    code, said = check(tmp_path)

    assert code == 1
    assert "读不出来" in said


def test_without_any_file_nothing_is_right(tmp_path):
    assert check(tmp_path)[0] == 1
    assert check(tmp_path / "nowhere.json")[0] == 1


def test_the_program_stands_alone_and_is_short():
    text = PROGRAM.read_text()

    assert len(text.splitlines()) <= 200
    assert "import ledger" not in text
    assert "django" not in text
