"""Two people at the same moment: one takes it back, the other has just used it."""

import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Barrier

import pytest
from django.db import connections, transaction

from households.locking import lock_village
from ledger.invariants import violations
from ledger.models import Download, Objection, Withdrawal
from ledger.objections import file_objection
from ledger.refusals import Refused
from ledger.withdrawing import note_download
from tests.factories import HouseholdFactory, VillageFactory, award, publish, withdraw

ROUNDS = 3


@pytest.fixture
def publications(own_database):
    """Several villages, each with a month published two minutes ago."""
    return [publish(award(HouseholdFactory()).village) for _ in range(ROUNDS)]


def came_through(act):
    """Do an act on a connection of its own; tell whether it was not refused."""
    try:
        act()
    except Refused:
        return False
    else:
        return True
    finally:
        connections.close_all()


def at_once(village, *acts):
    """Let acts wait for a village together, then see which of them came through."""
    gate = Barrier(len(acts) + 1)

    def attempt(act):
        gate.wait()
        return came_through(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            lock_village(village)
            tries = [pool.submit(attempt, act) for act in acts]
            gate.wait()
            time.sleep(0.2)
        return [attempted.result() for attempted in tries]


def download(publication):
    note_download(publication, at=publication.published_at)


def object_to(publication):
    file_objection(
        publication,
        text="少了",
        channel="oral",
        by=None,
        at=publication.published_at,
    )


def test_a_download_and_a_withdrawal_never_both_come_through(publications):
    for publication in publications:
        downloaded, withdrawn = at_once(
            publication.village,
            partial(download, publication),
            partial(withdraw, publication),
        )

        assert downloaded != withdrawn
        assert Download.objects.filter(publication=publication).exists() == downloaded
        assert Withdrawal.objects.filter(publication=publication).exists() == withdrawn
    assert list(violations()) == []


def test_an_objection_and_a_withdrawal_never_both_come_through(publications):
    for publication in publications:
        objected, withdrawn = at_once(
            publication.village,
            partial(object_to, publication),
            partial(withdraw, publication),
        )

        assert objected != withdrawn
        assert Objection.objects.filter(publication=publication).exists() == objected
        assert Withdrawal.objects.filter(publication=publication).exists() == withdrawn
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (withdraw, download),
        (download, withdraw),
        (withdraw, object_to),
        (object_to, withdraw),
    ],
)
def test_who_comes_while_the_other_is_at_it_waits_and_is_refused(
    own_database, first, second
):
    publication = publish(award(HouseholdFactory()).village)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first(publication)
            late = pool.submit(came_through, partial(second, publication))
            assert wait([late], timeout=0.5).not_done == {late}
        assert late.result() is False

    assert list(violations()) == []


def test_of_many_first_downloads_one_is_kept(own_database):
    publication = publish(award(HouseholdFactory(village=VillageFactory())).village)

    came = at_once(
        publication.village,
        *[partial(download, publication)] * 4,
    )

    assert came == [True] * 4
    assert Download.objects.count() == 1
