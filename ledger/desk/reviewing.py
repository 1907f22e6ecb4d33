"""审核台: look at each deed of a month and decide it."""

from collections import defaultdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Village
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.forms import AdjustForm, ApproveForm, RejectForm, ReopenForm
from ledger.limits import remaining_points
from ledger.models import Deed
from ledger.refusals import Refused
from ledger.review import (
    AlreadyDecided,
    approve_deed,
    reject_deed,
    reopen_deed,
)
from ledger.review_rows import review_rows

DEEDS_ON_A_PAGE = 100
FORMS = {form.name: form for form in (ApproveForm, AdjustForm, RejectForm, ReopenForm)}
SHOWN = {
    "pending": Q(state=Deed.State.PENDING),
    "decided": Q(state__in=[Deed.State.APPROVED, Deed.State.REJECTED]),
    "all": Q(),
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
    """Show the deeds of one month, those that need a look first."""
    period = get_object_or_404(village.periods, month=month)
    shown = request.GET.get("show")
    shown = shown if shown in SHOWN else "pending"
    deeds = _with_everything(Deed.objects.filter(village=village, period=period))
    rows = review_rows(period, deeds.filter(SHOWN[shown]), by=request.user)
    rows.sort(key=lambda row: not row.needs_a_look)
    return page(
        request,
        "review.html",
        village,
        _("Review desk"),
        period=period,
        rows=Paginator(rows, DEEDS_ON_A_PAGE).get_page(request.GET.get("page")),
        shown=shown,
        pending=deeds.pending().count(),
        total=deeds.count(),
        may_decide=_may_decide(request, village) and not period.is_published,
        may_propose=request.user.has_perm("ledger.propose_correction", village),
    )


@staff_page("ledger.decide_deed")
@require_POST
def approve_ticked(request, village, month):
    """Approve every ticked deed, each by itself; tell which were refused and why."""
    period = get_object_or_404(village.periods, month=month)
    ticked = [int(pk) for pk in request.POST.getlist("deed") if pk.isdecimal()]
    deeds = Deed.objects.filter(village=village, period=period, pk__in=ticked)
    approved, refused = 0, defaultdict(list)
    for deed in deeds.select_related("household", "item").order_by("pk"):
        try:
            approve_deed(deed, by=request.user, at=timezone.now())
            approved += 1
        except Refused as refusal:
            refused[str(refusal)].append(f"{deed.household}（{deed.item}）")
    if approved:
        messages.success(request, _("Approved: %(count)s.") % {"count": approved})
    elif not refused:
        messages.warning(request, _("Tick at least one deed."))
    for reason, names in refused.items():
        messages.warning(
            request,
            _("Not approved: %(deeds)s. %(reason)s")
            % {"deeds": "、".join(names), "reason": reason},
        )
    return redirect(_address(period))


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
            if form.is_valid() and _decide(request, deed, outcome, form):
                return redirect(_address(deed.period))
    deed = get_object_or_404(_with_everything(Deed.objects.all()), pk=deed.pk)
    (row,) = review_rows(deed.period, [deed], by=request.user)
    forms = _forms(deed, outcome, form) if not row.lock else {}
    return page(
        request,
        "review_deed.html",
        deed.village,
        _("Review desk"),
        row=row,
        deed=deed,
        back=_address(deed.period),
        alike=Deed.objects.alike(deed).exclude(pk=deed.pk).select_related("item"),
        remaining=remaining_points(deed),
        decisions=deed.decisions.select_related("by").order_by("-number"),
        forms=forms if _may_decide(request, deed.village) else {},
    )


def _decide(request, deed, outcome, form) -> bool:
    data = form.cleaned_data
    who = {"by": request.user, "at": timezone.now()}
    heard = {"heard_on": data.get("heard_on")}
    try:
        if outcome == ApproveForm.name:
            decision = approve_deed(deed, **heard, **who)
        elif outcome == AdjustForm.name:
            decision = approve_deed(
                deed, magnitude=data["points"], reason=data["reason"], **heard, **who
            )
        elif outcome == RejectForm.name:
            decision = reject_deed(deed, reason=data["reason"], **who)
        else:
            decision = reopen_deed(deed, reason=data["reason"], **who)
    except AlreadyDecided as refused:
        messages.warning(request, str(refused))
        return False
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("%(household)s, %(item)s: %(outcome)s.")
        % {
            "household": deed.household,
            "item": deed.item,
            "outcome": decision.get_outcome_display(),
        },
    )
    return True


def _forms(deed, outcome, posted):
    """Return the ways to go on from a deed's state, the posted one with its errors."""
    if deed.period.is_published:
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
        .prefetch_related("photos", "decisions__by")
        .order_by("happened_on", "item__position", "household__number", "pk")
    )


def _may_decide(request, village):
    return request.user.has_perm("ledger.decide_deed", village)


def _address(period):
    address = reverse("ledger_desk:review", args=[period.month])
    return f"{address}?village={period.village.slug}"
