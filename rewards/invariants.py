"""What must always be true of shop and awards, each promise known by its id."""

import json

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import Coalesce

from ledger.invariants.people import served
from ledger.invariants.registry import Invariant, registrar
from ledger.models import Entry, Objection
from rewards.honor_roll import is_whole
from rewards.models import (
    Award,
    AwardGift,
    AwardRound,
    Cancellation,
    FundMovement,
    GiftHandover,
    GiftReturn,
    Redemption,
    RedemptionLine,
    StockMovement,
)

SHOP_INVARIANTS: list[Invariant] = []
invariant = registrar(SHOP_INVARIANTS)


@invariant("I-20")
def nobody_spends_more_than_is_there(villages):
    """Just after each redemption and expiry a household's balance is 0 or more."""
    so_far = Entry.objects.filter(
        village=OuterRef("village"), household=OuterRef("household")
    ).order_by()
    earned = so_far.filter(
        kind__in=Entry.EARNING, period__finalized_at__lte=OuterRef("posted_at")
    )
    spent = so_far.filter(kind__in=Entry.SPENDING, number__lte=OuterRef("number"))
    spends = Entry.objects.filter(
        village__in=villages, kind__in=[Entry.Kind.REDEMPTION, Entry.Kind.EXPIRY]
    ).annotate(left=_sum(earned, "points") + _sum(spent, "points"))
    yield from _named(spends.filter(left__lt=0), "entry")


@invariant("I-21")
def nothing_leaves_an_empty_shelf(villages):
    """After each movement of stock there are 0 or more of the goods on hand."""
    movements = StockMovement.objects.filter(village__in=villages).annotate(
        on_hand=Window(
            Sum("quantity"), partition_by="reward", order_by=F("number").asc()
        )
    )
    yield from _named(movements.filter(on_hand__lt=0), "movement")


@invariant("I-22")
def a_slip_is_one_entry_and_its_goods(villages):
    """A slip is one entry and one movement a line, at the price in force."""
    redemptions = Entry.objects.filter(village__in=villages, kind=Entry.Kind.REDEMPTION)
    yield from _named(redemptions.filter(redemptions=None), "entry without a slip")
    of_slip = RedemptionLine.objects.filter(redemption=OuterRef("pk")).order_by()
    slips = Redemption.objects.filter(village__in=villages).annotate(
        cost=_sum(of_slip, "points", by="redemption")
    )
    unequal = ~Q(cost=-F("entry__points"))
    elsewhere = ~Q(entry__household=F("household"))
    wrong_kind = ~Q(entry__kind=Entry.Kind.REDEMPTION)
    yield from _named(slips.filter(unequal | elsewhere | wrong_kind), "slip")
    lines = RedemptionLine.objects.filter(village__in=villages).select_related(
        "redemption", "village"
    )
    issued = StockMovement.objects.filter(
        line=OuterRef("pk"),
        kind=StockMovement.Kind.ISSUE,
        reward=OuterRef("reward"),
        quantity=-OuterRef("quantity"),
        operation=OuterRef("redemption__operation"),
    )
    mispriced = (
        ~Q(points=F("quantity") * F("price__points"))
        | ~Q(price__reward=F("reward"))
        | Q(price__in_force_from__gt=F("redemption__redeemed_at"))
    )
    for line in lines.filter(~Exists(issued) | mispriced).order_by("pk"):
        yield f"{line.village.slug}: slip {line.redemption.number}"


@invariant("I-23")
def a_canceled_slip_gives_back_exactly(villages):
    """A slip is canceled at most once, and points and goods came back exactly."""
    back = Entry.objects.filter(village__in=villages, kind=Entry.Kind.CANCELLATION)
    mine = Cancellation.objects.filter(
        entry=OuterRef("pk"),
        redemption__household=OuterRef("household"),
        redemption__entry__points=-OuterRef("points"),
    )
    yield from _named(back.filter(~Exists(mine)), "entry")
    lines = RedemptionLine.objects.filter(village__in=villages).select_related(
        "redemption", "village"
    )
    returned = StockMovement.objects.filter(
        line=OuterRef("pk"),
        kind=StockMovement.Kind.RETURN,
        reward=OuterRef("reward"),
        quantity=OuterRef("quantity"),
    )
    canceled = Q(redemption__cancellation__isnull=False)
    wrong = (canceled & ~Exists(returned)) | (~canceled & Exists(returned))
    for line in lines.filter(wrong).order_by("pk"):
        yield f"{line.village.slug}: slip {line.redemption.number}"


