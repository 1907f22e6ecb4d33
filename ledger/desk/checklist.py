"""What to look at before a month is published, with the way to each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import User, Village
from ledger.freezing import notice_end
from ledger.models import Deed, Period, Publication
from ledger.months import cut_off_date
from ledger.preview import Preview
from ledger.sealing import is_sealed
from ledger.templatetags.ledger_tags import day_month, day_time, month_name


@dataclass(frozen=True)
class Check:
    """One line of the checklist: what must hold, whether it does, where to go.

    A line that is advice warns and holds nothing up.
    """

    sentence: str
    is_met: bool
    address: str = ""
    detail: str = ""
    # What the link says while nothing is wrong; without it there is none then.
    look: str = ""
    is_advice: bool = False


def checks_of(period: Period, preview: Preview, *, by: User) -> list[Check]:
    """Return the lines of a month's checklist, in the order of the work."""
    return [
        *_of_deeds(period),
        *_of_the_board(period, preview, by=by),
        _chain(period),
        *checks_of_other_apps(period),
    ]


def checks_of_other_apps(period: Period) -> Iterator[Check]:
    """Yield what the apps above the ledger add by their `publication_checks`."""
    for app in apps.get_app_configs():
        checks = getattr(app, "publication_checks", None)
        if checks:
            yield from checks(period)


def goods_of_other_apps(village: Village) -> list[str]:
    """Return what points are exchanged for, as the apps above the ledger name it."""
    makers = [getattr(app, "announced_goods", None) for app in apps.get_app_configs()]
    return [name for make in makers if make for name in make(village)]


def _of_deeds(period) -> list[Check]:
    deeds = Deed.objects.filter(village=period.village, period=period)
    state = Deed.State
    counts = deeds.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=[state.DECLARED, state.PENDING])),
        unheard=Count(
            "pk", filter=Q(state=state.APPROVED, points__lt=0, heard_on=None)
        ),
        heard=Count(
            "pk", filter=Q(state=state.APPROVED, points__lt=0, heard_on__isnull=False)
        ),
    )
    approvers = (
        deeds.approved()
        .filter(decisions__outcome__in=["approved", "adjusted"])
        .order_by()
        .values("decisions__by__last_name", "decisions__by__first_name")
        .annotate(count=Count("pk", distinct=True))
        .order_by("-count")
    )
    told = [
        _("%(person)s %(count)s")
        % {
            "person": line["decisions__by__last_name"]
            + line["decisions__by__first_name"],
            "count": line["count"],
        }
        for line in approvers
    ]
    name = month_name(period.month)
    to_review = within("ledger_desk:review", period)
    recording = Check(
        _("Recording has not ended yet"),
        is_met=False,
        detail=_("by itself after %(day)s")
        % {"day": day_month(cut_off_date(period.village, period.month))},
    )
    return [
        *([] if period.cut_off_at else [recording]),
        Check(
            _("Deeds that wait for a decision: %(count)s")
            % {"count": counts["waiting"]},
            counts["waiting"] == 0,
            to_review,
            ""
            if counts["waiting"]
            else _("All deeds of %(month)s are decided") % {"month": name},
        ),
        Check(
            _("People who approved deeds: %(count)s") % {"count": len(told)},
            bool(told) or not counts["all"],
            f"{to_review}&show=decided",
            "、".join(told),
        ),
        Check(
            _("Deductions not told to the household: %(count)s")
            % {"count": counts["unheard"]},
            counts["unheard"] == 0,
            f"{to_review}&show=decided",
            _("%(count)s told") % {"count": counts["heard"]},
        ),
    ]


def _of_the_board(period, preview, *, by) -> list[Check]:
    village = period.village
    ends = notice_end(village, timezone.now())
    policy = ""
    if by.has_perm("households.change_villagepolicy", village):
        policy = reverse(
            "admin:households_villagepolicy_change", args=[village.policy.pk]
        )
    return [
        Check(
            _("%(count)s households on the red list") % {"count": preview.ranked},
            True,
            "#names" if preview.ranked else "",
            look=_("See the names"),
            detail=_("%(named)s agreed to show their name, %(masked)s are masked")
            % {"named": preview.named, "masked": preview.ranked - preview.named},
        ),
        Check(
            _("%(days)s days on notice") % {"days": village.policy.notice_days},
            True,
            policy,
            look=_("Change the days"),
            detail=_("Published today, it runs until %(moment)s")
            % {"moment": day_time(ends)},
        ),
    ]


def _chain(period) -> Check:
    """Tell whether the month follows the one before without a gap (I-30, I-34)."""
    village = period.village
    earlier = (
        village.periods.unpublished()
        .filter(month__lt=period.month)
        .order_by("month")
        .first()
    )
    if earlier:
        return Check(
            _("%(month)s must be published first.") % {"month": earlier},
            False,
            within("ledger_desk:publication", earlier),
        )
    previous = Publication.objects.of(village).first()
    if previous is None:
        return Check(_("The first notice of this village"), True)
    return Check(
        _("Follows the notice of %(month)s")
        % {"month": month_name(previous.period.month)},
        is_sealed(json.loads(previous.document)),
        detail=_("%(state)s, number %(digest)s")
        % {"state": previous.period.state.label, "digest": previous.short_digest},
    )


def within(name: str, period: Period) -> str:
    """Return the address of a page about one month of one village."""
    return f"{reverse(name, args=[period.month])}?village={period.village.slug}"
