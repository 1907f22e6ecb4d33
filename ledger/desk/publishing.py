"""公示与定榜: cut a month off, check it, publish it, make it final."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Sum
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
from ledger.desk.access import page, staff_page
from ledger.forms import ConfirmForm
from ledger.models import Deed, ScoringItem
from ledger.months import cut_off_date, cut_off_month, finalize_month
from ledger.publishing import notice_end, publish_month, what_is_missing
from ledger.refusals import Refused


@dataclass(frozen=True)
class Check:
    """One line of the checklist: what must hold, whether it does, where to go."""

    sentence: str
    is_met: bool
    address: str = ""


@staff_page("ledger.view_publication")
@require_safe
def publication_list(request, village):
    """List the months of a village and where each stands."""
    return page(
        request,
        "publication_list.html",
        village,
        _("Publication"),
        periods=village.periods.order_by("-month"),
        villages=Village.objects.where_allowed(request.user, "ledger.view_publication"),
    )


@staff_page("ledger.view_publication")
@require_safe
def publication(request, village, month):
    """Show where a month stands, what is missing, and what would be published."""
    period = _period(village, month)
    may_close = request.user.has_perm("ledger.publish_month", village)
    return page(
        request,
        "publication.html",
        village,
        _("Publication"),
        period=period,
        published=period.publications.first(),
        checks=_checks(period),
        missing=what_is_missing(period),
        figures=_figures(period),
        notice_ends_at=notice_end(village, timezone.now()),
        is_notice_over=_is_notice_over(period),
        open_objections=village.objections.filter(publication__period=period)
        .open()
        .count(),
        may_close=may_close,
    )


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
    return _confirm(
        request,
        _period(village, month),
        publish_month,
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


def _confirm(request, period, operation, *, done, button, warning):
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
    )


def _checks(period) -> list[Check]:
    """Return what to look at before publishing, with the way to each."""
    village = period.village
    deeds = Deed.objects.filter(village=village, period=period)
    pending = deeds.undecided().count()
    unheard = deeds.approved().filter(points__lt=0, heard_on=None).count()
    approvers = (
        deeds.approved()
        .filter(decisions__outcome__in=["approved", "adjusted"])
        .aggregate(people=Count("decisions__by", distinct=True))["people"]
    )
    before = village.periods.unpublished().filter(month__lt=period.month)
    earlier = before.order_by("month").first()
    to_review = _within("ledger_desk:review", period)
    checks = [
        Check(
            _("Recording has ended (by itself after %(day)s)")
            % {"day": cut_off_date(village, period.month)},
            period.cut_off_at is not None,
        ),
        Check(
            _("Deeds that wait for a decision: %(count)s") % {"count": pending},
            pending == 0,
            to_review,
        ),
        Check(
            _("People who approved deeds: %(count)s") % {"count": approvers},
            approvers > 0 or not deeds.exists(),
            f"{to_review}&show=decided",
        ),
        Check(
            _("Deductions not told to the household: %(count)s") % {"count": unheard},
            unheard == 0,
            f"{to_review}&show=decided",
        ),
    ]
    if earlier:
        checks.append(
            Check(
                _("%(month)s must be published first.") % {"month": earlier},
                False,
                _within("ledger_desk:publication", earlier),
            )
        )
    return checks


def _figures(period) -> dict:
    """Add up what the month gives as it is decided now."""
    approved = Deed.objects.filter(village=period.village, period=period).approved()
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
    return _within("ledger_desk:publication", period)


def _within(name, period):
    return f"{reverse(name, args=[period.month])}?village={period.village.slug}"
