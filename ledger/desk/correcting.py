"""更正: propose the reversal of a published line, and decide proposals."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household, Village
from households.typed_households import TypedHouseholds
from ledger.correcting import decide_correction, propose_correction
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.forms import DecideCorrectionForm, ProposeCorrectionForm
from ledger.models import Correction, Entry
from ledger.refusals import Refused

LINES_SHOWN = 100


@staff_page("ledger.view_correction")
@require_safe
def corrections(request, village):
    """List what waits and what is decided, and find a household's published lines."""
    typed = TypedHouseholds(
        request.GET.get("q", ""), Household.objects.filter(village=village)
    )
    found = _lines(village).filter(household__in=typed.found)
    of_village = Correction.objects.filter(village=village).select_related(
        "entry__household",
        "entry__deed__item",
        "entry__period",
        "proposed_by",
        "decided_by",
    )
    return page(
        request,
        "corrections.html",
        village,
        _("Corrections"),
        q=request.GET.get("q", ""),
        problems=typed.problems,
        lines=found.order_by("-number")[:LINES_SHOWN] if typed.found else None,
        proposed=of_village.proposed().order_by("proposed_at", "pk"),
        decided=of_village.exclude(state=Correction.State.PROPOSED).order_by(
            "-decided_at", "-pk"
        )[:LINES_SHOWN],
        may_propose=request.user.has_perm("ledger.propose_correction", village),
        may_decide=request.user.has_perm("ledger.decide_correction", village),
        villages=Village.objects.where_allowed(request.user, "ledger.view_correction"),
    )


@staff_object(Entry.objects.all, "ledger.propose_correction")
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request, entry):
    """Ask for the reversal of one published line."""
    form = ProposeCorrectionForm(request.POST or None)
    if form.is_valid():
        try:
            propose_correction(
                entry,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, _("Proposed. Another person decides it."))
        return redirect(_address(entry.village))
    return page(
        request,
        "correction_propose.html",
        entry.village,
        _("Propose a correction"),
        form=form,
        entry=entry,
        back=_address(entry.village),
    )


@staff_object(Correction.objects.all, "ledger.view_correction")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, correction):
    """Show one proposal, and approve or refuse it."""
    form = DecideCorrectionForm(request.POST or None)
    if request.method == "POST":
        require(request, "ledger.decide_correction", correction)
        if form.is_valid() and _decide(request, correction, form):
            return redirect(_address(correction.village))
        correction.refresh_from_db()
    return page(
        request,
        "correction.html",
        correction.village,
        _("Correction"),
        form=form,
        correction=correction,
        entry=correction.entry,
        back=_address(correction.village),
        may_decide=correction.state == Correction.State.PROPOSED
        and request.user.has_perm("ledger.decide_correction", correction),
    )


def _decide(request, correction, form) -> bool:
    approve = request.POST.get("outcome") == "approve"
    try:
        decide_correction(
            correction,
            approve=approve,
            answer=form.cleaned_data["answer"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("Corrected: the reversal stands in the open month.")
        if approve
        else _("The correction is refused."),
    )
    return True


def _lines(village):
    kinds = (Entry.Kind.ADDITION, Entry.Kind.DEDUCTION)
    return Entry.objects.filter(village=village, kind__in=kinds).select_related(
        "household", "period", "deed__item"
    )


def _address(village):
    return f"{reverse('ledger_desk:corrections')}?village={village.slug}"
