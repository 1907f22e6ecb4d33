"""活动: the menu as staff keep it, one activity with its next step, its form."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Village
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.activity_form import ActivityForm, CancelForm
from ledger.gatherings.activities import (
    cancel_activity,
    change_activity,
    has_its_day,
    plan_activity,
    publish_activity,
)
from ledger.gatherings.arrival_codes import AROUND
from ledger.models import Activity, Operation
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused

KEEPS = "ledger.keep_activities"
PAST_SHOWN = 40


@staff_page(KEEPS)
@require_safe
def activities(request, village):
    """List the activities of a village, those that wait to be closed first."""
    now = timezone.localtime()
    of_village = (
        Activity.objects.filter(village=village).select_related("item").with_counts()
    )
    on_the_menu = list(of_village.on_the_menu().order_by("day", "begins_at", "pk"))
    is_past = Q(closed_at__isnull=False) | Q(canceled_at__isnull=False)
    return page(
        request,
        "activities.html",
        village,
        _("Activities"),
        over=[one for one in on_the_menu if one.ends < now],
        coming=[one for one in on_the_menu if one.ends >= now],
        drafts=of_village.filter(published_at=None, canceled_at=None).order_by("day"),
        past=of_village.filter(is_past).order_by("-day", "-pk")[:PAST_SHOWN],
        villages=Village.objects.where_allowed(request.user, KEEPS),
    )


@staff_page(KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request, village):
    """Plan an activity, as a draft or at once on the menu."""
    form = ActivityForm(
        request.POST or None, village=village, preset=request.GET.get("preset", "")
    )
    if form.is_valid():
        activity = _saved(
            form,
            lambda: plan_activity(
                village,
                form.plan(),
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            ),
        )
        if activity and "publish" in request.POST:
            _publish(request, activity)
        elif activity:
            messages.success(request, _("Saved. Nobody outside sees it yet."))
        if activity:
            return redirect("ledger_desk:activity", activity.pk)
    return page(
        request,
        "activity_form.html",
        village,
        _("Plan an activity"),
        form=form,
        back=address(village),
    )


@staff_object(Activity.objects.all, KEEPS)
@require_safe
def activity(request, activity):
    """Show one activity, what to do next, and what came of it."""
    now = timezone.now()
    counted = (
        Activity.objects.select_related("village", "item", "planned_by", "closed_by")
        .with_counts()
        .get(pk=activity.pk)
    )
    standing = counted.sign_ins.standing().select_related("household", "deed")
    in_order = standing.order_by("household__group__number", "household__number", "pk")
    is_closed = counted.closed_at is not None
    return page(
        request,
        "activity.html",
        counted.village,
        counted.title,
        activity=counted,
        has_begun=counted.begins <= now,
        is_over=counted.ends < now,
        shows_code=is_code_time(counted, now),
        has_its_day=has_its_day(counted, now),
        left_out=in_order.exclude(left_out="") if is_closed else [],
        recorded=in_order.filter(deed__isnull=False).count() if is_closed else 0,
        records=Operation.objects.filter(
            village=counted.village, deeds__sign_ins__activity=counted
        ).distinct()
        if is_closed
        else [],
        back=address(counted.village),
    )


@staff_object(Activity.objects.select_related("item").all, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, activity):
    """Announce an activity otherwise."""
    back = reverse("ledger_desk:activity", args=[activity.pk])
    if request.method != "POST" and (activity.closed_at or activity.canceled_at):
        return redirect(back)
    form = ActivityForm(
        request.POST or None, village=activity.village, activity=activity
    )
    if form.is_valid() and _saved(
        form,
        lambda: change_activity(
            activity, form.plan(), by=request.user, at=timezone.now()
        ),
    ):
        messages.success(request, _("Changed. The menu says it at once."))
        return redirect(back)
    return page(
        request,
        "activity_form.html",
        activity.village,
        _("Change the activity"),
        form=form,
        activity=activity,
        only_places=bool(activity.published_at)
        and has_its_day(activity, timezone.now()),
        back=back,
    )


@staff_object(Activity.objects.all, KEEPS)
@require_POST
def publish(request, activity):
    """Put a draft on the menu."""
    _publish(request, activity)
    return redirect("ledger_desk:activity", activity.pk)


@staff_object(Activity.objects.all, KEEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, activity):
    """Call an activity off, with a reason for everybody."""
    back = reverse("ledger_desk:activity", args=[activity.pk])
    if activity.closed_at or activity.canceled_at:
        return redirect(back)
    form = CancelForm(request.POST or None)
    if form.is_valid():
        try:
            cancel_activity(
                activity,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, _("Canceled. The menu says why."))
            return redirect(back)
    return page(
        request,
        "activity_cancel.html",
        activity.village,
        _("Cancel the activity"),
        activity=activity,
        form=form,
        back=back,
    )


def address(village) -> str:
    return f"{reverse('ledger_desk:activities')}?village={village.slug}"


def is_code_time(activity: Activity, now) -> bool:
    """Tell whether phones can sign in now: around its hours, on its day."""
    is_near = activity.begins - AROUND <= now <= activity.ends + AROUND
    return activity.is_open and is_near and has_its_day(activity, now)


def _publish(request, activity) -> None:
    try:
        publish_activity(activity, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("It stands on the menu now."))


def _saved(form, save) -> Activity | None:
    """Save; when that is refused the page comes back with all that was typed."""
    try:
        return save()
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.refuse(refused)
        return None
