"""The trace of who did what, written in the same transaction as the deed itself."""

from collections.abc import Iterable
from datetime import datetime

from households.models import AuditEvent, User, Village


def record_event(
    action: str,
    *,
    by: User | None,
    at: datetime,
    village: Village | None = None,
    subject: object = "",
    refused: bool = False,
    **facts: int | str | bool | list | dict | None,
) -> AuditEvent:
    """Add one audit event: numbers, codes and ids, never names or phones (I-44)."""
    outcome = AuditEvent.Outcome.REFUSED if refused else AuditEvent.Outcome.DONE
    return AuditEvent.objects.create(
        village=village,
        by=by,
        at=at,
        action=action,
        subject=_identify(subject),
        outcome=outcome,
        facts=facts,
    )


def record_events(
    action: str,
    facts_of: Iterable[tuple[object, dict]],
    *,
    village: Village,
    by: User,
    at: datetime,
) -> list[AuditEvent]:
    """Add one audit event for each subject with its facts, by one statement."""
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            village=village,
            by=by,
            at=at,
            action=action,
            subject=_identify(subject),
            facts=facts,
        )
        for subject, facts in facts_of
    )


def _identify(subject: object) -> str:
    if isinstance(subject, str):
        return subject
    return f"{type(subject).__name__.lower()} {getattr(subject, 'pk', '')}"
