"""What the database itself refuses in the ledger, by invariant."""

from households.safeguards import Guard


def ledger_guards() -> list[Guard]:
    """Return the guards of the ledger beyond append-only and the village fence."""
    return [
        Guard(
            "ledger_entry_i03_number",
            "ledger_entry",
            "INSERT",
            "NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM ledger_entry "
            "WHERE village_id = NEW.village_id), 0)",
            "I-03 entries are numbered without a gap",
        ),
        Guard(
            "ledger_entry_i06_approved",
            "ledger_entry",
            "INSERT",
            "NEW.kind IN ('addition', 'deduction') AND NOT EXISTS ("
            "SELECT 1 FROM ledger_deed d JOIN ledger_decision x ON x.deed_id = d.id "
            "WHERE d.id = NEW.deed_id AND d.state = 'approved' "
            "AND d.household_id = NEW.household_id AND d.points = NEW.points "
            "AND d.period_id = NEW.period_id AND x.by_id <> d.recorded_by_id "
            "AND x.outcome IN ('approved', 'adjusted') AND x.points = d.points)",
            "I-06 a deed is posted only after another person approved it",
        ),
        Guard(
            "ledger_entry_i09_reversal",
            "ledger_entry",
            "INSERT",
            "NEW.kind = 'reversal' AND NOT EXISTS ("
            "SELECT 1 FROM ledger_entry e WHERE e.id = NEW.reverses_id "
            "AND e.household_id = NEW.household_id AND e.points = -NEW.points "
            "AND e.kind IN ('addition', 'deduction', 'repair'))",
            "I-09 a reversal is the exact negation of an entry",
        ),
        Guard(
            "ledger_entry_i31_month",
            "ledger_entry",
            "INSERT",
            "EXISTS (SELECT 1 FROM ledger_period p WHERE p.id = NEW.period_id "
            "AND p.published_at IS NOT NULL)",
            "I-31 a published month takes no more entries",
        ),
        *_deeds_of_published_months(),
        *_published_periods(),
        Guard(
            "ledger_publication_i30_order",
            "ledger_publication",
            "INSERT",
            "NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM ledger_publication "
            "WHERE village_id = NEW.village_id), 0) OR EXISTS ("
            "SELECT 1 FROM ledger_period p JOIN ledger_period mine "
            "ON mine.id = NEW.period_id WHERE p.village_id = NEW.village_id "
            "AND p.month < mine.month AND p.published_at IS NULL)",
            "I-30 months are published one after another",
        ),
        Guard(
            "ledger_publication_i34_chain",
            "ledger_publication",
            "INSERT",
            "NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM ledger_publication p "
            "WHERE p.village_id = NEW.village_id AND p.number = NEW.number - 1 "
            "AND p.digest = NEW.previous_digest)",
            "I-34 a publication repeats the digest of the one before",
        ),
    ]


def _deeds_of_published_months() -> list[Guard]:
    def guard(event, row):
        return Guard(
            f"ledger_deed_i31_{event.lower()}",
            "ledger_deed",
            event,
            f"EXISTS (SELECT 1 FROM ledger_period p WHERE p.id = {row}.period_id "
            "AND p.published_at IS NOT NULL)",
            "I-31 the deeds of a published month stay as they are",
        )

    return [guard("INSERT", "NEW"), guard("UPDATE", "OLD"), guard("DELETE", "OLD")]


def _published_periods() -> list[Guard]:
    def moved(moment):
        return (
            f"(OLD.{moment} IS NOT NULL AND "
            f"(NEW.{moment} IS NULL OR NEW.{moment} <> OLD.{moment}))"
        )

    first = "substr(CAST(NEW.month AS TEXT), 9, 2) <> '01'"
    moments = ("cut_off_at", "published_at", "notice_ends_at", "finalized_at")
    return [
        Guard(
            "ledger_period_first_day",
            "ledger_period",
            "INSERT",
            first,
            "A month is named by its first day",
        ),
        Guard(
            "ledger_period_i39_update",
            "ledger_period",
            "UPDATE",
            "OLD.published_at IS NOT NULL AND ("
            + " OR ".join(["NEW.month <> OLD.month", *map(moved, moments)])
            + ")",
            "I-39 a published month never changes",
        ),
        Guard(
            "ledger_period_i39_delete",
            "ledger_period",
            "DELETE",
            "OLD.published_at IS NOT NULL",
            "I-39 a published month is never deleted",
        ),
    ]
