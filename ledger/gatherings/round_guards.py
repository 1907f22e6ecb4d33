"""What the database itself refuses about courtyard rounds (I-56)."""

from households.safeguards import Guard

CLOSED = (
    "EXISTS (SELECT 1 FROM ledger_round r "
    "WHERE r.id = {row}.round_id AND r.closed_at IS NOT NULL)"
)
# What a closed round keeps of each finding; the way of an untidy yard goes on.
KEPT = ("round_id", "household_id", "yard", "is_sorted", "note", "at")


def round_guards() -> list[Guard]:
    """Return the guards of rounds and of what they found."""
    changed = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEPT)
    return [
        Guard(
            "ledger_round_i56_update",
            "ledger_round",
            "UPDATE",
            "OLD.closed_at IS NOT NULL",
            "I-56 a closed round stays as it is",
        ),
        Guard(
            "ledger_round_i56_delete",
            "ledger_round",
            "DELETE",
            "OLD.closed_at IS NOT NULL",
            "I-56 a closed round stays as it is",
        ),
        Guard(
            "ledger_finding_i56_insert",
            "ledger_finding",
            "INSERT",
            CLOSED.format(row="NEW"),
            "I-56 a closed round takes no more findings",
        ),
        Guard(
            "ledger_finding_i56_update",
            "ledger_finding",
            "UPDATE",
            f"OLD.outcome <> '' OR ({CLOSED.format(row='OLD')} AND ({changed}))",
            "I-56 a finding stays as it was noted, and is settled once",
        ),
        Guard(
            "ledger_finding_i56_delete",
            "ledger_finding",
            "DELETE",
            "TRUE",
            "I-56 a finding is never deleted",
        ),
        Guard(
            "ledger_finding_i56_deed",
            "ledger_finding",
            "UPDATE",
            "EXISTS (SELECT 1 FROM ledger_deed d WHERE d.id IN "
            "(NEW.yard_deed_id, NEW.sorting_deed_id, NEW.deduction_id) "
            "AND d.household_id <> NEW.household_id)",
            "I-56 the deed of a finding is of its household",
        ),
    ]
