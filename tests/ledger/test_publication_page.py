from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from households.roles import Role
from ledger.models import Entry, Publication
from ledger.months import first_day
from tests.factories import VillageFactory, approve, publish, serve
from tests.ledger.desk import LAST_MONTH, address, record_last_month, text_of

PASSWORD = "桃溪村的第十七个早晨"


@pytest.fixture
def page(client, reviewer):
    reviewer.set_password(PASSWORD)
    reviewer.save()
    client.force_login(reviewer)
    return client


@pytest.fixture
def deed(household):
    return record_last_month(household)


@pytest.fixture
def reviewed(deed):
    approve(deed)
    deed.period.cut_off_at = timezone.now()
    deed.period.save()
    return deed.period


def yes(village, **fields):
    return {
        "village": village.slug,
        "checked": "on",
        "password": PASSWORD,
        **fields,
    }


def publish_address(name="publication-publish"):
    return address(name, LAST_MONTH)


def month_page(village):
    return address("publication", LAST_MONTH, village=village.slug)


def test_the_checklist_leads_to_what_is_missing(page, village, deed):
    response = page.get(month_page(village))

    unmet = [check for check in response.context["checks"] if not check.is_met]
    assert any("1" in check.sentence and check.address for check in unmet)
    assert response.context["missing"]
    assert publish_address() not in text_of(response)


def test_a_reviewed_month_shows_its_figures_and_can_be_published(
    page, village, reviewed
):
    response = page.get(month_page(village))

    figures = response.context["figures"]
    assert (figures["deeds"], figures["points"], figures["households"]) == (1, 5, 1)
    assert response.context["missing"] == []
    assert publish_address() in text_of(response)


def test_recording_is_stopped_once(page, village, deed):
    for _ in range(2):
        page.post(address("publication-cut-off", LAST_MONTH), {"village": village.slug})

    deed.period.refresh_from_db()
    assert deed.period.cut_off_at
    assert village.periods.recording().count() == 1


def test_publishing_asks_for_a_tick_and_the_password(page, village, reviewed):
    for fields in ({"checked": ""}, {"password": "wrong"}, {"password": ""}):
        response = page.post(publish_address(), yes(village, **fields))
        assert response.status_code == 200
        assert response.context["form"].errors
        assert PASSWORD not in text_of(response)

    assert Publication.objects.count() == 0
    assert Entry.objects.count() == 0


def test_a_confirmed_month_is_published(page, village, reviewed, reviewer):
    response = page.post(publish_address(), yes(village), follow=True)

    publication = Publication.objects.get()
    assert publication.published_by == reviewer
    assert Entry.objects.filter(kind="addition").count() == 1
    assert publication.short_digest in text_of(response)


def test_publishing_twice_publishes_once(page, village, reviewed):
    page.post(publish_address(), yes(village))
    second = page.post(publish_address(), yes(village), follow=True)

    assert Publication.objects.count() == 1
    assert Entry.objects.filter(kind="base").count() == 1
    assert len(second.context["messages"]) == 2


def test_a_month_that_is_not_ready_is_refused_with_a_sentence(page, village, deed):
    response = page.post(publish_address(), yes(village), follow=True)

    assert Publication.objects.count() == 0
    (message,) = response.context["messages"]
    assert message.level_tag == "warning"


def test_a_village_admin_does_not_publish_alone(
    client, village, reviewed, village_admin
):
    village_admin.set_password(PASSWORD)
    village_admin.save()
    client.force_login(village_admin)

    client.post(publish_address(), yes(village))

    assert Publication.objects.count() == 1


def test_guessing_the_password_ends_in_a_lock(page, village, reviewed):
    for _ in range(6):
        response = page.post(publish_address(), yes(village, password="wrong"))

    right = page.post(publish_address(), yes(village))

    assert response.status_code == 429
    assert right.status_code == 429
    assert Publication.objects.count() == 0


def test_a_month_becomes_final_once_after_its_notice(page, village, household):
    month = first_day(LAST_MONTH - timedelta(days=1))
    deed = approve(record_last_month(household, happened_on=month.replace(day=20)))
    long_ago = timezone.make_aware(datetime.combine(LAST_MONTH, time(12)))
    publish(village, month=month, at=long_ago + timedelta(days=1))
    finalize = address("publication-finalize", month)

    shown = page.get(address("publication", month, village=village.slug))
    assert finalize in text_of(shown)
    page.post(finalize, yes(village, password="wrong"))
    deed.period.refresh_from_db()
    assert deed.period.finalized_at is None
    page.post(finalize, yes(village))
    deed.period.refresh_from_db()
    final = deed.period.finalized_at
    page.post(finalize, yes(village))

    deed.period.refresh_from_db()
    assert final
    assert deed.period.finalized_at == final


def test_a_month_on_notice_is_not_made_final(page, village, reviewed):
    page.post(publish_address(), yes(village))

    response = page.post(
        publish_address("publication-finalize"), yes(village), follow=True
    )

    reviewed.refresh_from_db()
    assert reviewed.finalized_at is None
    assert publish_address("publication-finalize") not in text_of(response)


def test_the_list_shows_every_month(page, village, reviewed):
    response = page.get("/admin/publication/")

    assert [period.month for period in response.context["periods"]] == [LAST_MONTH]


@pytest.mark.parametrize("role", [Role.RECORDER, Role.SUPERVISOR, Role.TOWNSHIP])
def test_who_does_not_close_months_sees_but_changes_nothing(
    client, village, reviewed, role
):
    client.force_login(serve(village, role))

    assert client.get(month_page(village)).status_code == 200
    for name in ("publication-cut-off", "publication-publish", "publication-finalize"):
        response = client.post(address(name, LAST_MONTH), yes(village))
        assert response.status_code == 404
    assert Publication.objects.count() == 0


def test_other_villages_find_nothing(client, village, reviewed):
    client.force_login(serve(VillageFactory(), Role.REVIEWER))

    assert client.get(month_page(village)).status_code == 404
    assert client.post(publish_address(), yes(village)).status_code == 404
    assert Publication.objects.count() == 0


def test_a_month_that_does_not_exist_is_not_found(page, village):
    assert page.get(month_page(village)).status_code == 404
