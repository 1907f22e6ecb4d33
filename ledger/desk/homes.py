"""一户一档: find a household, and read its file."""

from datetime import MAXYEAR

from django.core.paginator import Paginator
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from households.models import ChangeNote, Household, HouseholdChange, Village
from households.typed_households import TypedHouseholds
from households.typed_numbers import whole_number
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.home_sections import Reader, sections_of

HOMES_ON_A_PAGE = 60
CHANGES_SHOWN = 30
Kind = ChangeNote.Kind
Status = Household.Status

# What can be noted of a household, by its status; in the order of the buttons.
OFFERED = {
    Status.ACTIVE: (Kind.HEAD, Kind.SPLIT, Kind.MERGE, Kind.MOVE_OUT, Kind.AWAY),
    Status.AWAY: (Kind.HEAD, Kind.SPLIT, Kind.MERGE, Kind.MOVE_OUT, Kind.BACK),
    Status.LEFT: (),
}


@staff_page("households.view_householdchange")
@require_safe
def homes(request, village):
    """List the households of a village, or those a word stands for."""
    of_village = Household.objects.filter(village=village).select_related("group")
    q = request.GET.get("q", "").strip()
    status = request.GET.get("status", "")
    shown = of_village.in_reading_order()
    problems: list[str] = []
    if q:
        typed = TypedHouseholds(q, shown)
        problems = typed.problems if not typed.candidates else []
        shown = shown.filter(pk__in=[*typed.found, *typed.candidates])
    elif status in Status.values:
        shown = shown.filter(status=status)
    notes = ChangeNote.objects.filter(village=village).waiting()
    changes = HouseholdChange.objects.filter(village=village)
    return page(
        request,
        "homes.html",
        village,
        _("Household files"),
        q=q,
        status=status,
        statuses=Status.choices,
        problems=problems,
        homes=Paginator(shown, HOMES_ON_A_PAGE).get_page(request.GET.get("page")),
        notes=notes.select_related("household", "other", "noted_by").order_by(
            "noted_at", "pk"
        ),
        changes=changes.select_related("household", "other").order_by("-number")[
            :CHANGES_SHOWN
        ],
        may_note=request.user.has_perm("households.note_change", village),
        villages=Village.objects.where_allowed(
            request.user, "households.view_householdchange"
        ),
    )


@staff_object(
    lambda: Household.objects.select_related("village__policy", "group"),
    "households.view_householdchange",
)
@require_safe
def home(request, household):
    """Show the file of one household, section by section."""
    today = timezone.localdate()
    year = whole_number(request.GET.get("year")) or today.year
    reader = Reader(request.user, today, min(year, MAXYEAR))
    may_note = request.user.has_perm("households.note_change", household)
    waits = ChangeNote.objects.waiting().filter(
        Q(household=household) | Q(other=household), village=household.village_id
    )
    offered = OFFERED[Status(household.status)] if may_note else ()
    return page(
        request,
        "home.html",
        household.village,
        str(household),
        household=household,
        sections=sections_of(household, reader),
        offered=[] if waits.exists() else [_door(household, kind) for kind in offered],
    )


def _door(household: Household, kind: ChangeNote.Kind) -> tuple[str, str]:
    """Return the address and the label of the form of one kind of change."""
    name = f"ledger_desk:home-{kind.value.replace('_', '-')}"
    return reverse(name, args=[household.pk]), str(kind.label)
