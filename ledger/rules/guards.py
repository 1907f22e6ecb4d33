"""What the database itself refuses of rulebooks, their items and votes."""

from households.safeguards import Guard

# What is true of a rulebook r whose text is no longer to be changed: it lies
# with the township, was adopted, or was given up.
CLOSED = (
    "(r.sent_at IS NOT NULL OR r.adopted_on IS NOT NULL OR r.discarded_at IS NOT NULL)"
)


def rulebook_guards() -> list[Guard]:
    """Return the guards of I-49 (what was voted stays) and I-50 (no draft counts)."""
    return [*_rulebooks(), *_items(), _vote(), *_deeds()]


def _rulebooks() -> list[Guard]:
    stays = "I-49 a rulebook stays as it was voted"
    closed = "(OLD.adopted_on IS NOT NULL OR OLD.discarded_at IS NOT NULL)"
    voted = (
        "EXISTS (SELECT 1 FROM ledger_rulebookvote v "
        "WHERE v.village_id = NEW.village_id AND v.rulebook_id = NEW.id "
        "AND v.held_on <= NEW.in_force_from)"
    )
    # A month that takes no more records has its rules; so has a recorded deed.
    closed_month = (
        "EXISTS (SELECT 1 FROM ledger_period p WHERE p.village_id = NEW.village_id "
        "AND p.cut_off_at IS NOT NULL AND substr(CAST(p.month AS TEXT), 1, 7) "
        ">= substr(CAST(NEW.in_force_from AS TEXT), 1, 7))"
    )
    recorded = (
        "EXISTS (SELECT 1 FROM ledger_deed d WHERE d.village_id = NEW.village_id "
        "AND d.happened_on >= NEW.in_force_from "
        "AND d.state NOT IN ('rejected', 'withdrawn'))"
    )
    not_later = (
        "EXISTS (SELECT 1 FROM ledger_rulebook r WHERE r.village_id = NEW.village_id "
        "AND r.id <> NEW.id AND r.in_force_from >= NEW.in_force_from)"
    )
    unvoted = "I-50 a draft comes into force by its vote"
    return [
        Guard("ledger_rulebook_i49_update", "ledger_rulebook", "UPDATE", closed, stays),
        Guard("ledger_rulebook_i49_delete", "ledger_rulebook", "DELETE", closed, stays),
        Guard(
            "ledger_rulebook_i50_insert",
            "ledger_rulebook",
            "INSERT",
            "NEW.version > 1 AND NEW.in_force_from IS NOT NULL",
            unvoted,
        ),
        Guard(
            "ledger_rulebook_i50_update",
            "ledger_rulebook",
            "UPDATE",
            "OLD.in_force_from IS NULL AND NEW.in_force_from IS NOT NULL AND ("
            f"NEW.adopted_on IS NULL OR NOT {voted} OR {not_later} "
            f"OR {closed_month} OR {recorded})",
            unvoted,
        ),
    ]


def _items() -> list[Guard]:
    def of_closed(event, row):
        return Guard(
            f"ledger_scoringitem_i49_{event.lower()}",
            "ledger_scoringitem",
            event,
            f"EXISTS (SELECT 1 FROM ledger_rulebook r WHERE r.id IN ({row}) "
            f"AND {CLOSED})",
            "I-49 an item stays as it was voted",
        )

    def cited(event):
        return Guard(
            f"ledger_scoringitem_i49_cited_{event.lower()}",
            "ledger_scoringitem",
            event,
            "EXISTS (SELECT 1 FROM ledger_deed d "
            "WHERE d.village_id = OLD.village_id AND d.item_id = OLD.id)",
            "I-49 an item that a deed names stays as it is",
        )

    return [
        of_closed("INSERT", "NEW.rulebook_id"),
        of_closed("UPDATE", "OLD.rulebook_id, NEW.rulebook_id"),
        of_closed("DELETE", "OLD.rulebook_id"),
        cited("UPDATE"),
        cited("DELETE"),
    ]


def _vote() -> Guard:
    return Guard(
        "ledger_rulebookvote_i50_agreed",
        "ledger_rulebookvote",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM ledger_rulebook r WHERE r.id = NEW.rulebook_id "
        "AND r.agreed_at IS NOT NULL AND r.agreed_at <= NEW.recorded_at "
        "AND r.in_force_from IS NULL AND r.discarded_at IS NULL)",
        "I-50 a vote is on a draft that the township agreed to",
    )


def _deeds() -> list[Guard]:
    draft = (
        "EXISTS (SELECT 1 FROM ledger_scoringitem i "
        "JOIN ledger_rulebook r ON r.id = i.rulebook_id "
        "WHERE i.id = NEW.item_id AND r.in_force_from IS NULL)"
    )
    message = "I-50 nothing is recorded under a draft"
    return [
        Guard("ledger_deed_i50_insert", "ledger_deed", "INSERT", draft, message),
        Guard(
            "ledger_deed_i50_update",
            "ledger_deed",
            "UPDATE",
            f"NEW.item_id <> OLD.item_id AND {draft}",
            message,
        ),
    ]
