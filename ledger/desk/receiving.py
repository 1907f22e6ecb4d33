"""受理网上申报: accept what residents declared themselves, or decline it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from households.downloads import hand_out_photo
from ledger.desk.access import staff_object, staff_page
from ledger.desk.declaration_forms import AcceptFiledForm
from ledger.desk.declaring import declarations_address, list_page
from ledger.desk.filed_cards import decline_form
from ledger.models import Declaration
from ledger.receiving import accept_filed, decline_filed, undo_settled
from ledger.recording import DuplicateDeed
from ledger.refusals import Refused


@staff_page("ledger.record_deed")
@require_POST
def accept(request, village, pk):
    """Make a declaration a pending deed."""
    declaration = _declaration(village, pk)
    form = AcceptFiledForm(request.POST, village=village, declaration=declaration)
    if form.is_valid() and _accept(request, declaration, form):
        return redirect(declarations_address(village))
    return list_page(request, village, accepting_filed={declaration.pk: form})


@staff_page("ledger.record_deed")
@require_POST
def decline(request, village, pk):
    """Decline a declaration with a reason."""
    declaration = _declaration(village, pk)
    form = decline_form(declaration, request.POST)
    if form.is_valid():
        try:
            decline_filed(
                declaration,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("%(household)s: not accepted.")
                % {"household": declaration.household},
            )
            return redirect(declarations_address(village))
    return list_page(request, village, declining_filed={declaration.pk: form})


@staff_page("ledger.record_deed")
@require_POST
def undo(request, village, pk):
    """Let what one has accepted or declined wait again."""
    declaration = _declaration(village, pk)
    try:
        undo_settled(declaration, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request,
            _("Undone: %(household)s waits again.")
            % {"household": declaration.household},
        )
    return redirect(declarations_address(village))


@staff_object(Declaration.objects.all, "ledger.record_deed", cacheable=True)
@require_safe
def photo(request, declaration):
    """Hand out the photo that came with a declaration."""
    if not declaration.photo:
        raise Http404
    return hand_out_photo(declaration.photo)


def _accept(request, declaration, form) -> bool:
    data = form.cleaned_data
    try:
        deed = accept_filed(
            declaration,
            data["item"],
            magnitude=data["points"],
            again=data["again"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.is_doubled = isinstance(refused, DuplicateDeed)
        form.renew_key()
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("%(household)s: accepted, %(points)s points, waits for review.")
        % {"household": deed.household, "points": deed.points},
    )
    return True


def _declaration(village, pk) -> Declaration:
    of_village = Declaration.objects.filter(village=village)
    return get_object_or_404(of_village.select_related("household"), pk=pk)
