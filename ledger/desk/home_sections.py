"""一户一档: the sections of one household's file, each by a function in the settings.

A neighbor adds one by a function named in `HOME_SECTIONS` and a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from households.consent import standing_consents
from households.models import (
    ChangeNote,
    Household,
    HouseholdChange,
    HouseholdConsent,
    Passbook,
    Pledge,
    User,
)
from ledger.expiring import spendable_points
from ledger.models import Correction, Declaration, Deed, Entry, Objection

DEEDS_SHOWN = 100


@dataclass(frozen=True)
class Section:
    """One part of a household's file: its heading, its template, what it shows."""

    name: str
    title: str
    template: str
    content: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """Who looks at a household's file, on which day and at which year."""

    user: User
    today: date
    year: int


def sections_of(household: Household, reader: Reader) -> list[Section]:
    """Ask the functions named in the settings; some have nothing to say."""
    makers = map(import_string, settings.HOME_SECTIONS)
    return [found for make in makers if (found := make(household, reader))]


def facts(household: Household, reader: Reader) -> Section:
    """Say who it is, where, and whether it may be named in full; phones for keepers."""
    keeps = reader.user.has_perm("households.change_household", household)
    return Section(
        "facts",
        _("The household"),
        "ledger/desk/_home_facts.html",
        {
            "card": Passbook.objects.filter(
                village=household.village_id, household=household
            ).first(),
            "phone": household.phone if keeps else "",
            "keeps": keeps,
            "may_print": reader.user.has_perm("households.print_cards", household),
        },
    )


def pledge(household: Household, reader: Reader) -> Section:
    """Show what the household agrees to, and every paper and word before it."""
    said = HouseholdConsent.objects.of(household)
    rows = list(said.select_related("pledge", "recorded_by"))
    newest = rows[0] if rows else None
    in_force = Pledge.objects.in_force(household.village)
    return Section(
        "pledge",
        _("Pledge and consents"),
        "ledger/desk/_home_pledge.html",
        {
            "newest": newest,
            "earlier": rows[1:],
            "answers": (newest or HouseholdConsent()).answers,
            "in_force": in_force,
            "is_current": newest is not None and newest.pledge == in_force,
            "standing": standing_consents(household, newest),
            "records": household.status != Household.Status.LEFT
            and reader.user.has_perm("households.record_consent", household),
        },
    )


def changes(household: Household, reader: Reader) -> Section:
    """Tell what changed, with the paper, the newest first, and what waits."""
    of_home = HouseholdChange.objects.about(household).select_related(
        "household", "other", "noted_by", "decided_by"
    )
    noted = ChangeNote.objects.waiting().about(household).select_related("noted_by")
    done = list(of_home.order_by("-number"))
    return Section(
        "changes",
        _("Changes of the household"),
        "ledger/desk/_home_changes.html",
        {
            "done": done,
            "noted": list(noted.order_by("noted_at", "pk")),
            "heads": _heads(household, done),
        },
    )


def points(household: Household, reader: Reader) -> Section:
    """Add up the score of each year, and what can be spent today."""
    entries = Entry.objects.filter(village=household.village_id, household=household)
    spent = Q(kind__in=[Entry.Kind.REDEMPTION, Entry.Kind.CANCELLATION])
    years = (
        entries.order_by()
        .values("year")
        .annotate(
            score=Sum("points", filter=Q(kind__in=Entry.SCORING), default=0),
            redeemed=-Sum("points", filter=spent, default=0),
            expired=-Sum("points", filter=Q(kind=Entry.Kind.EXPIRY), default=0),
            moved=Sum("points", filter=Q(kind=Entry.Kind.TRANSFER), default=0),
        )
        .order_by("-year")
    )
    return Section(
        "points",
        _("Points"),
        "ledger/desk/_home_points.html",
        {
            "years": list(years),
            "spendable": spendable_points(household, at=timezone.now()),
        },
    )


def year(household: Household, reader: Reader) -> Section:
    """List the deeds of a year and the lines of the ledger that are no deeds."""
    of_home = Deed.objects.filter(village=household.village_id, household=household)
    others = Entry.objects.filter(
        village=household.village_id,
        household=household,
        year=reader.year,
        deed=None,
    )
    deeds = of_home.filter(period__month__year=reader.year)
    found = {day.year for day in of_home.dates("period__month", "year")}
    found |= set(
        others.model.objects.filter(
            village=household.village_id, household=household
        ).values_list("year", flat=True)
    )
    return Section(
        "year",
        _("Records of %(year)s") % {"year": reader.year},
        "ledger/desk/_home_year.html",
        {
            "deeds": list(
                deeds.select_related("item", "period").order_by("-happened_on", "-pk")[
                    :DEEDS_SHOWN
                ]
            ),
            "lines": list(others.select_related("period").order_by("-number")),
            "years": sorted(found - {reader.year}, reverse=True),
            "shown": DEEDS_SHOWN,
        },
    )


def waiting(household: Household, reader: Reader) -> Section:
    """Say what is open about the household, and which objections there were."""
    mine = {"village": household.village_id, "household": household}
    counts = Deed.objects.filter(**mine).aggregate(
        pending=Count("pk", filter=Q(state=Deed.State.PENDING)),
        declared=Count("pk", filter=Q(state=Deed.State.DECLARED)),
    )
    objections = Objection.objects.filter(
        Q(household=household) | Q(entry__household=household),
        village=household.village_id,
    ).select_related("publication__period")
    corrections = Correction.objects.filter(
        village=household.village_id, entry__household=household
    ).proposed()
    return Section(
        "waiting",
        _("Open, and objections"),
        "ledger/desk/_home_waiting.html",
        {
            **counts,
            "filed": Declaration.objects.filter(**mine).waiting().count(),
            "corrections": corrections.count(),
            "objections": list(objections.order_by("-filed_at", "-pk")[:20]),
            "may_see": reader.user.has_perm("ledger.view_objection", household),
        },
    )


def _heads(
    household: Household, done: list[HouseholdChange]
) -> list[tuple[str, date | None]]:
    """Return who headed the household since when, the newest first."""
    kinds = (HouseholdChange.Kind.HEAD, HouseholdChange.Kind.MOVE_IN)
    mine = [c for c in done if c.household_id == household.pk and c.kind in kinds]
    heads: list[tuple[str, date | None]] = [
        (change.head_after, change.takes_effect_on) for change in mine
    ]
    if mine and mine[-1].head_before:
        heads.append((mine[-1].head_before, None))
    return heads
