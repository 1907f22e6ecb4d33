"""改: put right what was just recorded, in the form it was recorded with."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households.typed_numbers import whole_number, whole_numbers
from ledger.changing import (
    NotChangeable,
    change_deeds,
    changeable,
    check_changeable,
    with_what_stands_against_it,
)
from ledger.desk.access import staff_page
from ledger.desk.change_form import ChangeForm
from ledger.desk.recording import act_of, answer, operation_of, sent
from ledger.models import Deed, Operation


@staff_page("ledger.record_deed")
@require_http_methods(["GET", "HEAD", "POST"])
def entry_change(request, village, key):
    """Show what a saved form recorded, or one deed of it, and record it anew."""
    operation = operation_of(request, key)
    deeds = _asked(request, operation)
    refusal = _refusal(request, deeds)
    if refusal:
        messages.warning(request, refusal)
        return redirect("ledger_desk:entry-result", key)
    address = reverse("ledger_desk:entry-change", args=[key])
    form = ChangeForm(
        *sent(request),
        replaced=deeds,
        village=operation.village,
        by=request.user,
        act=act_of(request),
    )
    here = f"{address}?deed={request.GET['deed']}" if "deed" in request.GET else address
    return answer(
        request,
        form,
        partial(change_deeds, deeds),
        _result,
        title=_("Change a record"),
        address=address,
        here=here,
        draft=f"change {request.user.pk} {form['replaces'].value()}",
        back=_result(operation),
    )


def _asked(request, operation: Operation) -> list[Deed]:
    """Return the deeds a form was opened for; at first, all that can be changed."""
    deeds = with_what_stands_against_it(operation.deeds.all())
    if request.method == "POST":
        named = request.POST.get("replaces", "").split(",")
        return list(deeds.filter(pk__in=whole_numbers(named)))
    if deed := whole_number(request.GET.get("deed")):
        return list(deeds.filter(pk=deed))
    return changeable(deeds, by=request.user) or list(deeds)


def _refusal(request, deeds) -> str:
    """Say what keeps a form from being opened; a form that is sent says it itself."""
    if not deeds:
        return _("There is nothing left to change.")
    try:
        if request.method != "POST":
            check_changeable(deeds, by=request.user)
    except NotChangeable as refused:
        return str(refused)
    return ""


def _result(operation: Operation) -> str:
    return reverse("ledger_desk:entry-result", args=[operation.key])