@invariant("I-24")
def only_the_shop_redeems(villages):
    """A slip was made, and canceled, by a shopkeeper of its own village."""
    slips = Redemption.objects.filter(village__in=villages)
    yield from _named(slips.exclude(_keeps_shop("redeemed_by", "redeemed_at")), "slip")
    canceled = Cancellation.objects.filter(village__in=villages).exclude(
        _keeps_shop("canceled_by", "canceled_at")
    )
    for cancellation in canceled.select_related("redemption").order_by("pk"):
        yield f"canceled slip {cancellation.redemption.number}"


@invariant("I-25")
def shop_papers_are_numbered_without_a_gap(villages):
    """Slips, movements and award rounds are numbered 1, 2, 3 … in each village."""
    for model in (Redemption, StockMovement, FundMovement, AwardRound):
        rows = model.objects.filter(village__in=villages).annotate(
            place=Window(Sum(1), partition_by="village", order_by=F("number").asc())
        )
        name = str(model._meta.model_name)
        yield from _named(rows.exclude(place=F("number")), name)


@invariant("I-26")
def a_list_stays_as_it_hung(villages):
    """One award list stands for a year; it has households, and its digest is right."""
    rounds = AwardRound.objects.filter(village__in=villages)
    standing = AwardRound.objects.standing().filter(
        village=OuterRef("village"), year=OuterRef("year")
    )
    twice = rounds.standing().filter(Exists(standing.exclude(pk=OuterRef("pk"))))
    yield from _named(twice, "second award round")
    listed = Award.objects.filter(village=OuterRef("village"), round=OuterRef("pk"))
    drafted = Q(opened_at=None)
    wrong = (drafted & Exists(listed)) | (~drafted & ~Exists(listed))
    yield from _named(rounds.filter(wrong), "award round without its list")
    for round in rounds.confirmed().select_related("village").order_by("pk"):
        if not round.document or not is_whole(json.loads(round.document), round):
            yield f"{round.village.slug}: honor roll {round.year}"


@invariant("I-27")
def a_roll_was_voted_on(villages):
    """A roll had its notice, a vote that carried, two people, no open objection."""
    confirmed = AwardRound.objects.filter(village__in=villages).confirmed()
    unheard = Objection.objects.filter(
        Q(decided_at=None) | Q(decided_at__gt=OuterRef("confirmed_at")),
        village=OuterRef("village"),
        publication__period__month__year=OuterRef("year"),
        filed_at__lte=OuterRef("confirmed_at"),
    )
    wrong = (
        Q(confirmed_at__lt=F("notice_ends_at"))
        | Q(votes_for__lte=F("votes_against") + F("abstained"))
        | Q(voted_on=None)
        | Q(confirmed_by=F("opened_by"))
        | Exists(unheard)
        | ~served("rewards.prepare_awards", "opened_by", "opened_at")
        | ~served("rewards.confirm_awards", "confirmed_by", "confirmed_at")
    )
    yield from _named(confirmed.filter(wrong), "award round")


@invariant("I-28")
def a_household_gets_its_gift_once(villages):
    """A household of a confirmed roll got its gift once, off the shelf, no points."""
    handovers = GiftHandover.objects.filter(village__in=villages)
    other = GiftHandover.objects.standing().filter(
        village=OuterRef("village"), award=OuterRef("award")
    )
    returned = GiftReturn.objects.filter(
        village=OuterRef("village"), handover=OuterRef("pk")
    )
    gifts = AwardGift.objects.filter(
        village=OuterRef("village"), round=OuterRef("award__round")
    ).order_by()
    moved = StockMovement.objects.filter(
        village=OuterRef("village"), handover=OuterRef("pk")
    ).order_by()
    issued = moved.filter(kind=StockMovement.Kind.GIFT)
    back = moved.filter(kind=StockMovement.Kind.GIFT_BACK)
    counted = handovers.annotate(
        due=_sum(gifts, "quantity", by="round"),
        given=-_sum(issued, "quantity", by="handover"),
        back=_sum(back, "quantity", by="handover"),
    )
    wrong = (
        Q(award__round__confirmed_at=None)
        | (~Exists(returned) & Exists(other.exclude(pk=OuterRef("pk"))))
        | ~Q(given=F("due"))
        | (Exists(returned) & ~Q(back=F("due")))
        | (~Exists(returned) & ~Q(back=0))
        | ~served("rewards.hand_over_gifts", "handed_by", "handed_at")
    )
    rows = counted.filter(wrong).select_related("village", "award__household")
    for handover in rows.order_by("village", "pk"):
        yield f"{handover.village.slug}: gift of {handover.award.household.number}"


def _sum(rows, field: str, *, by: str = "household"):
    sums = rows.values(by).annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(sums), 0)


def _keeps_shop(person: str, moment: str):
    return served("rewards.redeem", person, moment)


def _named(rows, name):
    for row in rows.select_related("village").order_by("village", "number"):
        yield f"{row.village.slug}: {name} {row.number}"
