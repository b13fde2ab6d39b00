"""Write the audit trail. Every service that changes something and every access to a person calls it."""

from collections.abc import Mapping

from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry, CheckRun
from madoguchi.common import clock
from madoguchi.common.statements import insert_prepared


def record(*, action: str, actor: Actor, target: str, detail: Mapping[str, object] | None = None) -> None:
    """Write one entry in the caller's transaction; it can never be changed or removed (仕様書 6).

    `detail` holds codes, counts and instants, never personal data.
    """
    insert_prepared(
        AuditEntry(at=clock.now(), actor=str(actor), action=action, target=target, detail=dict(detail or {}))
    )


def record_each(
    *, action: str, actor: Actor, targets: list[str], detail: Mapping[str, object] | None = None
) -> None:
    """Write one entry per target in a single statement: a list of fifty people is fifty accesses."""
    now = clock.now()
    AuditEntry.objects.bulk_create(
        AuditEntry(at=now, actor=str(actor), action=action, target=target, detail=dict(detail or {}))
        for target in targets
    )


def record_check(*, name: str, findings: list[dict[str, object]]) -> None:
    """Store the result of a check for the status page, replacing the previous one."""
    CheckRun.objects.update_or_create(name=name, defaults={"ran_at": clock.now(), "findings": findings})
