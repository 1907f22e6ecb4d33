"""Who may do what: the table of the design, asked of the code."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import RequestFactory

from households.models import Household, Stewardship, Village
from households.roles import ROLE_PERMISSIONS, SUPERUSER_PERMISSIONS, Role
from tests.factories import HouseholdFactory, UserFactory, VillageFactory, serve
from tests.two_villages import visitor

R, V, S, K, A, T = (
    Role.RECORDER,
    Role.REVIEWER,
    Role.SUPERVISOR,
    Role.SHOPKEEPER,
    Role.ADMIN,
    Role.TOWNSHIP,
)
SUPERUSER = "superuser"
EVERYBODY = {R, V, S, A, T, SUPERUSER}
TABLE = {
    "households.view_household": EVERYBODY,
    "ledger.view_deed": EVERYBODY,
    "ledger.view_entry": EVERYBODY,
    "ledger.view_standing": EVERYBODY,
    "households.import_roster": {A},
    "households.view_pledge": EVERYBODY,
    "households.write_pledge": {A},
    "households.view_householdconsent": EVERYBODY,
    "households.record_consent": {R, A},
    "households.print_cards": {A},
    "households.add_household": {A},
    "households.change_household": {A},
    "ledger.record_deed": {R, A},
    "ledger.import_deeds": {R, A},
    "ledger.keep_activities": {R, A},
    "ledger.view_activity": EVERYBODY,
    "ledger.view_signin": EVERYBODY,
    "ledger.keep_rounds": {R, A},
    "ledger.view_finding": EVERYBODY,
    "ledger.decide_deed": {V},
    "ledger.decide_correction": {V},
    "ledger.cut_off_month": {V, A},
    "ledger.publish_month": {V, A},
    "ledger.finalize_month": {V, A},
    "ledger.verify_objection": {R},
    "ledger.weigh_objection": {V},
    "ledger.decide_objection": {S},
    "ledger.settle_objection": {T},
    "ledger.view_story": EVERYBODY,
    "ledger.write_story": {R, A},
    "ledger.publish_story": {V, A},
    "ledger.withdraw_story": {R, V, S, A},
    "rewards.redeem": {K},
    "rewards.keep_stock": {K},
    "rewards.view_awardround": {V, S, A, T},
    "rewards.prepare_awards": {A},
    "rewards.confirm_awards": {V, A},
    "rewards.hand_over_gifts": {K},
    "rewards.list_gifts": {K, A},
    "ledger.adopt_rulebook": {A},
    "ledger.comment_rulebook": {T},
    "households.change_villagepolicy": {A},
    "households.add_stewardship": {A, SUPERUSER},
    "households.invite_village_admin": {T},
    "households.view_auditevent": {S, A, SUPERUSER},
    "ledger.export_report": {S, A, T, SUPERUSER},
    "households.change_user": {SUPERUSER},
    "households.add_user": {SUPERUSER},
    "households.change_township": {SUPERUSER},
    "households.change_village": {SUPERUSER},
}
NOBODY = [
    "ledger.add_entry",
    "ledger.change_entry",
    "ledger.delete_entry",
    "ledger.change_publication",
    "ledger.change_deed",
    "households.delete_household",
    "households.delete_user",
    "households.change_auditevent",
]


@pytest.fixture
def people(village):
    found = {role: serve(village, role) for role in Role}
    found[SUPERUSER] = UserFactory(is_superuser=True)
    return found


@pytest.mark.parametrize("permission", TABLE)
def test_the_table_says_who_may(permission, people, village):
    allowed = {
        name for name, person in people.items() if person.has_perm(permission, village)
    }

    assert allowed == TABLE[permission]


@pytest.mark.parametrize("permission", NOBODY)
def test_some_things_nobody_may(permission, people, village):
    assert not any(
        person.has_perm(permission, place)
        for person in people.values()
        for place in (village, None)
    )


@pytest.mark.parametrize("role", Role)
def test_nothing_is_allowed_in_a_village_of_another_township(role, people):
    elsewhere = VillageFactory()
    household = HouseholdFactory(village=elsewhere)

    assert not any(
        people[role].has_perm(permission, thing)
        for permission in ROLE_PERMISSIONS[role]
        for thing in (elsewhere, household, elsewhere.township)
    )


def test_a_superuser_neither_records_nor_decides_nor_publishes(people, village):
    superuser = people[SUPERUSER]
    powers = {"record", "decide", "publish", "cut_off", "finalize", "adopt", "redeem"}

    held = {
        permission.split(".")[1]
        for permission in superuser.get_all_permissions(village)
        if permission.split(".")[1].startswith(tuple(powers))
    }

    assert held == set()
    assert superuser.get_all_permissions() == SUPERUSER_PERMISSIONS


def test_a_superuser_with_a_role_still_decides_nothing(people, village):
    superuser = people[SUPERUSER]
    superuser.stewardships.create(village=village, role=Role.REVIEWER)

    assert not superuser.has_perm("ledger.decide_deed", village)


def test_no_permission_comes_from_the_tables_of_django(people, village):
    person = people[Role.SHOPKEEPER]
    person.user_permissions.add(*permissions("change_household"))

    assert not person.has_perm("households.change_household", village)


def permissions(codename):
    return Permission.objects.filter(codename=codename)


def test_township_staff_see_all_their_villages_and_no_other_township_s(village):
    neighbor = VillageFactory(township=village.township)
    elsewhere = VillageFactory()
    clerk = serve(village, Role.TOWNSHIP)

    assert set(Village.objects.visible_to(clerk)) == {village, neighbor}
    assert clerk.has_perm("households.view_household", neighbor)
    assert not clerk.has_perm("households.view_household", elsewhere)


def test_one_person_may_hold_different_roles_in_different_villages(village):
    other = VillageFactory(township=village.township)
    person = serve(village, Role.RECORDER)
    person.stewardships.create(village=other, role=Role.REVIEWER)

    assert person.has_perm("ledger.record_deed", village)
    assert not person.has_perm("ledger.record_deed", other)
    assert person.has_perm("ledger.decide_deed", other)
    assert not person.has_perm("ledger.decide_deed", village)


def test_an_ended_role_counts_for_nothing_on_the_next_request(village, recorder):
    client = visitor(recorder)
    page = "/admin/households/household/"
    assert client.get(page).status_code == 200

    Stewardship.objects.filter(user=recorder).update(
        ended_at=datetime(2026, 1, 1, tzinfo=UTC)
    )

    assert client.get(page)["Location"].startswith("/admin/login/")


def test_a_disabled_account_is_out_on_the_next_request(village, recorder):
    client = visitor(recorder)

    type(recorder).objects.filter(pk=recorder.pk).update(is_active=False)

    answer = client.get("/admin/households/household/")
    assert answer["Location"].startswith("/admin/login/")
    assert not Household.objects.visible_to(recorder.__class__(pk=recorder.pk)).exists()


def test_a_stranger_may_nothing_and_sees_nothing(household):
    stranger = AnonymousUser()

    assert stranger.get_all_permissions() == set()
    assert not Village.objects.visible_to(stranger).exists()
    assert not Household.objects.visible_to(stranger).exists()


@pytest.mark.parametrize("role", [*Role, SUPERUSER])
def test_nobody_deletes_on_any_page(role, people):
    request = RequestFactory().get("/")
    request.user = people[role]

    deleting = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_delete_permission(request)
        or "delete_selected" in model_admin.get_actions(request)
    ]

    assert deleting == []
    assert dict(admin.site.actions) == {}


def test_a_shopkeeper_sees_no_table(people):
    client = visitor(people[Role.SHOPKEEPER])

    answers = {
        client.get(
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        ).status_code
        for model in admin.site._registry
    }

    assert answers == {403}
    assert client.get("/admin/shop/").context["available_apps"] == []


RECORD = "/admin/entry/ /admin/entry/import/"
RESIDENTS = "/admin/declarations/ /admin/objections/ /admin/repairs/"
ACTIVITIES = "/admin/activities/ /admin/rounds/"
PLEDGES = "/admin/homes/ /admin/homes/pledge/"
HOMES = f"{PLEDGES} /admin/roster/import/ /admin/cards/"
YEAR = "/admin/reports/ /admin/awards/ /admin/rules/"


@pytest.mark.parametrize(
    ("role", "places"),
    [
        (
            R,
            [
                RECORD,
                "/admin/declarations/ /admin/repairs/",
                "/admin/stories/",
                ACTIVITIES,
                PLEDGES,
            ],
        ),
        (
            V,
            [
                "/admin/review/",
                "/admin/repairs/",
                "/admin/publication/ /admin/stories/",
                PLEDGES,
                "/admin/awards/",
            ],
        ),
        (
            S,
            [
                "/admin/objections/",
                "/admin/stories/",
                PLEDGES,
                "/admin/fund/",
                "/admin/reports/ /admin/awards/",
            ],
        ),
        (
            A,
            [
                RECORD,
                RESIDENTS,
                "/admin/publication/ /admin/stories/",
                ACTIVITIES,
                HOMES,
                "/admin/fund/ /admin/shop/goods/",
                YEAR,
            ],
        ),
        (T, ["/admin/objections/", PLEDGES, "/admin/fund/", YEAR]),
        (SUPERUSER, [PLEDGES, "/admin/reports/"]),
    ],
)
def test_the_menu_leads_to_the_work_of_each_role(role, places, people):
    client = visitor(people[role])

    doors = client.get("/admin/").context["work_pages"]

    rooms = [[room.address for room in door.rooms] for door in doors]
    assert rooms == [place.split() for place in places]
    assert {client.get(room).status_code for place in rooms for room in place} == {200}


def test_today_s_desk_leads_to_every_room_in_one_step(people):
    page = visitor(people[A]).get("/admin/")

    rooms = [room.address for door in page.context["work_pages"] for room in door.rooms]
    assert len(rooms) > len(page.context["work_pages"])
    assert all(f'href="{room}?village=' in page.text for room in rooms)


def test_no_menu_is_longer_than_nine_entries(people):
    # With today's desk before them and the tables of data after.
    menus = [
        visitor(people[role]).get("/admin/").context["work_pages"]
        for role in (R, V, S, A, T, SUPERUSER)
    ]

    assert max(len(doors) for doors in menus) + 2 <= 9


def test_a_page_shows_the_rooms_beside_it(people):
    client = visitor(people[A])

    beside = client.get("/admin/cards/").context["rooms"]

    assert [room.address for room in beside] == HOMES.split()
    assert [room.is_here for room in beside] == [False, False, False, True]
    assert client.get("/admin/").context["rooms"] == []


def test_whoever_may_enter_one_room_finds_it_by_its_own_name(people):
    doors = {
        role: {
            door.address: door.label
            for door in visitor(people[role]).get("/admin/").context["work_pages"]
        }
        for role in (R, A)
    }

    assert doors[R]["/admin/stories/"] == "好人好事"
    assert doors[A]["/admin/publication/"] == "公示与定榜"
    assert "/admin/stories/" not in doors[A]


def test_a_shopkeeper_s_day_begins_at_the_counter(people):
    client = visitor(people[K])

    response = client.get("/admin/")

    assert response.status_code == 302
    assert response["Location"] == "/admin/shop/"
    doors = [page.address for page in client.get("/admin/shop/").context["work_pages"]]
    assert doors[0] == "/admin/shop/"
    assert all(address.startswith("/admin/shop/") for address in doors)
