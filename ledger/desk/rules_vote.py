"""The vote on a draft: fill in the minutes, look at everything once more, record it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ledger.desk.access import page, staff_object
from ledger.desk.rules_forms import VoteForm
from ledger.models import Rulebook
from ledger.months import first_day
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from ledger.rules.check import findings_of
from ledger.rules.comparing import compare
from ledger.rules.drafting import last_version
from ledger.rules.voting import check_vote, record_vote


@staff_object(
    lambda: Rulebook.objects.select_related("village"), "ledger.adopt_rulebook"
)
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request, draft):
    """Take the minutes, show them once more with what was warned of, record them."""
    back = reverse("ledger_desk:rules-version", args=[draft.pk])
    if draft.stage == Rulebook.Stage.VOTED:
        return redirect(back)
    # What was typed before the township's word was taken back comes back refused.
    if request.method != "POST" and draft.stage != Rulebook.Stage.AGREED:
        messages.warning(request, _("The township has not agreed to this draft yet."))
        return redirect(back)
    form = VoteForm(request.POST or None, draft=draft)
    act = request.POST.get("act", "")
    is_checked = (
        form.is_valid() and act != "edit" and _is_possible(request, draft, form)
    )
    is_ticked = "checked" in request.POST
    if is_checked and act == "record" and is_ticked and _record(request, draft, form):
        return redirect(back)
    is_checked = is_checked and not form.errors
    items = list(draft.items.order_by("position"))
    before = last_version(draft)
    found = findings_of(items, before.items.all() if before else [])
    day = form.cleaned_data.get("in_force_from") if is_checked else None
    return page(
        request,
        "rules_vote_check.html" if is_checked else "rules_vote.html",
        draft.village,
        _("Record the vote"),
        rulebook=draft,
        form=form,
        comparison=compare(draft),
        warned=[(item, found[item.pk]) for item in items if item.pk in found],
        is_within_month=day and day != first_day(day),
        needs_tick=act == "record" and not is_ticked,
        back=back,
    )


def _is_possible(request, draft, form) -> bool:
    return _try(
        form,
        lambda: check_vote(
            draft,
            form.vote(),
            in_force_from=form.cleaned_data["in_force_from"],
            by=request.user,
            at=timezone.now(),
        ),
    )


def _record(request, draft, form) -> bool:
    done = _try(
        form,
        lambda: record_vote(
            draft,
            form.vote(),
            in_force_from=form.cleaned_data["in_force_from"],
            key=form.cleaned_data["key"],
            by=request.user,
            at=timezone.now(),
        ),
    )
    if done:
        messages.success(request, _("The rules are adopted. Hang up the new sheet."))
    return done


def _try(form, act) -> bool:
    try:
        act()
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(None, str(refused))
        return False
    return True
