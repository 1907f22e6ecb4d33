"""巡查: the groups of a month, the checklist of one, what closing makes of it."""

from datetime import date

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household, Village
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.round_forms import BeginForm, Checklist, CloseRoundForm
from ledger.gatherings.rounds import (
    FindingsHaveChanged,
    begin_round,
    close_round,
    note_findings,
    outcome_of,
)
from ledger.models import Finding, Round
from ledger.months import first_day
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused

KEEPS = "ledger.keep_rounds"
PAST_SHOWN = 24
ROWS_ON_A_SHEET = 17


@staff_page(KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request, village):
    """Show where the month's rounds stand, and which yards wait to be put right."""
    today = timezone.localdate()
    form = BeginForm(request.POST or None, village=village)
    if request.method == "POST" and form.is_valid():
        begun = _begun(request, form)
        if begun:
            return redirect("ledger_desk:round", begun.pk)
    of_village = Round.objects.filter(village=village).select_related("group")
    noted = Count("findings", filter=~Q(findings__yard="", findings__is_sorted=False))
    walked = {
        one.group_id: one
        for one in of_village.filter(month=first_day(today)).annotate(noted=noted)
    }
    homes = Household.objects.filter(village=village).listed()
    counts = dict(homes.order_by().values_list("group").annotate(count=Count("pk")))
    open_yards = (
        Finding.objects.filter(village=village)
        .to_put_right()
        .select_related("household__group", "round")
        .order_by("recheck_on", "round__day", "household__number")
    )
    return page(
        request,
        "rounds.html",
        village,
        _("Courtyard rounds"),
        today=today,
        form=form,
        groups=[
            {"group": group, "round": walked.get(group.pk), "homes": counts[group.pk]}
            for group in village.groups.order_by("number")
            if group.pk in counts
        ],
        to_remind=[one for one in open_yards if one.told_on is None],
        to_recheck=[one for one in open_yards if one.told_on is not None],
        past=of_village.filter(month__lt=first_day(today)).order_by(
            "-month", "group__number"
        )[:PAST_SHOWN],
        villages=Village.objects.where_allowed(request.user, KEEPS),
    )


@staff_object(Round.objects.select_related("village", "group").all, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def walk(request, round):
    """Note what is seen at each household of a group; saved as often as one likes."""
    sent = request.POST if request.method == "POST" else None
    checklist = Checklist(round, sent)
    refused = ""
    if sent is not None:
        try:
            count = note_findings(
                round, checklist.changed(), by=request.user, at=timezone.now()
            )
        except Refused as no:
            refused = str(no)
        else:
            messages.success(
                request, _("Noted: %(count)s households.") % {"count": count}
            )
            name = "round-close" if "close" in sent else "round"
            return redirect(f"ledger_desk:{name}", round.pk)
    return page(
        request,
        "round.html",
        round.village,
        _("Courtyard round"),
        round=round,
        checklist=checklist,
        refused=refused,
        yards=Finding.Yard.choices,
        back=address(round.village),
    )


@staff_object(Round.objects.select_related("village", "group").all, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request, round):
    """Show what closing would record and remind of; after a yes, record it."""
    back = reverse("ledger_desk:round", args=[round.pk])
    if request.method != "POST" and round.closed_at:
        return redirect(back)
    form = CloseRoundForm(request.POST or None, village=round.village)
    try:
        if form.is_valid():
            close_round(
                round,
                seen=form.cleaned_data["seen"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Closed. The deeds wait for the reviewer."))
            return redirect(address(round.village))
        outcome = outcome_of(round)
    except (FindingsHaveChanged, KeyUsedForSomethingElse) as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        outcome = outcome_of(round)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect(back)
    if form.is_bound:
        form.change(seen=outcome.mark)
    else:
        form.initial["seen"] = outcome.mark
    return page(
        request,
        "round_close.html",
        round.village,
        _("Close the round"),
        round=round,
        outcome=outcome,
        form=form,
        back=back,
    )


@staff_page(KEEPS)
@require_safe
def sheet(request, village):
    """Show the monthly rating sheet to carry along, group by group (月度评比表)."""
    homes = list(
        Household.objects.filter(village=village)
        .listed()
        .select_related("group")
        .in_reading_order()
    )
    groups = list(dict.fromkeys(home.group for home in homes))
    asked = request.GET.get("group", "")
    sheets = []
    for group in [one for one in groups if str(one.number) == asked] or groups:
        members = [home for home in homes if home.group == group]
        for start in range(0, len(members), ROWS_ON_A_SHEET):
            part = members[start : start + ROWS_ON_A_SHEET]
            sheets.append({"group": group, "homes": part})
    return render(
        request,
        "ledger/desk/round_sheet.html",
        {
            "village": village,
            "month": first_day(timezone.localdate()),
            "groups": groups,
            "sheets": sheets,
            "back": address(village),
        },
    )


def address(village: Village) -> str:
    return f"{reverse('ledger_desk:rounds')}?village={village.slug}"


def _begun(request, form) -> Round | None:
    day: date = form.cleaned_data["day"]
    group = get_object_or_404(form.of_village.groups, pk=form.cleaned_data["group"].pk)
    try:
        return begin_round(group, day=day, by=request.user, at=timezone.now())
    except Refused as refused:
        form.add_error("day", str(refused))
        return None
