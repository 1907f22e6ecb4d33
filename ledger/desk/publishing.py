"""公示与定榜: cut a month off, check it, publish it, make it final."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import Abs
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
from ledger.announcing import (
    broadcast,
    group_message,
    readable,
    reading_seconds,
    spoken,
)
from ledger.board import read
from ledger.desk.access import page, staff_page
from ledger.desk.checklist import (
    checks_of,
    checks_of_other_apps,
    goods_of_other_apps,
    within,
)
from ledger.desk.withdrawing import chance_to_withdraw, history_of
from ledger.forms import ConfirmForm
from ledger.freezing import notice_end
from ledger.models import Deed, Entry, Publication, ScoringItem
from ledger.months import cut_off_date, cut_off_month, finalize_month
from ledger.naming import open_names, with_names
from ledger.preview import preview_of
from ledger.publishing import publish_month, what_is_missing
from ledger.refusals import Refused
from ledger.timeline import redeemable_from

OBJECTIONS_SHOWN = 50
PODIUM = 3


@staff_page("ledger.view_publication")
@require_safe
def publication_list(request, village):
    """List the months of a village and where each stands."""
    return page(
        request,
        "publication_list.html",
        village,
        _("Publication"),
        periods=village.periods.annotate(
            withdrawals=Count("publications__withdrawals")
        ).order_by("-month"),
        villages=Village.objects.where_allowed(request.user, "ledger.view_publication"),
    )


@staff_page("ledger.view_publication")
@require_safe
def publication(request, village, month):
    """Show where a month stands, what is missing, and what would be published."""
    period = _period(village, month)
    now = timezone.now()
    figures = _figures(period)
    published = Publication.objects.of(village).filter(period=period).first()
    if published:
        said = _announced(published)
        said |= chance_to_withdraw(published, at=now)
    else:
        said = _awaited(request, period, figures)
    return page(
        request,
        "publication.html",
        village,
        _("Publication"),
        period=period,
        published=published,
        figures=figures,
        history=history_of(period),
        is_notice_over=_is_notice_over(period),
        may_close=request.user.has_perm("ledger.publish_month", village),
        **said,
    )


def _awaited(request, period, figures) -> dict:
    """Return what stands between a month and its notice, and how it would look."""
    preview = preview_of(period)
    checks = checks_of(period, preview, by=request.user)
    ends_at = notice_end(period.village, timezone.now())
    redeem_from, goods = _exchange(period.village, ends_at)
    words = spoken(
        village=period.village.name,
        month=period.month,
        deeds=figures["deeds"],
        households=figures["households"],
        names=readable([slip.name for slip in preview.top]),
        ends_at=ends_at,
        redeem_from=redeem_from,
        goods=goods,
    )
    return {
        "preview": preview,
        "podium": preview.top[:PODIUM],
        "checks": checks,
        "met": sum(check.is_met for check in checks),
        "to_check": sum(check.is_met or not check.is_advice for check in checks),
        "missing": _missing(period),
        "notice_ends_at": ends_at,
        "spoken": words,
        "seconds": reading_seconds(words),
    }


def _exchange(village, notice_ends_at) -> tuple[date | None, list[str]]:
    """Return from when the month's points are exchanged, and for which goods."""
    ends_on = timezone.localdate(notice_ends_at)
    return redeemable_from(village.policy, ends_on), goods_of_other_apps(village)


def _missing(period) -> list[str]:
    """Return the sentences that stand between a month and its publication today."""
    sentences = what_is_missing(period)
    last_day = cut_off_date(period.village, period.month)
    if not period.cut_off_at and timezone.localdate() <= last_day:
        sentences.insert(0, _("Recording has not ended yet."))
    return sentences


def _announced(publication) -> dict:
    """Return the words to pass on, and what was objected."""
    village = publication.village
    document = with_names(read(publication.document), open_names(village))
    board = f"{settings.PUBLIC_URL}{reverse('ledger:board', args=[village.slug])}"
    redeem_from, goods = _exchange(village, document["notice_ends_at"])
    words = broadcast(document, redeem_from=redeem_from, goods=goods)
    objections = village.objections.filter(publication=publication)
    return {
        "spoken": words,
        "seconds": reading_seconds(words),
        "written": group_message(
            document, address=board, phone=village.supervision_phone
        ),
        "groups": document["groups"],
        "objections": objections.select_related("household", "decided_by").order_by(
            "filed_at", "pk"
        )[:OBJECTIONS_SHOWN],
        "open_objections": objections.open().count(),
    }


@staff_page("ledger.cut_off_month")
@require_POST
def cut_off(request, village, month):
    """Stop recording into a month."""
    period = _period(village, month)
    try:
        cut_off_month(period, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request, _("%(month)s takes no more records.") % {"month": period}
        )
    return redirect(_address(period))


@staff_page("ledger.publish_month")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, village, month):
    """Publish a reviewed month after a deliberate yes."""
    period = _period(village, month)
    return _confirm(
        request,
        period,
        publish_month,
        advice=[check for check in checks_of_other_apps(period) if not check.is_met],
        done=_("%(month)s is published."),
        button=_("Confirm and publish"),
        warning=_(
            "Once it is published, points can no longer be changed. Mistakes are put "
            "right by a correction."
        ),
    )


@staff_page("ledger.finalize_month")
@require_http_methods(["GET", "HEAD", "POST"])
def finalize(request, village, month):
    """Make a month final after its notice."""
    return _confirm(
        request,
        _period(village, month),
        finalize_month,
        done=_("%(month)s is final; its points can be spent."),
        button=_("Make final"),
        warning=_("Once it is final, the points of this month can be spent."),
    )


def _confirm(request, period, operation, *, done, button, warning, advice=()):
    form = ConfirmForm(request.POST or None, village=period.village, request=request)
    if form.is_valid():
        try:
            operation(period, by=request.user, at=timezone.now())
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, done % {"month": period})
        return redirect(_address(period))
    return page(
        request,
        "confirm.html",
        period.village,
        _("Publication"),
        form=form,
        period=period,
        figures=_figures(period),
        back=_address(period),
        button=button,
        warning=warning,
        advice=advice,
    )


def _figures(period) -> dict:
    """Add up what the month gives as it is decided now.

    What was put right within the month, after a withdrawal, gives nothing.
    """
    put_right = Entry.objects.filter(
        village=period.village_id, period=period, reverses__deed=OuterRef("pk")
    )
    approved = Deed.objects.filter(
        ~Exists(put_right), village=period.village, period=period
    ).approved()
    positive = approved.filter(points__gt=0)
    by_pillar = positive.values("item__pillar").annotate(
        deeds=Count("pk"), points=Sum("points")
    )
    labels = dict(ScoringItem.Pillar.choices)
    return {
        **positive.aggregate(
            deeds=Count("pk"),
            points=Sum("points", default=0),
            households=Count("household", distinct=True),
        ),
        "pillars": [
            {**line, "label": labels[line["item__pillar"]]}
            for line in by_pillar.order_by("item__pillar")
        ],
        "deductions": approved.filter(points__lt=0).aggregate(
            deeds=Count("pk"), points=Sum(Abs("points"), default=0)
        ),
    }


def _is_notice_over(period):
    ends = period.notice_ends_at
    return bool(ends and timezone.now() >= ends and not period.finalized_at)


def _period(village, month):
    return get_object_or_404(
        village.periods.select_related("village__policy"), month=month
    )


def _address(period):
    return within("ledger_desk:publication", period)
