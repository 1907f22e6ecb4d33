"""The acts of the review desk on many deeds: approve, put aside, undo."""

from collections import defaultdict

from django.contrib import messages
from django.db.models import Count, Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from households.typed_numbers import whole_number, whole_numbers
from ledger.desk.access import staff_page
from ledger.models import Deed
from ledger.review import approve_deeds, reopen_deeds
from ledger.review_batches import deeds_of_action
from ledger.review_rows import review_rows

PILE = "review_later"
PILE_SIZE = 2_000


@staff_page("ledger.decide_deed")
@require_POST
def approve_ticked(request, village, month):
    """Approve the deeds that were ticked, or a whole batch; say which were refused.

    A batch approved whole has not been opened, so what has come to need a look
    since the page was made is left out of it.
    """
    period = get_object_or_404(village.periods, month=month)
    deeds = _posted(request, period)
    refused = []
    if request.POST.get("whole"):
        rows = review_rows(
            period, deeds.prefetch_related("photos", "decisions"), by=request.user
        )
        refused = [(row.deed, "、".join(row.flags)) for row in rows if row.flags]
        flagged = {deed.pk for deed, _reason in refused}
        deeds = [row.deed for row in rows if row.deed.pk not in flagged]
    verdicts = approve_deeds(list(deeds), by=request.user, at=timezone.now())
    refused += [(deed, str(refusal)) for deed, refusal in verdicts.refused]
    return answer(request, period, verdicts.decisions, refused)


@staff_page("ledger.decide_deed")
@require_POST
def put_aside(request, village, month):
    """Put deeds on the reviewer's own pile for later, or take them off it."""
    period = get_object_or_404(village.periods, month=month)
    deeds = list(_posted(request, period).pending().values_list("pk", flat=True))
    pile = [pk for pk in request.session.get(PILE, []) if pk not in deeds]
    if not request.POST.get("back"):
        pile += deeds
    request.session[PILE] = pile[-PILE_SIZE:]
    if is_script(request):
        return JsonResponse({"done": deeds, "refused": [], **counts(request, period)})
    return redirect(desk_address(request, period))


@staff_page("ledger.decide_deed")
@require_POST
def undo(request, village, month):
    """Take back one of the reviewer's own acts, as far as it still stands."""
    period = get_object_or_404(village.periods, month=month)
    key = whole_number(request.POST.get("action"))
    deeds = deeds_of_action(period, key, by=request.user) if key else []
    verdicts = reopen_deeds(deeds, by=request.user, at=timezone.now())
    refused = [(deed, str(refusal)) for deed, refusal in verdicts.refused]
    return answer(request, period, verdicts.decisions, refused)


def answer(request, period, decisions, refused):
    """Tell a script, or a person on the next page, what became of the deeds."""
    sentences = _sentences(decisions, refused)
    if is_script(request):
        return JsonResponse(
            {
                "done": [decision.deed_id for decision in decisions],
                "refused": [
                    {"deed": deed.pk, "sentence": sentence}
                    for deed, sentence in refused
                ],
                "action": min((made.pk for made in decisions), default=None),
                "sentence": " ".join(sentences) or _nothing(),
                **counts(request, period),
            }
        )
    if decisions:
        messages.success(request, sentences.pop(0))
    elif not refused:
        messages.warning(request, _nothing())
    for sentence in sentences:
        messages.warning(request, sentence)
    return redirect(desk_address(request, period))


def is_script(request) -> bool:
    return request.headers.get("Accept") == "application/json"


def tally(period) -> dict[str, int]:
    """Count the deeds of a month that wait, and those that are decided."""
    decided = [Deed.State.APPROVED, Deed.State.REJECTED]
    return Deed.objects.filter(village=period.village_id, period=period).aggregate(
        pending=Count("pk", filter=Q(state=Deed.State.PENDING)),
        reviewed=Count("pk", filter=Q(state__in=decided)),
    )


def counts(request, period) -> dict[str, int]:
    """Tell a script what its page counts: the tally, and the reviewer's own pile."""
    pile = request.session.get(PILE, [])
    of_month = Deed.objects.filter(village=period.village_id, period=period).pending()
    return {**tally(period), "later": of_month.filter(pk__in=pile).count()}


def desk_address(request, period) -> str:
    """Return the place on the desk that a form was sent from."""
    query = {"village": period.village.slug}
    if request.POST.get("show"):
        query["show"] = request.POST["show"]
    following = whole_number(request.POST.get("next"))
    place = ""
    if following:
        query["at"] = following
        place = f"#batch-{following}"
    address = reverse("ledger_desk:review", args=[period.month])
    return f"{address}?{urlencode(query)}{place}"


def _posted(request, period):
    """Return the deeds a form names: one by one, or a whole batch in one field."""
    named = request.POST.getlist("deed") + request.POST.get("deeds", "").split(",")
    return (
        Deed.objects.filter(
            village=period.village_id,
            period=period,
            pk__in=whole_numbers(named),
        )
        .select_related("household", "item", "period", "village")
        .order_by("pk")
    )


def _sentences(decisions, refused) -> list[str]:
    by_outcome, by_reason = defaultdict(list), defaultdict(list)
    for decision in decisions:
        by_outcome[decision.get_outcome_display()].append(decision.deed)
    for deed, reason in refused:
        by_reason[reason].append(f"{deed.household}（{deed.item}）")
    done = [
        _("%(household)s, %(item)s: %(outcome)s.")
        % {"household": deeds[0].household, "item": deeds[0].item, "outcome": outcome}
        if len(deeds) == 1
        else _("%(outcome)s: %(count)s.") % {"count": len(deeds), "outcome": outcome}
        for outcome, deeds in by_outcome.items()
    ]
    return done + [
        _("Not decided: %(deeds)s. %(reason)s")
        % {"deeds": "、".join(names), "reason": reason}
        for reason, names in by_reason.items()
    ]


def _nothing():
    return _("Tick at least one deed.")
