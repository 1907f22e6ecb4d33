"""The pages of daily work in the staff's menu, and which of them a person finds."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.scoped_admin import permissions_of


class WorkPage(NamedTuple):
    """A page of daily work: its names, its picture, and what opens it (any of).

    `rooms` are pages beside it that belong to the same place in the menu. Whoever
    holds one of `elsewhere` finds the page as a room of another one.
    """

    name: str
    permissions: frozenset[str]
    label: Promise
    short: Promise
    icon: str
    rooms: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()


class Door(NamedTuple):
    """A work page as one person finds it in the menu."""

    address: str
    label: str
    short: str
    icon: str
    is_here: bool


# In the order of the work. The first three that are open to a person become
# the tabs of a phone, after the desk itself.
WORK_PAGES = [
    WorkPage(
        "ledger_desk:entry",
        frozenset({"ledger.record_deed"}),
        _("Record"),
        _("Record"),
        "pen",
    ),
    WorkPage(
        "ledger_desk:declarations",
        frozenset({"ledger.record_deed"}),
        _("Accept declarations"),
        pgettext_lazy("tab", "Declarations"),
        "hand",
    ),
    WorkPage(
        "ledger_desk:review-list",
        frozenset({"ledger.decide_deed"}),
        _("Review desk"),
        pgettext_lazy("tab", "Review"),
        "check",
    ),
    WorkPage(
        "ledger_desk:publication-list",
        frozenset({"ledger.publish_month"}),
        _("Publication"),
        pgettext_lazy("tab", "Publication"),
        "board",
        ("ledger_desk:stories",),
    ),
    WorkPage(
        "ledger_desk:stories",
        frozenset({"ledger.write_story", "ledger.withdraw_story"}),
        _("Good-deed stories"),
        pgettext_lazy("tab", "Stories"),
        "heart",
        elsewhere=frozenset({"ledger.publish_month"}),
    ),
    WorkPage(
        "ledger_desk:activities",
        frozenset({"ledger.keep_activities"}),
        _("Activities"),
        pgettext_lazy("tab", "Activities"),
        "people",
        ("ledger_desk:rounds",),
    ),
    WorkPage(
        "ledger_desk:objections",
        frozenset(
            {
                "ledger.decide_objection",
                "ledger.file_objection",
                "ledger.settle_objection",
            }
        ),
        _("Objections"),
        pgettext_lazy("tab", "Objections"),
        "ask",
    ),
    WorkPage(
        "ledger_desk:repairs",
        frozenset({"ledger.ask_repair", "ledger.check_repair", "ledger.decide_repair"}),
        _("Repairs"),
        pgettext_lazy("tab", "Repairs"),
        "mend",
    ),
    WorkPage(
        "cards:cards",
        frozenset({"households.print_cards"}),
        _("Passbook cards"),
        pgettext_lazy("tab", "Cards"),
        "card",
    ),
    WorkPage(
        "ledger_desk:import",
        frozenset({"ledger.import_deeds"}),
        _("Import from a sheet"),
        pgettext_lazy("tab", "Import"),
        "down",
    ),
    WorkPage(
        "ledger_desk:homes",
        frozenset({"households.view_householdchange"}),
        _("Household files"),
        pgettext_lazy("tab", "Households"),
        "home",
        ("households:roster-import",),
    ),
    WorkPage(
        "rewards_desk:counter",
        frozenset({"rewards.redeem"}),
        _("Shop counter"),
        pgettext_lazy("tab", "Counter"),
        "shop",
    ),
    WorkPage(
        "rewards_desk:stock",
        frozenset({"rewards.keep_stock"}),
        _("Stock"),
        pgettext_lazy("tab", "Stock"),
        "stock",
    ),
    WorkPage(
        "rewards_desk:slips",
        frozenset({"rewards.redeem"}),
        _("Today's slips"),
        pgettext_lazy("tab", "Slips"),
        "slip",
        ("rewards_desk:gifts",),
    ),
    WorkPage(
        "rewards_desk:fund",
        frozenset({"rewards.keep_fund", "rewards.view_fundmovement"}),
        _("Fund and goods"),
        pgettext_lazy("tab", "Fund"),
        "coin",
        ("rewards_desk:goods",),
    ),
    WorkPage(
        "rewards_desk:reports",
        frozenset({"ledger.export_report"}),
        _("Annual report"),
        pgettext_lazy("tab", "Report"),
        "bars",
        ("rewards_desk:awards",),
    ),
    WorkPage(
        "rewards_desk:awards",
        frozenset({"rewards.confirm_awards"}),
        _("Awards of the year"),
        pgettext_lazy("tab", "Awards"),
        "medal",
        elsewhere=frozenset({"ledger.export_report"}),
    ),
    WorkPage(
        "ledger_desk:rules",
        frozenset({"ledger.adopt_rulebook", "ledger.comment_rulebook"}),
        _("Scoring rules"),
        pgettext_lazy("tab", "Rules"),
        "rules",
    ),
]
TABS = 3
# Whoever holds none of these finds nothing on today's desk.
DESK = frozenset({"ledger.view_deed", "households.view_village"})


def has_desk(request) -> bool:
    """Tell whether anything can wait for a person on today's desk."""
    return bool(DESK & permissions_of(request))


def work_pages(request) -> Iterator[Door]:
    """Yield the pages that a person's roles open, in the order of the work."""
    allowed = permissions_of(request)
    pages = [
        page
        for page in WORK_PAGES
        if page.permissions & allowed and not page.elsewhere & allowed
    ]
    rooms = {reverse(name): page for page in pages for name in (page.name, *page.rooms)}
    under = [room for room in rooms if request.path.startswith(room)]
    here = rooms.get(max(under, key=len, default=""))
    for page in pages:
        yield Door(
            reverse(page.name),
            str(page.label),
            str(page.short),
            page.icon,
            page is here,
        )
