"""The exchange at the counter: points go down, goods go out, together or not at all."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.changes import departure_of
from households.locking import lock_village
from households.models import Household, User, Village
from ledger.expiring import expire_points, with_carry_over
from ledger.models import Entry
from ledger.operations import claim_operation
from ledger.posting import post_entries
from ledger.refusals import Refused
from rewards.models import (
    Redemption,
    RedemptionLine,
    Reward,
    StockMovement,
)
from rewards.stock import move_stock

# How late a slip written by hand may be entered.
PAPER_SLIP_DAYS = 31
MOST_OF_ONE_KIND = 1_000


class NothingChosen(Refused):
    """No goods were asked for."""


class NotOfThisShop(Refused):
    """The goods are another village's, or no longer offered."""


class HouseholdGone(Refused):
    """The household has moved out."""


class ShopClosed(Refused):
    """The village exchanges points on certain days of the month only."""


class TooFewPoints(Refused):
    """The household cannot afford it, or the slip is below the smallest redemption."""


class OutOfStock(Refused):
    """Less is on hand than was asked for."""


class PaperSlipRefused(Refused):
    """The day or the number of a slip written by hand is not possible."""


@transaction.atomic
def redeem(
    household: Household,
    wanted: Mapping[Reward, int],
    *,
    key: UUID,
    by: User,
    at: datetime,
    collected_by: str = "",
    handed_over_on: date | None = None,
    paper_number: str = "",
) -> Redemption:
    """Exchange a household's points for goods: one entry, one movement a line (I-22).

    `wanted` maps goods to how many units; prices are those in force, in points.
    Only points of final months are spendable, so nothing on notice is spent
    (I-20). Spending never lowers the score. A slip written by hand while the
    network was down is entered later with its own day and number. The same key
    returns the same slip (I-13).

    :raises NothingChosen: if nothing is wanted
    :raises NotOfThisShop: if goods are another village's or not offered
    :raises HouseholdGone: if the household has moved out
    :raises ShopClosed: if today is no day of exchange
    :raises TooFewPoints: if it costs more than there is, or less than the smallest
    :raises OutOfStock: naming the goods and what is left
    :raises PaperSlipRefused: if the day lies ahead or too far back
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(household.village)
    quantities = {reward.pk: count for reward, count in wanted.items() if count}
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="redeem",
        payload={
            "household": household.pk,
            "goods": sorted(quantities.items()),
            "collected_by": collected_by,
            "day": handed_over_on and handed_over_on.isoformat(),
            "paper": paper_number,
        },
        by=by,
        at=at,
    )
    if not is_first:
        return Redemption.objects.get(village=village, operation=operation)
    day = _check_day(village, handed_over_on, paper_number, at=at)
    household, balance = _balance(village, household, at=at)
    rewards = _offered(village, quantities, at=priced_at(day, at=at))
    points = sum(reward.points * quantities[reward.pk] for reward in rewards)
    _check_points(village, points, balance)
    _check_stock(rewards, quantities)

    [entry] = post_entries(
        village,
        [
            Entry(
                household=household,
                year=timezone.localdate(at).year,
                kind=Entry.Kind.REDEMPTION,
                points=-points,
            )
        ],
        by=by,
        at=at,
    )
    last = Redemption.objects.filter(village=village).aggregate(n=Max("number"))["n"]
    redemption = Redemption.objects.create(
        village=village,
        number=(last or 0) + 1,
        household=household,
        entry=entry,
        operation=operation,
        handed_over_on=day,
        paper_number=paper_number,
        collected_by=collected_by,
        balance_after=balance - points,
        redeemed_at=at,
        redeemed_by=by,
    )
    lines = RedemptionLine.objects.bulk_create(
        RedemptionLine(
            village=village,
            redemption=redemption,
            reward=reward,
            price_id=reward.price_id,
            quantity=quantities[reward.pk],
            points=reward.points * quantities[reward.pk],
        )
        for reward in rewards
    )
    move_stock(
        village,
        [
            StockMovement(
                reward_id=line.reward_id,
                kind=StockMovement.Kind.ISSUE,
                quantity=-line.quantity,
                line=line,
            )
            for line in lines
        ],
        operation=operation,
        by=by,
        at=at,
    )
    record_event(
        "shop.redeem",
        village=village,
        by=by,
        at=at,
        subject=redemption,
        slip=redemption.number,
        points=points,
    )
    return redemption


def priced_at(day: date, *, at: datetime) -> datetime:
    """Return the moment whose prices count for goods handed over on a day."""
    if day == timezone.localdate(at):
        return at
    return timezone.make_aware(datetime.combine(day, time.max))


def require_open(village: Village, day: date) -> None:
    """Refuse a day on which the village exchanges no points.

    :raises ShopClosed: if it is not one of the village's days
    """
    policy = village.policy
    first, last = policy.redemption_first_day, policy.redemption_last_day
    if not first <= day.day <= last:
        raise ShopClosed(
            _("Points are exchanged from the %(first)s to the %(last)s of a month.")
            % {"first": first, "last": last}
        )


def require_spendable(household: Household, *, on: date) -> None:
    """Refuse a household that has left, once its last day at the counter is over.

    :raises HouseholdGone: saying where its points went
    """
    change = departure_of(household)
    if change is None:
        raise HouseholdGone(_("This household has moved out; its points stay unspent."))
    if change.other:
        raise HouseholdGone(
            _("This household was merged into %(other)s; its points went along.")
            % {"other": change.other}
        )
    if change.spendable_until and on > change.spendable_until:
        raise HouseholdGone(
            _("This household moved out; its points could be spent until %(day)s.")
            % {"day": date_format(change.spendable_until)}
        )


def _check_day(village, handed_over_on, paper_number, *, at) -> date:
    """Return the day on which the goods changed hands."""
    today = timezone.localdate(at)
    day = handed_over_on or today
    if day > today:
        raise PaperSlipRefused(_("The date cannot be later than today."))
    if day < today - timedelta(days=PAPER_SLIP_DAYS):
        raise PaperSlipRefused(
            _("Only slips of the last %(days)s days can be entered.")
            % {"days": PAPER_SLIP_DAYS}
        )
    if paper_number:
        taken = Redemption.objects.filter(village=village, paper_number=paper_number)
        if taken.exists():
            raise PaperSlipRefused(
                _("Paper slip %(number)s is entered already.")
                % {"number": paper_number}
            )
    require_open(village, day)
    return day


def _offered(village, quantities, *, at):
    """Return the goods asked for with price and number on hand, by id."""
    if not quantities:
        raise NothingChosen(_("Choose at least one thing."))
    rewards = list(
        Reward.objects.filter(village=village, pk__in=quantities)
        .active()
        .with_price(at)
        .with_on_hand()
        .filter(price_id__isnull=False)
        .order_by("pk")
    )
    if len(rewards) < len(quantities):
        raise NotOfThisShop(_("These goods are no longer offered. Open the page anew."))
    for reward in rewards:
        if not 0 < quantities[reward.pk] <= MOST_OF_ONE_KIND:
            raise NothingChosen(
                _("Write how many %(goods)s, from 1 to %(most)s.")
                % {"goods": reward.name, "most": MOST_OF_ONE_KIND}
            )
    return rewards


def _balance(village, household, *, at):
    """Return the household as it now is, and the points it can spend.

    What past years left is expired first when its day is over, so that a late
    timer gives nobody more than the others.
    """
    year = timezone.localdate(at).year
    household = with_carry_over(
        Household.objects.filter(pk=household.pk), village=village, year=year
    ).get()
    if household.status == Household.Status.LEFT:
        require_spendable(household, on=timezone.localdate(at))
    expired = 0
    if household.carried_over > 0:
        entries = expire_points(village, at=at, households=[household])
        expired = sum(entry.points for entry in entries)
    return household, max(0, household.spendable + expired)


def _check_points(village, points, balance) -> None:
    smallest = village.policy.smallest_redemption
    if points < smallest:
        raise TooFewPoints(
            _("At least %(points)s points are exchanged at a time.")
            % {"points": smallest}
        )
    if points > balance:
        raise TooFewPoints(
            _("%(points)s points short: it costs %(cost)s, and %(balance)s are there.")
            % {"points": points - balance, "cost": points, "balance": balance}
        )


def _check_stock(rewards, quantities) -> None:
    for reward in rewards:
        if quantities[reward.pk] > reward.on_hand:
            raise OutOfStock(
                _("Only %(count)s %(unit)s of %(goods)s left. Take fewer.")
                % {
                    "count": reward.on_hand,
                    "unit": reward.unit,
                    "goods": reward.name,
                }
                if reward.on_hand > 0
                else _("%(goods)s is out of stock.") % {"goods": reward.name}
            )
