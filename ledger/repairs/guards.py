"""What the database itself refuses about repairs of deductions (I-52, I-53)."""

from households.safeguards import Guard

# Steps that a repair can go; what is decided stays as it is.
STEPS = (
    ("asked", "checked"),
    ("asked", "lapsed"),
    ("asked", "withdrawn"),
    ("checked", "approved"),
    ("checked", "refused"),
    ("checked", "lapsed"),
)
# What of a request never changes once it is made.
KEPT = ("village_id", "number", "entry_id", "channel", "text", "asked_at", "due_on")


def repair_guards() -> list[Guard]:
    """Return the guards of repairs and of the entries that they post."""
    return [
        Guard(
            "ledger_entry_i52_repair",
            "ledger_entry",
            "INSERT",
            "NEW.kind = 'repair' AND NOT EXISTS ("
            "SELECT 1 FROM ledger_repair r "
            "JOIN ledger_entry e ON e.id = r.entry_id "
            "JOIN ledger_deed d ON d.id = e.deed_id "
            "JOIN ledger_period p ON p.id = e.period_id "
            "WHERE r.village_id = NEW.village_id AND r.entry_id = NEW.repairs_id "
            "AND r.state = 'approved' AND r.points = NEW.points "
            "AND e.kind = 'deduction' AND e.household_id = NEW.household_id "
            "AND p.published_at IS NOT NULL "
            "AND r.decided_by_id = NEW.posted_by_id "
            "AND r.decided_by_id <> r.checked_by_id "
            "AND r.decided_by_id <> d.recorded_by_id "
            "AND r.decided_by_id <> COALESCE(d.second_recorder_id, 0) "
            "AND r.decided_by_id <> COALESCE(r.asked_by_id, 0))",
            "I-52 a repair is posted after another person saw it and a third decided",
        ),
        Guard(
            "ledger_entry_i53_repair",
            "ledger_entry",
            "INSERT",
            "NEW.kind = 'repair' AND EXISTS ("
            "SELECT 1 FROM ledger_entry e WHERE e.village_id = NEW.village_id "
            "AND e.id = NEW.repairs_id AND (e.points + NEW.points > 0 "
            "OR EXISTS (SELECT 1 FROM ledger_entry u "
            "WHERE u.village_id = NEW.village_id AND u.reverses_id = e.id)))",
            "I-53 no more comes back of a deduction than was taken",
        ),
        Guard(
            "ledger_entry_i53_reversal",
            "ledger_entry",
            "INSERT",
            "NEW.kind = 'reversal' AND EXISTS ("
            "SELECT 1 FROM ledger_entry r WHERE r.village_id = NEW.village_id "
            "AND r.repairs_id = NEW.reverses_id AND NOT EXISTS ("
            "SELECT 1 FROM ledger_entry u WHERE u.village_id = NEW.village_id "
            "AND u.reverses_id = r.id))",
            "I-53 a repaired deduction is reversed together with its repair",
        ),
        Guard(
            "ledger_repair_i52_insert",
            "ledger_repair",
            "INSERT",
            "NEW.state <> 'asked' OR NOT EXISTS ("
            "SELECT 1 FROM ledger_entry e JOIN ledger_deed d ON d.id = e.deed_id "
            "JOIN ledger_scoringitem i ON i.id = d.item_id "
            "JOIN ledger_period p ON p.id = e.period_id "
            "WHERE e.id = NEW.entry_id AND e.kind = 'deduction' "
            "AND i.repair_percent > 0 AND p.published_at IS NOT NULL)",
            "I-52 only a published deduction whose item allows it is repaired",
        ),
        Guard(
            "ledger_repair_i52_update",
            "ledger_repair",
            "UPDATE",
            " OR ".join(f"NEW.{column} <> OLD.{column}" for column in KEPT)
            + f" OR NOT ({' OR '.join(map(_step, STEPS))})",
            "I-52 a repair goes step by step, and stays as it was decided",
        ),
        Guard(
            "ledger_repair_i52_delete",
            "ledger_repair",
            "DELETE",
            "OLD.id IS NOT NULL",
            "I-52 a repair is kept",
        ),
    ]


def _step(step: tuple[str, str]) -> str:
    before, after = step
    return f"(OLD.state = '{before}' AND NEW.state = '{after}')"
