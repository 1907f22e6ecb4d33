"""What the database itself refuses of awards and their gifts, by invariant."""

from households.safeguards import Guard

ROUND = "rewards_awardround"
# What an open notice says, and what it was made by.
ON_NOTICE = (
    "opened_at",
    "opened_by_id",
    "notice_ends_at",
    "places",
    "has_group_places",
    "months_needed",
    "notice_days",
)


def award_guards() -> list[Guard]:
    """Return the guards of rounds, lists and gifts."""
    return [*_rounds(), *_lists(), *_gifts()]


def _rounds() -> list[Guard]:
    begun = "NEW.opened_at IS NOT NULL OR NEW.confirmed_at IS NOT NULL"
    moved = " OR ".join(
        f"NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}" for column in ON_NOTICE
    )
    return [
        Guard(f"{ROUND}_i26_delete", ROUND, "DELETE", "TRUE", "I-26 rounds are kept"),
        Guard(
            f"{ROUND}_i26_insert",
            ROUND,
            "INSERT",
            f"{begun} OR NEW.withdrawn_at IS NOT NULL",
            "I-26 a round begins by being prepared",
        ),
        Guard(
            f"{ROUND}_i26_settled",
            ROUND,
            "UPDATE",
            "OLD.confirmed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL",
            "I-26 a round that is confirmed or withdrawn stays",
        ),
        Guard(
            f"{ROUND}_i26_opened",
            ROUND,
            "UPDATE",
            "NEW.number <> OLD.number OR NEW.year <> OLD.year "
            f"OR (OLD.opened_at IS NOT NULL AND ({moved}))",
            "I-26 what is on notice stays as it is",
        ),
        Guard(
            f"{ROUND}_i26_list",
            ROUND,
            "UPDATE",
            "NEW.opened_at IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM rewards_award a WHERE a.village_id = NEW.village_id "
            "AND a.round_id = NEW.id)",
            "I-26 nothing goes on notice without a list",
        ),
        Guard(
            f"{ROUND}_i27_objection",
            ROUND,
            "UPDATE",
            "NEW.confirmed_at IS NOT NULL AND EXISTS ("
            "SELECT 1 FROM ledger_objection o "
            "JOIN ledger_publication p ON p.id = o.publication_id "
            "JOIN ledger_period m ON m.id = p.period_id "
            "WHERE o.village_id = NEW.village_id AND o.state = 'open' "
            "AND SUBSTR(CAST(m.month AS text), 1, 4) = CAST(NEW.year AS text))",
            "I-27 nothing is confirmed while an objection to the year is open",
        ),
    ]


def _lists() -> list[Guard]:
    def of(row, settled):
        return (
            "EXISTS (SELECT 1 FROM rewards_awardround r "
            f"WHERE r.id = {row}.round_id AND (r.withdrawn_at IS NOT NULL "
            f"OR r.{settled} IS NOT NULL))"
        )

    def kept(table, event, settled, message):
        row = "OLD" if event == "DELETE" else "NEW"
        name = f"{table}_i26_{event.lower()}"
        return Guard(name, table, event, of(row, settled), message)

    frozen = "I-26 a list is frozen when its notice opens"
    decided = "I-26 a gift is decided before the list is confirmed"
    return [
        kept("rewards_award", "INSERT", "opened_at", frozen),
        *(
            kept("rewards_awardnote", event, "opened_at", frozen)
            for event in ("INSERT", "UPDATE", "DELETE")
        ),
        *(
            kept("rewards_awardgift", event, "confirmed_at", decided)
            for event in ("INSERT", "UPDATE", "DELETE")
        ),
    ]


def _gifts() -> list[Guard]:
    return [
        Guard(
            "rewards_gifthandover_i28_roll",
            "rewards_gifthandover",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM rewards_award a "
            "JOIN rewards_awardround r ON r.id = a.round_id "
            "WHERE a.id = NEW.award_id AND r.confirmed_at IS NOT NULL)",
            "I-28 a gift is for a household of a confirmed roll",
        ),
        Guard(
            "rewards_gifthandover_i28_once",
            "rewards_gifthandover",
            "INSERT",
            "EXISTS (SELECT 1 FROM rewards_gifthandover h "
            "WHERE h.village_id = NEW.village_id AND h.award_id = NEW.award_id "
            "AND NOT EXISTS (SELECT 1 FROM rewards_giftreturn t "
            "WHERE t.village_id = h.village_id AND t.handover_id = h.id))",
            "I-28 a household gets its gift once",
        ),
        Guard(
            "rewards_stockmovement_i28_gift",
            "rewards_stockmovement",
            "INSERT",
            "NEW.handover_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM rewards_gifthandover h "
            "JOIN rewards_award a ON a.id = h.award_id "
            "JOIN rewards_awardgift g ON g.round_id = a.round_id "
            "WHERE h.id = NEW.handover_id AND g.reward_id = NEW.reward_id "
            "AND ((NEW.kind = 'gift' AND NEW.quantity = -g.quantity) "
            "OR (NEW.kind = 'gift_back' AND NEW.quantity = g.quantity AND EXISTS ("
            "SELECT 1 FROM rewards_giftreturn t WHERE t.handover_id = h.id))))",
            "I-28 goods move as the gift was decided",
        ),
    ]
