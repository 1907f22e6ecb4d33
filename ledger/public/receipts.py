"""The address of a receipt: it holds its number and our mark, and opens nothing.

A receipt is drawn from its address alone, so nobody learns from another number
what others filed; without our mark no page shows a number as received.
"""

from django.utils.crypto import constant_time_compare, salted_hmac

from households.models import Village

MARK = 10


def receipt_of(kind: str, village: Village, number: str) -> str:
    """Return what stands in the address of a receipt."""
    return f"{number}-{_mark(kind, village, number)}"


def number_on(kind: str, village: Village, receipt: str) -> str | None:
    """Return the number on a receipt of ours."""
    number, _dash, mark = receipt.rpartition("-")
    is_ours = constant_time_compare(mark, _mark(kind, village, number))
    return number if is_ours else None


def _mark(kind: str, village: Village, number: str) -> str:
    salt = f"ledger.receipt.{kind}"
    return salted_hmac(salt, f"{village.pk} {number}").hexdigest()[:MARK]
