"""What today's desk says of the year's awards, from a final December to the gifts."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from config.today_tasks import Task, within
from households.models import User, Village
from ledger.models import Period
from ledger.templatetags.ledger_tags import day_time
from rewards.gifts import gifts_waiting
from rewards.models import AwardRound

DECEMBER = 12
PREPARE, CONFIRM = "rewards.prepare_awards", "rewards.confirm_awards"


def award_tasks(
    village: Village, may: frozenset[str], user: User, *, now: datetime
) -> Iterator[Task]:
    """Say what the awards of the newest whole year wait for, and from whom."""
    if not {PREPARE, CONFIRM} & may or not village.policy.award_places:
        return
    final = Period.objects.filter(
        village=village, month__month=DECEMBER, finalized_at__isnull=False
    )
    newest = final.order_by("-month").values_list("month", flat=True).first()
    if newest is None:
        return
    rounds = AwardRound.objects.filter(village=village, year=newest.year)
    round = rounds.standing().defer("document").first()
    address = within("rewards_desk:award-round", village, newest.year)
    year = str(newest.year)
    if round is None or round.state == AwardRound.State.DRAFTED:
        title = _("honor roll to prepare")
        yield Task(1, title, address, _("Prepare"), PREPARE in may, detail=year)
    elif round.is_notice_over(now) and not round.confirmed_at:
        is_mine = CONFIRM in may and round.opened_by_id != user.pk
        ended = _("notice ended %(moment)s") % {
            "moment": day_time(round.notice_ends_at)
        }
        yield Task(
            1,
            _("honor roll to confirm by vote"),
            address,
            _("Confirm") if is_mine else "",
            is_mine,
            detail=f"{year} · {ended}",
        )
    elif round.confirmed_at and PREPARE in may:
        waiting = gifts_waiting(village)
        if waiting:
            yield Task(
                waiting,
                _("award gifts not handed over yet"),
                within("rewards_desk:gifts", village),
                _("See who waits"),
                is_mine=False,
                detail=_("at the shop"),
            )
