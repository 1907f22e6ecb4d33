"""What the database itself refuses in the ledger, by invariant."""

from households.safeguards import Guard
from ledger.gatherings.activity_guards import activity_guards
from ledger.gatherings.round_guards import round_guards
from ledger.repairs.guards import repair_guards
from ledger.rules.guards import rulebook_guards

# What is true of a publication p that was withdrawn.
WITHDRAWN = (
    "EXISTS (SELECT 1 FROM ledger_withdrawal w "
    "WHERE w.village_id = p.village_id AND w.publication_id = p.id)"
)


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
        *_changes(),
        *_deeds_of_published_months(),
        *_published_periods(),
        *_publications(),
        *_withdrawals(),
        *_stories(),
        *repair_guards(),
        *activity_guards(),
        *round_guards(),
        *rulebook_guards(),
    ]


def _changes() -> list[Guard]:
    """What moves points between households, and who takes no records any more."""

    def ended(event):
        return Guard(
            f"ledger_deed_i63_{event.lower()}",
            "ledger_deed",
            event,
            "EXISTS (SELECT 1 FROM households_householdchange c "
            "WHERE c.village_id = NEW.village_id "
            "AND c.household_id = NEW.household_id "
            "AND c.kind IN ('merge', 'move_out') "
            "AND c.takes_effect_on < NEW.happened_on "
            "AND NEW.state NOT IN ('rejected', 'withdrawn'))",
            "I-63 a household that left does nothing here afterwards",
        )

    return [
        Guard(
            "ledger_entry_i62_change",
            "ledger_entry",
            "INSERT",
            "NEW.change_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM households_householdchange c WHERE c.id = NEW.change_id "
            "AND ((NEW.kind = 'transfer' AND c.kind IN ('split', 'merge') "
            "AND NEW.household_id IN (c.household_id, c.other_id)) "
            "OR (NEW.kind = 'merge' AND c.kind = 'merge' "
            "AND NEW.household_id IN (c.household_id, c.other_id)) "
            "OR (NEW.kind = 'expiry' AND c.kind = 'move_out' "
            "AND NEW.household_id = c.household_id)))",
            "I-62 points move only as a change of households says",
        ),
        ended("INSERT"),
        ended("UPDATE"),
    ]


def _deeds_of_published_months() -> list[Guard]:
    def published(event, rows):
        return Guard(
            f"ledger_deed_i31_{event.lower()}",
            "ledger_deed",
            event,
            f"EXISTS (SELECT 1 FROM ledger_period p WHERE p.id IN ({rows}) "
            "AND p.published_at IS NOT NULL)",
            "I-31 the deeds of a published month stay as they are",
        )

    def posted(event):
        return Guard(
            f"ledger_deed_i10_{event.lower()}",
            "ledger_deed",
            event,
            "EXISTS (SELECT 1 FROM ledger_entry e "
            "WHERE e.village_id = OLD.village_id AND e.deed_id = OLD.id)",
            "I-10 a deed that has its entry stays as it is",
        )

    return [
        published("INSERT", "NEW.period_id"),
        published("UPDATE", "OLD.period_id, NEW.period_id"),
        published("DELETE", "OLD.period_id"),
        posted("UPDATE"),
        posted("DELETE"),
    ]


def _publications() -> list[Guard]:
    return [
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
            # The first of a village names no publication before it, and neither
            # does the next one when the first was withdrawn.
            "NEW.number > 1 AND NEW.previous_digest <> COALESCE("
            "(SELECT p.digest FROM ledger_publication p "
            f"WHERE p.village_id = NEW.village_id AND NOT {WITHDRAWN} "
            "ORDER BY p.number DESC LIMIT 1), "
            "(SELECT p.previous_digest FROM ledger_publication p "
            "WHERE p.village_id = NEW.village_id AND p.number = 1))",
            "I-34 a publication repeats the digest of the one that stands before it",
        ),
        Guard(
            "ledger_publication_i39_revision",
            "ledger_publication",
            "INSERT",
            "NEW.revision <> 1 + (SELECT COUNT(*) FROM ledger_publication p "
            "WHERE p.village_id = NEW.village_id AND p.period_id = NEW.period_id "
            f"AND {WITHDRAWN}) OR EXISTS (SELECT 1 FROM ledger_publication p "
            "WHERE p.village_id = NEW.village_id AND p.period_id = NEW.period_id "
            f"AND NOT {WITHDRAWN})",
            "I-39 a month is published again only after a withdrawal",
        ),
    ]


