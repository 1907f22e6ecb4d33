"""审核台: look at the deeds of a month in batches and decide them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Village
from households.typed_numbers import whole_number
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.desk.deciding import (
    PILE,
    answer,
    counts,
    desk_address,
    is_script,
    tally,
)
from ledger.forms import AdjustForm, ApproveForm, RejectForm, ReopenForm
from ledger.limits import remaining_points
from ledger.models import Decision, Deed
from ledger.refusals import Refused
from ledger.review import AlreadyDecided, approve_deed, reject_deed, reopen_deed
from ledger.review_batches import batches_of, last_actions
from ledger.review_rows import review_rows
from ledger.timeline import months_now

DEEDS_ON_A_PAGE = 100
BATCHES_ON_A_PAGE = 100
FORMS = {form.name: form for form in (ApproveForm, AdjustForm, RejectForm, ReopenForm)}
TABS = {
    "all": lambda batch: True,
    "flagged": lambda batch: batch.needs_opening,
    "declared": lambda batch: batch.is_declared,
    "deductions": lambda batch: batch.first.is_deduction,
}


@staff_page("ledger.view_deed")
@require_safe
def review_list(request, village):
    """List the months of a village with what waits in each."""
    counts = {
        state.value: Count("deeds", filter=Q(deeds__state=state))
        for state in (Deed.State.PENDING, Deed.State.APPROVED, Deed.State.REJECTED)
    }
    return page(
        request,
        "review_list.html",
        village,
        _("Review desk"),
        periods=village.periods.annotate(**counts).order_by("-month"),
        villages=Village.objects.where_allowed(request.user, "ledger.view_deed"),
    )


@staff_page("ledger.view_deed")
@require_safe
def review(request, village, month):
    """Show what waits in one month, in batches, those that need a look first."""
    months = months_now(village, today=timezone.localdate())
    period = next((running for running in months if running.month == month), None)
    period = period or get_object_or_404(village.periods, month=month)
    period.village = village
    show = request.GET.get("show")
    if show == "decided":
        return _review_decided(request, period)
    show = show if show in {*TABS, "later"} else "all"
    may_decide = _may_decide(request, village) and not period.is_published
    context = {"period": period, "show": show, "may_decide": may_decide}
    opened = whole_number(request.GET.get("open"))
    if request.GET.get("part") and opened:
        return _opened_batch(request, period, opened, context)
    rows = review_rows(period, _pending(period), by=request.user)
    pile = set(request.session.get(PILE, []))
    later = [row for row in rows if row.deed.pk in pile]
    waiting = batches_of(row for row in rows if row.deed.pk not in pile)
    aside = batches_of(later)
    batches = aside if show == "later" else list(filter(TABS[show], waiting))
    _open(batches, request.GET)
    return page(
        request,
        "review.html",
        village,
        _("Review desk"),
        **context,
        **tally(period),
        months=months,
        batches=Paginator(batches, BATCHES_ON_A_PAGE).get_page(request.GET.get("page")),
        batch_count=len(waiting) + len(aside),
        later=len(later),
        tabs=_tabs(waiting),
        actions=last_actions(period, by=request.user) if may_decide else [],
        presets=RejectForm.Preset.choices,
    )


def _tabs(batches):
    """Return the tabs with how many deeds each shows; the first shows all."""
    labels = {
        "all": _("All"),
        "flagged": _("Look closely"),
        "declared": _("Declarations"),
        "deductions": _("Deductions"),
    }
    counts = {
        name: sum(len(batch.rows) for batch in filter(TABS[name], batches))
        for name in labels
    }
    return [(name, labels[name], counts[name]) for name in labels]


def _open(batches, asked) -> None:
    """Open the batch that was asked for, else the first that must be looked at."""
    if asked.get("open") == "none":
        return
    wanted, place = whole_number(asked.get("open")), whole_number(asked.get("at"))
    for batch in batches:
        if wanted:
            batch.is_open = batch.holds(wanted)
        elif place:
            batch.is_open = batch.needs_opening and batch.holds(place)
        else:
            batch.is_open = batch.needs_opening
        if batch.is_open:
            return


def _opened_batch(request, period, pk, context):
    """Return only the inside of one batch, for a script to put in its place."""
    alike = get_object_or_404(period.deeds.select_related("item"), pk=pk)
    deeds = _pending(period).filter(
        item__code=alike.item.code,
        happened_on=alike.happened_on,
        recorded_by=alike.recorded_by_id,
        points=alike.points,
    )
    pile = set(request.session.get(PILE, []))
    rows = review_rows(period, deeds, by=request.user)
    batches = batches_of(
        row for row in rows if (row.deed.pk in pile) == (context["show"] == "later")
    )
    for batch in batches:
        if batch.holds(pk):
            context |= {"batch": batch, "presets": RejectForm.Preset.choices}
            context["village"] = period.village
            return render(request, "ledger/desk/_review_open.html", context)
    return render(request, "ledger/desk/_review_gone.html", context)


def _review_decided(request, period):
    deeds = _with_everything(period.deeds.all()).filter(
        state__in=[Deed.State.APPROVED, Deed.State.REJECTED]
    )
    found = Paginator(deeds, DEEDS_ON_A_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "review_decided.html",
        period.village,
        _("Review desk"),
        period=period,
        page_of_deeds=found,
        rows=review_rows(period, found.object_list, by=request.user),
    )


@staff_object(Deed.objects.all, "ledger.view_deed")
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request, deed):
    """Show one deed with all that is known, and decide it."""
    outcome = request.POST.get("outcome")
    form = None
    if request.method == "POST":
        require(request, "ledger.decide_deed", deed)
        if outcome in FORMS:
            form = FORMS[outcome](request.POST, deed=deed)
            answered = _decide(request, deed, outcome, form)
            if answered:
                return answered
    everything = _with_everything(Deed.objects.with_posting())
    deed = get_object_or_404(everything, pk=deed.pk)
    (row,) = review_rows(deed.period, [deed], by=request.user)
    forms = _forms(deed, outcome, form) if not row.lock else {}
    return page(
        request,
        "review_deed.html",
        deed.village,
        _("Review desk"),
        row=row,
        deed=deed,
        back=desk_address(request, deed.period),
        alike=Deed.objects.alike(deed).exclude(pk=deed.pk).select_related("item"),
        remaining=remaining_points(deed),
        decisions=deed.decisions.select_related("by").order_by("-number"),
        forms=forms if _may_decide(request, deed.village) else {},
    )


def _decide(request, deed, outcome, form):
    """Carry out a decision; return the answer, or nothing to show the form again."""
    try:
        decision = _carry_out(request, deed, outcome, form) if form.is_valid() else None
    except Refused as refusal:
        if not is_script(request) and isinstance(refusal, AlreadyDecided):
            messages.warning(request, str(refusal))
        else:
            form.add_error(None, str(refusal))
        decision = None
    if decision is not None:
        return answer(request, deed.period, [decision], [])
    if is_script(request):
        sentence = " ".join(
            error for errors in form.errors.values() for error in errors
        )
        refused = [{"deed": deed.pk, "sentence": sentence}]
        return JsonResponse(
            {"done": [], "refused": refused, **counts(request, deed.period)}
        )
    return None


def _carry_out(request, deed, outcome, form):
    data = form.cleaned_data
    who = {"by": request.user, "at": timezone.now()}
    heard = {"heard_on": data.get("heard_on")}
    if outcome == ApproveForm.name:
        return approve_deed(deed, **heard, **who)
    if outcome == AdjustForm.name:
        return approve_deed(
            deed, magnitude=data["points"], reason=data["reason"], **heard, **who
        )
    if outcome == RejectForm.name:
        return reject_deed(deed, reason=data["reason"], **who)
    return reopen_deed(deed, reason=data["reason"], **who)


def _forms(deed, outcome, posted):
    """Return the ways to go on from a deed's state, the posted one with its errors."""
    if deed.period.is_published or deed.is_posted:
        return {}
    names = {
        Deed.State.PENDING: [ApproveForm.name, AdjustForm.name, RejectForm.name],
        Deed.State.APPROVED: [ReopenForm.name],
        Deed.State.REJECTED: [ReopenForm.name],
    }.get(deed.state, [])
    if deed.item.points_min == deed.item.points_max and AdjustForm.name in names:
        names.remove(AdjustForm.name)
    return {
        name: posted if posted and name == outcome else FORMS[name](deed=deed)
        for name in names
    }


def _pending(period):
    """Return what waits in a month, with no more than its batches show."""
    return (
        Deed.objects.filter(village=period.village_id, period=period)
        .pending()
        .select_related("item", "household", "recorded_by", "second_recorder")
        .prefetch_related("photos", "decisions")
        .order_by("household__number", "pk")
    )


def _with_everything(deeds):
    return (
        deeds.select_related(
            "item",
            "household__group",
            "period__village",
            "village",
            "recorded_by",
            "second_recorder",
        )
        .prefetch_related(
            "photos", Prefetch("decisions", Decision.objects.select_related("by"))
        )
        .order_by("happened_on", "item__position", "household__number", "pk")
    )


def _may_decide(request, village):
    return request.user.has_perm("ledger.decide_deed", village)
