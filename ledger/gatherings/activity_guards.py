"""What the database itself refuses about activities, by invariant."""

from households.safeguards import Guard


def activity_guards() -> list[Guard]:
    """Return the guards of activities and of who was there."""
    return [*_activities(), *_sign_ins()]


def _activities() -> list[Guard]:
    def over(event):
        return Guard(
            f"ledger_activity_i55_{event.lower()}",
            "ledger_activity",
            event,
            "OLD.closed_at IS NOT NULL OR OLD.canceled_at IS NOT NULL",
            "I-55 an activity that is over stays as it is",
        )

    return [over("UPDATE"), over("DELETE")]


def _sign_ins() -> list[Guard]:
    def shut(event, row):
        return Guard(
            f"ledger_signin_i55_{event.lower()}",
            "ledger_signin",
            event,
            "NOT EXISTS (SELECT 1 FROM ledger_activity a "
            f"WHERE a.id = {row}.activity_id AND a.village_id = {row}.village_id "
            "AND a.published_at IS NOT NULL "
            "AND a.closed_at IS NULL AND a.canceled_at IS NULL)",
            "I-55 the list of an activity changes only while it is open",
        )

    return [
        shut("INSERT", "NEW"),
        shut("UPDATE", "OLD"),
        Guard(
            "ledger_signin_i55_moved",
            "ledger_signin",
            "UPDATE",
            "NEW.activity_id <> OLD.activity_id OR NEW.household_id <> OLD.household_id"
            " OR (OLD.taken_back_at IS NOT NULL AND NEW.taken_back_at IS NULL)",
            "I-55 a sign-in stays with its household, and taken back once",
        ),
        Guard(
            "ledger_signin_i55_delete",
            "ledger_signin",
            "DELETE",
            "TRUE",
            "I-55 a sign-in is taken back and never deleted",
        ),
        Guard(
            "ledger_signin_i55_deed",
            "ledger_signin",
            "UPDATE",
            "NEW.deed_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM ledger_deed d JOIN ledger_activity a "
            "ON a.id = NEW.activity_id WHERE d.id = NEW.deed_id "
            "AND d.village_id = NEW.village_id "
            "AND d.household_id = NEW.household_id AND d.happened_on = a.day)",
            "I-55 the deed of a sign-in is of its household and its day",
        ),
    ]
