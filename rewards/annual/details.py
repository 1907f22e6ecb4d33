"""The sheets behind the sums: items, exchange, objections, corrections, sources."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.models import Objection
from rewards.annual.lines import VillageYear
from rewards.annual.tables import Column, Kind, Table, totals

FEN_A_YUAN = 100


def items_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return how often each item was used, also those never used."""
    rows = [
        (
            year.village.name,
            line.item.code,
            line.item.get_pillar_display(),
            line.item.title,
            line.times,
            line.households,
            line.points,
        )
        for year in years
        for line in year.items
    ]
    return Table(
        name=_("Use of the items"),
        title=title,
        note=_("Items that nobody used are listed too."),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Code"), Kind.TEXT, 8),
            Column(_("Pillar"), Kind.TEXT, 10),
            Column(_("Item"), Kind.TEXT, 32),
            Column(_("Times")),
            Column(_("Households"), width=10),
            Column(_("Points"), Kind.SIGNED, 10),
        ],
        rows=rows,
        frozen=2,
    )


def exchange_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return what was handed over and what the fund took in and paid."""
    rows: list[tuple] = []
    for year in years:
        name, shop = year.village.name, year.shop
        rows += [
            (name, _("Goods"), line.name, line.quantity, line.unit, line.points, None)
            for line in shop.goods
        ]
        rows.append(
            (name, _("Fund"), _("At the start"), *3 * [None], _yuan(shop.opening))
        )
        rows += [
            (name, _("Fund"), line.label, *3 * [None], _yuan(line.fen))
            for line in shop.fund
        ]
        rows.append(
            (name, _("Fund"), _("At the end"), *3 * [None], _yuan(shop.closing))
        )
    return Table(
        name=_("Exchange and fund"),
        title=title,
        note=_("Without slips that were canceled; yuan, negative when money left."),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Kind"), Kind.TEXT, 8),
            Column(_("What"), Kind.TEXT, 20),
            Column(_("Quantity"), width=10),
            Column(_("Unit"), Kind.TEXT, 8),
            Column(_("Points"), width=10),
            Column(_("Yuan"), Kind.YUAN, 12),
        ],
        rows=rows,
        frozen=1,
    )


def objections_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return how many objections there were and how they ended; never by whom."""
    states = list(Objection.State)
    rows = [
        (
            year.village.name,
            *(year.objections[state] for state in states),
            year.objections.total(),
        )
        for year in years
    ]
    return Table(
        name=_("Objections"),
        title=title,
        note=_("Objections to the year's months. Who objected is never stored."),
        columns=[
            Column(_("Village"), Kind.TEXT, 12),
            *(Column(str(state.label), width=12) for state in states),
            Column(_("Together"), width=10),
        ],
        rows=rows,
        total=totals(rows, text=1, summed=len(states) + 1, rest=0),
        frozen=1,
    )


def corrections_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the reversals booked in the year."""
    rows = [
        (
            year.village.name,
            line.month,
            line.number,
            line.of_month,
            line.original,
            line.code,
            line.points,
        )
        for year in years
        for line in year.corrections
    ]
    return Table(
        name=_("Corrections"),
        title=title,
        note=_("A published month never changes; it is put right in a later one."),
        columns=[
            Column(_("Village"), Kind.TEXT, 12),
            Column(_("Booked in"), Kind.DAY, 12),
            Column(_("Entry"), width=10),
            Column(_("Puts right"), Kind.DAY, 12),
            Column(_("Original entry"), width=10),
            Column(_("Item"), Kind.TEXT, 8),
            Column(_("Points"), Kind.SIGNED, 8),
        ],
        rows=rows,
        frozen=1,
    )


def awards_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the confirmed honor rolls, each line with the vote and the digest."""
    rows = [
        (
            year.village.name,
            line.place,
            line.group,
            line.number,
            line.head,
            line.score,
            line.citation,
            year.roll.gift,
            line.given_on,
            year.roll.vote,
            year.roll.digest,
        )
        for year in years
        if year.roll
        for line in year.roll.lines
    ]
    return Table(
        name=_("Outstanding households"),
        title=title,
        note=_("Only what a meeting has confirmed after its notice."),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Place")),
            Column(_("Group"), Kind.TEXT, 8),
            Column(_("Household no."), Kind.TEXT, 8),
            Column(_("Head"), Kind.TEXT, 10),
            Column(_("Score")),
            Column(_("Praised for"), Kind.TEXT, 24),
            Column(_("Gift"), Kind.TEXT, 20),
            Column(_("Given on"), Kind.DAY, 12),
            Column(_("Vote"), Kind.TEXT, 36),
            Column(_("Digest"), Kind.TEXT, 68),
        ],
        rows=rows,
        frozen=2,
        is_wide=True,
    )


def sources_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return where every number comes from: months, rulebooks, digests."""
    rows = [
        (
            year.village.name,
            line.month,
            line.revision,
            line.rulebook,
            line.deeds,
            line.participating,
            line.points,
            line.digest,
        )
        for year in years
        for line in year.months
    ]
    return Table(
        name=_("Where the numbers come from"),
        title=title,
        note=_(
            "Monthly deeds, households and points are those of the published board, "
            "named by its digest; corrections count in the month they are booked in."
        ),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Month"), Kind.DAY, 12),
            Column(_("Notice no."), width=8),
            Column(_("Rulebook"), width=8),
            Column(pgettext("report", "Good deeds")),
            Column(_("Households taking part"), width=10),
            Column(pgettext("report", "Points added")),
            Column(_("Digest"), Kind.TEXT, 68),
        ],
        rows=rows,
        frozen=2,
        is_wide=True,
    )


def rulebooks_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return the versions of the rules that were in force, with vote and digest."""
    rows = [
        (
            year.village.name,
            rulebook.version,
            rulebook.in_force_from,
            rulebook.adopted_on,
            rulebook.adoption or _("Sample, not voted on"),
            rulebook.vote.digest if rulebook.vote else "",
        )
        for year in years
        for rulebook in year.rulebooks
    ]
    return Table(
        name=_("Versions of the rules"),
        title=title,
        note=_(
            "A deed has the rules that were in force on its day. The digest is made "
            "of the items as they were voted on."
        ),
        columns=[
            Column(_("Village"), Kind.TEXT, 10),
            Column(_("Version"), width=8),
            Column(_("In force from"), Kind.DAY, 12),
            Column(_("Adopted on"), Kind.DAY, 12),
            Column(_("How it was adopted"), Kind.TEXT, 60),
            Column(_("Digest"), Kind.TEXT, 68),
        ],
        rows=rows,
        frozen=1,
        is_wide=True,
    )


def _yuan(fen: int) -> float:
    return fen / FEN_A_YUAN
