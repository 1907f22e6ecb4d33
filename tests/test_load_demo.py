import json
from datetime import date
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from config.demo.deeds import GATHERINGS, NOTES
from config.demo.names import head_names
from config.demo.tales import TALES
from households.models import AuditEvent, Household, User, Village
from ledger.invariants import violations
from ledger.models import (
    Correction,
    Deed,
    Entry,
    Objection,
    Publication,
    ScoringItem,
    Story,
)
from ledger.story_check import what_is_missing
from tests.factories import VillageFactory

PASSWORD = "only-for-these-tests"
TODAY = date(2026, 3, 28)
SMALL = ["--villages=1", "--households=20", "--months=3", f"--today={TODAY}"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def load_demo(*options):
    out = StringIO()
    call_command("load_demo", *options, f"--password={PASSWORD}", stdout=out)
    return out.getvalue()


@pytest.fixture
def small_demo():
    return load_demo(*SMALL)


@pytest.fixture
def taoxi(small_demo):
    return Village.objects.get(slug="taoxi")


def states(village):
    return {str(period): period.state for period in village.periods.order_by("month")}


def newest_document(village):
    return json.loads(Publication.objects.of(village)[0].document)


def test_all_but_the_last_two_months_are_final(taoxi):
    assert states(taoxi) == {
        "2025-12": "final",
        "2026-01": "final",
        "2026-02": "on_notice",
        "2026-03": "recording",
    }


def test_the_month_on_notice_has_three_days_left(taoxi):
    ends_at = newest_document(taoxi)["notice_ends_at"]

    assert ends_at == "2026-03-31T17:00:00+08:00"


@pytest.mark.parametrize(
    "today", ["2026-01-01", "2026-02-03", "2026-03-01", "2026-03-31", "2024-02-29"]
)
def test_every_day_of_the_year_makes_a_sound_demo(today):
    load_demo("--villages=1", "--households=20", "--months=2", f"--today={today}")

    taoxi = Village.objects.get(slug="taoxi")
    assert list(states(taoxi).values()) == ["final", "on_notice", "recording"]
    assert taoxi.deeds.pending().exists()
    assert taoxi.deeds.filter(recorded_at__date__gt=today).count() == 0
    assert list(violations()) == []


def test_the_demo_keeps_every_promise_of_the_ledger(taoxi):
    assert list(violations()) == []


def test_nobody_works_alone(taoxi):
    decided = Deed.objects.filter(decisions__isnull=False)

    assert decided.exists()
    assert {
        (deed.recorded_by.username, decision.by.username)
        for deed in decided
        for decision in deed.decisions.all()
    } == {("taoxi-recorder", "taoxi-reviewer"), ("taoxi-admin", "taoxi-reviewer")}


def test_the_open_month_has_approved_and_pending_deeds(taoxi):
    march = taoxi.deeds.filter(period__month="2026-03-01")

    assert march.approved().exists()
    assert march.pending().filter(happened_on=TODAY).exists()


def test_a_year_begins_again_at_the_base(taoxi):
    base = Entry.objects.filter(village=taoxi, kind="base")

    assert {entry.year for entry in base} == {2025, 2026}
    assert {str(entry.period) for entry in base} == {"2025-12", "2026-01"}


def test_an_open_objection_waits_against_the_month_on_notice(taoxi):
    (waiting,) = Objection.objects.open()

    assert str(waiting.publication.period) == "2026-02"
    assert Objection.objects.exclude(state="open").exclude(answer="").exists()


def test_a_correction_stands_on_the_board_before_the_newest(taoxi):
    assert Correction.objects.filter(state="approved").exists()
    newest, before = Publication.objects.filter(village=taoxi).order_by("-number")[:2]

    (line,) = json.loads(before.document)["corrections"]
    assert line["month"] == "2025-12"
    assert json.loads(newest.document)["corrections"] == []


def test_one_village_has_adopted_its_rules_and_the_newcomer_not(taoxi):
    newcomer = Village.objects.get(slug="qingshi")

    first, second = taoxi.rulebooks.order_by("version")
    assert not first.is_sample
    assert second.vote
    assert second.in_force_from == date(2027, 1, 1)
    assert newcomer.rulebooks.get().is_sample
    assert newcomer.stewardships.count() == 5
    assert not newcomer.households.exists()
    assert not newcomer.periods.exists()


def test_every_account_logs_in(small_demo, client):
    accounts = list(User.objects.values_list("username", flat=True))

    assert len(accounts) == 1 + 2 * 5
    for username in accounts:
        answer = client.post(
            reverse("admin:login"), {"username": username, "password": PASSWORD}
        )
        assert answer.status_code == 302, username
        assert username in small_demo


def test_no_account_is_a_superuser(small_demo):
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_password_of_its_own_is_shown_once(client):
    out = StringIO()
    call_command("load_demo", *SMALL, stdout=out)

    shown = [
        word for word in out.getvalue().replace("：", " ").split() if len(word) == 12
    ]
    township = User.objects.get(username="township")
    assert any(township.check_password(word) for word in shown)


def test_a_given_password_is_not_printed(small_demo):
    assert PASSWORD not in small_demo


def test_all_of_it_is_marked_as_a_demo(small_demo):
    assert {village.is_demo for village in Village.objects.all()} == {True}


def test_the_same_seed_and_day_make_the_same_demo():
    def digests(*options):
        load_demo(*SMALL, *options)
        return list(Publication.objects.order_by("number").values_list("digest"))

    def forgotten(*options):
        with transaction.atomic():
            made = digests(*options)
            transaction.set_rollback(True)
        return made

    first = forgotten()
    assert forgotten() == first
    assert forgotten("--seed=7") != first


def test_a_second_run_changes_nothing(small_demo):
    before = (Deed.objects.count(), AuditEvent.objects.count())
    passwords = set(User.objects.values_list("password"))

    said = load_demo(*SMALL)

    assert len(said.splitlines()) == 1
    assert (Deed.objects.count(), AuditEvent.objects.count()) == before
    assert set(User.objects.values_list("password")) == passwords


def test_a_run_that_was_stopped_is_finished_by_the_next(small_demo):
    # The accounts are opened last; until then nothing of the demo is in use.
    township = User.objects.get(username="township")
    township.set_unusable_password()
    township.save()

    load_demo("--villages=2", *SMALL[1:])

    assert set(Village.objects.values_list("slug", flat=True)) == {
        "taoxi",
        "shuanghe",
        "qingshi",
    }
    township.refresh_from_db()
    assert township.check_password(PASSWORD)


def test_it_does_not_mix_with_a_real_village():
    VillageFactory()

    with pytest.raises(CommandError):
        load_demo(*SMALL)

    assert Village.objects.count() == 1


def test_where_data_stands_the_first_start_of_a_machine_says_nothing():
    VillageFactory()

    assert load_demo("--if-empty") == ""


@pytest.mark.parametrize(
    "option", ["--villages=0", "--villages=99", "--months=0", "--households=9"]
)
def test_numbers_out_of_reason_are_refused(option):
    with pytest.raises(CommandError):
        load_demo(option)


def test_a_year_uses_every_item():
    load_demo("--villages=1", "--households=30", "--months=12", f"--today={TODAY}")

    taoxi = Village.objects.get(slug="taoxi")
    items = ScoringItem.objects.filter(rulebook=taoxi.rulebooks.get(version=1))
    codes = set(items.values_list("code"))
    posted = Entry.objects.filter(village=taoxi, deed__isnull=False)
    assert set(posted.values_list("deed__item__code")) == codes
    assert len(codes) == 34
    assert list(violations()) == []


def test_the_board_of_a_usual_village_is_worth_looking_at():
    load_demo("--villages=1", "--months=5", "--today=2026-06-28")

    board = newest_document(Village.objects.get(slug="taoxi"))
    places = sorted(row["place"] for row in board["rows"] if "place" in row)
    assert board["counts"]["households"] > 170
    assert 110 < board["counts"]["deeds"] < 170
    assert 80 < board["counts"]["participating"] < 120
    assert places[:3] == [1, 2, 3]
    assert {row["moved"] > 0 for row in board["rows"] if row.get("moved")} == {
        True,
        False,
    }
    assert any("score" not in row for row in board["rows"])


def test_a_village_has_people_away_and_names_of_every_kind(small_demo):
    names = head_names(186, Random(1), known={})

    assert len(set(names)) == 186
    assert {len(name) for name in names} >= {2, 3, 4}
    assert any("·" in name for name in names)
    assert any(ord(letter) > 0xFFFF for name in names for letter in name)
    consents = Household.objects.filter(full_name_consented_on__isnull=False)
    assert 0 < consents.count() < Household.objects.count()


def test_good_deeds_are_told_one_waits_and_one_family_changed_its_mind():
    load_demo("--villages=1", "--months=4", f"--today={TODAY}")

    told = Story.objects.filter(village__slug="taoxi")
    assert {story.state for story in told} == {"published", "waiting", "withdrawn"}
    assert told.public().count() > 5
    assert [what_is_missing(story) for story in told.standing() if story.text] == [
        [] for _story in told.standing()
    ]
    assert told.exclude(photo="").get().photo.size < 40_000


def test_a_tale_belongs_to_a_note_and_is_complete():
    notes = {note.text for notes in NOTES.values() for note in notes}

    assert TALES.keys() <= notes
    for tale in TALES.values():
        assert len(tale.headline) <= 30
        assert 3 <= tale.text.count("。") + tale.text.count("？") <= 8


def test_every_note_stays_within_its_item(taoxi):
    first = taoxi.rulebooks.get(version=1)
    items = {item.code: item for item in first.items.all()}

    assert NOTES.keys() == items.keys()
    for notes in (NOTES, GATHERINGS):
        for code, sentences in notes.items():
            for note in sentences:
                points = note.points or items[code].points_min
                assert items[code].points_min <= points <= items[code].points_max
                assert len(note.text) <= 200


def test_one_activity_is_closed_and_others_come(taoxi):
    closed = taoxi.activities.get(closed_at__isnull=False)

    assert closed.sign_ins.filter(deed__isnull=False).count() > 5
    assert {one.state for one in taoxi.activities.on_the_menu()} == {"published"}
    assert taoxi.activities.on_the_menu().filter(day__gt=TODAY).count() == 2


def test_a_round_is_half_done(taoxi):
    walked = taoxi.rounds.get(closed_at=None)

    assert walked.findings.filter(yard="poor").count() == 1
    assert walked.findings.exclude(yard="").count() > 3
