"""The shop as residents read it: who exchanged what, what there is, whose money."""

from django.utils import timezone
from django.views.decorators.http import require_safe

from ledger.public import pages
from ledger.public.noticeboard import Noticeboard
from rewards.public.fund_page import FundYear
from rewards.public.offers import offers_of
from rewards.public.partners_page import Partners
from rewards.public.redemptions_page import SlipMonth, usable_from


@require_safe
def redemptions(request, slug):
    """List what was exchanged in a month, the names masked."""
    noticeboard, now = Noticeboard.of(slug), timezone.now()
    village, today = noticeboard.village, timezone.localdate(now)
    shown = SlipMonth.asked(village, request.GET.get("month", ""), today)
    if shown is None:
        page = noticeboard.furniture()
        return pages.answer_once(request, "rewards/no_month.html", page, status=404)
    offers = offers_of(village, at=now) if shown.is_present else ()
    awaited = tuple(offer.name for offer in offers if offer.is_awaited)
    few = tuple(offer.name for offer in offers if offer.is_running_low)
    return pages.page(
        request,
        "rewards/redemptions.html",
        (noticeboard.facts(today), shown.facts(), awaited, few),
        lambda: {
            **noticeboard.furniture(),
            **shown.page(),
            "awaited": awaited,
            "few": few,
            "on_notice": noticeboard.latest and noticeboard.latest.period.month,
            "usable_from": usable_from(noticeboard.latest, village.policy, today),
        },
    )


@require_safe
def shop(request, slug):
    """Show what points can be exchanged for, and how."""
    noticeboard, now = Noticeboard.of(slug), timezone.now()
    village, today = noticeboard.village, timezone.localdate(now)
    policy, offers = village.policy, offers_of(village, at=now)
    rules = (
        policy.smallest_redemption,
        policy.redemption_first_day,
        policy.redemption_last_day,
    )
    return pages.page(
        request,
        "rewards/shop.html",
        (noticeboard.facts(today), offers, rules),
        lambda: {
            **noticeboard.furniture(),
            "offers": offers,
            "expires_after": noticeboard.expires_after(today),
        },
    )


@require_safe
def fund(request, slug):
    """Show the money of the exchange fund, a year at a time."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    shown = FundYear.asked(noticeboard.village, request.GET.get("year", ""), today)
    if shown is None:
        page = noticeboard.furniture()
        return pages.answer_once(request, "rewards/no_year.html", page, status=404)
    return pages.page(
        request,
        "rewards/fund.html",
        (noticeboard.facts(today), shown.facts()),
        lambda: {**noticeboard.furniture(), **shown.page()},
    )


@require_safe
def partners(request, slug):
    """Thank those who gave money or goods to the exchange."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    shown = Partners.of(noticeboard.village)
    return pages.page(
        request,
        "rewards/partners.html",
        (noticeboard.facts(today), shown.facts()),
        lambda: {**noticeboard.furniture(), **shown.page()},
    )
