"""整改复查: the reminder of an untidy yard, its slip of paper, the second look."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ledger.desk.access import page, staff_object
from ledger.desk.round_forms import RecheckForm, RemindForm
from ledger.desk.rounds import KEEPS, address
from ledger.gatherings.rechecking import fail_recheck, pass_recheck, remind_household
from ledger.models import Finding
from ledger.months import DayNotAccepted, NotYet
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import OutOfRange, ReasonNeeded, SecondRecorderNotFit
from ledger.refusals import Refused

_FIELD_OF_REFUSAL = {
    DayNotAccepted: "seen_on",
    NotYet: "seen_on",
    OutOfRange: "points",
    ReasonNeeded: "note",
    SecondRecorderNotFit: "second_recorder",
}


def findings():
    return Finding.objects.select_related(
        "village__policy", "round__group", "household__group"
    )


@staff_object(findings, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request, finding):
    """Note that a household was told, in which words, and when one looks again."""
    village = finding.village
    form = RemindForm(
        request.POST or None, finding=finding, days=village.policy.repair_check_days
    )
    if form.is_valid():
        try:
            remind_household(
                finding,
                form.cleaned_data["words"],
                told_on=form.cleaned_data["told_on"],
                recheck_on=form.cleaned_data["recheck_on"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Noted. Nothing is taken until then."))
            return redirect(address(village))
    return page(
        request,
        "finding_remind.html",
        village,
        _("Remind the household"),
        finding=finding,
        form=form,
        back=address(village),
    )


@staff_object(findings, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request, finding):
    """Note what the second look saw: put right, or a deduction to be decided."""
    village = finding.village
    form = RecheckForm(request.POST or None, village=village, by=request.user)
    if form.is_valid() and _settled(request, finding, form):
        return redirect(address(village))
    return page(
        request,
        "finding_recheck.html",
        village,
        _("Look again"),
        finding=finding,
        form=form,
        back=address(village),
    )


@staff_object(findings, KEEPS)
@require_safe
def slip(request, finding):
    """Show the reminder as a slip of paper to hand over."""
    if finding.told_on is None:
        raise Http404
    return render(
        request,
        "ledger/desk/finding_slip.html",
        {
            "village": finding.village,
            "finding": finding,
            "sheets": [finding],
            "back": reverse("ledger_desk:finding-remind", args=[finding.pk]),
        },
    )


def _settled(request, finding, form) -> bool:
    data, facts = form.cleaned_data, {"by": request.user, "at": timezone.now()}
    try:
        if data["outcome"] == Finding.Outcome.PASSED:
            pass_recheck(finding, seen_on=data["seen_on"], **facts)
            messages.success(request, _("Put right. Nothing is taken."))
            return True
        fail_recheck(
            finding,
            seen_on=data["seen_on"],
            points=data["points"] or 1,
            note=data["note"],
            second_recorder=data["second_recorder"],
            key=data["key"],
            **facts,
        )
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(_FIELD_OF_REFUSAL.get(type(refused)), str(refused))
        return False
    messages.success(request, _("Proposed. Another person decides it."))
    return True
