"""What the database itself refuses about changes of households."""

from households.safeguards import Guard

_OF_ROW = (
    "SELECT 1 FROM households_householdchange c "
    "WHERE c.village_id = NEW.village_id AND c.household_id = NEW.id"
)


def change_guards() -> list[Guard]:
    """Return the guards of the changes, beyond append-only and the village fence."""
    return [
        Guard(
            "households_change_i60_number",
            "households_householdchange",
            "INSERT",
            "NEW.number <> 1 + COALESCE((SELECT MAX(number) "
            "FROM households_householdchange "
            "WHERE village_id = NEW.village_id), 0)",
            "I-60 changes of households are numbered without a gap",
        ),
        Guard(
            "households_change_i60_noted",
            "households_householdchange",
            "INSERT",
            "NEW.note_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM households_changenote n WHERE n.id = NEW.note_id "
            "AND n.kind = NEW.kind AND n.noted_by_id = NEW.noted_by_id "
            "AND n.points = NEW.points AND n.state = 'waiting')",
            "I-60 a change is what another person noted",
        ),
        Guard(
            "households_changenote_i60_decided",
            "households_changenote",
            "UPDATE",
            "OLD.state <> 'waiting'",
            "I-60 a decided note stays as it is",
        ),
        Guard(
            "households_changenote_i60_kept",
            "households_changenote",
            "DELETE",
            "TRUE",
            "I-60 a noted change is kept",
        ),
        Guard(
            "households_household_i61_follows",
            "households_household",
            "UPDATE",
            "(NEW.status <> OLD.status OR NEW.head_name <> OLD.head_name) "
            f"AND EXISTS ({_OF_ROW}) AND NOT EXISTS ({_OF_ROW} "
            "AND c.status_after = NEW.status AND c.head_after = NEW.head_name "
            "AND c.number = (SELECT MAX(l.number) FROM households_householdchange l "
            "WHERE l.village_id = NEW.village_id AND l.household_id = NEW.id))",
            "I-61 head and status are what the last change says",
        ),
    ]
