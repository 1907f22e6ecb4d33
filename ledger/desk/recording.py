"""记一笔: record a deed, see what was recorded, take it back."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Village
from ledger.changing import changeable
from ledger.declaring import undo_acceptance
from ledger.desk.access import page, staff_page
from ledger.desk.declaring import declarations_address
from ledger.desk.record_form import AGAIN
from ledger.desk.record_shown import ShownRecordForm
from ledger.desk.selection import ACTIONS
from ledger.evidence import attach_photos, keep_photos
from ledger.models import Deed, Operation
from ledger.operations import KeyUsedForSomethingElse, record_refusal
from ledger.recording import Recorded, record_deeds, withdraw_deed
from ledger.refusals import Refused


@staff_page("ledger.record_deed")
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request, village):
    """Record one deed for every household named, or say what is in the way.

    A button that only changes the form brings it back changed. The page's
    script is told the next address instead of being redirected.
    """
    saved = _saved(request)
    form = ShownRecordForm(
        *sent(request),
        village=village,
        by=request.user,
        act=act_of(request),
        initial=_kept(request, saved),
    )
    return answer(
        request,
        form,
        record_deeds,
        _another,
        title=_("Record"),
        address=reverse("ledger_desk:entry"),
        here=reverse("ledger_desk:entry", query={"village": village.slug}),
        draft=f"entry {request.user.pk} {village.slug}",
        villages=Village.objects.where_allowed(request.user, "ledger.record_deed"),
        **saved,
    )


def sent(request):
    """Return what a form was sent with, if it was."""
    return request.POST or None, request.FILES or None


def act_of(request) -> tuple[str, str] | None:
    """Return name and value of a button that only changes the form."""
    act = next((name for name in ACTIONS if name in request.POST), None)
    return (act, request.POST[act]) if act else None


def answer(request, form, record, leads_to, *, title, **context):
    """Save a form that is in order, else bring it back; a script gets it alone."""
    is_script = "X-Desk" in request.headers
    if form.is_valid():
        recorded = _save(request, form, record)
        if recorded:
            url = leads_to(recorded.operation)
            return JsonResponse({"next": url}) if is_script else redirect(url)
    if is_script:
        return render(request, "ledger/desk/entry_form.html", {"form": form})
    return page(request, "entry.html", form.of_village, title, form=form, **context)


def _another(operation):
    """Return the address of an empty form that shows what was saved before it."""
    saved = {"village": operation.village.slug, "saved": operation.key}
    return reverse("ledger_desk:entry", query=saved)


def _kept(request, saved):
    """Carry item and day over from the record before."""
    if saved:
        first = saved["first"]
        return {"code": first.item.code, "day": first.happened_on.isoformat()}
    return {
        name: request.GET[name]
        for name in ("item", "day")
        if request.GET.get(name, "").strip()
    }


def _saved(request):
    """Return what was saved just before, for the line above the empty form."""
    with suppress(ValueError, Http404):
        key = UUID(request.GET.get("saved", ""))
        return _shown(request, operation_of(request, key))
    return {}


def _shown(request, operation):
    deeds = list(
        operation.deeds.select_related("household", "item", "period").order_by("pk")
    )
    if not deeds:
        raise Http404
    standing = [deed for deed in deeds if deed.state != Deed.State.WITHDRAWN]
    return {
        "operation": operation,
        "deeds": deeds,
        "first": deeds[0],
        "standing": standing,
        "undoable": _undoable(operation, request.user),
        "changeable": changeable(deeds, by=request.user),
    }


def _save(request, form, record) -> Recorded | None:
    data, at = form.cleaned_data, timezone.now()
    try:
        with transaction.atomic():
            recorded = record(
                data["chosen"],
                data["item"],
                happened_on=data["day"],
                magnitude=data["points"],
                channel=data["channel"],
                note=data["note"],
                heard_on=data["heard_on"],
                second_recorder=data["second_recorder"],
                again=data["choice"] == AGAIN,
                key=data["key"],
                by=request.user,
                at=at,
            )
            if not recorded.is_repeat:
                keep_photos(recorded.deeds, data.get("kept", []))
                attach_photos(recorded.deeds, data["photos"], at=at)
    except KeyUsedForSomethingElse as refused:
        record_refusal("deed.record", village=form.of_village, by=request.user, at=at)
        form.renew_key()
        form.refuse(refused)
        return None
    except Refused as refused:
        form.refuse(refused)
        return None
    if recorded.is_repeat:
        messages.info(request, _("This was saved before; nothing was added."))
    return recorded


@staff_page("ledger.record_deed")
@require_safe
def entry_result(request, village, key):
    """Show what one saved form has recorded."""
    operation = operation_of(request, key)
    if not operation.deeds.exists():
        # An acceptance that was undone has left its deed to the declaration.
        return redirect(declarations_address(operation.village))
    return page(
        request,
        "entry_result.html",
        operation.village,
        _("Record"),
        record_another=_another(operation),
        **_shown(request, operation),
    )


@staff_page("ledger.record_deed")
@require_POST
def entry_withdraw(request, village, key):
    """Take back what one saved form recorded, as far as nobody has decided it."""
    operation = operation_of(request, key)
    withdrawn = 0
    for deed in _undoable(operation, request.user):
        with suppress(Refused):
            undo = undo_acceptance if deed.is_accepted else withdraw_deed
            undo(deed, by=request.user, at=timezone.now())
            withdrawn += 1
    if withdrawn:
        messages.success(request, _("Undone: %(count)s deeds.") % {"count": withdrawn})
    else:
        messages.warning(request, _("There is nothing left to undo."))
    return redirect("ledger_desk:entry-result", key)


def operation_of(request, key) -> Operation:
    return get_object_or_404(
        Operation.objects.filter(
            village__in=Village.objects.where_allowed(
                request.user, "ledger.record_deed"
            )
        ).select_related("village", "by"),
        key=key,
        kind="record",
    )


def _undoable(operation, user):
    return list(operation.deeds.filter(recorded_by=user).undecided())
