"""Giving a role and ending it: always one below one's own, never one's own."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from households.audit import record_event
from households.models import Stewardship, User, Village
from households.roles import Role

SERVING_A_VILLAGE = (Role.RECORDER, Role.REVIEWER, Role.SUPERVISOR, Role.SHOPKEEPER)

# What allows one to give somebody a role and to end it.
GIVING_ROLES = frozenset(
    {"households.add_stewardship", "households.invite_village_admin"}
)


def roles_given_by(user: User, village: Village | None = None) -> list[Role]:
    """Return the roles a person may give and end in a village, or anywhere."""
    if user.is_superuser:
        return list(Role)
    given: list[Role] = []
    if user.has_perm("households.add_stewardship", village):
        given += SERVING_A_VILLAGE
    if user.has_perm("households.invite_village_admin", village):
        given.append(Role.ADMIN)
    return given


def may_give_or_end(stewardship: Stewardship, *, by: User) -> bool:
    """Tell whether a role is one that this person may hand out or take back."""
    if stewardship.user_id == by.pk:
        return False
    if by.is_superuser:
        return True
    village = stewardship.village
    return village is not None and stewardship.role in roles_given_by(by, village)


def serving(village: Village) -> dict[str, list[User]]:
    """Return who serves a village now, or its whole township, by role."""
    stewardships = (
        Stewardship.objects.current()
        .filter(Q(village=village) | Q(township=village.township_id))
        .select_related("user")
        .order_by("pk")
    )
    people: dict[str, list[User]] = {}
    for stewardship in stewardships:
        people.setdefault(stewardship.role, []).append(stewardship.user)
    return people


@transaction.atomic
def end_stewardship(stewardship: Stewardship, *, by: User, at: datetime) -> None:
    """End a role; it counts for nothing from the next request on (I-42)."""
    stewardship.ended_at = at
    stewardship.save(update_fields=["ended_at"])
    record_event(
        "stewardship.end",
        village=stewardship.village,
        by=by,
        at=at,
        subject=stewardship,
        role=stewardship.role,
        user=stewardship.user_id,
    )
