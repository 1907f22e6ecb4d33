"""The ledger in the admin."""

from ledger.admin import activities, deeds, months, rules, villages

__all__ = ["activities", "deeds", "months", "rules", "villages"]
