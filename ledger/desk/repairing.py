"""信用修复: what households put right, looked at again and decided."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household, Village
from households.own_households import own_households
from households.typed_households import TypedHouseholds
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.desk.repair_forms import AskRepairForm, CheckRepairForm, DecideRepairForm
from ledger.models import Entry, Repair
from ledger.operations import FiledAlready
from ledger.refusals import Refused
from ledger.repairs.repairing import (
    ask_repair,
    check_repair,
    decide_repair,
    not_open,
    points_offered,
)
from ledger.repairs.terms import (
    WhatCame,
    how_to_repair,
    is_involved,
    item_of,
    last_day_to_ask,
    why_not_repairable,
)

REPAIRS_SHOWN = 100
LINES_SHOWN = 20
# One for the household, one for the village's file: two of A5 on a sheet of A4.
COPIES = range(2)


def _repairs():
    return Repair.objects.select_related(
        "village__policy",
        "entry__household__group",
        "entry__period",
        "entry__deed__item",
        "asked_by",
        "checked_by",
        "decided_by",
    )


def _lost():
    return Entry.objects.filter(kind=Entry.Kind.DEDUCTION).select_related(
        "village__policy", "household__group", "period", "deed__item"
    )


@staff_page("ledger.view_repair")
@require_safe
def repairs(request, village):
    """List what waits for a look or a decision, and find a household's deductions."""
    today = timezone.localdate()
    typed = TypedHouseholds(
        request.GET.get("q", ""), Household.objects.filter(village=village)
    )
    lost = _lost().filter(village=village, period__published_at__isnull=False)
    found = list(
        lost.filter(household__in=typed.found).order_by("-number")[:LINES_SHOWN]
    )
    came = WhatCame(found)
    of_village = _repairs().filter(village=village)
    waiting = of_village.open().order_by("due_on", "asked_at", "pk")
    states = Repair.State
    own = own_households(request.user, village.pk)
    return page(
        request,
        "repairs.html",
        village,
        _("Repairs"),
        q=request.GET.get("q", ""),
        problems=typed.problems,
        lines=[
            (
                entry,
                last_day_to_ask(entry),
                why_not_repairable(entry, today=today, came=came),
            )
            for entry in found
        ]
        if typed.found
        else None,
        asked=[repair for repair in waiting if repair.state == states.ASKED],
        checked=[
            (repair, is_involved(request.user, repair, own=own))
            for repair in waiting
            if repair.state == states.CHECKED
        ],
        settled=of_village.exclude(state__in=Repair.OPEN).order_by(
            "-decided_at", "-pk"
        )[:REPAIRS_SHOWN],
        today=today,
        may_ask=request.user.has_perm("ledger.ask_repair", village),
        may_check=request.user.has_perm("ledger.check_repair", village),
        may_decide=request.user.has_perm("ledger.decide_repair", village),
        villages=Village.objects.where_allowed(request.user, "ledger.view_repair"),
    )


@staff_object(_lost, "ledger.ask_repair")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, entry):
    """Write down that a household has put right what it lost points for."""
    form = AskRepairForm(request.POST or None, village=entry.village)
    why_not = ""
    if form.is_bound and form.is_valid():
        asked = _ask(request, entry, form)
        if asked:
            messages.success(
                request, _("Noted as number %(number)s.") % {"number": asked.number}
            )
            return redirect("ledger_desk:repair", asked.pk)
    elif not form.is_bound:
        why_not = why_not_repairable(entry, today=timezone.localdate())
    return page(
        request,
        "repair_ask.html",
        entry.village,
        _("Write down a repair"),
        form=form,
        entry=entry,
        how=how_to_repair(item_of(entry)),
        until=last_day_to_ask(entry),
        why_not=why_not,
        back=_address(entry.village),
    )


@staff_object(_repairs, "ledger.view_repair")
@require_http_methods(["GET", "HEAD", "POST"])
def repair(request, found):
    """Show one repair; write down what was seen, or decide it."""
    step = _step_of(request, found)
    form = _form(found, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sent = "decide" if "outcome" in request.POST else "check"
        require(request, f"ledger.{sent}_repair", found)
        if sent != step:
            # The form came twice, or somebody else was quicker.
            messages.info(request, not_open(found))
            return redirect("ledger_desk:repair", found.pk)
        if form.is_valid() and _take(request, found, step, form):
            return redirect("ledger_desk:repair", found.pk)
        found.refresh_from_db()
    return page(
        request,
        "repair.html",
        found.village,
        _("Repair of a deduction"),
        repair=found,
        entry=found.entry,
        how=how_to_repair(item_of(found.entry)),
        form=form,
        step=step,
        is_involved=_is_kept_out(request, found),
        offered=_offered(found),
        back=_address(found.village),
        today=timezone.localdate(),
    )


@staff_object(_repairs, "ledger.view_repair")
@require_safe
def slip(request, found):
    """Show the sheet that goes along to the household, before and after the look."""
    findings = [
        (label, found.finding == value) for value, label in Repair.Finding.choices
    ]
    return render(
        request,
        "ledger/desk/repair_slip.html",
        {
            "repair": found,
            "entry": found.entry,
            "village": found.village,
            "household": found.entry.household,
            "how": how_to_repair(item_of(found.entry)),
            "findings": findings,
            "copies": COPIES,
        },
    )


def _ask(request, entry, form) -> Repair | None:
    data = form.cleaned_data
    try:
        return ask_repair(
            entry,
            text=data["text"],
            channel=data["channel"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        if isinstance(refused, FiledAlready):
            form.renew_key()
        form.add_error(None, str(refused))
        return None


def _step_of(request, repair) -> str:
    """Return what a person can do about a repair now: check, decide, or nothing."""
    steps = {Repair.State.ASKED: "check", Repair.State.CHECKED: "decide"}
    step = steps.get(repair.state, "")
    return (
        step if step and request.user.has_perm(f"ledger.{step}_repair", repair) else ""
    )


def _is_kept_out(request, repair) -> bool:
    own = own_households(request.user, repair.village_id)
    if repair.state == Repair.State.CHECKED:
        return is_involved(request.user, repair, own=own)
    return repair.state == Repair.State.ASKED and repair.entry.household_id in own


def _form(repair, sent):
    if repair.state == Repair.State.CHECKED:
        return DecideRepairForm(sent)
    return CheckRepairForm(sent, initial={"checked_on": timezone.localdate()})


def _take(request, repair, step, form) -> bool:
    data, person, at = form.cleaned_data, request.user, timezone.now()
    try:
        if step == "check":
            check_repair(repair, **data, by=person, at=at)
            told = _("Written down. Another person decides.")
        else:
            approve = request.POST.get("outcome") == "approve"
            decided = decide_repair(repair, approve=approve, **data, by=person, at=at)
            told = (
                _("%(points)s points come back in the open month.")
                % {"points": decided.points}
                if approve
                else _("Refused; the household reads the reason.")
            )
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, told)
    return True


def _offered(repair) -> int:
    if repair.state != Repair.State.CHECKED:
        return 0
    return points_offered(repair, at=timezone.now())


def _address(village):
    return f"{reverse('ledger_desk:repairs')}?village={village.slug}"
