"""Half an hour without a click, or twelve hours in all, end a session at the desk."""

import re
from html import unescape

import pytest
from django.test import Client

from config.staff_sessions import SEEN, SINCE
from households.roles import Role
from ledger.models import Deed, Objection
from tests.factories import HouseholdFactory, award, publish, serve
from tests.ledger.desk import neighbors, record_form, text_of

PASSWORD = "correct horse battery"
LOGIN = "/admin/login/"
ENTRY = "/admin/entry/"
HALF_AN_HOUR = 30 * 60
TWELVE_HOURS = 12 * 60 * 60


@pytest.fixture
def person(village):
    user = serve(village, Role.RECORDER, username="luoqingshan")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(client, person):
    client.post(LOGIN, {"username": person.username, "password": PASSWORD})
    return client


def move(client, **back):
    """Let a session have happened some seconds earlier."""
    session = client.session
    for name, seconds in back.items():
        session[name] -= seconds
    session.save()


def log_in(client, response, user, password=PASSWORD):
    """Fill in the login page that was answered."""
    hidden = dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text_of(response))
    )
    data = {name: unescape(value) for name, value in hidden.items()}
    data |= {"username": user.username, "password": password}
    return client.post(LOGIN, data)


def go_on(client, response):
    """Press the button of the page that brings a form back."""
    html = text_of(response)
    (address,) = re.findall(r'<form action="([^"]*)" method="post">', html)
    fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', html)
    data = {}
    for name, value in fields:
        data.setdefault(name, []).append(unescape(value))
    return client.post(unescape(address), data, follow=True)


def test_half_an_hour_without_a_click_leads_to_the_login_page(page):
    move(page, seen_at=HALF_AN_HOUR)

    response = page.get(ENTRY, follow=True)

    assert response.redirect_chain[-1][0].startswith(f"{LOGIN}?next={ENTRY}")
    assert len(response.context["messages"]) == 1
    assert SINCE not in page.session


def test_who_keeps_clicking_stays(page):
    move(page, seen_at=HALF_AN_HOUR - 60)
    assert page.get(ENTRY).status_code == 200

    move(page, seen_at=HALF_AN_HOUR - 60)

    assert page.get(ENTRY).status_code == 200


def test_after_twelve_hours_nobody_stays_however_busy(page):
    move(page, signed_in_at=TWELVE_HOURS - 60)
    assert page.get(ENTRY).status_code == 200

    move(page, signed_in_at=60)

    assert page.get(ENTRY).status_code == 302


def test_logging_in_again_starts_both_clocks_anew(page, person):
    move(page, signed_in_at=TWELVE_HOURS, seen_at=HALF_AN_HOUR)
    page.get(ENTRY)

    page.post(LOGIN, {"username": person.username, "password": PASSWORD})

    assert page.get(ENTRY).status_code == 200
    assert page.session[SEEN] - page.session[SINCE] < 60


def test_a_session_is_written_once_a_minute_at_most(page):
    move(page, seen_at=30)
    seen = page.session[SEEN]
    page.get(ENTRY)
    early = page.session[SEEN]

    move(page, seen_at=30)
    page.get(ENTRY)

    assert early == seen
    assert page.session[SEEN] >= seen + 30


def test_the_board_ends_no_session(page, village):
    move(page, seen_at=HALF_AN_HOUR)

    assert page.get(f"/v/{village.slug}/").status_code == 200

    assert SINCE in page.session


def test_a_form_sent_too_late_is_saved_after_logging_in_again(page, village, person):
    neighbors(village, "001", "002")
    form = record_form(village, households="001,002", note="扫了“村口”的路 & 沟")
    move(page, seen_at=HALF_AN_HOUR)

    asked = page.post(ENTRY, form)
    found = log_in(page, asked, person)
    saved = go_on(page, found)

    assert 'role="alert"' in text_of(asked)
    assert Deed.objects.count() == 2
    assert set(Deed.objects.values_list("note", "recorded_by")) == {
        ("扫了“村口”的路 & 沟", person.pk)
    }
    assert saved.status_code == 200


def test_what_was_written_survives_a_wrong_password(page, village, person):
    neighbors(village, "001")
    move(page, seen_at=HALF_AN_HOUR)

    asked = page.post(ENTRY, record_form(village))
    again = log_in(page, asked, person, "wrong")
    go_on(page, log_in(page, again, person))

    assert Deed.objects.count() == 1


