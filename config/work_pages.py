"""The menu of daily work: its places, their rooms, and which of them a person finds."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.scoped_admin import permissions_of


class Room(NamedTuple):
    """A page of daily work: what opens it (any of), its names and its picture.

    `leads_to` is the page that its address sends on to.
    """

    name: str
    permissions: frozenset[str]
    label: Promise
    short: Promise
    icon: str
    leads_to: str = ""


class Place(NamedTuple):
    """An entry of the menu: rooms that belong together, and a name for them all.

    Whoever may enter one room only finds it in the menu by its own name.
    """

    label: Promise
    rooms: tuple[Room, ...]


class RoomDoor(NamedTuple):
    """A room as it stands beside its neighbors."""

    address: str
    label: str
    icon: str
    is_here: bool
    pages: tuple[str, str]


class Door(NamedTuple):
    """A place as one person finds it in the menu."""

    address: str
    label: str
    short: str
    icon: str
    is_here: bool
    rooms: list[RoomDoor]


def _room(name, label, short, icon, *permissions, leads_to="") -> Room:
    return Room(name, frozenset(permissions), label, short, icon, leads_to)


RECORD = _room(
    "ledger_desk:entry", _("Record"), _("Record"), "pen", "ledger.record_deed"
)
IMPORT = _room(
    "ledger_desk:import",
    _("Import from a sheet"),
    pgettext_lazy("tab", "Import"),
    "down",
    "ledger.import_deeds",
)
REVIEW = _room(
    "ledger_desk:review-list",
    _("Review desk"),
    pgettext_lazy("tab", "Review"),
    "check",
    "ledger.decide_deed",
)
DECLARATIONS = _room(
    "ledger_desk:declarations",
    _("Accept declarations"),
    pgettext_lazy("tab", "Declarations"),
    "hand",
    "ledger.record_deed",
)
OBJECTIONS = _room(
    "ledger_desk:objections",
    _("Objections"),
    pgettext_lazy("tab", "Objections"),
    "ask",
    "ledger.decide_objection",
    "ledger.file_objection",
    "ledger.settle_objection",
)
REPAIRS = _room(
    "ledger_desk:repairs",
    _("Repairs"),
    pgettext_lazy("tab", "Repairs"),
    "mend",
    "ledger.ask_repair",
    "ledger.check_repair",
    "ledger.decide_repair",
)
PUBLICATION = _room(
    "ledger_desk:publication-list",
    _("Publication"),
    pgettext_lazy("tab", "Publication"),
    "board",
    "ledger.publish_month",
)
STORIES = _room(
    "ledger_desk:stories",
    _("Good-deed stories"),
    pgettext_lazy("tab", "Stories"),
    "heart",
    "ledger.write_story",
    "ledger.withdraw_story",
)
ACTIVITIES = _room(
    "ledger_desk:activities",
    _("Activities"),
    pgettext_lazy("tab", "Activities"),
    "people",
    "ledger.keep_activities",
)
ROUNDS = _room(
    "ledger_desk:rounds",
    _("Courtyard rounds"),
    pgettext_lazy("tab", "Rounds"),
    "people",
    "ledger.keep_rounds",
)
HOMES = _room(
    "ledger_desk:homes",
    _("Household files"),
    pgettext_lazy("tab", "Households"),
    "home",
    "households.view_householdchange",
)
PLEDGES = _room(
    "ledger_desk:pledges",
    _("Pledges"),
    pgettext_lazy("tab", "Pledges"),
    "rules",
    "households.view_pledge",
)
ROSTER = _room(
    "households:roster-import",
    _("Import the roster"),
    pgettext_lazy("tab", "Roster"),
    "down",
    "households.import_roster",
)
CARDS = _room(
    "cards:cards",
    _("Passbook cards"),
    pgettext_lazy("tab", "Cards"),
    "card",
    "households.print_cards",
)
COUNTER = _room(
    "rewards_desk:counter",
    _("Shop counter"),
    pgettext_lazy("tab", "Counter"),
    "shop",
    "rewards.redeem",
)
STOCK = _room(
    "rewards_desk:stock",
    _("Stock"),
    pgettext_lazy("tab", "Stock"),
    "stock",
    "rewards.keep_stock",
)
SLIPS = _room(
    "rewards_desk:slips",
    _("Today's slips"),
    pgettext_lazy("tab", "Slips"),
    "slip",
    "rewards.redeem",
)
GIFTS = _room(
    "rewards_desk:gifts",
    _("Award gifts"),
    pgettext_lazy("tab", "Gifts"),
    "medal",
    "rewards.hand_over_gifts",
)
FUND = _room(
    "rewards_desk:fund",
    _("Fund"),
    pgettext_lazy("tab", "Fund"),
    "coin",
    "rewards.keep_fund",
    "rewards.view_fundmovement",
)
GOODS = _room(
    "rewards_desk:goods",
    _("Goods and prices"),
    pgettext_lazy("tab", "Goods"),
    "stock",
    "rewards.keep_rewards",
)
REPORT = _room(
    "rewards_desk:reports",
    _("Annual report"),
    pgettext_lazy("tab", "Report"),
    "bars",
    "ledger.export_report",
    leads_to="rewards_desk:report",
)
AWARDS = _room(
    "rewards_desk:awards",
    _("Awards of the year"),
    pgettext_lazy("tab", "Awards"),
    "medal",
    "rewards.view_awardround",
    leads_to="rewards_desk:award-round",
)
RULES = _room(
    "ledger_desk:rules",
    _("Scoring rules"),
    pgettext_lazy("tab", "Rules"),
    "rules",
    "ledger.adopt_rulebook",
    "ledger.comment_rulebook",
)

# In the order of the work. The first three that are open to a person become
# the tabs of a phone, after the desk itself.
PLACES = [
    Place(_("Record"), (RECORD, IMPORT)),
    Place(_("Review desk"), (REVIEW,)),
    Place(_("What residents ask for"), (DECLARATIONS, OBJECTIONS, REPAIRS)),
    Place(_("Publication"), (PUBLICATION, STORIES)),
    Place(_("Activities"), (ACTIVITIES, ROUNDS)),
    Place(_("Household files"), (HOMES, PLEDGES, ROSTER, CARDS)),
    Place(_("Shop counter"), (COUNTER,)),
    Place(_("Stock"), (STOCK,)),
    Place(_("Slips and gifts"), (SLIPS, GIFTS)),
    Place(_("Fund and goods"), (FUND, GOODS)),
    Place(_("The year's work"), (REPORT, AWARDS, RULES)),
]
TABS = 3
# Whoever holds none of these finds nothing on today's desk.
DESK = frozenset({"ledger.view_deed", "households.view_village"})


def has_desk(request) -> bool:
    """Tell whether anything can wait for a person on today's desk."""
    return bool(DESK & permissions_of(request))


