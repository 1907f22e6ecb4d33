"""What a household did that is no entry: it waits, or it was not approved."""

from collections.abc import Mapping
from dataclasses import dataclass

from households.models import Household
from ledger.models import Decision, Deed, Period


@dataclass(frozen=True)
class Claim:
    """A deed without an entry, and why it has none.

    `waiting` for a reviewer, `agreed` and waiting for the next notice, or
    `refused` for a reason.
    """

    deed: Deed
    state: str
    reason: str = ""


def decisions_on(household: Household) -> dict[int, Decision]:
    """Return the last decision about each of a household's deeds, by deed id."""
    decisions = Decision.objects.filter(
        village=household.village_id, deed__household=household
    )
    return {d.deed_id: d for d in decisions.order_by("deed", "number")}


def claims_by_month(
    household: Household, decisions: Mapping[int, Decision]
) -> dict[Period, list[Claim]]:
    """Return by month the deeds of a household that are no entry, the newest first.

    What somebody says against a household is not told here before it was told
    to the household itself.
    """
    deeds = (
        Deed.objects.filter(village=household.village_id, household=household)
        .unposted()
        .exclude(state=Deed.State.WITHDRAWN)
        .select_related("item", "period")
        .order_by("-period__month", "-happened_on", "-pk")
    )
    claims: dict[Period, list[Claim]] = {}
    for deed in deeds:
        if deed.heard_on or not deed.is_deduction:
            claim = _claim(deed, decisions.get(deed.pk))
            claims.setdefault(deed.period, []).append(claim)
    return claims


def _claim(deed: Deed, decision: Decision | None) -> Claim:
    if deed.state == Deed.State.REJECTED:
        return Claim(deed, "refused", decision.reason if decision else "")
    is_approved = deed.state == Deed.State.APPROVED
    return Claim(deed, "agreed" if is_approved else "waiting")