def test_a_session_that_is_gone_altogether_carries_the_form_too(page, village, person):
    neighbors(village, "001")
    page.session.flush()
    page.cookies["sessionid"] = "gone"

    go_on(page, log_in(page, page.post(ENTRY, record_form(village)), person))

    assert Deed.objects.count() == 1


def test_an_answer_to_an_objection_is_kept_like_any_form(client, village):
    award(HouseholdFactory(village=village, group=village.groups.first()))
    publish(village)
    admin = serve(village, Role.ADMIN, username="cun")
    admin.set_password(PASSWORD)
    admin.save()
    client.force_login(admin)
    opened = client.get("/admin/objections/new/")
    form = {**opened.context["form"].initial, "village": village.slug}
    form |= {"channel": "oral", "text": "第一行\n第二行", "line": ""}
    form["publication"] = opened.context["form"].fields["publication"].initial.pk
    move(client, seen_at=HALF_AN_HOUR)

    go_on(client, log_in(client, client.post("/admin/objections/new/", form), admin))

    assert Objection.objects.get().text.splitlines() == ["第一行", "第二行"]


def test_another_person_does_not_send_what_the_first_one_wrote(page, village, person):
    neighbors(village, "001")
    other = serve(village, Role.RECORDER, username="linshuhe")
    other.set_password(PASSWORD)
    other.save()
    move(page, seen_at=HALF_AN_HOUR)

    found = log_in(page, page.post(ENTRY, record_form(village)), other)

    assert found["Location"] == "/admin/"


def test_no_password_travels_and_no_token(page, person):
    move(page, seen_at=HALF_AN_HOUR)
    form = {
        "csrfmiddlewaretoken": "x" * 64,
        "old_password": PASSWORD,
        "new_password1": "another horse",
        "note": "记得",
    }

    found = log_in(page, page.post("/admin/password_change/", form), person)

    assert found.context["sent"]["fields"] == [["note", "记得"]]


def test_a_form_of_nothing_but_passwords_leads_to_the_login_page(page):
    move(page, seen_at=HALF_AN_HOUR)

    response = page.post("/admin/password_change/", {"old_password": PASSWORD})

    assert response["Location"].startswith(LOGIN)


@pytest.mark.parametrize("carried", ["", "nonsense", "eyJhIjoxfQ:1abc:def"])
def test_what_we_did_not_sign_is_not_carried_on(client, person, carried):
    response = client.post(
        LOGIN, {"username": "luoqingshan", "password": PASSWORD, "carried": carried}
    )

    assert response["Location"] == "/admin/"


def test_a_form_of_a_strange_page_is_not_carried_on(person, village):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    move(strict, seen_at=HALF_AN_HOUR)

    response = strict.post(ENTRY, record_form(village))

    assert response.status_code == 403
    assert "carried" not in text_of(response)


def test_a_visitor_who_never_logged_in_is_only_sent_to_the_login_page(client, village):
    response = client.post(ENTRY, record_form(village))

    assert response["Location"].startswith(LOGIN)


def test_scripts_are_told_in_their_own_way(page, village):
    move(page, seen_at=HALF_AN_HOUR)
    form = page.post(ENTRY, record_form(village), headers={"X-Desk": "1"})
    review = page.post(
        "/admin/review/2026-03/later/", headers={"Accept": "application/json"}
    )

    assert form["Location"].startswith(LOGIN)
    assert review.status_code == 401
    assert review.json()["sentence"]


def test_who_is_late_to_log_out_is_out(page):
    move(page, seen_at=HALF_AN_HOUR)

    response = page.post("/admin/logout/")

    assert response.status_code in (200, 302)
    assert SINCE not in page.session


def test_i42_a_new_password_ends_every_other_session(page, person):
    elsewhere = Client()
    elsewhere.post(LOGIN, {"username": person.username, "password": PASSWORD})
    assert elsewhere.get(ENTRY).status_code == 200

    page.post(
        "/admin/password_change/",
        {
            "old_password": PASSWORD,
            "new_password1": "staple correct battery",
            "new_password2": "staple correct battery",
        },
    )

    assert elsewhere.get(ENTRY)["Location"].startswith(LOGIN)
    assert page.get(ENTRY).status_code == 200


def test_i42_a_password_set_by_the_administrator_ends_all_sessions(page, person):
    person.set_password("staple correct battery")
    person.save()

    assert page.get(ENTRY)["Location"].startswith(LOGIN)
