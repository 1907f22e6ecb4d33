"""表决细则: the meeting that adopts a draft, and from when it counts."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.models import User
from ledger.models import Deed, Period, Rulebook, RulebookVote
from ledger.months import first_day, next_month
from ledger.operations import claim_operation
from ledger.refusals import Refused
from ledger.rules.asking import NotSent, SamePerson, Verdict, check_lawful
from ledger.rules.drafting import any_draft, trace

Kind = RulebookVote.Kind
# What a vote adopts, in the order of the digest. A field that joins the items
# later is not in the digests of earlier votes.
VOTED_ON = (
    "code", "pillar", "title", "title_en", "criterion", "points_min", "points_max",
    "unit", "month_cap", "year_cap", "evidence", "repair", "repair_percent",
    "repair_days",
)  # fmt: skip
# A day further off is a slip of the pen, and the version it would put into force
# lets no other come before it.
LONGEST_WAIT = timedelta(days=731)
OLDEST_MEETING = timedelta(days=366)


class NotCarried(Refused):
    """The meeting was too small, the numbers do not add up, or it said no."""


class DayNotPossible(Refused):
    """The rules cannot come into force on that day."""


@dataclass(frozen=True)
class Vote:
    """What the minutes of a meeting say; all numbers count people or households."""

    meeting: str
    kind: str
    held_on: date
    entitled: int
    present: int
    votes_for: int
    against: int
    abstained: int
    filing_number: str
    women: int | None = None


@transaction.atomic
def record_vote(
    draft: Rulebook,
    vote: Vote,
    *,
    in_force_from: date,
    key: UUID,
    by: User,
    at: datetime,
) -> Rulebook:
    """Record the meeting that adopts a draft, in force from a day (2018 guidance).

    From then on the version and its items never change.

    :raises NotADraft: if it was adopted or given up
    :raises NotSent: if the township has not agreed to it
    :raises SamePerson: if `by` agreed to it for the township
    :raises NotCarried: if the meeting was too small or said no (Organic Law, 22, 26)
    :raises DayNotPossible: if it cannot come into force on that day
    :raises ItemNotInOrder: if an item is of the list of what is never one
    """
    said = {"draft": draft.pk, "in_force_from": in_force_from, **asdict(vote)}
    _operation, is_first = claim_operation(
        key, village=draft.village, kind="rulebook.vote", payload=said, by=by, at=at
    )
    if not is_first:
        return Rulebook.objects.get(pk=draft.pk)
    draft = any_draft(draft)
    check_vote(draft, vote, in_force_from=in_force_from, by=by, at=at)
    RulebookVote.objects.create(
        village=draft.village,
        rulebook=draft,
        digest=items_digest(draft),
        recorded_by=by,
        recorded_at=at,
        **asdict(vote),
    )
    draft.adopted_on = vote.held_on
    draft.adoption = words_of(vote)
    draft.in_force_from = in_force_from
    draft.save(update_fields=["adopted_on", "adoption", "in_force_from"])
    trace("rulebook.vote", draft, by, at, in_force_from=in_force_from.isoformat())
    return draft


def check_vote(
    draft: Rulebook, vote: Vote, *, in_force_from: date, by: User, at: datetime
) -> None:
    """Refuse a vote that cannot be recorded, as `record_vote` says."""
    if not draft.agreed_at:
        raise NotSent(_("The township has not agreed to this draft yet."))
    agreed = draft.comments.filter(village=draft.village, verdict=Verdict.AGREED)
    if agreed.filter(by=by, at__gte=draft.sent_at).exists():
        raise SamePerson(
            _("You agreed to it for the township; somebody else records the vote.")
        )
    check_lawful(draft)
    _check_meeting(vote, today=timezone.localdate(at))
    check_day(draft, in_force_from, held_on=vote.held_on)


def _check_meeting(vote: Vote, *, today: date) -> None:
    if not vote.meeting.strip() or not vote.filing_number.strip():
        raise NotCarried(_("Write the name of the meeting and the filing number."))
    if vote.held_on > today:
        raise NotCarried(_("The meeting cannot be later than today."))
    if today - vote.held_on > OLDEST_MEETING:
        raise NotCarried(_("The meeting was more than a year ago; check the year."))
    if vote.present > vote.entitled or (vote.women or 0) > vote.present:
        raise NotCarried(_("More people came than were entitled, or than were there."))
    if vote.votes_for + vote.against + vote.abstained != vote.present:
        raise NotCarried(
            _("For, against and abstained make %(sum)s, but %(present)s were present.")
            % {
                "sum": vote.votes_for + vote.against + vote.abstained,
                "present": vote.present,
            }
        )
    if not has_quorum(vote):
        raise NotCarried(_("Too few came: the meeting could not decide."))
    if vote.votes_for * 2 <= vote.present:
        raise NotCarried(
            _("It needs more than half of those present; the draft is not adopted.")
        )


def has_quorum(vote: Vote) -> bool:
    """Tell whether enough came: more than half of all adults, else two thirds."""
    share = Fraction(vote.present, max(1, vote.entitled))
    if vote.kind == Kind.VILLAGERS:
        return share > Fraction(1, 2)
    return share >= Fraction(2, 3)


def check_day(draft: Rulebook, day: date, *, held_on: date) -> None:
    """Refuse a day on which the rules cannot come into force.

    :raises DayNotPossible: naming the first day that is possible
    """
    if day < held_on:
        raise DayNotPossible(_("The rules cannot be in force before the vote."))
    if day - held_on > LONGEST_WAIT:
        raise DayNotPossible(
            _("The rules come into force within two years of the vote; check the year.")
        )
    first = first_possible_day(draft)
    if day < first:
        raise DayNotPossible(
            _(
                "Months that are cut off and deeds that are recorded keep their rules: "
                "%(day)s is the first day possible."
            )
            % {"day": date_format(first)}
        )


def first_possible_day(draft: Rulebook) -> date:
    """Return the first day after all that stands recorded under earlier rules."""
    village = draft.village
    days = [date.min]
    closed = Period.objects.filter(village=village, cut_off_at__isnull=False)
    if month := closed.order_by("-month").values_list("month", flat=True).first():
        days.append(next_month(month))
    deeds = Deed.objects.filter(village=village).standing()
    last = deeds.order_by("-happened_on").values_list("happened_on", flat=True).first()
    if last:
        days.append(date.fromordinal(last.toordinal() + 1))
    before = Rulebook.objects.filter(village=village).settled()
    days += [
        date.fromordinal(since.toordinal() + 1)
        for since in before.values_list("in_force_from", flat=True)
        if since
    ]
    return max(days)


def usual_day(draft: Rulebook, *, today: date) -> date:
    """Return the first of a month from which new rules usually count."""
    first = max(first_possible_day(draft), today)
    return first if first == first_day(first) else next_month(first)


def items_digest(rulebook: Rulebook) -> str:
    """Return the SHA-256 of what the items say, in their order."""
    items = rulebook.items.order_by("position", "code").values_list(*VOTED_ON)
    text = json.dumps([list(item) for item in items], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def words_of(vote: Vote) -> str:
    """Write a vote in one line, in the village's language."""
    with translation.override("zh-hans"):
        women = _(" (%(women)s of them women)") % {"women": vote.women}
        return _(
            "%(meeting)s: %(present)s of %(entitled)s present%(women)s, %(votes_for)s "
            "for, %(against)s against, %(abstained)s abstained; filed as %(filing)s"
        ) % {
            **asdict(vote),
            "women": women if vote.women is not None else "",
            "filing": vote.filing_number,
        }