def work_pages(request) -> Iterator[Door]:
    """Yield the places that a person's roles open, in the order of the work."""
    allowed = permissions_of(request)
    places = [
        (place, [room for room in place.rooms if room.permissions & allowed])
        for place in PLACES
    ]
    addresses = {room: reverse(room.name) for place, rooms in places for room in rooms}
    under = [room for room in addresses if request.path.startswith(addresses[room])]
    here = max(under, key=lambda room: len(addresses[room]), default=None)
    for place, rooms in places:
        if rooms:
            yield Door(
                addresses[rooms[0]],
                str(place.label if len(rooms) > 1 else rooms[0].label),
                str(rooms[0].short),
                rooms[0].icon,
                here in rooms,
                [
                    RoomDoor(
                        addresses[room],
                        str(room.label),
                        room.icon,
                        room is here,
                        (room.name, room.leads_to),
                    )
                    for room in rooms
                ],
            )


def rooms_beside(doors: list[Door], request) -> list[RoomDoor]:
    """Return the rooms of the place that a page stands in, if it has several.

    Pages below a room lead back to it and show no rooms.
    """
    page = request.resolver_match and request.resolver_match.view_name
    for door in doors:
        if len(door.rooms) > 1 and any(page in room.pages for room in door.rooms):
            return door.rooms
    return []
