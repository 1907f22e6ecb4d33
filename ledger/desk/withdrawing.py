"""撤回: take a notice back, and tell of those that were."""

from datetime import datetime
from math import ceil

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ledger.desk.access import page, staff_page
from ledger.desk.checklist import within
from ledger.forms import WithdrawForm
from ledger.models import Period, Publication, Withdrawal
from ledger.refusals import Refused
from ledger.templatetags.ledger_tags import month_name
from ledger.withdrawing import (
    what_forbids_withdrawal,
    withdraw_publication,
    withdrawable_until,
)


@staff_page("ledger.publish_month")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, village, month):
    """Take a notice off the board, for a reason, while nobody has used it."""
    period = get_object_or_404(village.periods, month=month)
    notices = _notices(period)
    newest = notices.first()
    form = WithdrawForm(
        request.POST or None,
        village=village,
        initial={"revision": newest and newest.revision},
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            withdraw_publication(
                get_object_or_404(notices, revision=data["revision"]),
                by=request.user,
                at=timezone.now(),
                reason=data["reason"],
                key=data["key"],
            )
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(
                request,
                _("The notice of %(month)s is withdrawn.")
                % {"month": month_name(period.month)},
            )
        return redirect(within("ledger_desk:publication", period))
    published = notices.standing().first()
    if published is None:
        return redirect(within("ledger_desk:publication", period))
    return page(
        request,
        "publication_withdraw.html",
        village,
        _("Withdraw the notice"),
        form=form,
        period=period,
        published=published,
        back=within("ledger_desk:publication", period),
        **chance_to_withdraw(published, at=timezone.now()),
    )


def chance_to_withdraw(publication: Publication, *, at: datetime) -> dict:
    """Return until when a notice can be withdrawn, or why it can not any more."""
    until = withdrawable_until(publication)
    return {
        "withdrawable_until": until,
        "minutes_left": max(0, ceil((until - at).total_seconds() / 60)),
        "obstacle": what_forbids_withdrawal(publication, at=at),
    }


def history_of(period: Period) -> list[Publication]:
    """Return the notices of a month with their withdrawals; none without any."""
    withdrawals = Withdrawal.objects.filter(village=period.village_id)
    notices = list(
        _notices(period)
        .select_related("published_by")
        .prefetch_related(Prefetch("withdrawals", withdrawals.select_related("by")))
    )
    return notices if any(notice.withdrawals.all() for notice in notices) else []


def _notices(period):
    return (
        Publication.objects.filter(village=period.village_id, period=period)
        .defer("document")
        .select_related("village", "period")
        .order_by("-revision")
    )
