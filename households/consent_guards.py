"""What the database itself refuses about pledges and what households agree to."""

from households.safeguards import Guard

_NEWEST = (
    "SELECT 1 FROM households_householdconsent c "
    "WHERE c.village_id = NEW.village_id AND c.household_id = NEW.id "
    "AND c.number = (SELECT MAX(l.number) FROM households_householdconsent l "
    "WHERE l.village_id = NEW.village_id AND l.household_id = NEW.id)"
)
_NO_DAY = "'0001-01-01'"


def consent_guards() -> list[Guard]:
    """Return the guards of consents, beyond append-only and the village fence."""
    return [
        *(
            Guard(
                f"households_{model}_i64_number",
                f"households_{model}",
                "INSERT",
                "NEW.number <> 1 + COALESCE((SELECT MAX(number) "
                f"FROM households_{model} "
                "WHERE village_id = NEW.village_id), 0)",
                "I-64 pledges and consents are numbered without a gap",
            )
            for model in ("pledge", "householdconsent")
        ),
        Guard(
            "households_householdconsent_i64_day",
            "households_householdconsent",
            "INSERT",
            "NEW.pledge_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM households_pledge p WHERE p.id = NEW.pledge_id "
            "AND p.in_force_from <= NEW.signed_on)",
            "I-64 nobody signs a pledge before it exists",
        ),
        Guard(
            "households_household_i64_follows",
            "households_household",
            "UPDATE",
            f"COALESCE(NEW.full_name_consented_on, {_NO_DAY}) "
            f"<> COALESCE(OLD.full_name_consented_on, {_NO_DAY}) "
            f"AND EXISTS ({_NEWEST}) AND NOT EXISTS ({_NEWEST} "
            f"AND COALESCE(NEW.full_name_consented_on, {_NO_DAY}) "
            f"= COALESCE(c.named_since, {_NO_DAY}))",
            "I-64 a full name is shown as the newest consent says",
        ),
        Guard(
            "households_household_i64_phone",
            "households_household",
            "UPDATE",
            f"NEW.phone <> '' AND EXISTS ({_NEWEST} AND NOT c.keeps_file)",
            "I-64 no phone is kept of a household that wants no file",
        ),
    ]
