"""受理申报: take a declaration down, accept it with item and points, or decline it."""

from django.contrib import messages
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
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
from ledger.changing import changeable
from ledger.declaring import (
    accept_declaration,
    declare_deed,
    decline_declaration,
    undo_acceptance,
    undo_decline,
)
from ledger.desk.access import page, staff_page
from ledger.desk.declaration_forms import (
    AcceptForm,
    DeclareForm,
    good_items,
    points_of,
)
from ledger.desk.filed_cards import filed_cards, settled_by
from ledger.forms import RejectForm
from ledger.models import Decision, Declaration, Deed, ScoringItem
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import DuplicateDeed
from ledger.refusals import Refused

DECLARATIONS_SHOWN = 50
SETTLED_SHOWN = 10


@staff_page("ledger.record_deed")
@require_safe
def declarations(request, village):
    """List what waits, the oldest first, each with its two ways out."""
    return list_page(request, village)


@staff_page("ledger.record_deed")
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request, village):
    """Take down what somebody declared by word, phone, SMS, QQ or WeChat."""
    form = DeclareForm(request.POST or None, village=village)
    if form.is_valid() and _declare(request, form):
        return redirect(declarations_address(village))
    return page(
        request,
        "declaration_new.html",
        village,
        _("Write down a declaration"),
        form=form,
        back=declarations_address(village),
    )


@staff_page("ledger.record_deed")
@require_POST
def accept(request, village, pk):
    """Make a declared deed pending."""
    deed = _deed(village, pk)
    form = AcceptForm(request.POST, village=village, deed=deed)
    if form.is_valid() and _accept(request, deed, form):
        return redirect(declarations_address(village))
    return list_page(request, village, accepting={deed.pk: form})


@staff_page("ledger.record_deed")
@require_POST
def decline(request, village, pk):
    """Decline a declared deed with a reason."""
    deed = _deed(village, pk)
    form = RejectForm(request.POST, deed=deed, auto_id=f"id_{deed.pk}_%s")
    if form.is_valid():
        try:
            decline_declaration(
                deed,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("%(household)s: not accepted.") % {"household": deed.household},
            )
            return redirect(declarations_address(village))
    return list_page(request, village, declining={deed.pk: form})


@staff_page("ledger.record_deed")
@require_POST
def undo(request, village, pk):
    """Let what one has accepted or declined wait again."""
    deed = _deed(village, pk)
    back = undo_acceptance if deed.is_accepted else undo_decline
    try:
        back(deed, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request,
            _("Undone: %(household)s waits again.") % {"household": deed.household},
        )
    return redirect(declarations_address(village))


def list_page(
    request,
    village,
    *,
    accepting=None,
    declining=None,
    accepting_filed=None,
    declining_filed=None,
):
    """Show what waits in a village, with the forms of one card as they were sent."""
    filed = Declaration.objects.filter(village=village).waiting()
    waiting = (
        Deed.objects.filter(village=village)
        .declared()
        .select_related("household__group", "item", "recorded_by", "period")
        .order_by("recorded_at", "pk")
    )
    items = good_items(village)
    choices = [(item.pk, f"{item} {points_of(item)}") for item in items]
    cards = []
    for deed in waiting[:DECLARATIONS_SHOWN]:
        to_accept = (accepting or {}).get(deed.pk) or AcceptForm(
            village=village, deed=deed, items=ScoringItem.objects.none()
        )
        # One list of items for every card, instead of a question for each.
        to_accept.fields["item"].choices = choices
        to_decline = (declining or {}).get(deed.pk) or RejectForm(
            deed=deed, auto_id=f"id_{deed.pk}_%s"
        )
        cards.append((deed, to_accept, to_decline))
    of_web = filed_cards(
        village, filed, choices, accepting_filed or {}, declining_filed or {}
    )
    settled = list(_settled(village, request.user))
    return page(
        request,
        "declarations.html",
        village,
        _("Accept declarations"),
        cards=cards,
        filed_cards=of_web,
        settled_filed=settled_by(request.user, village, at=timezone.now()),
        waiting=_count(waiting, cards) + _count(filed, of_web),
        settled=settled,
        changeable=changeable(settled, by=request.user),
        villages=Village.objects.where_allowed(request.user, "ledger.record_deed"),
    )


def _count(waiting, cards):
    """Count what waits, without asking again when all of it is shown."""
    return len(cards) if len(cards) < DECLARATIONS_SHOWN else waiting.count()


def _settled(village, user):
    """Return what a person accepted or declined and can still undo, newest first."""
    last = Decision.objects.filter(village=village, deed=OuterRef("pk"))
    accepted = Q(state=Deed.State.PENDING, recorded_by=user)
    declined = Q(state=Deed.State.REJECTED, last_by=user.pk)
    return (
        Deed.objects.filter(village=village, period__published_at=None)
        .exclude(declaration=None)
        .annotate(
            last_by=Subquery(last.order_by("-number").values("by")[:1]),
            last_at=Subquery(last.order_by("-number").values("at")[:1]),
        )
        .filter(
            (accepted & ~Q(operation=F("declaration")))
            | (declined & Q(operation=F("declaration")))
        )
        .annotate(settled_at=Coalesce("last_at", "recorded_at"))
        .select_related("household", "item", "operation", "period")
        .order_by("-settled_at", "-pk")[:SETTLED_SHOWN]
    )


def _declare(request, form) -> Deed | None:
    data = form.cleaned_data
    try:
        deed = declare_deed(
            data["household"],
            data["item"],
            happened_on=data["day"],
            channel=data["channel"],
            note=data["note"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except KeyUsedForSomethingElse as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(
        request,
        _("Written down for %(household)s.") % {"household": deed.household},
    )
    return deed


def _accept(request, deed, form) -> Deed | None:
    data = form.cleaned_data
    try:
        accepted = accept_declaration(
            deed,
            data["item"],
            magnitude=data["points"],
            again=data["again"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except DuplicateDeed as refused:
        form.is_doubled = True
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    except Refused as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    messages.success(
        request,
        _("%(household)s: accepted, %(points)s points, waits for review.")
        % {"household": accepted.household, "points": accepted.points},
    )
    return accepted


def _deed(village, pk) -> Deed:
    return get_object_or_404(
        Deed.objects.filter(village=village).select_related("household", "item"), pk=pk
    )


def declarations_address(village):
    """Return the address of the list of what waits in a village."""
    return f"{reverse('ledger_desk:declarations')}?village={village.slug}"