def _withdrawals() -> list[Guard]:
    """What was read or questioned is not withdrawn, and the other way round."""

    def of_withdrawn(table):
        return Guard(
            f"{table}_i39_withdrawn",
            table,
            "INSERT",
            "EXISTS (SELECT 1 FROM ledger_withdrawal w "
            "WHERE w.village_id = NEW.village_id "
            "AND w.publication_id = NEW.publication_id)",
            "I-39 a withdrawn publication is neither handed out nor objected to",
        )

    def seen(table):
        return (
            f"EXISTS (SELECT 1 FROM {table} x WHERE x.village_id = NEW.village_id "
            "AND x.publication_id = NEW.publication_id)"
        )

    return [
        Guard(
            "ledger_withdrawal_i39_insert",
            "ledger_withdrawal",
            "INSERT",
            f"{seen('ledger_download')} OR {seen('ledger_objection')} OR EXISTS ("
            "SELECT 1 FROM ledger_publication p "
            "JOIN ledger_period m ON m.id = p.period_id "
            "JOIN ledger_publication later ON later.village_id = p.village_id "
            "WHERE p.id = NEW.publication_id "
            "AND (later.number > p.number OR m.finalized_at IS NOT NULL))",
            "I-39 only the newest publication is withdrawn, before anybody used it",
        ),
        of_withdrawn("ledger_download"),
        of_withdrawn("ledger_objection"),
    ]


def _stories() -> list[Guard]:
    def public(event):
        return Guard(
            f"ledger_story_i48_{event.lower()}",
            "ledger_story",
            event,
            "NEW.published_at IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM ledger_entry e WHERE e.village_id = NEW.village_id "
            "AND e.deed_id = NEW.deed_id AND e.kind = 'addition')",
            "I-48 a public story tells of a deed that added points",
        )

    return [
        public("INSERT"),
        public("UPDATE"),
        Guard(
            "ledger_story_i48_erased",
            "ledger_story",
            "UPDATE",
            "OLD.withdrawn_at IS NOT NULL",
            "I-48 a story that was taken down does not come back",
        ),
    ]


def _published_periods() -> list[Guard]:
    def moved(moment):
        return (
            f"(OLD.{moment} IS NOT NULL AND "
            f"(NEW.{moment} IS NULL OR NEW.{moment} <> OLD.{moment}))"
        )

    # Back to review goes only what a withdrawal has taken off the board.
    kept = " AND ".join(
        [
            "NEW.month = OLD.month",
            "NEW.cut_off_at = OLD.cut_off_at",
            "OLD.finalized_at IS NULL",
            "NEW.published_at IS NULL",
            "NEW.notice_ends_at IS NULL",
        ]
    )
    taken_back = (
        f"{kept} AND EXISTS (SELECT 1 FROM ledger_publication p "
        f"WHERE p.village_id = OLD.village_id AND p.period_id = OLD.id AND {WITHDRAWN})"
        " AND NOT EXISTS (SELECT 1 FROM ledger_publication p "
        "WHERE p.village_id = OLD.village_id AND p.period_id = OLD.id "
        f"AND NOT {WITHDRAWN})"
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
            + f") AND NOT ({taken_back})",
            "I-39 a published month changes only by a withdrawal",
        ),
        Guard(
            "ledger_period_i39_delete",
            "ledger_period",
            "DELETE",
            "OLD.published_at IS NOT NULL",
            "I-39 a published month is never deleted",
        ),
    ]
