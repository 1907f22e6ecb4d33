"""What the database itself refuses in the shop, by invariant.

Entries, movements, slips and money are numbered without a gap in each village.
Two people who write at once ask for the same number, and only one gets it: that
is what makes the sums below safe without a lock of their own.
"""

from households.safeguards import Guard
from rewards.award_safeguards import award_guards

# What a household could spend before the new entry: the rule of
# `EntryQuerySet.spendable`, in SQL.
_SPENDABLE = (
    "SELECT COALESCE(SUM(e.points), 0) FROM ledger_entry e "
    "LEFT JOIN ledger_period p ON p.id = e.period_id "
    "WHERE e.village_id = NEW.village_id AND e.household_id = NEW.household_id "
    "AND (e.kind IN ('redemption', 'cancellation', 'expiry', 'transfer') "
    "OR (e.kind IN ('addition', 'deduction', 'repair', 'reversal') "
    "AND p.finalized_at IS NOT NULL))"
)


def rewards_guards() -> list[Guard]:
    """Return the guards of shop and awards beyond append-only and the village fence."""
    return [
        Guard(
            "ledger_entry_i20_spendable",
            "ledger_entry",
            "INSERT",
            "(NEW.kind IN ('redemption', 'expiry') "
            "OR (NEW.kind = 'transfer' AND NEW.points < 0 AND EXISTS ("
            "SELECT 1 FROM households_householdchange c "
            "WHERE c.id = NEW.change_id AND c.kind = 'split'))) "
            f"AND NEW.points + ({_SPENDABLE}) < 0",
            "I-20 nobody spends more than is there",
        ),
        Guard(
            "ledger_entry_expiry_once_a_year",
            "ledger_entry",
            "INSERT",
            "NEW.kind = 'expiry' AND NEW.change_id IS NULL "
            "AND EXISTS (SELECT 1 FROM ledger_entry e "
            "WHERE e.village_id = NEW.village_id "
            "AND e.household_id = NEW.household_id AND e.year = NEW.year "
            "AND e.kind = 'expiry' AND e.change_id IS NULL)",
            "I-20 points of past years expire once a year",
        ),
        Guard(
            "rewards_stockmovement_i21_on_hand",
            "rewards_stockmovement",
            "INSERT",
            "NEW.quantity + COALESCE((SELECT SUM(m.quantity) "
            "FROM rewards_stockmovement m WHERE m.village_id = NEW.village_id "
            "AND m.reward_id = NEW.reward_id), 0) < 0",
            "I-21 nothing is handed over that is not there",
        ),
        Guard(
            "rewards_stockmovement_i22_line",
            "rewards_stockmovement",
            "INSERT",
            "NEW.line_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM rewards_redemptionline l WHERE l.id = NEW.line_id "
            "AND l.reward_id = NEW.reward_id "
            "AND ((NEW.kind = 'issue' AND NEW.quantity = -l.quantity) "
            "OR (NEW.kind = 'return' AND NEW.quantity = l.quantity AND EXISTS ("
            "SELECT 1 FROM rewards_cancellation c "
            "WHERE c.redemption_id = l.redemption_id))))",
            "I-22 goods move as the slip says",
        ),
        Guard(
            "rewards_redemption_i22_entry",
            "rewards_redemption",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id "
            "AND e.kind = 'redemption' AND e.household_id = NEW.household_id)",
            "I-22 a slip stands for one redemption of its household",
        ),
        Guard(
            "rewards_redemptionline_i22_price",
            "rewards_redemptionline",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM rewards_price p WHERE p.id = NEW.price_id "
            "AND p.reward_id = NEW.reward_id "
            "AND p.points * NEW.quantity = NEW.points)",
            "I-22 a line costs what its price says",
        ),
        Guard(
            "rewards_cancellation_i23_entry",
            "rewards_cancellation",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM rewards_redemption r "
            "JOIN ledger_entry spent ON spent.id = r.entry_id "
            "JOIN ledger_entry back ON back.id = NEW.entry_id "
            "WHERE r.id = NEW.redemption_id AND back.kind = 'cancellation' "
            "AND back.household_id = spent.household_id "
            "AND back.points = -spent.points)",
            "I-23 a canceled slip gives back exactly what it cost",
        ),
        Guard(
            "rewards_fundmovement_correction",
            "rewards_fundmovement",
            "INSERT",
            "NEW.corrects_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM rewards_fundmovement m WHERE m.id = NEW.corrects_id "
            "AND m.fen = -NEW.fen AND m.kind <> 'correction')",
            "A correction takes back one whole movement of money",
        ),
        *map(
            _numbered,
            [
                "rewards_stockmovement",
                "rewards_redemption",
                "rewards_fundmovement",
                "rewards_awardround",
            ],
        ),
        *award_guards(),
    ]


def _numbered(table: str) -> Guard:
    return Guard(
        f"{table}_number",
        table,
        "INSERT",
        f"NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM {table} "
        "WHERE village_id = NEW.village_id), 0)",
        f"I-25 {table} is numbered without a gap",
    )
