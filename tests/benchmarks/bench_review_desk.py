"""The review desk of a full month against the same page with nothing in it.

400 deeds in 60 batches; a decision is a whole batch of eight, against a form that
names no deed. Both are asked for turn about in one run, through Django's own
client, so that the ratios mean the same on any machine.
"""

import time
from statistics import median

from django.db import connection

from households.roles import Role
from tests.factories import VillageFactory
from tests.ledger.desk import LAST_MONTH, address, fill_last_month, record_last_month

TURNS = 15
PAGE_CEILING, DECISION_CEILING = 10, 12


def test_a_full_desk_against_an_empty_one(client, village, reviewer, capsys):
    fill_last_month(village)
    quiet = VillageFactory(slug="quiet")
    home = quiet.groups.create(number=1, name="1社").households.create(
        village=quiet, number="001", head_name="陈小春"
    )
    record_last_month(home)
    serve_also(reviewer, quiet)
    client.force_login(reviewer)

    full, empty = take_turns(
        lambda: client.get(desk_of(village)), lambda: client.get(desk_of(quiet))
    )

    ratio = median(full) / median(empty)
    say(capsys, f"desk of 400 deeds {ms(full)}, of 1 deed {ms(empty)}", ratio)
    assert ratio <= PAGE_CEILING


def test_a_decision_against_a_form_that_names_no_deed(
    client, village, reviewer, capsys
):
    fill_last_month(village)
    client.force_login(reviewer)
    shown = client.get(desk_of(village)).context["batches"].object_list
    clean = iter([batch.deeds for batch in shown if batch.is_clean])

    decided, nothing = take_turns(
        lambda: decide(client, village, next(clean)),
        lambda: decide(client, village, ""),
    )

    ratio = median(decided) / median(nothing)
    say(capsys, f"8 decisions {ms(decided)}, none {ms(nothing)}", ratio)
    assert ratio <= DECISION_CEILING


def desk_of(village):
    return address("review", LAST_MONTH, village=village.slug)


def decide(client, village, deeds):
    form = {"village": village.slug, "whole": "1", "deeds": deeds}
    answer = client.post(
        address("review-approve", LAST_MONTH), form, HTTP_ACCEPT="application/json"
    )
    assert len(answer.json()["done"]) == (8 if deeds else 0)


def take_turns(*acts):
    """Return what each act takes in seconds, once in every turn; the first is warm."""
    taken = [[] for _act in acts]
    for turn in range(TURNS + 1):
        for act, times in zip(acts, taken, strict=True):
            started = time.perf_counter()
            act()
            if turn:
                times.append(time.perf_counter() - started)
    return taken


def serve_also(person, village):
    person.stewardships.create(
        village=village,
        role=Role.REVIEWER,
        started_at=person.stewardships.get().started_at,
    )


def ms(times):
    ordered = sorted(times)
    return f"{median(times) * 1000:.0f} ms (worst {ordered[-1] * 1000:.0f})"


def say(capsys, sentence, ratio):
    with capsys.disabled():
        print(f"\n{connection.vendor}: {sentence}; ratio {ratio:.1f}")
