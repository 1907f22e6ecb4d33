"""One item of a draft: change it, move it, leave it out; or add one."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ledger.desk.access import page, staff_object
from ledger.desk.rules_forms import ItemForm, PillarForm
from ledger.models import Rulebook, ScoringItem
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from ledger.rules.check import findings_of
from ledger.rules.drafting import (
    add_item,
    change_item,
    drop_item,
    last_version,
    move_item,
)

MAY_DRAFT = "ledger.adopt_rulebook"


def _items():
    return ScoringItem.objects.select_related("village", "rulebook__village")


@staff_object(_items, MAY_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request, item):
    """Change an item of a draft; its buttons move it or leave it out."""
    draft, facts = item.rulebook, {"by": request.user, "at": timezone.now()}
    back = f"{reverse('ledger_desk:rules-version', args=[draft.pk])}#{item.code}"
    if _is_too_late(request, draft):
        return redirect(back)
    act = request.POST.get("act")
    if act in ("up", "down", "drop"):
        _move(request, item, act, facts)
        return redirect(back)
    form = ItemForm(request.POST or None, instance=item)
    if form.is_valid():
        try:
            # What the form put into its own copy is not taken for what stands.
            stands = _items().get(pk=item.pk)
            change_item(stands, **form.values(), **facts)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(item)s is saved.") % {"item": item.code})
            return redirect(back)
    return _page(request, draft, form, back, item=item)


@staff_object(lambda: Rulebook.objects.select_related("village"), MAY_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def new_item(request, draft):
    """Add an item to a draft."""
    back = reverse("ledger_desk:rules-version", args=[draft.pk])
    if _is_too_late(request, draft):
        return redirect(back)
    pillar = PillarForm(request.POST or None, initial={"pillar": _pillar(request)})
    chosen = pillar.cleaned_data["pillar"] if pillar.is_valid() else _pillar(request)
    blank = ScoringItem(
        village=draft.village, rulebook=draft, pillar=chosen, unit="每次"
    )
    form = ItemForm(request.POST or None, instance=blank)
    if pillar.is_valid() and form.is_valid():
        try:
            made = add_item(
                draft,
                chosen,
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
                **form.values(),
            )
        except Refused as refused:
            if isinstance(refused, KeyUsedForSomethingElse):
                form.renew_key()
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(item)s is saved.") % {"item": made.code})
            return redirect(f"{back}#{made.code}")
    return _page(request, draft, form, back, pillar=pillar)


def _is_too_late(request, draft) -> bool:
    """Tell whether there is nothing to show; what was typed comes back refused."""
    if request.method == "POST" or draft.stage == Rulebook.Stage.DRAFT:
        return False
    messages.warning(request, _("This version is not being drawn up now."))
    return True


def _move(request, item, act, facts):
    try:
        if act == "drop":
            drop_item(item, **facts)
            messages.success(
                request,
                _("%(item)s is left out; you can put it back from the comparison.")
                % {"item": item.code},
            )
        else:
            move_item(item, up=act == "up", **facts)
    except Refused as refused:
        messages.warning(request, str(refused))


def _page(request, draft, form, back, *, item=None, pillar=None):
    before = last_version(draft)
    found = {}
    if item:
        stands = ScoringItem.objects.get(pk=item.pk)
        found = findings_of([stands], before.items.all() if before else [])
    return page(
        request,
        "rules_item.html",
        draft.village,
        str(item) if item else _("Add an item"),
        rulebook=draft,
        form=form,
        item=item,
        pillar=pillar,
        findings=found.get(item.pk, []) if item else [],
        earlier=_earlier(before, item),
        back=back,
    )


def _earlier(before, item) -> ScoringItem | None:
    if item is None or before is None:
        return None
    return before.items.filter(code=item.code).first()


def _pillar(request) -> str:
    asked = request.GET.get("pillar", "")
    return asked if asked in ScoringItem.Pillar.values else ScoringItem.Pillar.SELF
