"""What is held up or laid out at an activity: the sheet to sign, the code to scan."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from households.models import Household
from households.qr_codes import qr_svg
from ledger.desk.access import page, staff_object
from ledger.desk.activities import is_code_time
from ledger.desk.signing_in import RECORDS
from ledger.gatherings.arrival_codes import SHOWN_FOR, arrival_address
from ledger.gatherings.attendance import sign_ins_of
from ledger.models import Activity

# Two columns of signatures to a sheet of A4.
ROWS_IN_A_COLUMN = 21


@staff_object(Activity.objects.select_related("item", "village").all, RECORDS)
@require_safe
def sheet(request, activity):
    """Show the sheet on which households sign with their hand, group by group."""
    said = {one.household_id for one in sign_ins_of(activity)}
    homes = list(
        Household.objects.filter(village=activity.village)
        .listed()
        .select_related("group")
        .in_reading_order()
    )
    groups = list(dict.fromkeys(home.group for home in homes))
    asked = request.GET.get("group", "")
    chosen = [one for one in groups if str(one.number) == asked] or groups
    sheets = []
    for group in chosen:
        members = [home for home in homes if home.group == group]
        for start in range(0, len(members), 2 * ROWS_IN_A_COLUMN):
            part = members[start : start + 2 * ROWS_IN_A_COLUMN]
            columns = [part[:ROWS_IN_A_COLUMN], part[ROWS_IN_A_COLUMN:]]
            sheets.append({"group": group, "columns": [c for c in columns if c]})
    return render(
        request,
        "ledger/desk/activity_sheet.html",
        {
            "village": activity.village,
            "activity": activity,
            "has_range": activity.item.points_min != activity.item.points_max,
            "sheets": sheets,
            "said": said,
            "groups": groups,
            "back": reverse("ledger_desk:activity", args=[activity.pk]),
        },
    )


@staff_object(Activity.objects.select_related("village").all, RECORDS)
@require_safe
def code(request, activity):
    """Show the code that phones scan; the page draws a new one by itself."""
    is_shown = is_code_time(activity, timezone.now())
    return page(
        request,
        "activity_code.html",
        activity.village,
        _("Code to scan"),
        activity=activity,
        seconds=int(SHOWN_FOR.total_seconds()),
        code=qr_svg(arrival_address(activity)) if is_shown else "",
        came=sign_ins_of(activity).there().count(),
        back=reverse("ledger_desk:activity", args=[activity.pk]),
    )
